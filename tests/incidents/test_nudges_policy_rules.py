"""A policy: along which ladder, until when, and what a change of it lets go; pure rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.models import Channel, NudgePolicy, OutboxMessage
from incidents.rules.ladders import ACTION_ITEM, GAME_DAY, LEGAL, UPDATE, emergency
from incidents.rules.nudges import DIGEST, NOTICE, PAGE, DueStep, Ladder, Step
from incidents.rules.policy import Policy, at_half_time, shipped, steps_between
from incidents.rules.policy_check import FLOOR, MOST_STEPS, Proposed, check
from incidents.rules.roles import NAMES
from tests.incidents.nudging import OFFSETS, laws

DUE = datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
ITEMS = Policy("action_item", is_active=True, ladder=ACTION_ITEM)
WEEK_AFTER = replace(ITEMS, gives_up_after=7 * DAY)


# --- until when


def test_an_inactive_policy_reminds_nobody_of_anything() -> None:
    resting = replace(ITEMS, is_active=False)
    assert resting.first_at(DUE, DUE - 30 * DAY) is None
    assert resting.due_step(DUE, "", DUE) is None
    assert resting.next_at(DUE, DUE) is None
    assert ITEMS.first_at(DUE, DUE - 30 * DAY) == DUE - 7 * DAY


def test_a_policy_gives_up_so_long_after_and_a_step_exactly_then_still_goes() -> None:
    assert WEEK_AFTER.next_at(DUE, DUE + 3 * DAY) == DUE + 7 * DAY
    assert WEEK_AFTER.next_at(DUE, DUE + 7 * DAY) is None
    assert ITEMS.next_at(DUE, DUE + 7 * DAY) == DUE + 14 * DAY


def test_a_sweep_that_comes_late_sends_the_last_step_before_giving_up() -> None:
    late = WEEK_AFTER.due_step(DUE, "overdue+3d", DUE + 30 * DAY)
    assert late is not None
    assert late.key == "overdue+7d"
    assert WEEK_AFTER.due_step(DUE, "overdue+7d", DUE + 30 * DAY) is None


def test_what_is_opened_after_giving_up_is_never_looked_at() -> None:
    assert WEEK_AFTER.first_at(DUE, DUE + 8 * DAY) is None
    assert WEEK_AFTER.first_at(DUE, DUE + 6 * DAY) == DUE + 6 * DAY


def test_an_instant_at_the_end_of_time_is_no_accident() -> None:
    never = datetime.max.replace(tzinfo=UTC)
    assert WEEK_AFTER.due_step(never, "", DUE) is None
    assert WEEK_AFTER.next_at(never, DUE) == never - 7 * DAY


# --- what a change lets go


def test_a_change_lets_go_what_was_reached_and_repeats_go_on() -> None:
    assert ITEMS.anew(DUE, DUE + 8 * DAY) == ("overdue+7d", DUE + 14 * DAY)
    assert ITEMS.anew(DUE, DUE - 8 * DAY) == ("", DUE - 7 * DAY)
    assert replace(ITEMS, is_active=False).anew(DUE, DUE) == ("", None)


# --- any policy, any times


def swept(
    law: Policy, opened_at: datetime, done_at: datetime, wakings: Sequence[datetime]
) -> list[DueStep]:
    """What a sweep that wakes at these instants sends: the bookkeeping of one row."""
    through, look_at, sent = "", law.first_at(DUE, opened_at), []
    for at in sorted(wakings):
        if look_at is None or not max(opened_at, look_at) <= at < done_at:
            continue
        if step := law.due_step(DUE, through, at):
            sent.append(step)
            through = step.key
        look_at = law.next_at(DUE, at)
    return sent


@given(laws(), OFFSETS, OFFSETS, st.lists(OFFSETS, max_size=30))
def test_steps_are_sent_in_order_at_most_once_never_after_it_is_done(
    law: Policy, opened: timedelta, done: timedelta, wakings: list[timedelta]
) -> None:
    sent = swept(law, DUE + opened, DUE + done, [DUE + each for each in wakings])
    assert all(one.at < other.at for one, other in pairwise(sent))
    assert len({step.key for step in sent}) == len(sent)
    assert {step.step for step in sent} <= set(law.ladder.steps)
    assert all(step.at < DUE + done for step in sent)
    assert law.is_active or not sent
    if law.gives_up_after is not None:
        assert all(step.at <= DUE + law.gives_up_after for step in sent)


@given(laws(), laws(), OFFSETS, st.lists(OFFSETS, max_size=15))
def test_a_change_reminds_nobody_by_itself_and_silences_nobody(
    before: Policy, after: Policy, changed: timedelta, wakings: list[timedelta]
) -> None:
    changed_at = DUE + changed
    through, look_at = after.anew(DUE, changed_at)
    assert look_at is None or look_at > changed_at
    assert look_at == after.next_at(DUE, changed_at)
    for at in sorted(DUE + each for each in wakings if each > changed):
        step = after.due_step(DUE, through, at)
        assert step is None or step.at > changed_at
        assert step is not None or look_at is None or at < look_at


# --- trying out


def between(law: Policy, since: timedelta, until: timedelta, **said: datetime) -> list[str]:
    given = {"opened_at": DUE - 30 * DAY, "done_at": None} | said
    found = steps_between(law, due_at=DUE, since=DUE + since, until=DUE + until, **given)
    return [f"{step.key} {step.at - DUE}" for step in found]


def test_trying_out_says_what_a_punctual_sweep_sends_in_a_period() -> None:
    assert between(ITEMS, -7 * DAY, 3 * DAY) == ["due-7d -7 days, 0:00:00", "due 0:00:00"]
    assert between(ITEMS, 8 * DAY, 22 * DAY) == [
        "overdue+7d#1 14 days, 0:00:00",
        "overdue+7d#2 21 days, 0:00:00",
    ]
    assert between(WEEK_AFTER, 8 * DAY, 22 * DAY) == []
    assert between(replace(ITEMS, is_active=False), -7 * DAY, 3 * DAY) == []


def test_trying_out_ends_when_it_was_done_and_begins_when_it_was_owed() -> None:
    assert between(ITEMS, -9 * DAY, 9 * DAY, done_at=DUE) == ["due-7d -7 days, 0:00:00"]
    late = between(ITEMS, -9 * DAY, 9 * DAY, opened_at=DUE + 5 * DAY)
    assert late == ["overdue+3d 5 days, 0:00:00", "overdue+7d 7 days, 0:00:00"]


@given(laws(), OFFSETS, OFFSETS)
def test_trying_out_agrees_with_a_sweep_that_wakes_whenever_it_must(
    law: Policy, opened: timedelta, done: timedelta
) -> None:
    opened_at, done_at, until = DUE + opened, DUE + done, DUE + 12 * DAY
    wakings, at = [], law.first_at(DUE, opened_at)
    while at is not None and at < until:
        wakings.append(at)
        at = law.next_at(DUE, at)
    sent = swept(law, opened_at, done_at, wakings)
    tried = steps_between(
        law, due_at=DUE, opened_at=opened_at, done_at=done_at,
        since=opened_at - DAY, until=until,
    )  # fmt: skip
    assert [step.key for step in tried] == [step.key for step in sent]


# --- as shipped


def test_each_kind_has_a_policy_as_shipped_that_may_be_set_as_it_is() -> None:
    assert shipped().keys() == set(NudgePolicy.What.values)
    for what, law in shipped().items():
        assert check(proposed(what, *law.ladder.steps)) == ()


def test_rules_and_outbox_count_urgency_alike() -> None:
    assert OutboxMessage.Priority.values == [PAGE, NOTICE, DIGEST]


def test_half_time_keeps_to_the_middle_unless_other_steps_leave_no_place() -> None:
    law = Policy("emergency_change", is_active=True, ladder=emergency(72))
    assert at_half_time(law, 10).ladder.steps[0].offset == -5 * HOUR
    early = Step("due-40h", -40 * HOUR)
    more = replace(law, ladder=Ladder((early, *law.ladder.steps)))
    assert [step.name for step in at_half_time(more, 100).ladder.steps][:2] == [
        "half-time",
        "due-40h",
    ]
    assert at_half_time(more, 80) == more


# --- what may be set


def proposed(what: str, *steps: Step, **said: object) -> Proposed:
    return Proposed(what, steps, roles=NAMES.keys(), channels=Channel.values, **said)  # type: ignore[arg-type]


def refusals(what: str, *steps: Step, **said: object) -> set[tuple[str, str]]:
    return {(one.code, one.field) for one in check(proposed(what, *steps, **said))}


BEFORE, ON, AFTER = Step("due-1d", -DAY), Step("due", timedelta()), Step("overdue+1d", DAY)


@pytest.mark.parametrize(
    ("steps", "code", "field"),
    [
        ((), "steps_missing", "steps"),
        ([Step(f"s{n}", n * DAY) for n in range(MOST_STEPS + 1)], "too_many_steps", "steps"),
        ((ON, BEFORE), "out_of_order", "steps.1.offset"),
        ((ON, replace(ON, name="x")), "offset_taken", "steps.1.offset"),
        ((ON, replace(AFTER, name="due")), "name_taken", "steps.1.name"),
        ((replace(ON, name="due#1"),), "name_unusable", "steps.0.name"),
        ((replace(ON, name=""),), "name_unusable", "steps.0.name"),
        ((replace(ON, repeat_every=DAY), AFTER), "repeat_is_not_last", "steps.0.repeat_every"),
        ((replace(ON, repeat_every=4 * MINUTE),), "repeat_out_of_range", "steps.0.repeat_every"),
        ((replace(ON, repeat_every=366 * DAY),), "repeat_out_of_range", "steps.0.repeat_every"),
        ((replace(ON, repeat_every=5.5 * MINUTE),), "repeat_out_of_range", "steps.0.repeat_every"),
        ((replace(ON, offset=3651 * DAY),), "offset_out_of_range", "steps.0.offset"),
        ((replace(ON, offset=INSTANT),), "offset_not_whole", "steps.0.offset"),
        ((replace(ON, to=()),), "recipient_missing", "steps.0.to"),
        ((replace(ON, to=("owner", "nobody")),), "unknown_recipient", "steps.0.to"),
        ((replace(ON, channel="pigeon"),), "unknown_channel", "steps.0.channel"),
        ((replace(ON, priority=3),), "unknown_priority", "steps.0.priority"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused_by_its_field(
    steps: Sequence[Step], code: str, field: str
) -> None:
    assert (code, field) in refusals("action_item", *steps)
    assert refusals("action_item", BEFORE, ON, replace(AFTER, repeat_every=DAY)) == set()


def test_roles_are_told_of_what_belongs_to_an_incident_only() -> None:
    to_scribe = replace(ON, to=("scribe",))
    assert refusals("review", to_scribe) == set()
    assert refusals("qualification", to_scribe) == {("unknown_recipient", "steps.0.to")}


@pytest.mark.parametrize("days", [-1, 3651])
def test_giving_up_stays_within_ten_years(days: int) -> None:
    found = refusals("review", ON, gives_up_after_days=days)
    assert found == {("gives_up_out_of_range", "gives_up_after_days")}


def test_no_step_comes_after_giving_up() -> None:
    assert refusals("review", ON, AFTER, gives_up_after_days=1) == set()
    found = refusals("review", ON, AFTER, gives_up_after_days=0)
    assert found == {("gives_up_before_last_step", "gives_up_after_days")}


@pytest.mark.parametrize("what", sorted(FLOOR))
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"is_active": False}, "is_active"),
        ({"as_digest": True}, "as_digest"),
        ({"is_optional": True}, "is_optional"),
    ],
)
def test_of_updates_and_legal_clocks_people_are_always_reminded(
    what: str, said: dict[str, bool], field: str
) -> None:
    assert refusals(what, *UPDATE.steps, **said) == {("floor_stands", field)}
    assert refusals("game_day", *GAME_DAY.steps, **said) == set()


@pytest.mark.parametrize("steps", [(replace(ON, offset=HOUR, priority=PAGE),), (ON,)])
def test_the_floor_is_a_page_by_the_due_instant(steps: Sequence[Step]) -> None:
    assert refusals("legal_clock", *steps) == {("floor_stands", "steps")}
    assert refusals("legal_clock", LEGAL.steps[1]) == set()
