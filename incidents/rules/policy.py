"""A nudge policy: of what people are reminded, along which ladder, how, and until when."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.rules.ladders import (
    ACTION_ITEM,
    AFTER_ACTION,
    ATTESTATION,
    CUSTOMER_NOTICE,
    GAME_DAY,
    HALF_TIME,
    INVITATION,
    LEGAL,
    LEGAL_DUTY,
    MATRIX,
    QUALIFICATION,
    REVIEW,
    ROTA_GAP,
    RUNBOOK,
    SHIFT,
    STATEMENT,
    UPDATE,
    emergency,
)
from incidents.rules.nudges import DueStep, Ladder, due_step, next_at

_INSTANT = timedelta(microseconds=1)
_EMERGENCY_HOURS = 72


@dataclass(frozen=True, slots=True)
class Policy:
    """How people are reminded of one thing; `what` is the key of its row.

    Inactive it reminds nobody. It gives up so long after the due instant (a step exactly then
    still goes), or never. Pages neither wait for a digest nor can be unsubscribed from.
    """

    what: str
    is_active: bool
    ladder: Ladder
    as_digest: bool = False
    is_optional: bool = False
    gives_up_after: timedelta | None = None
    changed_at: datetime | None = None
    is_changed: bool = False  # and the rows that are open do not go by it yet

    def due_step(self, due_at: datetime, done_through: str, at: datetime) -> DueStep | None:
        """The latest step due at `at` unless it or a later one is done; see `nudges.due_step`."""
        if not self.is_active:
            return None
        # A sweep that comes late still sends the last step there was before giving up.
        until = due_at + self._end if self._is_over(due_at, at) else at
        return due_step(self.ladder, due_at, done_through, until)

    def next_at(self, due_at: datetime, after: datetime) -> datetime | None:
        """The first instant strictly after `after` at which a step becomes due; None: no more."""
        if not self.is_active:
            return None
        found = next_at(self.ladder, due_at, after)
        return None if found is None or self._is_over(due_at, found) else found

    def first_at(self, due_at: datetime, at: datetime) -> datetime | None:
        """When to look first at what is owed by `due_at`, if that is set at `at`.

        Steps before the due instant that are past are let go: whoever sets it knows of it. What
        is overdue already is looked at once, at `at`, unless the policy would have given up.
        """
        if not self.is_active or self._is_over(due_at, at):
            return None
        reached = due_step(self.ladder, due_at, "", at)
        if reached and reached.at >= due_at:
            return at
        return self.next_at(due_at, at)

    def anew(self, due_at: datetime, changed_at: datetime) -> tuple[str, datetime | None]:
        """What counts as done, and when to look next, for a row that is open while this changes.

        Every step reached by then is let go, sent or not: a change reminds nobody by itself.
        """
        reached = self.due_step(due_at, "", changed_at)
        return (reached.key if reached else "", self.next_at(due_at, changed_at))

    @property
    def _end(self) -> timedelta:
        return self.gives_up_after or timedelta()

    def _is_over(self, due_at: datetime, at: datetime) -> bool:
        # Durations are compared, not instants: a due date in the year 9999 must not overflow.
        return self.gives_up_after is not None and at - due_at > self.gives_up_after


def at_half_time(policy: Policy, hours: int) -> Policy:
    """Its half-time step in the middle of so many hours, where the other steps leave it a place."""
    moved = [
        replace(step, offset=-timedelta(hours=hours) / 2) if step.name == HALF_TIME else step
        for step in policy.ladder.steps
    ]
    try:
        ladder = Ladder(tuple(sorted(moved, key=lambda step: step.offset)))
    except ValueError:
        return policy
    return replace(policy, ladder=ladder)


def of(law: Policy | Ladder) -> Policy:
    """A bare ladder as a policy: each step by itself, until it is done."""
    return law if isinstance(law, Policy) else Policy("", is_active=True, ladder=law)


def steps_between(
    policy: Policy,
    *,
    due_at: datetime,
    opened_at: datetime,
    done_at: datetime | None,
    since: datetime,
    until: datetime,
) -> list[DueStep]:
    """What a punctual sweep sends from `since` until before `until`, under this policy throughout.

    For what was owed from `opened_at` until before `done_at` (None: still). `at` of each is when
    it leaves.
    """
    ends = until if done_at is None else min(until, done_at)
    at = policy.first_at(due_at, opened_at)
    if at is not None and at < since:
        at = policy.next_at(due_at, since - _INSTANT)
    found = []
    while at is not None and at < ends:
        if step := policy.due_step(due_at, "", at):
            found.append(DueStep(step.key, step.step, at))
        at = policy.next_at(due_at, at)
    return found


def shipped() -> dict[str, Policy]:
    """What an installation begins with, by what it is about."""
    ladders = {
        "update": UPDATE,
        "legal_clock": LEGAL,
        "legal_duty": LEGAL_DUTY,
        "customer_notice": CUSTOMER_NOTICE,
        "review": REVIEW,
        "action_item": ACTION_ITEM,
        "emergency_change": emergency(_EMERGENCY_HOURS),
        "game_day": GAME_DAY,
        "statement": STATEMENT,
        "matrix": MATRIX,
        "qualification": QUALIFICATION,
        "runbook": RUNBOOK,
        "attestation": ATTESTATION,
        "shift": SHIFT,
        "rota_gap": ROTA_GAP,
        "invitation": INVITATION,
        "after_action": AFTER_ACTION,
    }
    return {
        what: Policy(what, is_active=True, ladder=ladder) for what, ladder in ladders.items()
    }
