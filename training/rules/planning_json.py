"""A problem and an answer as JSON, both ways; what cannot be read is named by its path."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar, get_type_hints

from incidents.rules.reasons import Invalid
from training.rules.planning import (
    Answer,
    Candidate,
    Pin,
    Planned,
    Problem,
    Seat,
    Seated,
    Slot,
    Story,
    Unfilled,
    Weights,
)
from training.rules.planning_check import check

_SETS = ("qualified", "learning", "slots", "cells")
_T = TypeVar("_T")


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """Plain lists and numbers; the same problem gives the same document."""
    return {
        "exercises": problem.exercises,
        "seats": [asdict(seat) for seat in problem.seats],
        "slots": [asdict(slot) for slot in problem.slots],
        "stories": [asdict(one) | {"cells": sorted(one.cells)} for one in problem.stories],
        "candidates": [_candidate(one) for one in problem.candidates],
        "pins": [asdict(pin) for pin in problem.pins],
        "forbidden": sorted(map(list, problem.forbidden)),
        "met": sorted(sorted(pair) for pair in problem.met),
        "cells_done": sorted(problem.cells_done),
        "last_commander": problem.last_commander,
        "most_parts": problem.most_parts,
        "weights": asdict(problem.weights),
        "seconds": problem.seconds,
    }


def problem_from_json(document: object) -> Problem:
    """The problem, checked. Invalid: what is missing, of a wrong kind or contradictory."""
    try:
        problem = _problem(document)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
    ) as error:
        message = f"This is no problem of a year's plan: {type(error).__name__} {error}."
        raise Invalid.because("problem_unreadable", message, "problem") from error
    if reasons := check(problem):
        raise Invalid(*reasons)
    return problem


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Plain lists and numbers."""
    return asdict(answer) | {"terms": dict(answer.terms)}


def answer_from_json(document: Mapping[str, Any]) -> Answer:
    """The answer as the solver's process wrote it."""
    planned = tuple(
        Planned(
            day["exercise"],
            day["slot"],
            day["story"],
            tuple(Seated(**seated) for seated in day["seats"]),
        )
        for day in document["planned"]
    )
    unfilled = tuple(Unfilled(**one) for one in document["unfilled"])
    texts = {name: tuple(document[name]) for name in ("reasons", "least")}
    return Answer(**{**document, "planned": planned, "unfilled": unfilled, **texts})


def _candidate(one: Candidate) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in Candidate.__dataclass_fields__}
    said |= {name: sorted(said[name]) for name in _SETS if name in said}
    return said | {"played": dict(one.played)}


def _problem(document: Any) -> Problem:
    return Problem(
        exercises=int(document["exercises"]),
        seats=_made(Seat, document["seats"], "seats"),
        slots=_made(Slot, document["slots"], "slots"),
        stories=_made(Story, document["stories"], "stories"),
        candidates=_made(Candidate, document["candidates"], "candidates"),
        pins=_made(Pin, document.get("pins", ()), "pins"),
        forbidden=frozenset((int(n), str(key)) for n, key in document.get("forbidden", ())),
        met=frozenset(map(_pair, document.get("met", ()))),
        cells_done=frozenset(document.get("cells_done", ())),
        last_commander=str(document.get("last_commander", "")),
        most_parts=int(document.get("most_parts", 2)),
        weights=_made(Weights, [document.get("weights", {})], "weights")[0],
        seconds=float(document.get("seconds", 20)),
    )


def _pair(pair: Iterable[str]) -> frozenset[str]:
    return frozenset(pair)


def _made(kind: type[_T], rows: Iterable[Any], path: str) -> tuple[_T, ...]:
    """Each row as its words; Invalid names the field that is of a wrong kind, by its path."""
    return tuple(_one(kind, dict(row), f"{path}[{n}]") for n, row in enumerate(rows))


def _one(kind: type[_T], said: dict[str, Any], path: str) -> _T:
    wanted = get_type_hints(kind)
    for name, value in said.items():
        fits, demand = _KINDS.get(str(wanted.get(name)), (lambda _: True, ""))
        if not fits(value):
            where = f"{path}.{name}"
            raise Invalid.because("wrong_kind", f"{where} must be {demand}.", where)
    sets = {name: frozenset(said[name]) for name in _SETS if name in said}
    return kind(**{**said, **sets})


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list_of(kind: type, value: object) -> bool:
    return isinstance(value, list) and all(type(each) is kind for each in value)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "<class 'str'>": (lambda value: isinstance(value, str), "a text"),
    "<class 'bool'>": (lambda value: isinstance(value, bool), "true or false"),
    "<class 'int'>": (_is_whole, "a whole number"),
    "int | None": (lambda value: value is None or _is_whole(value), "a whole number or null"),
    "frozenset[str]": (lambda value: _is_list_of(str, value), "a list of texts"),
    "frozenset[int]": (lambda value: _is_list_of(int, value), "a list of whole numbers"),
    "collections.abc.Mapping[str, int]": (
        lambda value: isinstance(value, dict) and all(map(_is_whole, value.values())),
        "whole numbers by name",
    ),
}
