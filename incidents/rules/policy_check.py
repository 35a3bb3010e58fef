"""What a nudge policy must keep to before it is set: every reason at once, each by its field."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from incidents.rules.nudges import DIGEST, LEADERSHIP, MANAGER, NOTICE, OWNER, PAGE, Step
from incidents.rules.reasons import Reason

# Of what is owed in an incident, and of its lessons, whoever holds a role in it can be told.
WITH_ROLES = frozenset(
    {"update", "legal_clock", "legal_duty", "customer_notice", "review", "action_item"}
)
# Owed to the public and by law: what nobody may be left unreminded of.
FLOOR = frozenset({"update", "legal_clock", "legal_duty", "customer_notice"})
MOST_STEPS = 12
LONGEST = timedelta(days=3650)
SHORTEST_REPEAT = timedelta(minutes=5)
LONGEST_REPEAT = timedelta(days=365)
_MINUTE = timedelta(minutes=1)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{0,29}")
_STANDS = "Of what is owed to the public or by law people are always reminded"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A policy as somebody wants to set it; `roles` and `channels` are those there are."""

    what: str
    steps: Sequence[Step]
    roles: Collection[str]
    channels: Collection[str]
    is_active: bool = True
    as_digest: bool = False
    is_optional: bool = False
    gives_up_after_days: int | None = None


def check(new: Proposed) -> tuple[Reason, ...]:
    """Every reason why it may not be set; empty says it may.

    Fields are those of the policy, or `steps.0.to` for the recipients of the first step.
    """
    return (*_steps(new), *_until(new), *_floor(new))


def _steps(new: Proposed) -> Iterator[Reason]:
    if not new.steps:
        yield Reason("steps_missing", "Keep at least one step, or switch it off.", "steps")
    if len(new.steps) > MOST_STEPS:
        yield Reason("too_many_steps", f"Use at most {MOST_STEPS} steps.", "steps")
    for number, step in enumerate(new.steps):
        field = f"steps.{number}"
        yield from _when(step, field)
        yield from _again(step, field, is_last=number == len(new.steps) - 1)
        yield from _to(step, field, new)
        yield from _how(step, field, new.channels)
        if number:
            yield from _after(step, new.steps[:number], field)


def _when(step: Step, field: str) -> Iterator[Reason]:
    if abs(step.offset) > LONGEST:
        yield Reason(
            "offset_out_of_range",
            "Stay within ten years of the due instant.",
            f"{field}.offset",
        )
    elif step.offset % _MINUTE:
        yield Reason("offset_not_whole", "Use whole minutes.", f"{field}.offset")


def _again(step: Step, field: str, *, is_last: bool) -> Iterator[Reason]:
    every, field = step.repeat_every, f"{field}.repeat_every"
    if every is None:
        return
    if not is_last:
        message = "Only the last step may come again and again."
        yield Reason("repeat_is_not_last", message, field)
    if not SHORTEST_REPEAT <= every <= LONGEST_REPEAT or every % _MINUTE:
        message = "Repeat it every 5 minutes at the soonest, every 365 days at the latest, in whole minutes."
        yield Reason("repeat_out_of_range", message, field)


def _to(step: Step, field: str, new: Proposed) -> Iterator[Reason]:
    roles = new.roles if new.what in WITH_ROLES else ()
    known = {OWNER, MANAGER, LEADERSHIP, *roles}
    if not step.to:
        yield Reason("recipient_missing", "Choose at least one recipient.", f"{field}.to")
    for each in step.to:
        if each not in known:
            also = ", or the slug of a role" if roles else ""
            message = f"“{each}” is nobody here: choose owner, manager or leadership{also}."
            yield Reason("unknown_recipient", message, f"{field}.to")


def _how(step: Step, field: str, channels: Collection[str]) -> Iterator[Reason]:
    if not _NAME.fullmatch(step.name):
        message = "Name it with up to 30 of a-z, 0-9, plus, point and hyphen."
        yield Reason("name_unusable", message, f"{field}.name")
    if step.channel and step.channel not in channels:
        message = f"Choose one of {', '.join(sorted(channels))}, or none."
        yield Reason("unknown_channel", message, f"{field}.channel")
    if step.priority not in (PAGE, NOTICE, DIGEST):
        message = (
            f"Choose {PAGE} for a page, {NOTICE} for a notice or {DIGEST} for the least urgent."
        )
        yield Reason("unknown_priority", message, f"{field}.priority")


def _after(step: Step, before: Sequence[Step], field: str) -> Iterator[Reason]:
    if step.name in {each.name for each in before}:
        yield Reason("name_taken", "Give each step a name of its own.", f"{field}.name")
    if step.offset == before[-1].offset:
        message = "Another step is due at the same time: put them together."
        yield Reason("offset_taken", message, f"{field}.offset")
    elif step.offset < before[-1].offset:
        yield Reason("out_of_order", "Put the steps in order of time.", f"{field}.offset")


def _until(new: Proposed) -> Iterator[Reason]:
    days, field = new.gives_up_after_days, "gives_up_after_days"
    if days is None:
        return
    if not 0 <= days <= LONGEST.days:
        yield Reason("gives_up_out_of_range", f"Choose 0 to {LONGEST.days} days.", field)
        return
    if new.steps and new.steps[-1].offset > timedelta(days=days):
        message = (
            "The last step would come after it gives up: choose more days, or drop the step."
        )
        yield Reason("gives_up_before_last_step", message, field)


def _floor(new: Proposed) -> Iterator[Reason]:
    """A page by the due instant, however late at night; neither gathered nor unsubscribed from."""
    if new.what not in FLOOR:
        return
    if not new.is_active:
        yield Reason("floor_stands", f"{_STANDS}: it cannot be switched off.", "is_active")
    if new.as_digest:
        yield Reason("floor_stands", f"{_STANDS} at once: not in a digest.", "as_digest")
    if new.is_optional:
        yield Reason("floor_stands", f"{_STANDS}: nobody unsubscribes.", "is_optional")
    if not any(step.offset <= timedelta() and step.priority == PAGE for step in new.steps):
        message = f"{_STANDS}: keep one step, as a page, before it is due or when it is."
        yield Reason("floor_stands", message, "steps")
