"""The course of an incident: each step once, by whom it belongs to, and what its end ends."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.models import (
    Absence,
    Incident,
    LegalClock,
    OutboxMessage,
    Person,
    SeverityLevel,
    SeverityScheme,
    UpdateClock,
)
from incidents.operations import cadence, counsel, legal, lifecycle, paging, records
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, SCRIBE
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    at_once,
    hold,
    incident_under,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def here() -> Scene:
    return scene()


@pytest.fixture
def ending() -> Scene:
    """Resolved, and about to be closed."""
    return scene(state="resolution", resolved_at=NOW)


def closed() -> Scene:
    made = scene(state="resolution", mitigated_at=NOW, resolved_at=NOW)
    lifecycle.close(made.incident, note="Rolled back.", actor=made.ada, at=LATER)
    return made


# --- advancing


def test_the_commander_advances_to_the_next_phase(here) -> None:
    lifecycle.advance(here.incident, to="mitigation", actor=here.ada, at=LATER)
    assert again(here.incident).state == "mitigation"
    assert timeline(here.incident) == ["Advanced to mitigation"]
    assert last_act().detail == {"before": "triage", "to": "mitigation"}


def test_a_phase_cannot_be_skipped(here) -> None:
    with refused("wrong_state"):
        lifecycle.advance(here.incident, to="resolution", actor=here.ada, at=LATER)
    assert again(here.incident).state == "triage"


@pytest.mark.parametrize("seen", ["triage", "mitigation"])
def test_advancing_twice_moves_once_and_says_who_was_first(here, seen) -> None:
    here.incident.state = seen
    here.incident.save()
    to = {"triage": "mitigation", "mitigation": "resolution"}[seen]
    lifecycle.advance(here.incident, to=to, actor=here.ada, at=LATER)
    with refused("wrong_state") as caught:
        lifecycle.advance(here.incident, to=to, actor=here.ada, at=LATER + MINUTE)
    assert "Ada's: Advance, 2026-11-23 09:10 UTC" in str(caught.value)
    assert again(here.incident).state == to


def test_only_the_commander_advances(here) -> None:
    for other in (here.ben, here.cleo, here.lea):
        with refused("not_your_role", NotPermitted):
            lifecycle.advance(here.incident, to="mitigation", actor=other, at=LATER)
    with refused("no_permission", NotPermitted):
        lifecycle.advance(here.incident, to="mitigation", actor=here.dan, at=LATER)


def test_leadership_advances_where_nobody_commands(here) -> None:
    here.incident.assignments.all().delete()
    lifecycle.advance(here.incident, to="mitigation", actor=here.lea, at=LATER)
    assert again(here.incident).state == "mitigation"


def test_of_two_who_advance_at_once_one_moves_it(committing) -> None:
    made = scene()
    outcomes = at_once(
        lambda: lifecycle.advance(
            again(made.incident), to="mitigation", actor=made.ada, at=LATER
        )
    )
    assert sorted(outcomes) == ["done", "wrong_state"]
    assert acts() == ["advance"]


# --- contained, mitigated, resolved

MARKS = [
    (lifecycle.contain, "contained_at", "triage"),
    (lifecycle.mitigate, "mitigated_at", "mitigation"),
    (lifecycle.resolve, "resolved_at", "resolution"),
]


@pytest.mark.parametrize(("verb", "field", "state"), MARKS)
def test_an_instant_is_now_and_the_phase_follows(here, verb, field, state) -> None:
    verb(here.incident, actor=here.ada, at=LATER)
    row = again(here.incident)
    assert (getattr(row, field), row.state) == (LATER, state)
    assert row.provenance[field] == {"source": "auto", "by": "ada", "reason": ""}


@pytest.mark.parametrize(("verb", "field", "state"), MARKS)
def test_an_instant_that_was_typed_says_so(here, verb, field, state) -> None:
    verb(here.incident, actor=here.ada, at=LATER, happened_at=NOW + MINUTE)
    row = again(here.incident)
    assert getattr(row, field) == NOW + MINUTE
    assert row.provenance[field]["source"] == "human"
    assert row.timeline.get().at == NOW + MINUTE


@pytest.mark.parametrize(("verb", "field", "state"), MARKS)
def test_an_instant_is_recorded_once(here, verb, field, state) -> None:
    verb(here.incident, actor=here.ada, at=LATER)
    with refused("already_recorded") as caught:
        verb(here.incident, actor=here.ada, at=LATER + MINUTE)
    assert "2026-11-23 09:10 UTC, recorded by ada" in str(caught.value)
    assert getattr(again(here.incident), field) == LATER


@pytest.mark.parametrize(("verb", "field", "state"), MARKS)
def test_an_instant_belongs_to_the_commander(here, verb, field, state) -> None:
    with refused("not_your_role", NotPermitted):
        verb(here.incident, actor=here.ben, at=LATER)
    with refused("no_permission", NotPermitted):
        verb(here.incident, actor=here.dan, at=LATER)


def test_an_instant_of_the_future_is_refused_and_the_present_is_not(here) -> None:
    with refused("instant_in_the_future", Invalid):
        lifecycle.contain(here.incident, actor=here.ada, at=LATER, happened_at=LATER + MINUTE)
    lifecycle.contain(here.incident, actor=here.ada, at=LATER, happened_at=LATER)


def test_an_instant_without_an_offset_is_refused(here) -> None:
    naive = datetime(2026, 11, 23, 9, 5)  # noqa: DTZ001
    with refused("instant_without_offset", Invalid):
        lifecycle.contain(here.incident, actor=here.ada, at=LATER, happened_at=naive)


def test_instants_out_of_order_need_a_reason_which_is_kept(here) -> None:
    early = NOW - 5 * MINUTE
    with refused("instants_out_of_order", Invalid) as caught:
        lifecycle.contain(here.incident, actor=here.ada, at=LATER, happened_at=early)
    assert [reason.field for reason in caught.value.reasons] == ["happened_at"]
    why = "The pager was late."
    lifecycle.contain(here.incident, actor=here.ada, at=LATER, happened_at=early, reason=why)
    assert again(here.incident).provenance["contained_at"]["reason"] == why
    assert last_act().detail["reason"] == why


def test_a_disorder_once_explained_asks_for_no_second_reason(here) -> None:
    early = NOW - 5 * MINUTE
    lifecycle.contain(
        here.incident, actor=here.ada, at=LATER, happened_at=early, reason="Late."
    )
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    assert again(here.incident).resolved_at == LATER


def test_marking_never_leads_back(here) -> None:
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    lifecycle.mitigate(here.incident, actor=here.ada, at=LATER)
    assert again(here.incident).state == "resolution"


def test_nothing_is_contained_before_it_is_acknowledged() -> None:
    made = scene(state="detection")
    with refused("wrong_state"):
        lifecycle.contain(made.incident, actor=made.ada, at=LATER)


def test_resolving_ends_the_update_clocks_and_mitigating_does_not(here) -> None:
    cadence.start_clocks(here.incident, at=NOW)
    lifecycle.mitigate(here.incident, actor=here.ada, at=LATER)
    assert UpdateClock.objects.get().due_at == NOW + 60 * MINUTE
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    clock = UpdateClock.objects.get()
    assert (clock.due_at, clock.next_nudge_at) == (None, None)


# --- closing


def test_closing_ends_roles_and_owes_a_review(ending) -> None:
    lifecycle.close(ending.incident, note="Rolled back.", actor=ending.ada, at=LATER)
    row = again(ending.incident)
    assert (row.state, row.closed_at) == ("closed", LATER)
    assert row.review_due_at == datetime(2026, 12, 1, tzinfo=UTC)  # the 30th is day seven
    assert row.is_review_owed
    assert list(row.assignments.values_list("ended_at", flat=True)) == [LATER, LATER]
    assert timeline(row) == ["Closed: Rolled back."]
    assert told("closed") == ["ada", "ben"]


def test_the_review_is_due_at_the_end_of_a_day_in_the_organisations_zone(
    ending, settings
) -> None:
    settings.ORGANISATION_ZONE = ZoneInfo("Pacific/Auckland")  # UTC+13 in November
    late = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)  # 00:30 of the 24th there
    lifecycle.close(ending.incident, note="", actor=ending.ada, at=late)
    assert again(ending.incident).review_due_at == datetime(2026, 12, 1, 11, tzinfo=UTC)


def test_a_level_without_a_review_owes_none(ending) -> None:
    draft = SeverityScheme.objects.create(number=2, maker=ending.lea, created_at=NOW)
    level = SeverityLevel.objects.create(scheme=draft, code="sev3", rank=1, name="Severity 3")
    Incident.objects.filter(pk=ending.incident.pk).update(level=level)
    lifecycle.close(ending.incident, note="", actor=ending.ada, at=LATER)
    row = again(ending.incident)
    assert (row.review_due_at, row.is_review_owed) == (None, False)


def test_closing_stops_the_update_clocks_of_what_nobody_resolved() -> None:
    made = scene(state="resolution")
    cadence.start_clocks(made.incident, at=NOW)
    lifecycle.close(made.incident, note="", actor=made.ada, at=LATER)
    assert UpdateClock.objects.get().next_nudge_at is None


@pytest.mark.parametrize("newer", [timedelta(milliseconds=50), MINUTE])
def test_a_role_given_after_the_clock_was_read_ends_as_it_begins(ending, newer) -> None:
    given = hold(ending.incident, ending.cleo, SCRIBE)
    given.assigned_at = LATER + newer
    given.save()
    lifecycle.close(ending.incident, note="", actor=ending.ada, at=LATER)
    assert again(given).ended_at == again(given).assigned_at
    lifecycle.reopen(ending.incident, reason="Again.", actor=ending.lea, at=LATER + DAY)
    assert told("reopened") == ["ada", "ben", "cleo"]


def test_who_was_relieved_in_the_instant_of_the_end_is_not_told_of_reopening(ending) -> None:
    relieved = hold(ending.incident, ending.cleo, SCRIBE)
    relieved.ended_at, relieved.end_reason = LATER, "Ben is Scribe"
    relieved.save()
    lifecycle.close(ending.incident, note="", actor=ending.ada, at=LATER)
    lifecycle.reopen(ending.incident, reason="Again.", actor=ending.lea, at=LATER + DAY)
    assert told("reopened") == ["ada", "ben"]


def test_only_what_is_in_resolution_is_closed(here) -> None:
    with refused("wrong_state"):
        lifecycle.close(here.incident, note="", actor=here.ada, at=LATER)
    assert again(here.incident).assignments.open().count() == 2


def test_only_the_commander_closes(ending) -> None:
    with refused("not_your_role", NotPermitted):
        lifecycle.close(ending.incident, note="", actor=ending.ben, at=LATER)
    with refused("no_permission", NotPermitted):
        lifecycle.close(ending.incident, note="", actor=ending.dan, at=LATER)


def test_closing_twice_says_that_it_is_closed_and_by_whom(ending) -> None:
    lifecycle.close(ending.incident, note="", actor=ending.ada, at=LATER)
    with refused("wrong_state") as caught:
        lifecycle.close(ending.incident, note="", actor=ending.ada, at=LATER)
    assert "Ada's: Close" in str(caught.value)


def held_back(made: Scene) -> None:
    """Ada is to be paged fifteen minutes after NOW."""
    paging.begin(made.incident, at=NOW)


def test_what_is_over_pages_nobody_later(ending) -> None:
    held_back(ending)
    lifecycle.close(ending.incident, note="", actor=ending.ada, at=LATER)
    paging.sweep(NOW + 60 * MINUTE)
    assert not OutboxMessage.objects.filter(kind="escalation").exists()
    assert last_act().detail["pages_withdrawn"] == 1


def test_what_was_none_pages_nobody_later(here) -> None:
    held_back(here)
    lifecycle.cancel(here.incident, reason="A test alert.", actor=here.ada, at=LATER)
    paging.sweep(NOW + 60 * MINUTE)
    assert not OutboxMessage.objects.filter(kind="escalation").exists()
    assert last_act().detail["pages_withdrawn"] == 1


# --- reopening


def test_reopening_gives_every_role_back_and_owes_no_review() -> None:
    made = closed()
    lifecycle.reopen(made.incident, reason="It fails again.", actor=made.lea, at=LATER + DAY)
    row = again(made.incident)
    assert (row.state, row.closed_at, row.review_due_at) == ("mitigation", None, None)
    assert not row.is_review_owed
    assert (row.mitigated_at, row.resolved_at) == (None, None)
    assert row.assignments.commanding().get().person == made.ada
    assert row.assignments.open().get(role=COMMUNICATIONS).person == made.ben
    assert row.unfilled == []
    assert told("assigned") == ["ada", "ben"]
    assert told("reopened") == ["ada", "ben"]
    was = last_act().detail["was"]
    assert was["closed_at"] == "2026-11-23T09:10:00Z"


def test_a_reopened_incident_owes_an_update_at_once_and_is_resolved_anew() -> None:
    made = closed()
    lifecycle.reopen(made.incident, reason="It fails again.", actor=made.lea, at=LATER + DAY)
    assert UpdateClock.objects.get(audience="internal").due_at == LATER + DAY
    lifecycle.resolve(made.incident, actor=made.ada, at=LATER + DAY)
    assert again(made.incident).resolved_at == LATER + DAY


def commands_elsewhere(made: Scene) -> None:
    hold(incident_under(made.incident.severity_scheme, "sev2"), made.ada, COMMANDER)


def is_away(made: Scene) -> None:
    Absence.objects.create(person=made.ada, starts_at=NOW, ends_at=NOW + 5 * DAY)


def has_left(made: Scene) -> None:
    Person.objects.filter(pk=made.ada.pk).update(is_active=False)


def has_expired(made: Scene) -> None:
    made.ada.qualifications.update(expires_on=(LATER + DAY).date())


def is_learning_again(made: Scene) -> None:
    made.ada.qualifications.update(level="learning")


HINDRANCES = [
    (commands_elsewhere, "Ada commands another incident."),
    (is_away, "Ada is away."),
    (has_left, "Ada is deactivated."),
    (has_expired, "Ada is no longer qualified to command."),
    (is_learning_again, "Ada is no longer qualified to command."),
]


@pytest.mark.parametrize(("why", "said"), HINDRANCES)
def test_where_the_last_commander_may_not_command_leadership_hears(why, said) -> None:
    made = closed()
    why(made)
    lifecycle.reopen(made.incident, reason="It fails again.", actor=made.lea, at=LATER + DAY)
    row = again(made.incident)
    assert not row.assignments.commanding().exists()
    assert [one["role"] for one in row.unfilled] == [COMMANDER]
    assert row.unfilled[0]["reasons"] == [
        f"{said} Leadership may assign somebody.",
        "Leadership stands in: Lea.",
    ]
    assert row.unfilled[0]["stand_in"] == ["lea"]
    assert told("unfilled") == ["lea"]
    assert told("assigned") == ["ben"]


def test_a_role_whose_holder_is_away_is_shown_unfilled_and_leadership_hears() -> None:
    made = closed()
    Absence.objects.create(person=made.ben, starts_at=NOW, ends_at=NOW + 5 * DAY)
    lifecycle.reopen(made.incident, reason="It fails again.", actor=made.lea, at=LATER + DAY)
    assert [one["role"] for one in again(made.incident).unfilled] == [COMMUNICATIONS]
    assert told("unfilled") == ["lea"]


def test_reopening_is_possible_for_fourteen_days() -> None:
    made = closed()
    late = LATER + 14 * DAY
    with refused("reopen_too_late"):
        lifecycle.reopen(made.incident, reason="Again.", actor=made.lea, at=late + MINUTE)
    lifecycle.reopen(made.incident, reason="Again.", actor=made.lea, at=late)
    assert again(made.incident).is_open


def test_an_installation_may_give_it_more_days_or_fewer(settings) -> None:
    made, settings.REOPEN_DAYS = closed(), 2
    late = LATER + 2 * DAY
    with refused("reopen_too_late") as caught:
        lifecycle.reopen(made.incident, reason="Again.", actor=made.lea, at=late + MINUTE)
    assert "more than 2 days ago" in str(caught.value)
    settings.REOPEN_DAYS = 3
    lifecycle.reopen(made.incident, reason="Again.", actor=made.lea, at=late + MINUTE)
    assert again(made.incident).is_open


def test_reopening_needs_a_reason_and_something_closed(here) -> None:
    with refused("wrong_state"):
        lifecycle.reopen(here.incident, reason="Again.", actor=here.lea, at=LATER)
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    lifecycle.close(here.incident, note="", actor=here.ada, at=LATER)
    with refused("reason_missing", Invalid):
        lifecycle.reopen(here.incident, reason=" ", actor=here.lea, at=LATER)


def test_who_commanded_to_the_end_may_reopen_and_another_participant_may_not() -> None:
    made = closed()
    with refused("not_your_role", NotPermitted):
        lifecycle.reopen(made.incident, reason="Again.", actor=made.ben, at=LATER)
    with refused("no_permission", NotPermitted):
        lifecycle.reopen(made.incident, reason="Again.", actor=made.dan, at=LATER)
    lifecycle.reopen(made.incident, reason="Again.", actor=made.ada, at=LATER)
    assert again(made.incident).is_open


# --- cancelling


def test_cancelling_ends_roles_and_every_clock(here) -> None:
    here.incident.facts = {"personal_data_exposure": "possible"}
    cadence.start_clocks(here.incident, at=NOW)
    legal.start_counsel_clock(here.incident, at=NOW)
    lifecycle.cancel(here.incident, reason="A test alert.", actor=here.ada, at=LATER)
    row = again(here.incident)
    assert (row.state, row.review_due_at) == ("cancelled", None)
    assert not row.assignments.open().exists()
    clock = UpdateClock.objects.get()
    assert (clock.due_at, clock.next_nudge_at) == (None, None)
    question = LegalClock.objects.get()
    assert (question.outcome, question.next_nudge_at) == ("void", None)
    assert told("cancelled") == ["ada", "ben"]


def test_a_clock_that_somebody_ended_says_who(here) -> None:
    here.incident.facts = {"personal_data_exposure": "possible"}
    cadence.start_clocks(here.incident, actor=here.ben, at=NOW)
    legal.start_counsel_clock(here.incident, at=NOW)
    lifecycle.cancel(here.incident, reason="A test alert.", actor=here.ada, at=LATER)
    updates = UpdateClock.history.order_by("history_id")
    assert [one.history_user for one in updates] == [here.ben, here.ada]
    assert LegalClock.history.latest("history_id").history_user == here.ada


def test_that_counsel_was_engaged_before_cancelling_stays(here) -> None:
    here.incident.facts = {"personal_data_exposure": "possible"}
    here.incident.save()
    legal.start_counsel_clock(here.incident, at=NOW)
    cora = factories.person("cora", qualified=(COUNSEL,))
    counsel.engage_counsel(here.incident, person=cora, how="Called", actor=here.lea, at=LATER)
    lifecycle.cancel(here.incident, reason="A test alert.", actor=here.ada, at=LATER)
    assert LegalClock.objects.get().outcome == "met"


def test_cancelling_needs_a_reason_and_the_commander_or_leadership(here) -> None:
    with refused("reason_missing", Invalid):
        lifecycle.cancel(here.incident, reason="", actor=here.ada, at=LATER)
    with refused("not_your_role", NotPermitted):
        lifecycle.cancel(here.incident, reason="False.", actor=here.ben, at=LATER)
    with refused("no_permission", NotPermitted):
        lifecycle.cancel(here.incident, reason="False.", actor=here.dan, at=LATER)
    lifecycle.cancel(here.incident, reason="False.", actor=here.lea, at=LATER)
    assert again(here.incident).state == "cancelled"


def test_what_is_being_mitigated_is_no_false_alarm() -> None:
    made = scene(state="mitigation")
    with refused("wrong_state"):
        lifecycle.cancel(made.incident, reason="False.", actor=made.ada, at=LATER)


def test_the_audit_chain_holds_after_a_whole_course(here) -> None:
    ada = responder(here.ada)
    lifecycle.mitigate(here.incident, actor=ada, at=LATER)
    lifecycle.resolve(here.incident, actor=ada, at=LATER)
    lifecycle.close(here.incident, note="Done.", actor=ada, at=LATER)
    lifecycle.reopen(here.incident, reason="Again.", actor=here.lea, at=LATER)
    assert acts() == ["mitigate", "resolve", "close", "reopen"]
    assert records.first_broken_line() is None
