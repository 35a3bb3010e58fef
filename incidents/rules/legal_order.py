"""The order in which the events of a case can have happened; equal instants are in order."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise

from incidents.rules.law_pack import Pack, Stage
from incidents.rules.reasons import Reason

# Nobody is aware before anybody could have known, or decides what an unknown incident is.
_FIRST = ("discovery", "awareness")
_DECISIONS = ("classification", "assessment_complete", "materiality_determination")
_CHAINS = tuple((*_FIRST, decision) for decision in _DECISIONS)


def clock_order(clocks: Mapping[str, datetime]) -> list[Reason]:
    """A reason for each pair of clocks out of order; unset ones are skipped."""
    chains = ([name for name in chain if name in clocks] for chain in _CHAINS)
    pairs = dict.fromkeys(pair for chain in chains for pair in pairwise(chain))
    return [
        Reason(
            "clocks_out_of_order",
            f"{later} ({_said(clocks[later])}) is before {earlier} ({_said(clocks[earlier])}): "
            "correct one of the two.",
            f"clocks.{later}",
        )
        for earlier, later in pairs
        if clocks[later] < clocks[earlier]
    ]


def submission_order(
    pack: Pack, clocks: Mapping[str, datetime], submitted: Mapping[str, datetime]
) -> list[Reason]:
    """A reason for each submission sent before its clock started or before what it follows."""
    found = []
    for name, sent_at in submitted.items():
        regime, _, ident = name.partition("/")
        stage = pack.regimes[regime].stage(ident)
        begins = list(_beginnings(regime, stage, clocks, submitted))
        late = [(what, at) for what, at in begins if sent_at < at]
        if late:
            what, at = late[0]
            text = (
                f"{name} was sent ({_said(sent_at)}) before {what} ({_said(at)}): "
                "correct one of the two."
            )
            found.append(Reason("submission_out_of_order", text, f"submitted.{name}"))
    return found


def _beginnings(
    regime: str,
    stage: Stage,
    clocks: Mapping[str, datetime],
    submitted: Mapping[str, datetime],
) -> Iterator[tuple[str, datetime]]:
    """What must have been before this stage can be sent, as far as it is known."""
    if stage.deadline is not None and stage.deadline.clock in clocks:
        yield stage.deadline.clock, clocks[stage.deadline.clock]
    followed = {
        name: submitted[name]
        for each in stage.after
        if (name := f"{regime}/{each}") in submitted
    }
    if followed:
        yield min(followed.items(), key=lambda sent: sent[1])


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
