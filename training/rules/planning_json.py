"""A problem and an answer as JSON, both ways; what cannot be read is named by its path."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

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

_SETS = ("qualified", "learning", "slots")


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
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
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
    said |= {name: sorted(said[name]) for name in _SETS}
    return said | {"played": dict(one.played)}


def _problem(document: Any) -> Problem:
    return Problem(
        exercises=int(document["exercises"]),
        seats=tuple(Seat(**seat) for seat in document["seats"]),
        slots=tuple(Slot(**slot) for slot in document["slots"]),
        stories=tuple(
            Story(**{**one, "cells": frozenset(one["cells"])}) for one in document["stories"]
        ),
        candidates=tuple(map(_read_candidate, document["candidates"])),
        pins=tuple(Pin(**pin) for pin in document.get("pins", ())),
        forbidden=frozenset((int(n), str(key)) for n, key in document.get("forbidden", ())),
        met=frozenset(map(_pair, document.get("met", ()))),
        cells_done=frozenset(document.get("cells_done", ())),
        last_commander=str(document.get("last_commander", "")),
        most_parts=int(document.get("most_parts", 2)),
        weights=Weights(**document.get("weights", {})),
        seconds=float(document.get("seconds", 20)),
    )


def _pair(pair: Iterable[str]) -> frozenset[str]:
    return frozenset(pair)


def _read_candidate(said: Mapping[str, Any]) -> Candidate:
    return Candidate(**{**said, **{name: frozenset(said.get(name, ())) for name in _SETS}})
