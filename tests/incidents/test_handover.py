"""Command is offered with a briefing and moves once it is accepted; each act beside its refusals."""

from datetime import datetime
from typing import Any

import pytest

from incidents.models import (
    Assignment,
    AuditEvent,
    HandOver,
    Incident,
    OutboxMessage,
    Performance,
    Person,
)
from incidents.operations import command, decision, handover, lifecycle
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, SCRIBE
from incidents.rules.tenure import tenure_faults
from tests import factories
from tests.factories import NOW
from tests.incidents.lines import line, pin
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    command_passes,
    hold,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db
Page = OutboxMessage.Priority.PAGE


@pytest.fixture
def here() -> Scene:
    """Ada commands; Cleo, qualified too, holds no role."""
    made = scene()
    factories.qualify(made.cleo, COMMANDER)
    return made


def offered(here: Scene, to: Person | None = None, **more: Any) -> HandOver:
    said = {"note": "Rollback runs, ask Kim", "actor": here.ada, "at": LATER} | more
    return handover.hand_over(here.incident, to=to or here.cleo, **said)


def accepted(
    here: Scene, by: Person | None = None, at: datetime = LATER + MINUTE
) -> Assignment:
    return handover.accept_command(here.incident, actor=by or here.cleo, at=at)


def holders(incident: Incident) -> dict[str, str]:
    return dict(incident.assignments.open().values_list("role", "person__username"))


def faults(incident: Incident) -> tuple[object, ...]:
    held = incident.assignments.filter(role=COMMANDER)
    return tenure_faults(
        list(held.values_list("assigned_at", "ended_at")), incident.declared_at
    )


# --- offering


def test_until_it_is_accepted_the_giver_commands(here: Scene) -> None:
    offer = offered(here)
    assert holders(here.incident)[COMMANDER] == "ada"
    assert (offer.giver, offer.to, offer.offered_at) == (here.ada, here.cleo, LATER)
    assert timeline(here.incident) == ["Ada offers command to Cleo: Rollback runs, ask Kim"]
    assert (last_act().verb, last_act().detail["to"]) == ("hand_over", "cleo")


def test_the_successor_is_paged_with_the_briefing_and_the_link(here: Scene) -> None:
    offered(here, open_questions="Is data lost?")
    page = OutboxMessage.objects.get(kind="hand-over-offered")
    assert (page.recipient, page.priority) == (here.cleo, Page)
    assert page.link == f"/admin/incidents/incident/{here.incident.pk}/change/"
    for said in ("Rollback runs, ask Kim", "None recorded.", "None is due.", "Is data lost?"):
        assert said in page.body


def test_what_the_giver_leaves_out_the_incident_fills_in(here: Scene) -> None:
    decision.decide(
        here.incident, question="Roll back?", decision="Yes", actor=here.ada, at=NOW
    )
    here.incident.update_clocks.create(audience="public", due_at=LATER)
    here.incident.update_clocks.create(audience="internal", due_at=None)
    offer = offered(here)
    assert offer.decisions == "Roll back? Yes"
    assert offer.next_update == "public: 2026-11-23 09:10 UTC"
    assert offer.open_questions == "None named."


def test_it_needs_a_status(here: Scene) -> None:
    with refused("note_missing", Invalid):
        offered(here, note=" ")
    assert offered(here).status == "Rollback runs, ask Kim"


def test_an_incident_has_one_open_offer(here: Scene) -> None:
    offered(here)
    eve = responder(factories.person("eve", qualified=(COMMANDER,)))
    with refused("offer_open") as caught:
        offered(here, eve)
    assert "Cleo at 2026-11-23 09:10:00 UTC" in str(caught.value)
    handover.withdraw_hand_over(here.incident, actor=here.ada, at=LATER)
    assert offered(here, eve).to == eve


def test_it_is_offered_only_to_who_could_take_it(here: Scene) -> None:
    """Everything that stands in the way is said at once."""
    gone = factories.person("gone", is_active=False)
    for person, codes in (
        (gone, ["not_active", "not_qualified"]),
        (here.ben, ["not_qualified", "holds_another_role"]),
        (here.dan, ["not_qualified", "may_not_accept"]),
        (here.ada, ["holds_it_already"]),
    ):
        with pytest.raises(Refused) as caught:
            offered(here, person)
        assert [reason.code for reason in caught.value.reasons] == codes
        assert {reason.field for reason in caught.value.reasons} == {"to"}
    assert HandOver.objects.count() == 0
    assert offered(here).to == here.cleo


def test_leadership_assigns_instead_of_handing_over(here: Scene) -> None:
    with refused("not_your_role", NotPermitted):
        offered(here, actor=here.lea)
    with refused("no_permission", NotPermitted):
        offered(here, actor=here.dan)


def test_where_nobody_commands_there_is_nothing_to_hand_over(here: Scene) -> None:
    here.incident.assignments.filter(role=COMMANDER).update(ended_at=NOW)
    with refused("not_your_role", NotPermitted) as caught:
        offered(here)
    assert "Have leadership assign one" in str(caught.value)


# --- accepting


def test_command_moves_in_one_instant_and_both_are_named(here: Scene) -> None:
    offer, taken = offered(here), accepted(here)
    old = here.incident.assignments.get(person=here.ada)
    assert old.ended_at == taken.assigned_at == LATER + MINUTE
    assert here.incident.assignments.commanding().get() == taken
    assert faults(here.incident) == ()
    assert taken.reason == "Handed over by Ada: Rollback runs, ask Kim"
    assert timeline(here.incident)[-1] == (
        "Command handed over from Ada to Cleo at 2026-11-23 09:11:00 UTC: "
        "Rollback runs, ask Kim"
    )
    assert (again(offer).outcome, again(offer).ended_at) == ("accepted", LATER + MINUTE)
    detail = last_act().detail
    assert (last_act().verb, detail["previous"], detail["to"]) == (
        "accept_command",
        "ada",
        "cleo",
    )
    assert detail["moved_at"] == "2026-11-23T09:11:00Z"


def test_everybody_with_a_role_hears(here: Scene) -> None:
    hold(here.incident, factories.person("kim"), SCRIBE)
    offered(here)
    accepted(here)
    assert told("assigned") == ["cleo"]
    assert told("relieved") == ["ada"]
    assert told("handed-over") == ["ben", "kim"]


def test_the_hand_over_is_the_givers_act_done_at_acceptance(here: Scene) -> None:
    pin(here.incident, line("triage", "Hand over", {COMMANDER: "A/R"}, "hand_over"))
    offered(here)
    assert Performance.objects.count() == 0
    accepted(here)
    done = Performance.objects.get()
    assert (done.done_by, done.role_id, done.done_at) == (here.ada, COMMANDER, LATER + MINUTE)
    assert (done.verb, done.departures) == ("hand_over", [])


def test_a_deputy_who_takes_command_leaves_the_deputys_role(here: Scene) -> None:
    hold(here.incident, here.cleo, DEPUTY)
    offered(here)
    accepted(here)
    assert holders(here.incident) == {COMMANDER: "cleo", COMMUNICATIONS: "ben"}
    assert last_act().detail["ended"] == [f"{COMMANDER}: ada", f"{DEPUTY}: cleo"]


def test_it_is_taken_only_by_whom_it_was_offered_to(here: Scene) -> None:
    offered(here)
    eve = responder(factories.person("eve", qualified=(COMMANDER,)))
    for person in (eve, here.ada, here.lea):
        with refused("not_offered_to_you", NotPermitted):
            accepted(here, person)
    assert accepted(here).person == here.cleo


def test_what_changed_meanwhile_is_asked_anew(here: Scene) -> None:
    offered(here)
    mine = command.assign(
        here.incident, role=factories.role(SCRIBE), person=here.cleo, reason="Free",
        actor=here.ada, at=LATER,
    )  # fmt: skip
    with refused("holds_another_role"):
        accepted(here)
    assert holders(here.incident)[COMMANDER] == "ada"
    Assignment.objects.filter(pk=mine.pk).update(ended_at=LATER)
    assert accepted(here).person == here.cleo


def test_who_commands_another_by_now_is_refused(here: Scene) -> None:
    offered(here)
    other = Incident.objects.create(reference="INC-9", title="Other", declared_at=NOW)
    theirs = hold(other, here.cleo, COMMANDER)
    with refused("commands_another"):
        accepted(here)
    Assignment.objects.filter(pk=theirs.pk).update(ended_at=LATER)
    assert accepted(here).person == here.cleo


def test_accepted_twice_it_moves_once(here: Scene) -> None:
    offered(here)
    accepted(here)
    with refused("no_offer") as caught:
        accepted(here)
    assert "was accepted" in str(caught.value)
    assert here.incident.assignments.filter(role=COMMANDER).count() == 2


def test_a_clock_that_lags_leaves_neither_gap_nor_overlap(here: Scene) -> None:
    """The successor's edge read its clock before the giver's had given the role."""
    Assignment.objects.filter(person=here.ada).update(assigned_at=LATER)
    offer = offered(here)
    assert accepted(here, at=LATER - MINUTE).assigned_at == LATER
    assert again(offer).ended_at == LATER
    assert again(here.incident).assignments.get(person=here.ada).ended_at == LATER


def test_who_handed_over_may_be_given_it_back(here: Scene) -> None:
    command_passes(here.incident, here.ada, here.cleo, LATER)
    with refused("not_your_role", NotPermitted):
        offered(here)
    assert command_passes(here.incident, here.cleo, here.ada, LATER).person == here.ada
    assert faults(here.incident) == ()


def test_it_works_in_an_exercise_too(here: Scene) -> None:
    here.incident.kind = Incident.Kind.EXERCISE
    here.incident.save()
    offered(here)
    assert accepted(here).person == here.cleo
    offer = OutboxMessage.objects.get(kind="hand-over-offered")
    assert offer.subject.startswith("EXERCISE INC-")


# --- declining and withdrawing


def test_who_declines_says_why_and_the_giver_hears(here: Scene) -> None:
    offer = offered(here)
    with refused("reason_missing", Invalid):
        handover.decline_command(here.incident, reason=" ", actor=here.cleo, at=LATER)
    with refused("not_offered_to_you", NotPermitted):
        handover.decline_command(here.incident, reason="No", actor=here.ben, at=LATER)
    handover.decline_command(here.incident, reason="On a train", actor=here.cleo, at=LATER)
    assert (again(offer).outcome, again(offer).end_reason) == ("declined", "On a train")
    page = OutboxMessage.objects.get(kind="hand-over-declined")
    assert (page.recipient, page.priority) == (here.ada, Page)
    assert holders(here.incident)[COMMANDER] == "ada"
    with refused("no_offer"):
        accepted(here)


def test_what_is_withdrawn_cannot_be_accepted(here: Scene) -> None:
    offer = offered(here)
    with refused("not_your_role", NotPermitted):
        handover.withdraw_hand_over(here.incident, actor=here.cleo, at=LATER)
    handover.withdraw_hand_over(here.incident, reason="I stay", actor=here.ada, at=LATER)
    assert (again(offer).outcome, again(offer).end_reason) == ("withdrawn", "I stay")
    assert told("hand-over-withdrawn") == ["cleo"]
    assert timeline(here.incident)[-1] == "Ada withdraws the offer of command to Cleo: I stay"
    with refused("no_offer") as caught:
        accepted(here)
    assert "was withdrawn" in str(caught.value)
    with refused("no_offer"):
        handover.withdraw_hand_over(here.incident, actor=here.ada, at=LATER)


@pytest.mark.parametrize(
    "act",
    [
        lambda here: handover.accept_command(here.incident, actor=here.cleo, at=LATER),
        lambda here: handover.decline_command(
            here.incident, reason="No", actor=here.cleo, at=LATER
        ),
        lambda here: handover.withdraw_hand_over(here.incident, actor=here.ada, at=LATER),
    ],
)
def test_what_nobody_offered_is_not_answered(here: Scene, act: Any) -> None:
    with refused("no_offer"):
        act(here)
    offered(here)
    act(here)
    assert HandOver.objects.get().outcome != ""


# --- lapsing


def given_by_leadership(here: Scene) -> None:
    eve = responder(factories.person("eve", qualified=(COMMANDER,)))
    command.assign(
        here.incident, role=factories.role(COMMANDER), person=eve, reason="Now",
        actor=here.lea, at=LATER,
    )  # fmt: skip


def closed(here: Scene) -> None:
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    lifecycle.close(here.incident, note="Over", actor=here.ada, at=LATER)


def cancelled(here: Scene) -> None:
    lifecycle.cancel(here.incident, reason="A test", actor=here.ada, at=LATER)


@pytest.mark.parametrize(
    ("moves", "code"),
    [(given_by_leadership, "no_offer"), (closed, "wrong_state"), (cancelled, "wrong_state")],
)
def test_an_offer_lapses_when_command_moves_or_the_incident_ends(
    here: Scene, moves: Any, code: str
) -> None:
    offer = offered(here)
    moves(here)
    assert (again(offer).outcome, again(offer).ended_at) == ("lapsed", LATER)
    assert told("hand-over-lapsed") == ["cleo"]
    with refused(code):
        accepted(here)


def test_another_role_changing_hands_leaves_the_offer_open(here: Scene) -> None:
    offer = offered(here)
    command.assign(
        here.incident, role=factories.role(COMMUNICATIONS), person=factories.person("kim"),
        reason="Ben sleeps", actor=here.ada, at=LATER,
    )  # fmt: skip
    assert again(offer).outcome == ""
    assert accepted(here).person == here.cleo


def test_the_record_of_an_offer_keeps_both_its_states(here: Scene) -> None:
    offer = offered(here)
    accepted(here)
    assert [row.outcome for row in offer.history.order_by("history_id")] == ["", "accepted"]
    assert AuditEvent.objects.filter(verb__in=["hand_over", "accept_command"]).count() == 2
