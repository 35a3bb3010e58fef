"""A severity scheme as one document: its shape, and everything that can be wrong with it.

`levels:` is a list, the highest first; the order is the rank. Each problem bears the path to it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from incidents.rules.calling import CHANNELS
from incidents.rules.facts import SEVERITY_FACTS
from incidents.rules.predicates import validate
from incidents.rules.reasons import Reason

MAX_LEVELS = 10
MAX_CRITERIA = 50
# Who is told after more than a week is not told of an incident.
MAX_MINUTES = 7 * 24 * 60
MAX_DAYS = 365
MAX_DESCRIPTION = 2_000
MAX_REPEATS = 50

_CODE = re.compile(r"[a-z0-9_-]{1,20}")
_LEVEL_KEYS = frozenset(
    ("code", "name", "description", "review_due_days", "public_update_required",
     "command_answer_minutes", "criteria", "escalation", "cadences")
)  # fmt: skip
_PACE_KEYS = frozenset(
    ("first_minutes", "every_minutes", "until_minutes", "then_every_minutes")
)
_STEP_KEYS = frozenset(("within", "channel", "repeat_minutes", "repeats", "next"))

Problems: TypeAlias = Iterator[Reason]


@dataclass(frozen=True, slots=True)
class Known:
    """The names a document may use: slugs of roles, and audiences."""

    roles: Collection[str]
    audiences: Collection[str]


def problems(document: object, known: Known) -> list[Reason]:
    """What is wrong with it, all of it, in the order written; empty if it can be law."""
    if not isinstance(document, Mapping):
        return [_wrong("not_a_mapping", "", "begin with `levels:` and a list below it")]
    levels = document.get("levels")
    found = [*_strangers(document, frozenset({"levels"}), "")]
    if not isinstance(levels, list) or not levels:
        message = "list one or more levels, the highest first"
        return [*found, _wrong("levels_missing", "levels", message)]
    if len(levels) > MAX_LEVELS:
        return [*found, _wrong("too_many_levels", "levels", f"at most {MAX_LEVELS}")]
    for index, level in enumerate(levels):
        found += _of_level(level, _name(level, index), known)
    return [*found, *_twice("code", levels, "levels"), *_of_the_lowest(levels)]


def _of_level(level: object, path: str, known: Known) -> Problems:
    if not isinstance(level, Mapping):
        yield _wrong("not_a_mapping", path, "a level is `code:`, `name:` and so on")
        return
    yield from _strangers(level, _LEVEL_KEYS, path)
    if not _CODE.fullmatch(_text(level.get("code"))):
        demand = "1 to 20 lower-case letters, digits, - or _"
        yield _wrong("bad_code", f"{path}.code", demand)
    yield from _of_text(level.get("name"), f"{path}.name", 80)
    if level.get("description"):
        yield from _of_text(level["description"], f"{path}.description", MAX_DESCRIPTION)
    if (days := level.get("review_due_days")) is not None:
        yield from _of_number(days, f"{path}.review_due_days", 1, MAX_DAYS)
    if (minutes := level.get("command_answer_minutes")) is not None:
        yield from _of_number(minutes, f"{path}.command_answer_minutes", 1, MAX_MINUTES)
    if not isinstance(level.get("public_update_required", False), bool):
        yield _wrong("bad_value", f"{path}.public_update_required", "true or false")
    yield from _of_criteria(level.get("criteria"), f"{path}.criteria")
    yield from _of_escalation(level.get("escalation"), f"{path}.escalation", known)
    yield from _of_cadences(level.get("cadences"), f"{path}.cadences", known)


def _of_criteria(criteria: object, path: str) -> Problems:
    if criteria is None:
        return
    if not isinstance(criteria, list) or len(criteria) > MAX_CRITERIA:
        yield _wrong("bad_criteria", path, f"a list of at most {MAX_CRITERIA}, or []")
        return
    for index, criterion in enumerate(criteria):
        yield from _of_criterion(criterion, f"{path}[{index}]")
    yield from _twice("name", criteria, path)


def _of_criterion(criterion: object, path: str) -> Problems:
    if not isinstance(criterion, Mapping):
        yield _wrong("not_a_mapping", path, "a criterion is `name:` and `predicate:`")
        return
    yield from _strangers(criterion, frozenset({"name", "predicate"}), path)
    yield from _of_text(criterion.get("name"), f"{path}.name", 160)
    for text in validate(criterion.get("predicate"), SEVERITY_FACTS):
        yield _wrong("bad_predicate", f"{path}.predicate", text)


def _of_escalation(steps: object, path: str, known: Known) -> Problems:
    for role, said, at in _entries(steps, path):
        yield from _of_role(role, at, known)
        if isinstance(said, Mapping):
            yield from _of_step(role, said, at, known)
        else:
            yield from _of_number(said, at, 0, MAX_MINUTES)
    yield from _circles(steps, path)


def _of_role(role: object, path: str, known: Known) -> Problems:
    if role not in known.roles:
        yield _wrong("unknown_role", path, f"no such role; known: {', '.join(known.roles)}")


def _of_step(role: str, said: Mapping[Any, Any], path: str, known: Known) -> Problems:
    yield from _strangers(said, _STEP_KEYS, path)
    yield from _of_number(said.get("within"), f"{path}.within", 0, MAX_MINUTES)
    if said.get("channel", "email") not in CHANNELS:
        yield _wrong("unknown_channel", f"{path}.channel", f"must be {', '.join(CHANNELS)}")
    if (pace := said.get("repeat_minutes")) is not None:
        yield from _of_number(pace, f"{path}.repeat_minutes", 1, MAX_MINUTES)
    if "repeats" in said:
        yield from _of_number(said["repeats"], f"{path}.repeats", 0, MAX_REPEATS)
    if (following := said.get("next")) is not None:
        yield from _of_role(following, f"{path}.next", known)
    if following == role:
        yield _wrong("next_is_itself", f"{path}.next", "name another role: this one was called")
    if pace is None and (said.get("repeats") or following):
        demand = "say how many minutes a call waits for an answer: `repeats` and `next` need it"
        yield _wrong("no_pace", f"{path}.repeat_minutes", demand)


def _circles(steps: object, path: str) -> Problems:
    """Whoever leads round in a circle would be called for ever, and leadership never."""
    if not isinstance(steps, Mapping):
        return
    following = {
        role: said.get("next") for role, said in steps.items() if isinstance(said, Mapping)
    }
    order = list(following)
    for role, role_next in following.items():
        seen, current = [role], role_next
        while isinstance(current, str) and current not in seen:
            seen.append(current)
            current = following.get(current)
        # Each circle is told once: by its first role in the order written.
        if current == role and len(seen) > 1 and role == min(seen, key=order.index):
            demand = f"goes round in a circle: {' → '.join([*seen, role])}"
            yield _wrong("circle", f"{path}.{role}.next", demand)


def _of_cadences(cadences: object, path: str, known: Known) -> Problems:
    for audience, pace, at in _entries(cadences, path):
        if audience not in known.audiences:
            yield _wrong("unknown_audience", at, f"must be {', '.join(known.audiences)}")
        yield from _of_pace(pace, at)


def _of_pace(pace: object, path: str) -> Problems:
    if not isinstance(pace, Mapping):
        yield _wrong("not_a_mapping", path, "a pace is `first_minutes:` and `every_minutes:`")
        return
    yield from _strangers(pace, _PACE_KEYS, path)
    slower = [key for key in ("until_minutes", "then_every_minutes") if key in pace]
    for key in ("first_minutes", "every_minutes", *slower):
        yield from _of_number(pace.get(key), f"{path}.{key}", 1, MAX_MINUTES)
    if len(slower) == 1:
        demand = "`until_minutes` and `then_every_minutes` go together: give both or neither"
        yield _wrong("half_a_pace", path, demand)


def _of_the_lowest(levels: list[Any]) -> Problems:
    lowest = levels[-1]
    if isinstance(lowest, Mapping) and lowest.get("criteria"):
        path = f"{_name(lowest, len(levels) - 1)}.criteria"
        demand = "the lowest level takes what no criterion above takes: leave its own empty"
        yield _wrong("lowest_has_criteria", path, demand)


def _entries(given: object, path: str) -> Iterator[tuple[str, Any, str]]:
    """Each name, what is said of it, and where; what is no map is one entry without a name."""
    if isinstance(given, Mapping):
        for name, said in given.items():
            yield str(name), said, f"{path}.{name}"
    elif given is not None:
        yield "", None, path


def _strangers(given: Mapping[Any, Any], keys: frozenset[str], path: str) -> Problems:
    for key in given:
        if key not in keys:
            at = f"{path}.{key}" if path else str(key)
            yield _wrong("unknown_key", at, f"must be one of {', '.join(sorted(keys))}")


def _twice(key: str, rows: list[Any], path: str) -> Problems:
    said = Counter(_text(row.get(key)) for row in rows if isinstance(row, Mapping))
    for text, times in said.items():
        if text and times > 1:
            yield _wrong(f"same_{key}", path, f"the {key} “{text}” stands {times} times")


def _of_text(value: object, path: str, longest: int) -> Problems:
    text = _text(value)
    # PostgreSQL stores no NUL.
    if not text.strip() or len(text) > longest or "\0" in text:
        yield _wrong("bad_text", path, f"a text of 1 to {longest} characters, in quotes if odd")


def _of_number(value: object, path: str, least: int, most: int) -> Problems:
    # bool is a subclass of int, and `true` minutes are not one minute.
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= most:  # type: ignore[operator]
        yield _wrong("bad_number", path, f"a whole number from {least} to {most:,}")


def _name(level: object, index: int) -> str:
    """How a path begins: the level's code, or its place where it has none."""
    code = _text(level.get("code")) if isinstance(level, Mapping) else ""
    return code if _CODE.fullmatch(code) else f"levels[{index}]"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _wrong(code: str, path: str, demand: str) -> Reason:
    return Reason(code, f"{path}: {demand}." if path else f"{demand.capitalize()}.", path)
