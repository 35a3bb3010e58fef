"""A story to practise as a plain value, and as the document it travels in.

The document is plain data (YAML beside it): `objectives`, `modules` and `injects` below the story's
own fields. An inject with a `trigger` is a contingency. Each problem bears the path to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from incidents.rules.reasons import Invalid, Reason
from training.rules.documents import Reader

KINDS = ("game_day", "tabletop", "comms_drill", "call_tree")
METHODS = ("alert", "call", "chat", "mail", "news", "screen", "ticket")
CONFIDENCE = ("confirmed", "recalled")

LONGEST = 5000
MOST_MINUTES = 30_000
MOST_INJECTS = 200
MOST_PARTS = 30
_SLUG = r"[a-z0-9][a-z0-9-]{0,79}"
_ROLE = r"[a-z][a-z0-9_]{0,49}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One thing it is to show, measurably; `role` is "" where it judges everybody."""

    number: int
    capability: str
    text: str
    target: str = ""
    activities: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject:
    """One thing fed to the players; `module` counts from 1, 0 is none; `to` "" is everybody."""

    number: int
    text: str
    minute: int
    module: int = 0
    trigger: str = ""
    title: str = ""
    method: str = "chat"
    sender: str = ""
    to: str = ""
    background: str = ""
    expected_action: str = ""
    observer_focus: str = ""
    is_gate: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    activities: tuple[str, ...] = ()
    objectives: tuple[int, ...] = ()

    @property
    def is_contingency(self) -> bool:
        """Whether it comes only when something happens, not by the clock."""
        return bool(self.trigger)


Part = TypeVar("Part", Objective, Inject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that really happened in the outage it is told after; recalled ones want checking."""

    at: str
    kind: str
    fact: str
    confidence: str = "recalled"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as it is written, without what was retired."""

    slug: str
    title: str
    kind: str = "game_day"
    duration_minutes: int = 90
    summary: str = ""
    background: str = ""
    scenario: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    twist: str = ""
    questions: tuple[str, ...] = ()
    organisation: str = ""
    sources: tuple[str, ...] = ()
    chronicle: tuple[Happening, ...] = ()
    objectives: tuple[Objective, ...] = ()
    modules: tuple[str, ...] = ()
    injects: tuple[Inject, ...] = ()

    @property
    def by_the_clock(self) -> tuple[Inject, ...]:
        """What comes by the clock, in the story's order."""
        scheduled = (each for each in self.injects if not each.is_contingency)
        return tuple(sorted(scheduled, key=lambda one: (one.minute, one.number)))


def read(document: object, path: str = "") -> Story:
    """The story a document tells. Invalid with everything that is wrong, by path."""
    story, problems = attempted(document, path)
    if problems:
        raise Invalid(*problems)
    return story


def attempted(document: object, path: str = "") -> tuple[Story, list[Reason]]:
    """What can be read of the story a document tells, and all that is wrong in it, by path.

    Invalid where it is no story at all.
    """
    problems: list[Reason] = []
    if not isinstance(document, Mapping):
        message = "A story begins with `slug:` and `title:`, with its parts below."
        raise Invalid.because("not_a_mapping", f"{path}: {message}" if path else message, path)
    story = _story(Reader(document, path, problems))
    problems += _numbering(story, f"{path}." if path else "")
    return story, problems


def document(story: Story) -> dict[str, Any]:
    """The story as `read` takes it, leaving out what is empty."""
    said: dict[str, Any] = {
        name: _plain(getattr(story, name))
        for name in (
            "slug", "title", "kind", "duration_minutes", "summary", "background", "scenario",
            "facts", "twist", "questions", "organisation", "sources",
        )
    }  # fmt: skip
    said["objectives"] = [_fields(each) for each in story.objectives]
    said["modules"] = list(story.modules)
    said["injects"] = [_inject_document(each) for each in story.injects]
    said["chronicle"] = [_fields(each) for each in story.chronicle]
    return {name: value for name, value in said.items() if value not in ("", [], {})}


def _story(at: Reader) -> Story:
    story = Story(
        slug=at.matching("slug", _SLUG, "lower-case letters, digits and hyphens", needed=True),
        title=at.text("title", 120, needed=True),
        kind=at.choice("kind", KINDS, "game_day"),
        duration_minutes=at.number("duration_minutes", 5, MOST_MINUTES, 90),
        summary=at.text("summary", LONGEST),
        background=at.text("background", LONGEST),
        scenario=at.text("scenario", 80),
        facts=at.mapping("facts"),
        twist=at.text("twist", LONGEST),
        questions=at.texts("questions", 500, MOST_PARTS),
        organisation=at.text("organisation", 120),
        sources=at.texts("sources", 500, MOST_PARTS),
        chronicle=tuple(_happening(each) for each in at.parts("chronicle", MOST_INJECTS)),
        objectives=_in_order(_objective(each) for each in at.parts("objectives", MOST_PARTS)),
        modules=at.texts("modules", 120, MOST_PARTS),
        injects=_in_order(_inject(each) for each in at.parts("injects", MOST_INJECTS)),
    )
    at.no_strangers()
    return story


def _in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """By their numbers, however the document tells them: two tellings of the same are equal."""
    return tuple(sorted(parts, key=lambda part: part.number))


def _objective(at: Reader) -> Objective:
    objective = Objective(
        number=at.number("number", 1, 10_000, 0),
        capability=at.text("capability", 80, needed=True),
        text=at.text("text", LONGEST, needed=True),
        target=at.text("target", 200),
        activities=at.texts("activities", 80, MOST_PARTS),
        role=at.matching("role", _ROLE, "the key of a role, such as incident_commander"),
    )
    at.no_strangers()
    return objective


def _inject(at: Reader) -> Inject:
    inject = Inject(
        number=at.number("number", 1, 10_000, 0),
        module=at.number("module", 0, MOST_PARTS, 0),
        minute=at.number("minute", 0, MOST_MINUTES, 0),
        trigger=at.text("trigger", 200),
        title=at.text("title", 120),
        method=at.choice("method", METHODS, "chat"),
        sender=at.text("sender", 80),
        to=at.matching("to", _ROLE, "the key of a role, such as communications_lead"),
        text=at.text("text", LONGEST, needed=True),
        background=at.text("background", LONGEST),
        expected_action=at.text("expected_action", LONGEST),
        observer_focus=at.text("observer_focus", LONGEST),
        is_gate=at.flag("gate"),
        facts=at.mapping("facts"),
        activities=at.texts("activities", 80, MOST_PARTS),
        objectives=tuple(sorted(at.numbers("objectives", MOST_PARTS))),
    )
    at.no_strangers()
    return inject


def _happening(at: Reader) -> Happening:
    happening = Happening(
        at=at.text("at", 40, needed=True),
        kind=at.text("kind", 40),
        fact=at.text("fact", LONGEST, needed=True),
        confidence=at.choice("confidence", CONFIDENCE, "recalled"),
        note=at.text("note", 500),
    )
    if happening.at and not _is_instant(happening.at):
        at.wrong("bad_instant", "at", "an instant in UTC, in quotes: “2017-01-31T23:30:00Z”")
    at.no_strangers()
    return happening


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _numbering(story: Story, path: str) -> list[Reason]:
    """Numbers that are missing, come twice, or lead nowhere."""
    found: list[Reason] = []
    for what, rows in (("objectives", story.objectives), ("injects", story.injects)):
        numbers = [each.number for each in rows if each.number]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        found += [
            _reason("number_twice", f"{path}{what}.{number}", "has its number a second time")
            for number in twice
        ]
    known = {each.number for each in story.objectives}
    for each in story.injects:
        where = f"{path}injects.{each.number}"
        for number in each.objectives:
            if number not in known:
                words = f"names objective {number}, which is not in this story"
                found.append(_reason("objective_unknown", f"{where}.objectives", words))
        if each.module > len(story.modules):
            words = f"is in module {each.module}, of {len(story.modules)}"
            found.append(_reason("module_unknown", f"{where}.module", words))
    return found


def _reason(code: str, path: str, words: str) -> Reason:
    return Reason(code, f"{path} {words}.", path)


def _inject_document(inject: Inject) -> dict[str, Any]:
    said = _fields(inject)
    if said.pop("is_gate", False):
        said["gate"] = True
    said["minute"] = inject.minute  # nought is a minute too
    return said


def _fields(row: Any) -> dict[str, Any]:
    values = {name: _plain(getattr(row, name)) for name in row.__dataclass_fields__}
    return {name: value for name, value in values.items() if value not in ("", 0, [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
