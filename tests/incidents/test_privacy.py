"""Private incidents: seen by who takes part and by the groups named, by nobody else whatever rank."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, reverse

from incidents.admin.verbs import VerbAdmin
from incidents.models import (
    Alert,
    AuditEvent,
    Delegation,
    HandOver,
    Incident,
    OutboxMessage,
    Person,
    Update,
)
from incidents.models.private import seen_by, seers
from incidents.operations import (
    composing,
    declaration,
    escalation,
    lifecycle,
    privacy,
    proposal,
    reaching,
    records,
    update,
)
from incidents.rules.calling import LEADERSHIP
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, EXECUTIVE, SCRIBE
from raci_project.api import api
from reviews.models import ActionItem, Review
from tests import factories
from tests.callers import API, Caller, codes
from tests.factories import NOW
from tests.incidents.admin_room import list_of, page_of, signed_in
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    last_act,
    refused,
    scene,
    timeline,
    told,
)
from tests.reviews import rows as review_rows
from training.models import ExerciseScenario, GameDay

pytestmark = pytest.mark.django_db

TITLE = "Zweitschlüssel verraten"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def here() -> Scene:
    return scene(title=TITLE)


@pytest.fixture
def group(here: Scene) -> Group:
    return Group.objects.create(name="works council")


def set_privacy(here: Scene, **fields: Any) -> Incident:
    given = {
        "is_private": True, "groups": [], "reason": "Personal data", "actor": here.ada, "at": LATER,
    }  # fmt: skip
    return privacy.set_privacy(here.incident, **(given | fields))


def sees(person: Person, incident: Incident) -> bool:
    return Incident.objects.visible_to(Person.objects.get(pk=person.pk)).contains(incident)


# --- who sees it


def test_a_private_incident_is_seen_by_who_takes_part_and_by_nobody_else(here) -> None:
    root = factories.person("root", is_superuser=True)
    assert sees(root, here.incident)
    set_privacy(here)
    assert sees(here.ada, here.incident)
    assert sees(here.ben, here.incident)
    for other in (here.cleo, here.dan, here.lea, root):
        assert not sees(other, here.incident)


def _declared(here: Scene) -> None:
    Incident.objects.filter(pk=here.incident.pk).update(declared_by=here.cleo)


def _holds(here: Scene) -> None:
    hold(here.incident, here.cleo, SCRIBE)


def _held(here: Scene) -> None:
    one = hold(here.incident, here.cleo, SCRIBE)
    one.ended_at, one.end_reason = LATER, "Relieved"
    one.save()


def _acts_for(here: Scene) -> None:
    Delegation.objects.create(
        incident=here.incident, role_id=COMMANDER, giver=here.ada, to=here.cleo, reason="Away",
        starts_at=NOW, ends_at=LATER,
    )  # fmt: skip


def _was_offered(here: Scene) -> None:
    HandOver.objects.create(
        incident=here.incident, giver=here.ada, to=here.cleo, status="Calm", offered_at=NOW
    )


def _in_the_group(here: Scene) -> None:
    named = Group.objects.create(name="works council")
    here.incident.seen_by.add(named)
    here.cleo.groups.add(named)


@pytest.mark.parametrize(
    "way", [_declared, _holds, _held, _acts_for, _was_offered, _in_the_group]
)
def test_each_way_to_see_it_is_the_same_from_both_sides(
    here, way: Callable[[Scene], None]
) -> None:
    set_privacy(here)
    assert not sees(here.cleo, here.incident)
    assert here.cleo not in seers(here.incident)
    way(here)
    assert sees(here.cleo, here.incident)
    assert here.cleo in seers(again(here.incident))
    assert here.lea not in seers(here.incident)
    assert not sees(here.lea, here.incident)


def test_rows_of_a_hidden_incident_are_hidden_with_it(here) -> None:
    drafted = update.draft(
        here.incident, audience="internal", text="We know", actor=here.ben, at=NOW
    )
    assert list(seen_by(Update.objects.all(), here.cleo)) == [drafted]
    set_privacy(here)
    assert list(seen_by(Update.objects.all(), here.cleo)) == []
    assert list(seen_by(Update.objects.all(), here.ben)) == [drafted]


def test_where_nothing_is_private_nothing_is_asked_row_by_row(
    here, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert list(Incident.objects.visible_to(here.dan)) == [here.incident]
    with django_assert_num_queries(1):
        assert list(seen_by(Update.objects.all(), here.dan)) == []


# --- set


def test_setting_it_leaves_one_audit_line_and_an_entry(here, group) -> None:
    set_privacy(here, groups=[group])
    assert again(here.incident).is_private
    assert list(here.incident.seen_by.all()) == [group]
    assert timeline(here.incident) == [
        "Private, seen by who takes part and by works council: Personal data"
    ]
    assert last_act().detail == {
        "is_private": True, "groups": ["works council"], "reason": "Personal data", "withdrawn": 0,
    }  # fmt: skip
    assert told("privacy") == ["ben"]
    set_privacy(here, is_private=False, reason="It is over")
    assert not again(here.incident).is_private
    assert list(here.incident.seen_by.all()) == []
    assert sees(here.dan, here.incident)


def test_the_commander_and_leadership_set_it_and_nobody_else(here) -> None:
    for other in (here.ben, here.cleo):
        with refused("not_your_role", NotPermitted):
            set_privacy(here, actor=other)
    with refused("no_permission", NotPermitted):
        set_privacy(here, actor=here.dan)
    leaders = Group.objects.create(name="leaders")
    here.lea.groups.add(leaders)
    assert set_privacy(here, actor=here.lea, groups=[leaders]).is_private


def test_nobody_shuts_himself_out(here) -> None:
    with refused("you_would_not_see_it"):
        set_privacy(here, actor=here.lea)
    assert not again(here.incident).is_private


def test_it_says_why_names_groups_of_a_private_one_only_and_changes_something(
    here, group
) -> None:
    with refused("reason_missing", Invalid):
        set_privacy(here, reason=" ")
    with refused("groups_of_an_open_incident", Invalid):
        set_privacy(here, is_private=False, groups=[group])
    with refused("privacy_unchanged"):
        set_privacy(here, is_private=False)
    set_privacy(here, groups=[group])
    with refused("privacy_unchanged"):
        set_privacy(here, groups=[group])


# --- who hears of it


def message(here: Scene, to: Person, key: str) -> composing.Message:
    return composing.Message(
        key=key, kind="test", to=to, subject="INC-1", body=TITLE, topic=here.incident.reference
    )


def test_only_who_sees_it_is_written_to_whoever_composes(here, group) -> None:
    set_privacy(here, groups=[group])
    here.lea.groups.add(group)
    people = (here.ada, here.cleo, here.lea)
    assert (
        composing.compose_counted(
            [message(here, one, one.username) for one in people], at=LATER
        )
        == 2
    )
    assert told("test") == ["ada", "lea"]


def test_what_waits_for_who_sees_it_no_more_is_withdrawn(here) -> None:
    composing.compose(
        [message(here, one, one.username) for one in (here.ben, here.cleo)], at=NOW
    )
    set_privacy(here)
    status = dict(
        OutboxMessage.objects.filter(kind="test").values_list("recipient__username", "status")
    )
    assert status == {"ben": "pending", "cleo": "void"}
    assert last_act().detail["withdrawn"] == 1
    assert told("privacy") == ["ben"]


def test_leadership_hears_of_a_private_incident_only_in_a_group_named(here, group) -> None:
    set_privacy(here, groups=[group])
    here.incident.assignments.filter(role=COMMANDER).update(ended_at=LATER, end_reason="Ill")
    proposal.propose(
        here.incident,
        topic="other",
        question="Who?",
        text="Somebody.",
        actor=here.ben,
        at=LATER,
    )
    assert told("proposal") == []
    here.lea.groups.add(group)
    proposal.propose(
        here.incident,
        topic="other",
        question="Who?",
        text="Somebody.",
        actor=here.ben,
        at=LATER,
    )
    assert told("proposal") == ["lea"]


def test_nobody_is_called_or_asked_who_may_not_see_it(here, group) -> None:
    factories.qualify(here.cleo, SCRIBE)
    factories.person("eve", qualified=(EXECUTIVE,))
    roles = [SCRIBE, LEADERSHIP]
    wanted = escalation.meant(roles, escalation.setting(here.incident), at=LATER)
    assert [len(told) for told in wanted.values()] == [1, 1]
    assert reaching.reach(here.incident, [EXECUTIVE], [], at=LATER)
    set_privacy(here, groups=[group])
    wanted = escalation.meant(roles, escalation.setting(here.incident), at=LATER)
    assert wanted == {SCRIBE: [], LEADERSHIP: []}
    assert reaching.reach(here.incident, [EXECUTIVE], [], at=LATER) == []
    assert escalation.leadership(here.incident) == []
    here.lea.groups.add(group)
    assert escalation.leadership(here.incident) == [(here.lea, "")]


# --- from the start


def test_an_incident_is_declared_private_and_names_nobody_it_should_not() -> None:
    factories.law()
    group = Group.objects.create(name="works council")
    dora = factories.allow(factories.person("dora"), "incidents.declare_incident")
    factories.person("ada", qualified=(COMMANDER,))
    factories.allow(factories.person("lea"), "incidents.lead_incident")
    made = declaration.declare(
        title=TITLE, services=[], facts={}, is_private=True, seen_by=[group], actor=dora, at=NOW
    )
    assert again(made).is_private
    assert list(made.seen_by.all()) == [group]
    assert last_act().detail["private"] == ["works council"]
    told_of_it = set(OutboxMessage.objects.values_list("recipient__username", flat=True))
    assert told_of_it == {"ada"}
    assert not OutboxMessage.objects.filter(subject__contains=TITLE).exists()
    with refused("groups_of_an_open_incident", Invalid):
        declaration.declare(
            title=TITLE, services=[], facts={}, seen_by=[group], actor=dora, at=NOW
        )


# --- nothing leaks


def everything(here: Scene) -> None:
    """Ada's private incident with whatever an incident has, closed and reviewed."""
    incident, at = here.incident, NOW
    drafted = update.draft(incident, audience="internal", text=TITLE, actor=here.ben, at=at)
    update.approve(drafted, actor=here.ada, at=at)
    incident.legal_clocks.create(kind="counsel", basis=TITLE, started_at=at, due_at=LATER)
    proposal.propose(incident, topic="other", question=TITLE, text=TITLE, actor=here.ben, at=at)
    lifecycle.resolve(incident, actor=here.ada, at=at + MINUTE)
    again(incident)
    Incident.objects.filter(pk=incident.pk).update(
        state="closed", closed_at=LATER, resolved_at=NOW, mitigated_at=NOW, contained_at=NOW
    )
    made = Review.objects.create(
        incident=incident, owner=here.ada, due_at=LATER + 60 * MINUTE,
        summary=TITLE,
    )  # fmt: skip
    lea = factories.allow(here.lea, *review_rows.WRITER)
    review_rows.item(made, here.ada, lea, title=f"Never again: {TITLE}", at=LATER)
    Alert.objects.create(
        source="grafana", external_id="a-1", title=TITLE, detected_at=at, received_at=at,
        status="accepted", incident=incident, decided_by=here.ada, decided_at=at,
    )  # fmt: skip
    GameDay.objects.create(
        title="Game day", starts_at=at, organiser=here.ada, incident=incident,
        exercise_scenario=ExerciseScenario.objects.create(slug="leak", title="Leak"),
    )  # fmt: skip


@pytest.fixture
def stage(here) -> Scene:
    everything(here)
    Incident.objects.filter(pk=here.incident.pk).update(is_private=True)
    return here


@pytest.fixture
def stranger() -> Client:
    """Whoever may do everything there is."""
    return signed_in(factories.person("root", is_staff=True, is_superuser=True))


def of_the_incident(stage: Scene) -> Iterator[Any]:
    """The rows that belong to it and have a page in the admin."""
    yield stage.incident
    yield stage.incident.updates.get()
    yield stage.incident.legal_clocks.get()
    yield Review.objects.get()
    yield ActionItem.objects.get()
    yield Alert.objects.get()
    yield from OutboxMessage.objects.filter(topic=stage.incident.reference)


def leaks(response: Any) -> bool:
    text = b"".join(response) if response.streaming else response.content
    return "verraten" in text.decode()  # the word of the title that nothing here asks for


def lists() -> list[str]:
    """Every list of the admin, plain and searched for what the incident is called."""
    found = [list_of(model) for model in admin.site._registry]
    return [
        *found,
        *(f"{each}?q=Zweitschl" for each in found),
        *(f"{each}?q=INC-1" for each in found),
    ]


def test_no_list_of_the_admin_shows_a_stranger_anything_of_it(stage, stranger) -> None:
    for address in lists():
        response = stranger.get(address, follow=True)
        assert response.status_code == 200, address
        assert not leaks(response), address


def test_the_first_page_and_the_board_show_a_stranger_nothing_of_it(stage, stranger) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(state="mitigation", closed_at=None)
    for name in ("admin:index", "admin:incidents_incident_board"):
        response = stranger.get(reverse(name))
        assert response.status_code == 200
        assert not leaks(response)
        assert stage.incident.reference not in response.content.decode(), name


def pages(row: Any) -> Iterator[str]:
    yield page_of(row)
    try:
        yield page_of(row, "history")
        for past in getattr(row, "history", type(row).objects.none()).all():
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}_simple_history"
            yield reverse(name, args=[row.pk, past.pk])
    except NoReverseMatch:
        pass
    found = admin.site._registry[type(row)]
    for verb in found.verbs if isinstance(found, VerbAdmin) else ():
        if not verb.on_list:
            yield page_of(row, verb.name)


def test_no_page_of_what_belongs_to_it_is_there_for_a_stranger(stage, stranger) -> None:
    walked = 0
    for row in of_the_incident(stage):
        for address in pages(row):
            response = stranger.get(address, follow=True)
            assert not leaks(response), address
            # The list says of a row that is not there: it does not exist.
            assert response.status_code == 404 or "exist" in response.content.decode(), address
            walked += 1
    assert walked > 40


def test_who_takes_part_opens_the_same_pages(stage) -> None:
    ada = Person.objects.get(pk=stage.ada.pk)
    ada.is_staff = ada.is_superuser = True
    ada.save()
    inside = signed_in(ada)
    for row in of_the_incident(stage):
        assert inside.get(page_of(row)).status_code == 200
    assert leaks(inside.get(page_of(stage.incident)))
    assert leaks(inside.get(list_of(Incident)))


def test_the_adherence_and_its_living_parts_are_not_there(stage, stranger) -> None:
    for name in ("adherence", "live"):
        address = reverse(f"admin:incidents_incident_{name}", args=[stage.incident.pk])
        assert stranger.get(address).status_code == 404, name


def test_a_game_day_does_not_tell_what_it_became(stage, stranger) -> None:
    page = page_of(GameDay.objects.get())
    response = stranger.get(page)
    assert response.status_code == 200
    assert not leaks(response)
    assert leaks(signed_in(_superuser(stage.ada)).get(page))


def test_nothing_is_chosen_from_what_may_not_be_seen(stage, stranger) -> None:
    offered = {"app_label": "reviews", "model_name": "review", "field_name": "repeat_of"}
    answer = stranger.get(reverse("admin:autocomplete"), {**offered, "term": "Zweit"})
    assert answer.json()["results"] == []
    inside = signed_in(_superuser(stage.ada))
    answer = inside.get(reverse("admin:autocomplete"), {**offered, "term": "Zweit"})
    assert len(answer.json()["results"]) == 1


def _superuser(person: Person) -> Person:
    person.is_staff = person.is_superuser = True
    person.save()
    return person


def test_no_export_carries_it_out(stage, stranger) -> None:
    fields = {f"actionitemresource_{name}": "on" for name in ("reference", "title", "review")}
    said = {"format": "0", "resource": "", **fields}
    outside = stranger.post(list_of(ActionItem, "export"), said)
    assert outside.status_code == 200
    assert not leaks(outside)
    inside = signed_in(_superuser(stage.ada)).post(list_of(ActionItem, "export"), said)
    assert leaks(inside)


def test_what_follows_from_it_is_owned_by_who_may_see_it(stage) -> None:
    made, lea = Review.objects.get(), factories.allow(stage.lea, *review_rows.WRITER)
    stage.incident.seen_by.add(group := Group.objects.create(name="works council"))
    with refused("unknown_review", Invalid):
        review_rows.item(made, stage.ada, lea, at=LATER)
    lea.groups.add(group)
    with refused("owner_may_not_see_it"):
        review_rows.item(made, stage.cleo, lea, at=LATER)
    assert review_rows.item(made, stage.ben, lea, at=LATER).owner == stage.ben


def test_the_audit_trail_keeps_every_line_and_withholds_the_words(stage, stranger) -> None:
    lines = AuditEvent.objects.count()
    shown = stranger.get(list_of(AuditEvent))
    assert shown.context["cl"].result_count == lines
    withheld = [
        one for one in shown.context["cl"].result_list if one.subject == "private incident"
    ]
    assert len(withheld) == AuditEvent.objects.filter(subject__contains=TITLE).count() + len(
        AuditEvent.objects.filter(
            subject_type__in=("reviews.actionitem", "incidents.update")
        ).exclude(subject__contains=TITLE)
    )
    line = AuditEvent.objects.filter(subject__contains=TITLE).first()
    page = stranger.get(page_of(line))
    assert page.status_code == 200
    assert not leaks(page)
    assert "private incident" in page.content.decode()
    assert leaks(signed_in(_superuser(stage.ada)).get(page_of(line)))
    assert records.first_broken_line() is None


def test_the_audit_trail_withholds_the_words_while_there_is_no_review(here) -> None:
    set_privacy(here)
    assert not Review.objects.exists()
    root = factories.person("root", is_superuser=True)
    for person, is_told in ((here.ada, True), (here.lea, False), (root, False)):
        line = privacy.withhold([last_act()], person)[0]
        assert (line.subject != privacy.WITHHELD, bool(line.detail)) == (is_told, is_told)


def addresses() -> list[str]:
    """Every address of the API that reads."""
    paths = api.get_openapi_schema()["paths"]
    return [path.removeprefix(API) for path, verbs in paths.items() if "get" in verbs]


def test_the_api_has_nothing_there_for_a_stranger(stage) -> None:
    root = Caller(factories.person("root", is_superuser=True))
    ada = Caller(_superuser(stage.ada))
    about = [each for each in addresses() if each.startswith("/incidents/{reference}")]
    assert len(about) >= 3
    for address in about:
        address = address.replace("{reference}", stage.incident.reference)
        assert root.get(address).status_code == 404, address
        assert ada.get(address).status_code == 200, address
    assert (
        root.post(f"/incidents/{stage.incident.reference}/note", {"text": "?"}).status_code
        == 404
    )
    for address in (each for each in addresses() if "{" not in each):
        assert not leaks(root.get(address)), address
    assert leaks(ada.get("/incidents"))
    assert root.get("/incidents", q="Zweitschl").json()["items"] == []


def test_it_is_set_and_declared_by_api(here, group) -> None:
    ada = Caller(factories.allow(here.ada, "incidents.view_incident"))
    path = f"/incidents/{here.incident.reference}/set-privacy"
    body = {"private": True, "seen_by": ["works council"], "reason": "Personal data"}
    shown = ada.post(path, body).json()
    assert (shown["private"], shown["seen_by"]) == (True, ["works council"])
    assert codes(ada.post(path, body)) == ["privacy_unchanged"]
    assert codes(ada.post(path, {**body, "seen_by": ["nobody"]})) == ["unknown_group"]
    next_reference()
    said = {"title": "Another", "services": [], "private": True, "seen_by": ["works council"]}
    made = ada.post("/incidents", said)
    assert made.status_code == 201, made.content
    assert Incident.objects.get(reference=made.json()["reference"]).is_private


def test_it_is_set_and_declared_on_pages(here, group) -> None:
    ada = _superuser(here.ada)
    inside = signed_in(ada)
    said = {"is_private": "on", "groups": [group.pk], "reason": "Personal data"}
    assert inside.post(page_of(here.incident, "set_privacy"), said).status_code == 302
    assert again(here.incident).is_private
    form = inside.get(page_of(here.incident, "set_privacy")).context["form"]
    assert form.initial["is_private"]
    dan = signed_in(_staff(here.dan))
    assert dan.get(page_of(here.incident, "set_privacy")).status_code == 404
    next_reference()
    service = factories.service()
    said = {
        "title": "Another", "services": [service.pk], "is_private": "on", "seen_by": [group.pk],
    }  # fmt: skip
    assert inside.post(list_of(Incident, "declare"), said).status_code == 302
    assert Incident.objects.get(title="Another").is_private


def next_reference() -> None:
    """The scene's incident bears the first number without having taken it."""
    records.next_number("INC")


def _staff(person: Person) -> Person:
    person.is_staff = True
    person.save()
    return person


def test_a_role_given_opens_it(here) -> None:
    set_privacy(here)
    hold(here.incident, here.cleo, COMMUNICATIONS)
    assert sees(here.cleo, here.incident)
