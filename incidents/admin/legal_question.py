"""The one question the interview asks now, with buttons that say what each answer would start."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from incidents.admin import legal_clock_questions as clock_questions
from incidents.admin import legal_said
from incidents.models import Incident, LegalClock
from incidents.operations.legal_case import Reading
from incidents.rules import legal_interview, legal_words
from incidents.rules.facts import FactType, personal_data_may_be_exposed
from incidents.rules.law_pack import Pack
from incidents.rules.legal_answers import NONE_OF_THESE, fact_of
from incidents.rules.legal_facts import DERIVED_CLOCKS
from incidents.rules.legal_interview import Answer, Known, Question

_AT_ONCE = 12  # more to tick than this, and those likely here come first
# Of a few choices the one that "Nobody knows yet" says as well, and keeps the question open.
_UNKNOWN = json.dumps("unknown")
_NONE_OF_THESE: tuple[list[str], ...] = ([], ["none"], ["business"])


@dataclass(frozen=True, slots=True)
class Choice:
    """One button, or one thing to tick; `value` is JSON. `starts`, `adds` and `ends` are said
    beneath it, and that it asks for counsel within the hour.
    """

    value: str
    label: str
    starts: str = ""
    starts_all: str = ""
    adds: str = ""
    ends: int = 0
    calls_counsel: bool = False
    is_said: bool = False
    is_likely: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page asks it. `shape`: choice, number, many or instant.

    `assumed` is what the data map or the detection says: one press makes it a finding.
    """

    kind: str
    name: str
    text: str
    why: str
    shape: str
    choices: tuple[Choice, ...] = ()
    assumed: Choice | None = None
    is_reopened: bool = False
    takes_others: bool = False
    none: str = ""  # the choice that it is none of these
    unknown_starts: str = ""  # what counts as a duty while nobody knows
    said: str = ""

    @property
    def likely(self) -> tuple[Choice, ...]:
        """Those shown at once."""
        return tuple(one for one in self.choices if one.is_likely)

    @property
    def unlikely(self) -> tuple[Choice, ...]:
        """Those one step away."""
        return tuple(one for one in self.choices if not one.is_likely)


@dataclass(frozen=True)
class Room:
    """What the question is asked over: what is known of the incident, and its legal clocks."""

    reading: Reading
    clocks: tuple[LegalClock, ...]

    @property
    def pack(self) -> Pack:
        """The law pinned to the incident."""
        return self.reading.pack

    @property
    def said(self) -> Mapping[str, Any]:
        """What people or the profile said."""
        return self.reading.findings

    @property
    def assumed(self) -> Mapping[str, Any]:
        """What the data map says, and nobody else."""
        return self.reading.assumptions

    @cached_property
    def known(self) -> Known:
        """For the interview."""
        return self.reading.known


def next_asked(room: Room, wanted: str = "") -> Asked | None:
    """The question wanted, if there is such a thing; else the next: assumed clocks come first.

    Then the fact that can decide most, then events that duties wait for. None where nothing is
    left but what nobody knew: see `still_open`.
    """
    if wanted and (asked := _wanted(room, wanted)):
        return asked
    for name in clock_questions.to_ask(room.reading, room.clocks, is_assumed=True):
        return clock_asked(room, name)
    found = legal_interview.next_question(room.pack, room.known)
    if found and not found.is_reopened:
        return fact_asked(room, found)
    for name in clock_questions.to_ask(room.reading, room.clocks, is_assumed=False):
        return clock_asked(room, name)
    return None


def still_open(room: Room) -> list[tuple[str, str]]:
    """What was asked before and nobody knew, each with its question: does anybody know it now?"""
    facts = legal_interview.open_questions(room.pack, room.known)
    found = [
        (name, legal_words.question(name, room.pack.facts))
        for name in facts
        if name in room.known.unknown
    ]
    clocks = clock_questions.nobody_knew(room.reading, room.clocks)
    return found + [(one, legal_words.clock_question(one, room.pack.clocks)) for one in clocks]


def open_count(room: Room) -> int:
    """At most so many questions are left, those nobody could answer included."""
    clocks = clock_questions.left(room.reading, room.clocks)
    return len(clocks) + len(legal_interview.open_questions(room.pack, room.known))


def _wanted(room: Room, name: str) -> Asked | None:
    if name in room.pack.clocks and name not in DERIVED_CLOCKS:
        return clock_asked(room, name)
    base, _, place = name.partition(".")
    fact = room.pack.facts.get(base)
    if fact is None or (place and fact.type is not FactType.MAP):
        return None
    if fact.type is FactType.MAP and not place:
        return None
    # Asked anew as if it had never been answered.
    findings = {key: value for key, value in room.known.findings.items() if key != base}
    known = replace(room.known, findings=findings)
    found = legal_interview.question_about(room.pack, known, name) or _plain(room.pack, name)
    return fact_asked(room, found)


def _plain(pack: Pack, name: str) -> Question:
    """A question that decides nothing now: its answer may be wrong all the same."""
    fact = fact_of(name, pack.facts)
    values: list[Any] = list(fact.choices)
    if fact.type is FactType.BOOL:
        values = [True, False]
    if fact.type is FactType.LIST:
        values = [[each] for each in values]
    answers = tuple(
        Answer(value, legal_words.label(name, value, pack.words)) for value in values
    )
    text, why = legal_words.question(name, pack.facts), legal_words.why(name, pack.facts)
    return Question(name, text, why, fact.type, answers, decides=0)


# --- facts


def fact_asked(room: Room, question: Question) -> Asked:
    """A question about a fact, its answers as buttons, things to tick, or a number."""
    name, pack = question.name, room.pack
    said = _value(room.said, name)
    is_many = question.type is FactType.LIST
    choices = tuple(_choices(room, question, said))
    nobody_knows = [one for one in choices if one.value == _UNKNOWN and not one.is_said]
    choices = tuple(one for one in choices if one not in nobody_knows)
    return Asked(
        "fact",
        name,
        question.text,
        question.why,
        "many" if is_many else "number" if question.type is FactType.INT else "choice",
        _likely_first(room, name, choices) if is_many else choices,
        _assumed(room, name),
        question.is_reopened,
        takes_others=is_many and not fact_of(name, pack.facts).choices,
        none=_none(room, name) if is_many else "",
        said="" if said is None else legal_words.label(name, said, pack.words),
        unknown_starts=nobody_knows[0].starts if nobody_knows else "",
    )


def _none(room: Room, name: str) -> str:
    """What says that it is none of these, where the fact's default says so."""
    default = list(fact_of(name, room.pack.facts).default)
    return json.dumps(default) if default in _NONE_OF_THESE else ""


def _choices(room: Room, question: Question, said: Any) -> Iterator[Choice]:
    is_many = question.type is FactType.LIST
    offered = [
        _choice(room.pack, question.name, one, said, is_many=is_many)
        for one in question.answers
    ]
    yield from offered
    if is_many:
        there = {one.value for one in offered}
        for member in said or ():
            value = json.dumps([member])
            if value not in there:
                label = legal_words.label(question.name, [member], room.pack.words)
                yield Choice(value, label, is_said=True)


def _choice(pack: Pack, name: str, answer: Answer, said: Any, *, is_many: bool) -> Choice:
    is_said = said is not None and (
        bool(answer.value) and set(answer.value) <= set(said)
        if is_many
        else answer.value == said
    )
    label = answer.label
    if is_many and label == NONE_OF_THESE and answer.value not in _NONE_OF_THESE:
        label = legal_words.label(name, answer.value, pack.words)
    return Choice(
        json.dumps(answer.value),
        label[:1].upper() + label[1:],
        legal_said.starting(pack, answer.starts),
        legal_said.all_of(pack, answer.starts),
        legal_said.adding(pack, answer.adds),
        len(answer.ends),
        calls_counsel=personal_data_may_be_exposed({name: answer.value}),
        is_said=is_said,
    )


def _likely_first(room: Room, name: str, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Of a long list: what was said or assumed, and where we are; the others by name."""
    if len(choices) <= _AT_ONCE:
        return choices
    near = {
        member
        for source in (room.said.get(name), room.assumed.get(name), room.known.findings.get("operates_in"))
        for member in source or ()
    }  # fmt: skip
    marked = [
        replace(one, is_likely=one.is_said or not {*json.loads(one.value)} - near)
        for one in choices
    ]
    return tuple(sorted(marked, key=lambda one: (not one.is_likely, one.label)))


def _assumed(room: Room, name: str) -> Choice | None:
    value = _value(room.assumed, name)
    if value in (None, [], {}, "unknown") or _value(room.said, name) is not None:
        return None
    label = legal_words.label(name, value, room.pack.words)
    return Choice(json.dumps(value), label[:1].upper() + label[1:])


def _value(values: Mapping[str, Any], name: str) -> Any:
    base, dot, place = name.partition(".")
    found = values.get(base)
    if not dot:
        return found
    return found.get(place) if isinstance(found, Mapping) else None


# --- clocks


def clock_asked(room: Room, name: str) -> Asked:
    """When the event was that starts this clock; the detection stands ready as an answer."""
    duties = clock_questions.started_by(room.reading, room.clocks, name)
    why = legal_words.clock_why(name, room.pack.clocks)
    if duties:
        more = f" and {len(duties) - 1} more" if len(duties) > 1 else ""
        why = f"{why} Here: {duties[0].title}{more}."
    return Asked(
        "clock",
        name,
        legal_words.clock_question(name, room.pack.clocks),
        why,
        "instant",
        assumed=_detection(room.reading.incident)
        if name in ("awareness", "discovery")
        else None,
        is_reopened=name in room.reading.unknown,
    )


def _detection(incident: Incident) -> Choice | None:
    at: datetime | None = incident.detected_at
    return Choice(at.isoformat(), "When it was detected") if at else None
