"""Which activity of one matrix is which of another, and what was put elsewhere in its phase."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from incidents.rules.raci import Activity, Grid, Place

Pair: TypeAlias = tuple[Activity | None, Activity | None]


def paired(before: Sequence[Activity], after: Sequence[Activity]) -> tuple[Pair, ...]:
    """The same activity before and after, in the order of now; what is gone comes last."""
    left = dict(enumerate(before))
    found: dict[int, Activity] = {}
    for is_same in (_same_key, _same_place, _same_name):
        for place, now in enumerate(after):
            if place in found:
                continue
            match = next((key for key, was in left.items() if is_same(was, now)), None)
            if match is not None:
                found[place] = left.pop(match)
    here: list[Pair] = [(found.get(place), now) for place, now in enumerate(after)]
    return (*here, *((was, None) for was in left.values()))


def _same_key(was: Activity, now: Activity) -> bool:
    return bool(now.key) and was.key == now.key


def _same_place(was: Activity, now: Activity) -> bool:
    return was.place == now.place


def _same_name(was: Activity, now: Activity) -> bool:
    return was.name == now.name


def reordered(before: Grid, pairs: Iterable[Pair]) -> Iterator[tuple[Place, str]]:
    """The fewest activities that, put elsewhere in their phase, make the one order the other."""
    ranks = {was.place: rank for rank, was in enumerate(before.activities)}
    listed = [(was, now) for was, now in pairs if now]
    for phase in dict.fromkeys(now.phase for _, now in listed):
        here = [(was, now) for was, now in listed if now.phase == phase]
        stayed = [(ranks[was.place], now) for was, now in here if was and was.phase == phase]
        kept = in_order([rank for rank, _ in stayed])
        order = [now.name for _, now in here]
        for rank, now in stayed:
            if rank not in kept:
                yield now.place, follows(order, now.name)


def in_order(ranks: Sequence[int]) -> set[int]:
    """The most of these that already rise: whoever reads is told of the others only."""
    runs: list[list[int]] = [[]]
    for rank in ranks:
        below = [run for run in runs if not run or run[-1] < rank]
        longest = max(below, key=len)
        runs.append([*longest, rank])
    longest = max(runs, key=len)
    return set(longest)


def follows(order: Sequence[str], name: str) -> str:
    """Where something stands in its order, in words."""
    place = order.index(name)
    return f"Now after “{order[place - 1]}”." if place else "Now the first."
