"""Ratings of an exercise: P, S, M, U, and how high what was seen lets one go.

Source: HSEEP, exercise evaluation guides. P performed without challenges, S with some (the
objective still met), M with major ones (not met), U unable; never above the observations.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SCALE = ("P", "S", "M", "U")  # from the best
# What a note without a rating of its own supports at most, by its kind.
_SUPPORTS = {"strength": "P", "neutral": "S", "improve": "S"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation, as far as a rating rests on it."""

    kind: str
    rating: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What one evaluator made of it."""

    rating: str
    is_lead: bool = False


def is_above(one: str, other: str) -> bool:
    """Whether the first is the better of the two."""
    return SCALE.index(one) < SCALE.index(other)


def lowest(ratings: Iterable[str]) -> str:
    """The worst of them; "" of none."""
    return max(ratings, key=SCALE.index, default="")


def ceiling(seen: Iterable[Seen]) -> str:
    """The best that these observations support; U where nothing was seen."""
    supported = (one.rating or _SUPPORTS[one.kind] for one in seen)
    return min(supported, key=SCALE.index, default="U")


def final(given: Sequence[Given]) -> str:
    """What counts in the end: what the lead evaluator says, else the lowest; "" of none."""
    by_lead = [one.rating for one in given if one.is_lead]
    return lowest(by_lead or (one.rating for one in given))
