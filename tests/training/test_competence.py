"""What a role asks for, what is there, who may grant it, and how many could be lost."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from incidents.models import Assignment, AuditEvent, Incident, Qualification
from incidents.operations import people
from incidents.rules.phases import State
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, allow, law, person, qualify, role
from tests.incidents.scene import refused
from tests.training.factories import cast, planned
from training.models import Evidence, RoleStandard
from training.operations import competence, competence_board, evidence, role_standards
from training.rules.competence import Asked, Holder, Shown, Standard, judge, strength

TODAY = NOW.date()
DAY = timedelta(days=1)
ALL_DAY = frozenset(range(24))


# --- pure


def test_what_is_too_old_or_of_another_title_does_not_count():
    standard = Standard((Asked("training", title="Command"), Asked("played", 2, 365)))
    shown = [
        Shown("training", TODAY, "Crisis"),
        Shown("training", TODAY, "command"),
        Shown("played", TODAY - 400 * DAY),
        Shown("played", TODAY - 300 * DAY),
        Shown("played", TODAY + DAY),
    ]
    training, played = judge(standard, shown, TODAY)
    assert (training.found, training.is_met) == (1, True)
    assert (played.found, played.missing, played.is_met) == (1, 1, False)


def test_whoever_held_a_role_has_played_and_seen_it_too():
    standard = Standard((Asked("played"), Asked("seen"), Asked("shadowed")))
    met = judge(standard, [Shown("held", TODAY)], TODAY)
    assert [one.is_met for one in met] == [True, True, False]


def test_one_incident_is_one_proof_however_often_it_was_said():
    standard = Standard((Asked("seen", 2), Asked("played", 2)))
    held = Shown("held", TODAY, of="INC-1")
    twice = [held, Shown("seen", TODAY, of="INC-1"), Shown("played", TODAY, of="INC-1")]
    assert [one.found for one in judge(standard, twice, TODAY)] == [1, 1]
    other = [
        *twice,
        Shown("seen", TODAY, of="INC-2"),
        Shown("seen", TODAY),
        Shown("seen", TODAY),
    ]
    assert [one.found for one in judge(standard, other, TODAY)] == [4, 1]


def test_when_something_hidden_was_shown_is_not_said_though_it_counts():
    standard = Standard((Asked("seen", 2),))
    old = Shown("seen", TODAY - 9 * DAY)
    (met,) = judge(standard, [old, Shown("held", TODAY, is_hidden=True)], TODAY)
    assert (met.found, met.is_met, met.last) == (2, True, TODAY - 9 * DAY)
    (met,) = judge(standard, [Shown("held", TODAY, is_hidden=True)], TODAY)
    assert (met.found, met.last) == (1, None)


def test_how_many_commanders_could_be_lost():
    europe, asia = frozenset(range(7, 20)), frozenset(range(8))
    holders = [
        Holder("ada", "office", europe),
        Holder("ben", "office", europe, TODAY + 30 * DAY),
        Holder("cho", "office", asia),
    ]
    found = strength(COMMANDER, holders, 2, TODAY)
    assert (found.holders, found.in_ninety_days) == (3, 2)
    assert (found.until_short, found.until_nobody, found.is_short) == (1, 2, False)
    assert found.uncovered == (20, 21, 22, 23)
    assert (found.single, found.of_one_team) == (("cho",), "office")
    assert strength(COMMANDER, holders, 3, TODAY).is_short
    assert strength(COMMANDER, [], 1, TODAY).until_nobody == 0
    assert strength(COMMANDER, [Holder("a", "t", ALL_DAY)] * 3, 1, TODAY).until_unattended == 2


# --- evidence


def recorder():
    return allow(person("rosa"), "training.record_evidence", "training.withdraw_evidence")


def recorded(about, **fields):
    said = {
        "role": role(COMMANDER), "kind": "training", "title": "Incident command",
        "happened_on": TODAY, "at": NOW,
    }  # fmt: skip
    fields.setdefault("actor", None)
    fields["actor"] = fields["actor"] or recorder()
    return evidence.record(about, **(said | fields))


@pytest.mark.django_db
def test_evidence_is_recorded_by_somebody_else_and_withdrawn_with_a_reason():
    cleo, rosa, dan = person("cleo"), recorder(), person("dan")
    with refused("no_permission", NotPermitted):
        recorded(cleo, actor=dan)
    with refused("about_oneself", NotPermitted):
        recorded(rosa, actor=rosa)
    with refused("happens_later", Invalid):
        recorded(cleo, actor=rosa, happened_on=TODAY + DAY)
    with refused("unknown_proof", Invalid):
        recorded(cleo, actor=rosa, kind="luck")
    row = recorded(cleo, actor=rosa)
    with refused("no_permission", NotPermitted):
        evidence.withdraw(row, reason="Another Cleo", actor=dan, at=NOW)
    evidence.withdraw(row, reason="Another Cleo", actor=rosa, at=NOW)
    with refused("withdrawn_already", Refused):
        evidence.withdraw(row, reason="Another Cleo", actor=rosa, at=NOW)
    assert not Evidence.objects.counting().exists()
    verbs = list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
    assert verbs == ["record_evidence", "withdraw_evidence"]


@pytest.mark.django_db
def test_whoever_held_the_role_confirms_who_shadowed_them_and_only_once():
    law()
    ada, cleo = person("ada"), person("cleo")
    incident = closed(ada)
    said = {"kind": "shadowed", "title": "Beside Ada", "incident": incident, "actor": ada}
    assert recorded(cleo, **said).recorded_by == ada
    with refused("recorded_already", Refused):
        recorded(cleo, **said)


def closed(*people, **fields) -> Incident:
    """A real incident that has closed, with these people in command one after the other."""
    made = Incident.objects.create(
        reference=f"INC-{Incident.objects.count() + 1}", title="Slow", state=State.CLOSED,
        declared_at=NOW - DAY, closed_at=NOW - timedelta(hours=1), **fields,
    )  # fmt: skip
    for one in people:
        Assignment.objects.create(
            incident=made, role=role(COMMANDER), person=one, reason="", assigned_at=NOW - DAY,
            ended_at=NOW - DAY,
        )  # fmt: skip
    return made


@pytest.mark.django_db
def test_closed_incidents_write_what_their_people_showed_once():
    ada = person("ada")
    qualify(ada, SCRIBE)
    closed(ada, is_private=True)
    closed(ada, kind="exercise")
    assert evidence.from_incidents(NOW) == 2
    assert evidence.from_incidents(NOW) == 0
    rows = Evidence.objects.values_list("role", "kind", "title", "recorded_by")
    assert set(rows) == {(COMMANDER, "held", "INC-1", None), (SCRIBE, "seen", "INC-1", None)}


@pytest.mark.django_db
def test_an_exercise_shows_what_its_players_did_and_nothing_of_who_declined():
    ada, ben = person("ada"), person("ben")
    day = planned(cast(ada, ben))
    day.roles.filter(person=ben).update(answer="declined")
    assert evidence.from_game_day(day, at=NOW) == 1
    assert evidence.from_game_day(day, at=NOW) == 0
    row = Evidence.objects.get()
    assert (row.person, row.role_id, row.kind, row.game_day) == (ada, COMMANDER, "played", day)


# --- standards and grants


@pytest.mark.django_db
def test_a_role_asks_for_what_ships_until_leadership_says_otherwise():
    lea = allow(person("lea"), "training.change_rolestandard")
    scribe = role(SCRIBE)
    assert role_standards.of(scribe).asked == (Asked("played", 1, 730),)
    said = {"valid_days": None, "holders_wanted": 1, "at": NOW}
    with refused("no_permission", NotPermitted):
        role_standards.set_standard(scribe, asked=[], actor=person("dan"), **said)
    with refused("asked_twice", Invalid):
        role_standards.set_standard(
            scribe, asked=[Asked("seen"), Asked("seen")], actor=lea, **said
        )
    with refused("count_out_of_range", Invalid):
        role_standards.set_standard(scribe, asked=[Asked("seen", 0)], actor=lea, **said)
    role_standards.set_standard(scribe, asked=[Asked("seen"), Asked("led")], actor=lea, **said)
    role_standards.set_standard(scribe, asked=[Asked("seen", 3)], actor=lea, **said)
    assert role_standards.of(scribe) == Standard((Asked("seen", 3),), None, 1)
    assert RoleStandard.objects.get().requirements.count() == 1


@pytest.mark.django_db
def test_a_role_is_granted_to_who_has_what_it_asks_for_or_with_a_reason():
    ada = allow(person("ada"), "incidents.grant_qualification")
    cleo, scribe = person("cleo"), role(SCRIBE)
    qualify(ada, SCRIBE)
    with refused("requirements_open", Refused):
        competence.qualify(cleo, scribe, actor=ada, at=NOW)
    plainly = {"level": "qualified", "expires_on": None, "actor": ada, "at": NOW}
    with refused("requirements_open", Refused):  # nor on the page of qualifications
        people.grant_qualification(cleo, scribe, **plainly)
    assert people.grant_qualification(cleo, scribe, **plainly | {"level": "learning"})
    held = competence.qualify(cleo, scribe, reason="Ten years elsewhere", actor=ada, at=NOW)
    assert held.reason == "Ten years elsewhere"
    recorded(cleo, role=scribe, kind="played")
    assert competence.standing(cleo, scribe, at=NOW).missing == ()
    renewed = competence.qualify(cleo, scribe, actor=ada, at=NOW)
    assert renewed.expires_on == TODAY + 730 * DAY
    with refused("self_granted", Refused):
        competence.qualify(ada, scribe, reason="Mine", actor=ada, at=NOW)


# --- pages


@pytest.fixture
def auditor(client):
    made = allow(person("vera", is_staff=True), "training.view_evidence")
    client.force_login(made)
    return made


BOARD = reverse("admin:training_evidence_board")


@pytest.mark.django_db
def test_the_board_shows_who_holds_what_and_what_is_lapsing(client, auditor):
    for name, ends in (("ada", None), ("ben", TODAY + 9 * DAY), ("cho", date(2026, 1, 2))):
        qualify(person(name), COMMANDER, expires_on=ends)
    Qualification.objects.create(
        person=person("cleo"), role=role(COMMANDER), level="learning", granted_on=TODAY
    )
    found = competence_board.board(at=NOW)
    assert found.counts[COMMANDER] == {"qualified": 1, "lapsing": 1, "lapsed": 1, "learning": 1}
    page = client.get(BOARD).content.decode()
    assert all(name in page for name in ("Ada", "Ben", "Cho", "Cleo", "too few"))
    sheet = client.get(reverse("admin:training_evidence_board_file")).content.decode()
    assert "Ada,ada,Platform,qualified" in sheet


@pytest.mark.django_db
def test_the_board_asks_as_often_for_many_people_as_for_few(
    client, auditor, django_assert_max_num_queries
):
    for number in range(60):
        qualify(person(f"p{number}"), (COMMANDER, COMMUNICATIONS)[number % 2])
    with django_assert_max_num_queries(20):
        assert client.get(BOARD).status_code == 200
    assert len(competence_board.board(page=2, at=NOW).rows) == 10


@pytest.mark.django_db
def test_a_persons_page_says_what_comes_next_and_dan_sees_none_of_it(client, auditor):
    cleo = person("cleo")
    Qualification.objects.create(
        person=cleo, role=role(COMMANDER), level="learning", granted_on=TODAY
    )
    recorded(cleo)
    theirs = reverse("admin:training_evidence_person", args=[cleo.pk])
    page = client.get(theirs).content.decode()
    assert "Next: incident taken part in, 2 more" in page
    client.force_login(person("dan", is_staff=True))
    assert [client.get(url).status_code for url in (BOARD, theirs)] == [403, 403]


@pytest.mark.django_db
def test_what_a_role_asks_for_is_set_on_a_page(client):
    lea = allow(
        person("lea", is_staff=True), "training.view_rolestandard", "training.add_rolestandard",
        "training.change_rolestandard",
    )  # fmt: skip
    client.force_login(lea)
    url = reverse("admin:training_rolestandard_set")
    body = {"role": role(SCRIBE).pk, "holders_wanted": 4, "seen_count": 2, "trainings": "Notes"}
    assert client.post(url, body).status_code == 302
    row = RoleStandard.objects.get()
    assert role_standards.of(row.role).asked == (
        Asked("seen", 2),
        Asked("training", title="Notes"),
    )
    revise = reverse("admin:training_rolestandard_revise", args=[row.pk])
    assert 'value="2"' in client.get(revise).content.decode()
    assert client.post(revise, {"holders_wanted": 1}).status_code == 302
    assert role_standards.of(row.role) == Standard((), None, 1)
