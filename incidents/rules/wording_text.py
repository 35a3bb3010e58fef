"""What the wording checks are given, what they say, and a text taken apart once for all of them.

Every pattern of these checks is linear in the text: none without a bound stands within another,
none begins anew within what it has run over, and the rest is asked of one word or of a few dozen
characters around a match. So no text, however odd, can hold up an approval.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from incidents.rules.findings import Level

INTERNAL, SUPPORT, PUBLIC = "internal", "support", "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody is about to say, to whom, and when it will have been said (UTC)."""

    text: str
    audience: str
    at: datetime
    language: str = "en"
    stage: str = ""
    impact: str = ""
    services: tuple[str, ...] = ()  # as customers call them


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the words. Names are compared without regard to case.

    `internal` are names no customer knows, each with what customers call it ("" for nothing);
    `people` are full names; `forbidden` are phrases that must not be claimed of the scenario;
    `is_cause_verified` says whether a fact about the cause was verified; `earlier` are the
    updates published before to the same audience, the oldest first.
    """

    internal: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    is_cause_verified: bool = False
    earlier: tuple[Words, ...] = ()
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing a check found: `quote` is what it is about, at [start, end) of the text.

    What is about the update as a whole has an empty quote at 0; of a secret the quote shows the
    beginning alone. An error blocks approval, a warning wants a reason, information is only shown.
    """

    rule: str
    level: Level
    quote: str
    start: int
    end: int
    message: str

    def __str__(self) -> str:
        return f"“{self.quote}”: {self.message}" if self.quote else self.message


class Spot(NamedTuple):
    """Where a check found something, and what to say instead; its level where not the rule's."""

    start: int
    end: int
    message: str
    level: Level | None = None


class Span(NamedTuple):
    """A piece of the text at [start, end)."""

    start: int
    end: int
    text: str


_LINK = re.compile(r"\b(?:https?|ftp)://[^\s<>()\"']+", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^>]{0,400}>")
_BREAK = re.compile(r"(?<![.!?])[.!?]++(?=\s|$)|[\r\n]++")
_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"\w+")
_EDGES = "\"'`*_()[]<>{},;:!?"
_ABBREVIATIONS = (".m.", "e.g.", "i.e.", " approx.", " no.", " vs.", " etc.")


class Reading:
    """A text taken apart: offsets are those of the text as given, whatever is blanked out."""

    def __init__(self, words: Words, known: Known) -> None:
        self.words, self.known = words, known
        # One character for one, so that offsets hold.
        self.text = words.text.replace("\u2019", "'").replace("\u00a0", " ")

    @cached_property
    def prose(self) -> str:
        """The text without its links and comments, which say nothing to anybody who reads."""
        return _LINK.sub(_blank, _COMMENT.sub(_blank, self.text))

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The sentences of the prose; a line ends one too, for lists and headings."""
        edges = [0, *self._ends(), len(self.prose)]
        spans = (Span(a, b, self.prose[a:b]) for a, b in pairwise(edges))
        return tuple(each for each in spans if each.text.strip())

    def _ends(self) -> Iterator[int]:
        for found in _BREAK.finditer(self.prose):
            ahead = self.prose[max(0, found.end() - 8) : found.end()].lower()
            if not ahead.endswith(_ABBREVIATIONS):
                yield found.end()

    @cached_property
    def tokens(self) -> tuple[Span, ...]:
        """What stands between blanks in the prose, without punctuation around it."""
        found = (_trimmed(each.start(), each[0]) for each in _TOKEN.finditer(self.prose))
        return tuple(each for each in found if each.text)

    @cached_property
    def links(self) -> tuple[Span, ...]:
        """The addresses in the text."""
        return tuple(Span(*each.span(), each[0]) for each in _LINK.finditer(self.text))

    def quote(self, found: re.Match[str]) -> str:
        """What a match is about, as it was written."""
        return self.prose[found.start() : found.end()]

    @cached_property
    def named(self) -> str:
        """Everything customers call our services, in lower case: what is in it is no jargon."""
        return " \n ".join(self.words.services).lower()

    def names(self, wanted: Iterable[str]) -> Iterator[tuple[int, int, str]]:
        """Where one of these names stands as a whole word, the longest at a place; each once."""
        index: dict[str, list[str]] = {}
        for name in sorted({each.casefold() for each in wanted}, key=len, reverse=True):
            if first := _WORD.search(name):
                index.setdefault(first[0], []).append(name)
        folded, seen, reached = _lower(self.prose), set(), 0
        for found in _WORD.finditer(folded) if index else ():
            here = found.start()
            for name in index.get(found[0], ()) if here >= reached else ():
                end = here + len(name)
                if folded.startswith(name, here) and _ends_word(folded, end):
                    reached = end
                    if name not in seen:
                        seen.add(name)
                        yield here, end, name
                    break


Look: TypeAlias = Callable[[Reading], Iterator[Spot]]


class Folded:
    """A pattern that holds without regard to case, in a third of the time `IGNORECASE` takes.

    Its matches speak in small letters; the text as it was given is `Reading.quote`.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = re.compile(pattern.lower().replace("(?p<", "(?P<"), flags)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match."""
        return self.pattern.finditer(_lower(text))

    def search(self, text: str) -> re.Match[str] | None:
        """The first match."""
        return self.pattern.search(_lower(text))

    def match(self, text: str) -> re.Match[str] | None:
        """The match at the beginning."""
        return self.pattern.match(_lower(text))


def phrases(words: str) -> Folded:
    """Any of these, one a line, as whole words without regard to case; a blank is any blanks."""
    lines = (each.strip() for each in words.strip().splitlines())
    said = "|".join(each.replace(" ", r"[ \t\r\n]{1,3}") for each in lines if each)
    return Folded(rf"\b(?:{said})(?!\w)")


def _lower(text: str) -> str:
    """In lower case, one character for one: the Turkish İ would become two."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _trimmed(start: int, token: str) -> Span:
    left = token.lstrip(_EDGES)
    bare = left.rstrip(_EDGES + ".")
    begin = start + len(token) - len(left)
    return Span(begin, begin + len(bare), bare)


def _ends_word(text: str, end: int) -> bool:
    return end == len(text) or not (text[end].isalnum() or text[end] == "_")
