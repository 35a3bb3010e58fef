"""What a lapsing role still asks for, what is seen before a grant, and who shadows and leads."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import OutboxMessage
from incidents.operations.sweeps import sweep
from incidents.rules.roles import COMMANDER, SCRIBE
from raci_project import coverage
from tests.factories import NOW, allow, person, qualify, role
from tests.training.factories import cast, planned
from training.models import Evidence, GameDayRole, GameDayStaff
from training.operations import competence_board, evidence, role_standards
from training.rules.competence import Asked

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOW.date()


def played(who, slug: str = SCRIBE, kind: str = "played") -> Evidence:
    return Evidence.objects.create(
        person=who, role=role(slug), kind=kind, title="Rehearsal", happened_on=TODAY,
        recorded_at=NOW,
    )  # fmt: skip


def reminder() -> str:
    """What the holder of a qualification that lapses is told a week before."""
    sweep(NOW)
    sweep(NOW + 25 * DAY)
    return (
        OutboxMessage.objects.filter(kind="qualification-nudge", recipient__username="cho")
        .last()
        .body
    )


def test_the_reminder_of_a_lapse_says_what_is_still_to_come():
    qualify(person("cho"), SCRIBE, expires_on=TODAY + 30 * DAY)
    said = reminder()
    assert "Practise on a game day" in said
    assert (
        "Still to come before it can be granted anew:\n- played the role in an exercise" in said
    )


def test_the_reminder_of_a_lapse_says_when_nothing_is_missing():
    cho = person("cho")
    qualify(cho, SCRIBE, expires_on=TODAY + 30 * DAY)
    played(cho)
    said = reminder()
    assert "Everything the role asks for is there" in said
    assert "Still to come" not in said


def test_too_few_holders_stand_on_the_first_page_for_who_may_see_the_board():
    lea = allow(person("lea"), "training.change_rolestandard")
    scribe = role(SCRIBE)
    role_standards.set_standard(
        scribe, asked=[], valid_days=None, holders_wanted=2, actor=lea, at=NOW
    )
    qualify(person("ada"), SCRIBE)
    qualify(person("ben"), SCRIBE, expires_on=TODAY + 80 * DAY)
    (short,) = [one for one in competence_board.short(NOW) if one[0] == str(scribe)]
    assert (short[1].holders, short[1].in_ninety_days, short[1].until_short) == (2, 1, 0)
    seer = allow(person("vera"), "training.view_evidence")
    holes = [hole.text for hole in coverage.holes(seer, NOW)]
    assert any("Scribe (1 of 2)" in text for text in holes)
    assert not any("Scribe (1 of" in hole.text for hole in coverage.holes(person("dan"), NOW))


def test_the_page_of_the_grant_shows_the_evidence_before_the_button(client):
    granter = allow(
        person("ada", is_staff=True), "incidents.grant_qualification", "training.view_evidence"
    )
    qualify(granter, COMMANDER)
    client.force_login(granter)
    cleo = person("cleo")
    played(cleo)
    url = reverse("admin:training_evidence_qualify")
    assert "Choose who and which role" in client.get(url).content.decode()
    page = client.get(url, {"person": cleo.pk, "role": SCRIBE}).content.decode()
    assert "Everything is there" in page
    refused = client.post(url, {"person": cleo.pk, "role": COMMANDER})
    assert refused.status_code == 409
    assert "Still to come: incident taken part in, 2 more." in refused.content.decode()
    client.force_login(allow(person("dan", is_staff=True), "training.view_evidence"))
    assert client.get(url).status_code == 403


def test_shadows_and_who_leads_an_exercise_show_something_too():
    cleo, elif_ = person("cleo"), person("examiner")
    qualify(elif_, COMMANDER)
    day = planned(cast())
    GameDayRole.objects.create(game_day=day, role=role(COMMANDER), person=cleo, is_shadow=True)
    for who, duty in ((elif_, "facilitator"), (person("mia"), "evaluator")):
        GameDayStaff.objects.create(game_day=day, duty=duty, person=who)
    evidence.from_game_day(day, at=NOW)
    assert Evidence.objects.get(person=cleo).kind == "shadowed"
    assert Evidence.objects.get(person=elif_).kind == "led"
    assert not Evidence.objects.filter(person__username="mia").exists()


def test_roles_that_go_by_what_ships_stand_beneath_the_standards_of_ones_own(client):
    lea = allow(
        person("lea", is_staff=True), "training.view_rolestandard",
        "training.change_rolestandard",
    )  # fmt: skip
    role(COMMANDER)
    role_standards.set_standard(
        role(SCRIBE), asked=[Asked("seen", 7)], valid_days=None, holders_wanted=2, actor=lea,
        at=NOW,
    )  # fmt: skip
    client.force_login(lea)
    page = client.get(reverse("admin:training_rolestandard_changelist")).content.decode()
    assert "incident taken part in, 7 times" in page
    shipped = page.partition("As shipped")[2]
    assert "training attended “Incident command”" in shipped
    assert "Scribe" not in shipped


def test_what_the_whole_company_wants_is_not_compared_with_the_holders_of_one_team(client):
    client.force_login(allow(person("vera", is_staff=True), "training.view_evidence"))
    role(SCRIBE)
    for name in ("ada", "ben"):
        qualify(person(name), COMMANDER)
    board = reverse("admin:training_evidence_board")
    page = client.get(board).content.decode()
    assert ">too few<" in page
    assert "A team alone" not in page
    page = client.get(board, {"team": "platform"}).content.decode()
    assert "Ada" in page
    assert ">too few<" not in page
    assert "all are of" not in page
    assert ">nobody<" not in page  # of a role that is another team's
    assert "A team alone: how many are wanted is said of everybody, and not compared." in page
