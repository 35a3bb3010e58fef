"""What is known of an incident for the law: what was said by whom and when, and what is assumed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.models import Person
from incidents.operations import legal_case
from incidents.operations.legal_case import Origin, Reading, Source
from incidents.rules import legal_words
from incidents.rules.legal_facts import DERIVED_CLOCKS
from incidents.rules.legal_standing import NOT_ASKED

_WORDS = {
    Origin.SAID: ("said", "tag-green"),
    Origin.UNKNOWN: ("not known", "tag-amber"),
    Origin.PROFILE: ("profile", "tag-blue"),
    Origin.DATA_MAP: ("assumed", "tag-amber"),
    Origin.ASSUMED: ("assumed", "tag-amber"),
}


@dataclass(frozen=True, slots=True)
class KnownRow:
    """One thing that is known. `ask` is what the interview asks by; `value` may be an instant.

    `confirm` is the kind of answer one press would make of an assumption; "" where it is none.
    """

    name: str
    ask: str
    what: str
    value: str
    instant: datetime | None
    word: str
    tag: str
    by: Person | None
    at: datetime | None
    how: str
    confirm: str
    posted: tuple[str, ...]

    @property
    def is_said(self) -> bool:
        """Somebody answered it here."""
        return self.word in ("said", "not known")


@dataclass(frozen=True, slots=True)
class KnownHere:
    """All of it: what people answered here, what is assumed, and what the profile says."""

    said: tuple[KnownRow, ...]
    assumed: tuple[KnownRow, ...]
    profile: tuple[KnownRow, ...]


def rows(reading: Reading) -> KnownHere:
    """No query beyond those of the reading."""
    found = [*_facts(reading), *_clocks(reading)]
    return KnownHere(
        tuple(one for one in found if one.is_said),
        tuple(one for one in found if one.word == "assumed"),
        tuple(one for one in found if one.word == "profile"),
    )


def _facts(reading: Reading) -> Iterator[KnownRow]:
    for source in legal_case.sources(reading).values():
        name, _, place = source.name.partition(".")
        if source.name in NOT_ASKED or name not in reading.pack.facts:
            continue
        what = legal_words.called(source.name, reading.pack.facts)
        label = legal_words.label(source.name, source.value, reading.pack.words)
        is_map = isinstance(source.value, Mapping) and not place
        ask = "" if is_map and not source.value else source.name
        if is_map and source.value:
            ask = f"{source.name}.{next(iter(source.value))}"
        kind = "fact" if source.origin is Origin.DATA_MAP else ""
        yield _row(source, ask, what, label, None, kind)


def _clocks(reading: Reading) -> Iterator[KnownRow]:
    for source in legal_case.instants(reading).values():
        if source.name in DERIVED_CLOCKS:
            continue
        what = f"When: {legal_words.clock_called(source.name)}"
        is_assumed = source.origin is Origin.ASSUMED
        yield _row(source, source.name, what, "", source.value, "clock" if is_assumed else "")


def _row(
    source: Source, ask: str, what: str, value: str, instant: datetime | None, confirm: str
) -> KnownRow:
    word, tag = _WORDS[source.origin]
    is_unknown = source.origin is Origin.UNKNOWN
    return KnownRow(
        source.name,
        ask,
        what[:1].upper() + what[1:],
        "nobody knows yet" if is_unknown else value,
        instant,
        word,
        tag,
        source.by,
        source.at,
        source.how,
        confirm,
        _posted(source) if confirm else (),
    )


def _posted(source: Source) -> tuple[str, ...]:
    """What one press would send: an instant as it is, anything else as JSON."""
    is_instant = isinstance(source.value, datetime)
    return (source.value.isoformat() if is_instant else json.dumps(source.value),)
