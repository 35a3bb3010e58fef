"""Later changes of who holds what are suggested, and a person accepts or dismisses them."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.models import (
    Absence,
    Assignment,
    AuditEvent,
    Incident,
    Person,
    Qualification,
    Suggestion,
)
from incidents.operations import suggestions, sweeps
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    RESPONDER,
    SCRIBE,
)
from tests import factories
from tests.factories import NOW
from tests.incidents.lines import line, pin
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Ada commands, Ben speaks, Sue writes along; Max could speak, Tom could write along."""
    found = scene()
    hold(found.incident, factories.person("sue", qualified=(SCRIBE,)), SCRIBE)
    factories.person("max", qualified=(COMMUNICATIONS,))
    factories.person("tom", qualified=(SCRIBE,))
    return found


def sweep(at: Any = LATER) -> list[str]:
    said: list[str] = []
    suggestions.sweep(at, said.append)
    return said


def waiting(incident: Incident) -> list[tuple[str, str | None]]:
    return [
        (one.role_id, one.person and one.person.username)
        for one in suggestions.waiting(incident)
    ]


def only(incident: Incident) -> Suggestion:
    [found] = suggestions.waiting(incident)
    return found


def named(username: str) -> Person:
    return Person.objects.get(username=username)


def leaves(person: Person) -> None:
    person.is_active = False
    person.save()


def goes_away(person: Person) -> None:
    Absence.objects.create(
        person=person, starts_at=NOW + MINUTE, ends_at=NOW + timedelta(days=2)
    )


def lapses(person: Person) -> None:
    held = Qualification.objects.get(person=person)
    held.expires_on = NOW.date() + timedelta(days=1)
    held.save()


def accept(here: Scene, actor: Person | None = None, at: Any = LATER) -> Assignment:
    one = only(here.incident)
    if one.person:
        responder(one.person)  # who may see what they are given
    return suggestions.accept_suggestion(
        here.incident, suggestion=one, actor=actor or here.ada, at=at
    )


# --- what is suggested


def test_where_everybody_is_there_nothing_is_suggested_and_nothing_written(here: Scene) -> None:
    before = AuditEvent.objects.count()
    assert sweep() == []
    assert waiting(here.incident) == []
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("gone", "why", "days"),
    [
        (leaves, "Sue is deactivated", 0),
        (goes_away, "Sue is away until 25 Nov 2026 09:00 UTC", 0),
        (lapses, "Sue is no longer qualified as Scribe: lapsed on 24 Nov 2026", 2),
    ],
)
def test_for_a_holder_who_is_gone_the_next_is_suggested_and_the_commander_told_once(
    here: Scene, gone: Any, why: str, days: int
) -> None:
    gone(named("sue"))
    at = LATER + timedelta(days=days)
    assert sweep(at) == ["suggestion INC-1: scribe to tom"]
    one = only(here.incident)
    assert (one.person, one.why, one.instead_of.person) == (named("tom"), why, named("sue"))
    assert one.reason == "Qualified as Scribe, open roles: 0"
    assert told("suggested") == ["ada"]
    assert (last_act().verb, last_act().actor) == ("suggest", None)
    assert sweep(at + MINUTE) == []
    assert only(here.incident).pk == one.pk
    assert told("suggested") == ["ada"]
    assert here.incident.assignments.open().get(role=SCRIBE).person == named("sue")


def test_every_candidate_not_suggested_has_a_reason(here: Scene) -> None:
    goes_away(factories.person("amy", qualified=(SCRIBE,)))
    leaves(named("sue"))
    sweep()
    assert {one["username"]: one["reason"] for one in only(here.incident).rejected} == {
        "amy": "away until 25 Nov 2026 09:00 UTC",
    }


def test_who_was_away_or_lapsed_when_chosen_was_chosen_knowingly(here: Scene) -> None:
    Absence.objects.create(
        person=named("sue"), starts_at=NOW - MINUTE, ends_at=NOW + timedelta(days=2)
    )
    Qualification.objects.filter(person=here.ben).update(expires_on=NOW.date())
    assert sweep() == []


def test_where_nobody_can_be_found_the_suggestion_says_so_once_and_leadership_hears_without_a_commander(
    here: Scene,
) -> None:
    leaves(here.ada)
    assert sweep() == ["suggestion INC-1: incident_commander to nobody"]
    one = only(here.incident)
    assert one.person is None
    assert one.reason.startswith("Nobody qualified as Incident commander is free")
    assert told("suggested") == ["lea"]
    assert sweep(LATER + MINUTE) == []
    factories.person("cat", qualified=(COMMANDER,))
    assert sweep(LATER + 2 * MINUTE) == [
        "suggestion INC-1: incident_commander to cat",
        "suggestion INC-1: incident_commander is obsolete",
    ]


def test_an_unfilled_role_is_suggested_once_somebody_can_fill_it(here: Scene) -> None:
    here.incident.matrix_version = factories.matrix_version(
        {("triage", "Stand by"): {COUNSEL: "A/R"}}
    )
    here.incident.unfilled = [{"role": COUNSEL, "service": None, "reasons": ["Nobody"]}]
    here.incident.save()
    assert sweep() == []
    factories.person("kim", qualified=(COUNSEL,))
    assert sweep() == ["suggestion INC-1: legal_counsel to kim"]


def test_what_the_matrix_needs_after_a_change_of_level_is_suggested(here: Scene) -> None:
    factories.person("kim", qualified=(COUNSEL,))
    pin(
        here.incident,
        line("triage", "Direct", {COMMANDER: "A/R", COUNSEL: "I"}),
        sev2={COUNSEL: "R"},
    )
    grave = here.incident.severity_scheme.levels.get(code="sev1")
    mild, here.incident.level = here.incident.level, grave
    here.incident.save()
    assert sweep() == []
    here.incident.level = mild
    here.incident.save()
    assert sweep() == ["suggestion INC-1: legal_counsel to kim"]
    assert only(here.incident).why.startswith("It is needed now, and nobody holds it")


def test_what_a_newly_affected_service_needs_is_suggested(here: Scene) -> None:
    here.incident.matrix_version = factories.matrix_version(
        {("mitigation", "Mend it"): {DOMAIN_OWNER: "A/R"}}
    )
    here.incident.save()
    assert sweep() == []
    payments = factories.service(owner=factories.person("olga"))
    here.incident.services.add(payments)
    assert sweep() == ["suggestion INC-1: domain_owner to olga"]
    one = only(here.incident)
    assert (one.service, one.reason) == (payments, "Owner of Payments")
    taken = accept(here)
    assert (taken.service, taken.person.username) == (payments, "olga")
    assert sweep(LATER + MINUTE) == []


def test_the_lead_of_the_team_is_suggested_where_nobody_else_is_left(here: Scene) -> None:
    here.incident.matrix_version = factories.matrix_version(
        {("mitigation", "Mend it"): {DOMAIN_OWNER: "A/R"}}
    )
    here.incident.save()
    service = factories.service(owner=factories.person("olga", is_active=False))
    service.team.lead = factories.person("tia")
    service.team.save()
    here.incident.services.add(service)
    assert sweep() == ["suggestion INC-1: domain_owner to tia"]
    assert sweep(LATER + MINUTE) == []


def test_when_the_deputy_took_over_from_a_commander_who_left_a_new_deputy_is_suggested(
    here: Scene,
) -> None:
    dean = factories.person("dean", qualified=(COMMANDER, DEPUTY))
    factories.person("dora", qualified=(DEPUTY,))
    hold(here.incident, dean, DEPUTY)
    leaves(here.ada)
    sweeps.sweep(LATER)
    assert here.incident.assignments.commanding().get().person == dean
    assert waiting(here.incident) == [(DEPUTY, "dora")]
    assert only(here.incident).why == "Dean took command and is deputy commander no more"
    assert accept(here, actor=responder(dean)).person.username == "dora"
    assert here.incident.assignments.open().filter(role=DEPUTY).count() == 1


def test_without_a_deputy_another_commander_is_suggested_and_leadership_accepts(
    here: Scene,
) -> None:
    factories.person("cat", qualified=(COMMANDER,))
    leaves(here.ada)
    sweeps.sweep(LATER)
    assert waiting(here.incident) == [(COMMANDER, "cat")]
    accept(here, actor=responder(here.lea))
    assert here.incident.assignments.commanding().get().person.username == "cat"
    assert sweep(LATER + MINUTE) == []


def test_exercises_are_left_to_their_players(here: Scene) -> None:
    here.incident.kind = "exercise"
    here.incident.save()
    leaves(named("sue"))
    assert sweep() == []


def test_two_lacks_do_not_get_the_same_person_where_two_are_there(here: Scene) -> None:
    factories.qualify(named("max"), SCRIBE)
    for username in ("ben", "sue"):
        leaves(named(username))
    sweep()
    assert sorted(waiting(here.incident)) == [(COMMUNICATIONS, "max"), (SCRIBE, "tom")]


def test_who_holds_what_excludes_the_role_is_not_suggested(here: Scene) -> None:
    hold(here.incident, named("max"), RESPONDER)
    leaves(here.ben)
    assert sweep() == ["suggestion INC-1: communications_lead to nobody"]


# --- what is no longer true


def test_what_is_no_longer_true_is_marked_obsolete(here: Scene) -> None:
    leaves(named("sue"))
    sweep()
    one = only(here.incident)
    sue = named("sue")
    sue.is_active = True
    sue.save()
    assert sweep(LATER + MINUTE) == ["suggestion INC-1: scribe is obsolete"]
    assert (again(one).outcome, again(one).decided_at) == ("obsolete", LATER + MINUTE)
    assert waiting(here.incident) == []


def test_a_suggestion_stays_while_its_person_can_though_another_became_better(
    here: Scene,
) -> None:
    leaves(named("sue"))
    sweep()
    factories.person("aaron", qualified=(SCRIBE,))
    assert sweep(LATER + MINUTE) == []
    goes_away(named("tom"))
    sweep(LATER + 2 * MINUTE)
    assert waiting(here.incident) == [(SCRIBE, "aaron")]


# --- accepted and dismissed


def test_accepted_the_role_goes_over_with_its_reasons_and_two_audit_lines(here: Scene) -> None:
    leaves(named("sue"))
    sweep()
    one = only(here.incident)
    taken = accept(here)
    assert (taken.person, taken.assigned_by) == (named("tom"), here.ada)
    assert taken.reason == "Sue is deactivated. Qualified as Scribe, open roles: 0"
    assert taken.rejected == one.rejected
    assert here.incident.assignments.open().get(role=SCRIBE) == taken
    assert (again(one).outcome, again(one).decided_by) == ("accepted", here.ada)
    assert [line.verb for line in AuditEvent.objects.order_by("-sequence")[:2]] == [
        "accept_suggestion",
        "assign",
    ]
    assert told("assigned") == ["tom"]
    with refused("suggestion_decided"):
        suggestions.accept_suggestion(here.incident, suggestion=one, actor=here.ada, at=LATER)


def test_a_responder_who_is_gone_leaves_when_another_takes_the_place(here: Scene) -> None:
    rob = factories.person("rob", qualified=(RESPONDER,))
    hold(here.incident, rob, RESPONDER)
    factories.person("ron", qualified=(RESPONDER,))
    goes_away(rob)
    sweep()
    accept(here)
    held = here.incident.assignments.open().filter(role=RESPONDER)
    assert [each.person.username for each in held] == ["ron"]
    ended = here.incident.assignments.get(person=rob)
    assert (ended.ended_at, ended.end_reason[:11]) == (LATER, "Rob is away")
    assert told("relieved") == ["rob"]


def test_what_no_longer_holds_is_refused_and_renewed(here: Scene) -> None:
    leaves(named("sue"))
    sweep()
    factories.person("zac", qualified=(SCRIBE,))
    goes_away(named("tom"))
    with pytest.raises(suggestions.Refused) as caught:
        accept(here)
    assert caught.value.has("suggestion_outdated")
    assert waiting(here.incident) == [(SCRIBE, "zac")]
    assert accept(here).person.username == "zac"


def test_a_suggestion_without_a_person_cannot_be_accepted(here: Scene) -> None:
    leaves(named("sue"))
    leaves(named("tom"))
    sweep()
    with refused("nobody_suggested"):
        accept(here)


def test_dismissed_with_a_reason_it_is_not_suggested_again_for_the_same_cause(
    here: Scene,
) -> None:
    goes_away(named("sue"))
    sweep()
    one = only(here.incident)
    with refused("reason_missing", Invalid):
        dismiss(here, one, reason=" ")
    dismiss(here, one)
    assert again(one).decision_note == "Sue reads along from the train"
    assert last_act().verb == "dismiss_suggestion"
    assert any("Sue reads along from the train" in line for line in timeline(here.incident))
    assert sweep(LATER + MINUTE) == []
    leaves(named("sue"))
    assert sweep(LATER + 2 * MINUTE) == ["suggestion INC-1: scribe to tom"]


def dismiss(
    here: Scene, one: Suggestion, actor: Person | None = None, **said: Any
) -> Suggestion:
    given = {"reason": "Sue reads along from the train", "at": LATER} | said
    return suggestions.dismiss_suggestion(
        here.incident, suggestion=one, actor=actor or here.ada, **given
    )


def test_who_does_not_command_decides_no_suggestion_and_a_stranger_neither(here: Scene) -> None:
    leaves(named("sue"))
    sweep()
    one = only(here.incident)
    for actor in (here.dan, here.ben):
        with refused_by(actor):
            accept(here, actor=actor)
        with refused_by(actor):
            dismiss(here, one, actor=actor)
    assert dismiss(here, one).decided_by == here.ada


def refused_by(actor: Person) -> Any:
    code = "no_permission" if actor.username == "dan" else "not_your_role"
    return refused(code, NotPermitted)


def test_a_suggestion_of_another_incident_is_not_decided_here(here: Scene) -> None:
    leaves(named("sue"))
    sweep()
    one = only(here.incident)
    Suggestion.objects.filter(pk=one.pk).update(
        incident=Incident.objects.create(reference="INC-9", title="Other", declared_at=NOW)
    )
    with refused("suggestion_of_another", Invalid):
        suggestions.accept_suggestion(here.incident, suggestion=one, actor=here.ada, at=LATER)


# --- what it costs


def test_a_sweep_sends_as_many_statements_for_one_open_incident_as_for_twenty(
    here: Scene, django_assert_num_queries: Any
) -> None:
    version = factories.matrix_version({("triage", "Direct"): {COMMANDER: "A/R"}})
    for number in range(20):
        quiet = Incident.objects.create(
            reference=f"INC-{number + 50}", title="Quiet", declared_at=NOW, state="triage",
            matrix_version=version,
        )  # fmt: skip
        hold(quiet, factories.person(f"c{number}", qualified=(COMMANDER,)), COMMANDER)
        hold(quiet, factories.person(f"v{number}"), COMMUNICATIONS)
        quiet.services.add(factories.service(f"service{number}"))
    sweep()
    with django_assert_num_queries(6):
        assert sweep() == []
