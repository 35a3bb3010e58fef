"""A commander who does not answer in time loses command to the deputy; who answers keeps it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents.models import (
    Absence,
    Assignment,
    CommandCall,
    Incident,
    OutboxMessage,
    Person,
    SeverityLevel,
)
from incidents.operations import (
    answering,
    command,
    handover,
    lifecycle,
    standby,
    sweeps,
    timeline,
)
from incidents.operations.declaration import declare
from incidents.rules.reasons import NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, SCRIBE
from incidents.rules.tenure import tenure_faults
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    MINUTE,
    Scene,
    acts,
    again,
    hold,
    last_act,
    refused,
    responder,
    scene,
    told,
)
from tests.incidents.scene import timeline as lines

pytestmark = pytest.mark.django_db
Page, Notice = OutboxMessage.Priority.PAGE, OutboxMessage.Priority.NOTICE
FIVE, SIX = NOW + 5 * MINUTE, NOW + 6 * MINUTE


@pytest.fixture
def here() -> Scene:
    """Ada commands and has five minutes to answer; Cleo, qualified, is her deputy."""
    made = scene(reference="INC-90")
    scheme = factories.severity_scheme(effective_from=NOW - MINUTE, answer_within=5)
    made.incident.level = scheme.levels.get(code="sev2")
    made.incident.save()
    factories.qualify(made.cleo, COMMANDER)
    hold(made.incident, made.cleo, DEPUTY)
    return made


def calling(here: Scene, at: datetime = NOW, by: Person | None = None) -> CommandCall:
    return standby.call_commander(here.incident, actor=by or here.ben, at=at)


def swept(at: datetime) -> list[str]:
    said: list[str] = []
    standby.sweep(at, said.append)
    return said


def commander(incident: Incident) -> str:
    return incident.assignments.commanding().get().person.username


def faults(incident: Incident) -> tuple[object, ...]:
    held = incident.assignments.filter(role=COMMANDER)
    return tenure_faults(
        list(held.values_list("assigned_at", "ended_at")), incident.declared_at
    )


def priorities(kind: str) -> dict[str, int]:
    rows = OutboxMessage.objects.filter(kind=kind)
    return dict(rows.values_list("recipient__username", "priority"))


# --- calling


def test_anybody_here_calls_the_commander_and_she_is_paged(here: Scene) -> None:
    call = calling(here)
    assert (call.asked_by, call.asked_at, call.due_at) == (here.ben, NOW, FIVE)
    assert priorities("command-call") == {"ada": Page}
    assert lines(here.incident) == [
        "Ben calls the commander Ada: answer by 2026-11-23 09:05 UTC"
    ]
    assert (last_act().verb, last_act().detail["commander"]) == ("call_commander", "ada")


def test_called_again_while_it_waits_nothing_is_done(here: Scene) -> None:
    first = calling(here)
    assert calling(here, NOW + MINUTE, here.cleo) == first
    assert acts() == ["call_commander"]
    assert OutboxMessage.objects.filter(kind="command-call").count() == 1
    answering.answered(here.incident, here.ada, at=NOW + 2 * MINUTE)
    assert calling(here, NOW + 3 * MINUTE) != first


def test_a_call_that_the_rules_began_is_paged_once_somebody_calls(here: Scene) -> None:
    waiting = answering.ask(here.incident.assignments.commanding().get(), at=NOW)
    assert calling(here, NOW + MINUTE) == waiting
    assert told("command-call") == ["ada"]
    assert again(waiting).due_at == FIVE


def test_leadership_may_call_and_who_has_no_part_here_may_not(here: Scene) -> None:
    outsider = responder(factories.person("eve"))
    with refused("not_your_role", NotPermitted):
        calling(here, by=outsider)
    with refused("no_permission", NotPermitted):
        calling(here, by=here.dan)
    assert calling(here, by=here.lea).asked_by == here.lea


def test_nobody_calls_himself_or_nobody(here: Scene) -> None:
    with refused("calls_himself"):
        calling(here, by=here.ada)
    here.incident.assignments.filter(role=COMMANDER).update(ended_at=NOW)
    with refused("nobody_commands"):
        calling(here)


def test_where_the_level_names_no_minutes_a_call_only_pages(here: Scene) -> None:
    here.incident.level = SeverityLevel.objects.filter(code="sev1").last()
    here.incident.save()
    assert calling(here) is None
    assert told("command-call") == ["ada"]
    assert lines(here.incident) == ["Ben calls the commander Ada"]
    assert swept(NOW + timedelta(days=1)) == []


# --- answering


def any_act(here: Scene) -> None:
    timeline.note(here.incident, text="Here", actor=here.ada, at=NOW + MINUTE)


def offering(here: Scene) -> None:
    handover.hand_over(
        here.incident, to=here.cleo, note="Take it", actor=here.ada, at=NOW + MINUTE
    )


def saying_so(here: Scene) -> None:
    assert answering.answered(here.incident, here.ada, at=NOW + MINUTE)


@pytest.mark.parametrize("answers", [any_act, offering, saying_so])
def test_any_act_of_the_commander_is_an_answer(here: Scene, answers: Any) -> None:
    call = calling(here)
    answers(here)
    assert swept(SIX) == []
    assert again(call).outcome == "answered"
    assert commander(here.incident) == "ada"


def test_an_act_before_the_call_or_on_another_incident_is_none(here: Scene) -> None:
    timeline.note(here.incident, text="Here", actor=here.ada, at=NOW - MINUTE)
    calling(here)
    other = Incident.objects.create(
        reference="INC-9", title="Other", state="triage", declared_at=NOW
    )
    hold(other, here.ada, SCRIBE)
    timeline.note(other, text="Here", actor=here.ada, at=NOW + MINUTE)
    timeline.note(here.incident, text="I am not Ada", actor=here.ben, at=NOW + MINUTE)
    assert len(swept(SIX)) == 1
    assert commander(here.incident) == "cleo"


def test_acknowledging_answers(here: Scene) -> None:
    here.incident.state = "detection"
    here.incident.save()
    call = answering.ask(here.incident.assignments.commanding().get(), at=NOW)
    command.acknowledge(here.incident, actor=here.ada, at=NOW + MINUTE)
    assert (again(call).outcome, again(call).ended_at) == ("answered", NOW + MINUTE)


def test_before_it_is_due_nothing_happens(here: Scene) -> None:
    call = calling(here)
    assert swept(FIVE - timedelta(seconds=1)) == []
    assert again(call).outcome == ""
    assert swept(FIVE) == [f"{here.incident.reference}: Cleo took over command from Ada"]


# --- taking over


def test_command_moves_to_the_deputy_in_one_instant(here: Scene) -> None:
    call = calling(here)
    swept(SIX)
    old = here.incident.assignments.get(person=here.ada)
    new = here.incident.assignments.commanding().get()
    assert old.ended_at == new.assigned_at == SIX
    assert (new.person, new.assigned_by) == (here.cleo, None)
    assert not here.incident.assignments.open().filter(role=DEPUTY).exists()
    assert faults(here.incident) == ()
    assert (again(call).outcome, again(call).ended_at) == ("taken_over", SIX)
    why = "Ada was asked to answer at 2026-11-23 09:00 UTC and did not"
    assert new.reason == f"Deputy; {why}"
    assert lines(here.incident)[-1] == (
        f"Cleo, deputy, commands from 2026-11-23 09:06:00 UTC: {why}"
    )
    line = last_act()
    assert (line.verb, line.actor, line.actor_name) == ("take_over", None, "the system")
    assert (line.detail["previous"], line.detail["to"]) == ("ada", "cleo")


def test_everybody_hears_and_those_it_is_about_are_paged(here: Scene) -> None:
    calling(here)
    swept(SIX)
    assert priorities("assigned") == {"cleo": Page}
    assert priorities("taken-over") == {"ada": Page, "ben": Notice, "lea": Notice}


def test_the_deputy_is_asked_in_turn_and_then_nobody_is_left(here: Scene) -> None:
    calling(here)
    swept(SIX)
    asked = CommandCall.objects.get(outcome="")
    assert (asked.assignment.person, asked.due_at) == (here.cleo, SIX + 5 * MINUTE)
    assert swept(SIX + 4 * MINUTE) == []
    (said,) = swept(SIX + 5 * MINUTE)
    assert said.endswith("nobody answers for command, and nobody takes over")
    assert again(asked).outcome == "nobody"
    assert commander(here.incident) == "cleo"


def test_an_offer_lapses_when_the_deputy_takes_over(here: Scene) -> None:
    eve = responder(factories.person("eve", qualified=(COMMANDER,)))
    offer = handover.hand_over(here.incident, to=eve, note="Yours", actor=here.ada, at=NOW)
    calling(here, NOW + MINUTE)
    swept(SIX)
    assert again(offer).outcome == "lapsed"
    with refused("no_offer"):
        handover.accept_command(here.incident, actor=eve, at=SIX)
    assert commander(here.incident) == "cleo"


def test_swept_twice_it_moves_once(here: Scene) -> None:
    calling(here)
    assert len(swept(SIX)) == 1
    assert swept(SIX) == []
    assert acts() == ["call_commander", "take_over"]


def test_the_sweep_of_everything_takes_over_too(here: Scene) -> None:
    calling(here)
    said: list[str] = []
    sweeps.sweep(SIX, said.append)
    assert f"{here.incident.reference}: Cleo took over command from Ada" in said


# --- nobody to take over


def no_deputy(here: Scene) -> None:
    here.incident.assignments.filter(role=DEPUTY).update(ended_at=NOW)


def has_left(here: Scene) -> None:
    Person.objects.filter(pk=here.cleo.pk).update(is_active=False)


def is_away(here: Scene) -> None:
    Absence.objects.create(person=here.cleo, starts_at=NOW, ends_at=NOW + 60 * MINUTE)


def has_lapsed(here: Scene) -> None:
    here.cleo.qualifications.update(expires_on=NOW.date())


def commands_elsewhere(here: Scene) -> None:
    other = Incident.objects.create(reference="INC-9", title="Other", declared_at=NOW)
    hold(other, here.cleo, COMMANDER)


@pytest.mark.parametrize(
    ("hinder", "code", "says"),
    [
        (no_deputy, "no_deputy", "Nobody is deputy commander here."),
        (has_left, "not_active", "Cleo is deactivated"),
        (is_away, "away", "Cleo is away."),
        (has_lapsed, "not_qualified", "Cleo is not qualified to command"),
        (commands_elsewhere, "commands_another", "Cleo commands INC-9"),
    ],
)
def test_where_nobody_can_take_over_leadership_is_paged_with_why(
    here: Scene, hinder: Any, code: str, says: str
) -> None:
    hinder(here)
    call = calling(here)
    assert len(swept(SIX)) == 1
    assert again(call).outcome == "nobody"
    assert commander(here.incident) == "ada"
    assert "lea" in told("nobody-answers")
    page = OutboxMessage.objects.get(kind="nobody-answers", recipient=here.lea)
    assert page.priority == Page
    assert says in page.body
    line = last_act()
    assert (line.verb, line.detail["reasons"]) == ("command_unanswered", [code])
    assert swept(SIX + MINUTE) == []


def test_called_anew_after_that_the_minutes_run_again(here: Scene) -> None:
    no_deputy(here)
    calling(here)
    swept(SIX)
    assert calling(here, SIX).due_at == SIX + 5 * MINUTE


def test_what_the_database_refuses_is_told_like_a_rule(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if another incident had given the deputy command between the question and the writing."""
    commands_elsewhere(here)
    monkeypatch.setattr(standby.taking, "objections", lambda *args, **options: [])
    call = calling(here)
    assert len(swept(SIX)) == 1
    assert (again(call).outcome, last_act().detail["reasons"]) == (
        "nobody",
        ["commands_another"],
    )
    assert commander(here.incident) == "ada"


def test_one_that_fails_stops_no_other_and_is_tried_later(
    here: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    second = Incident.objects.create(
        reference="INC-2", title="Other", state="triage", declared_at=NOW,
        level=here.incident.level,
    )  # fmt: skip
    eve, zoe = (
        responder(factories.person(name, qualified=(COMMANDER,))) for name in ("eve", "zoe")
    )
    late = answering.ask(hold(second, eve, COMMANDER), at=NOW + timedelta(seconds=1))
    hold(second, zoe, DEPUTY)
    first, real = calling(here), standby._take_over

    def breaks(silence: Any, *args: Any) -> str:
        if silence.call.pk == first.pk:
            raise ValueError("what people wrote")
        return real(silence, *args)

    monkeypatch.setattr(standby, "_take_over", breaks)
    assert swept(SIX) == ["INC-2: Zoe took over command from Eve"]
    assert (again(first).outcome, again(first).due_at) == ("", SIX + standby.TRY_AGAIN_AFTER)
    assert again(late).outcome == "taken_over"
    assert "ValueError" in caplog.text
    assert "what people wrote" not in caplog.text
    monkeypatch.undo()
    assert len(swept(SIX + standby.TRY_AGAIN_AFTER)) == 2  # and Zoe did not answer either


# --- gone while commanding


def test_who_is_deactivated_while_commanding_counts_as_not_answering_at_once(
    here: Scene,
) -> None:
    assert swept(NOW) == []
    Person.objects.filter(pk=here.ada.pk).update(is_active=False)
    assert len(swept(NOW + MINUTE)) == 1
    assert commander(here.incident) == "cleo"
    assert "Ada is deactivated" in lines(here.incident)[-1]
    assert faults(here.incident) == ()


def test_who_goes_away_while_commanding_does_too(here: Scene) -> None:
    ends_at = NOW + 60 * MINUTE
    Absence.objects.create(person=here.ada, starts_at=NOW + MINUTE, ends_at=ends_at)
    assert swept(NOW) == []
    assert len(swept(NOW + MINUTE)) == 1
    assert commander(here.incident) == "cleo"
    assert "Ada is away until 2026-11-23 10:00 UTC" in lines(here.incident)[-1]


def test_who_acts_all_the_same_is_there(here: Scene) -> None:
    Absence.objects.create(person=here.ada, starts_at=NOW + MINUTE, ends_at=NOW + 60 * MINUTE)
    timeline.note(here.incident, text="Still here", actor=here.ada, at=NOW + 2 * MINUTE)
    assert swept(NOW + 3 * MINUTE) == []
    assert commander(here.incident) == "ada"


def test_who_was_away_when_given_command_was_given_it_knowingly(here: Scene) -> None:
    Absence.objects.create(person=here.ada, starts_at=NOW - MINUTE, ends_at=NOW + 60 * MINUTE)
    assert swept(NOW + MINUTE) == []
    calling(here, NOW + MINUTE)
    assert len(swept(NOW + 6 * MINUTE)) == 1


def test_leadership_is_told_once_of_a_commander_who_is_gone(here: Scene) -> None:
    no_deputy(here)
    Person.objects.filter(pk=here.ada.pk).update(is_active=False)
    assert len(swept(NOW + MINUTE)) == 1
    assert swept(NOW + 2 * MINUTE) == []
    assert CommandCall.objects.get().outcome == "nobody"


def test_of_an_incident_that_is_over_nobody_is_asked(here: Scene) -> None:
    call = calling(here)
    lifecycle.cancel(here.incident, reason="A test", actor=here.lea, at=NOW + MINUTE)
    assert (again(call).outcome, again(call).ended_at) == ("ended", NOW + MINUTE)
    Person.objects.filter(pk=here.ada.pk).update(is_active=False)
    assert swept(SIX) == []


# --- who is asked when


def given(here: Scene, to: Person, by: Person) -> Assignment:
    role = factories.role(COMMANDER)
    return command.assign(
        here.incident, role=role, person=to, reason="Now", actor=by, at=NOW + MINUTE
    )


def test_whoever_is_given_command_by_another_is_asked(here: Scene) -> None:
    first = calling(here)
    taken = given(here, here.cleo, here.lea)
    assert again(first).outcome == "ended"
    asked = CommandCall.objects.get(outcome="")
    assert (asked.assignment, asked.due_at, asked.asked_by) == (taken, SIX, None)


def test_who_takes_it_himself_or_accepts_it_is_not(here: Scene) -> None:
    lou = factories.allow(responder(factories.person("lou")), "incidents.lead_incident")
    factories.qualify(lou, COMMANDER)
    given(here, lou, lou)
    handover.hand_over(here.incident, to=here.cleo, note="Yours", actor=lou, at=SIX)
    handover.accept_command(here.incident, actor=here.cleo, at=SIX)
    assert CommandCall.objects.count() == 0


def test_another_role_asks_nobody(here: Scene) -> None:
    command.assign(
        here.incident, role=factories.role(COMMUNICATIONS), person=factories.person("kim"),
        reason="Free", actor=here.ada, at=NOW,
    )  # fmt: skip
    assert CommandCall.objects.count() == 0


def test_a_declaration_and_a_reopening_ask_the_commander(here: Scene) -> None:
    """Who declares and commands at once has answered by it."""
    for person in (here.ada, here.cleo):
        person.qualifications.filter(role=COMMANDER).delete()
    zoe = responder(factories.person("zoe", qualified=(COMMANDER,)))
    made = declare(title="Trouble", services=[], facts={}, actor=here.ben, at=NOW)
    call = CommandCall.objects.get()
    assert (call.assignment.person, call.due_at) == (zoe, FIVE)
    command.acknowledge(made, actor=zoe, at=NOW)
    lifecycle.resolve(made, actor=zoe, at=NOW)
    lifecycle.close(made, note="Over", actor=zoe, at=NOW)
    assert not CommandCall.objects.filter(outcome="").exists()
    declare(title="Trouble", services=[], facts={}, actor=zoe, at=NOW)
    assert not CommandCall.objects.filter(outcome="").exists()
    Assignment.objects.commanding().filter(person=zoe).update(ended_at=NOW)
    lifecycle.reopen(made, reason="It came back", actor=here.lea, at=NOW + MINUTE)
    asked = CommandCall.objects.get(outcome="")
    assert (asked.assignment.person, asked.due_at) == (zoe, SIX)
