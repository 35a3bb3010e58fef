"""A matrix as one document of plain data: what YAML shows, what an undo goes back to.

`roles:` are the columns, `activities:` the rows in order, `variations:` the differences from the
base, where "-" takes a letter away. Nothing of a matrix is lost on the way there and back.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from incidents.rules.acts import ACTS
from incidents.rules.matrix_names import PHASES
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation, VariationKind
from incidents.rules.reasons import Invalid, Reason

MAX_NAME = 200
MAX_TEXT = 2_000
MAX_ACTIVITIES = 500
MAX_ROLES = 100
MAX_KEY = 32
MAX_MINUTES = 60 * 24 * 90
MAX_WAIT = 32_767  # minutes: what a small integer of the database holds
MINUTES = {"proceed_after": MAX_WAIT, "within": MAX_MINUTES}
TAKEN_AWAY = "-"

_ACTIVITY_KEYS = frozenset(
    {"phase", "name", "letters", "act", "proceed_after", "within", "description", "key"}
)
Document: TypeAlias = dict[str, Any]
Problems: TypeAlias = Iterator[Reason]


def write(grid: Grid) -> Document:
    """The document of this matrix; what is empty is left out."""
    document: Document = {
        "roles": [_role(role, grid.descriptions.get(role, "")) for role in grid.roles],
        "activities": [_activity(each) for each in grid.activities],
    }
    if grid.variations:
        document["variations"] = [_variation(each) for each in grid.variations]
    return document


def read(document: object, *, roles: Collection[str]) -> Grid:
    """The matrix of this document. Invalid with every problem and the path to it.

    `roles` are the slugs that may be used.
    """
    found = list(_problems(document, roles))
    if found or not isinstance(document, Mapping):
        raise Invalid(*found)
    columns = [_named(each) for each in document["roles"]]
    return Grid(
        activities=tuple(_read_activity(each) for each in document["activities"]),
        roles=tuple(role for role, _ in columns),
        variations=tuple(_read_variation(each) for each in document.get("variations") or ()),
        descriptions={role: said for role, said in columns if said},
    )


def _role(role: str, description: str) -> Any:
    return {"role": role, "description": description} if description else role


def _named(entry: Any) -> tuple[str, str]:
    """Role and description: an entry is a slug, or both."""
    if isinstance(entry, Mapping):
        return entry["role"], entry.get("description") or ""
    return entry, ""


def _activity(activity: Activity) -> Document:
    said: Document = {"phase": activity.phase, "name": activity.name}
    optional = {
        "act": activity.act,
        "proceed_after": activity.proceed_after,
        "within": activity.within,
        "description": activity.description,
        "key": activity.key,
    }
    said |= {name: value for name, value in optional.items() if value not in ("", None)}
    return said | {"letters": {role: str(each) for role, each in activity.letters.items()}}


def _variation(variation: Variation) -> Document:
    letters = [
        {
            "phase": phase,
            "activity": name,
            "letters": {role: str(each or TAKEN_AWAY) for role, each in held.items()},
        }
        for (phase, name), held in variation.letters.items()
    ]
    note = {"note": variation.note} if variation.note else {}
    return {str(variation.kind): variation.value, **note, "differences": letters}


def _read_activity(said: Mapping[str, Any]) -> Activity:
    return Activity(
        phase=said["phase"],
        name=said["name"],
        letters={role: Letter.parse(str(text)) for role, text in said["letters"].items()},
        act=said.get("act") or "",
        proceed_after=said.get("proceed_after"),
        within=said.get("within"),
        description=said.get("description") or "",
        key=said.get("key") or "",
    )


def _read_variation(said: Mapping[str, Any]) -> Variation:
    kind = next(kind for kind in VariationKind if kind in said)
    letters: dict[Place, dict[str, Letter | None]] = {
        (each["phase"], each["activity"]): {
            role: None if str(text) == TAKEN_AWAY else Letter.parse(str(text))
            for role, text in each["letters"].items()
        }
        for each in said["differences"]
    }
    return Variation(kind, str(said[kind]), letters, said.get("note") or "")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rest of a document may name: its roles, and its activities."""

    roles: Collection[str]
    places: Collection[tuple[object, object]] = ()


def _problems(document: object, roles: Collection[str]) -> Problems:
    if not isinstance(document, Mapping):
        yield _wrong("not_a_mapping", "", "begin with `roles:` and `activities:`")
        return
    yield from _strangers(document, {"roles", "activities", "variations"}, "")
    yield from _of_list(document.get("roles"), "roles", MAX_ROLES)
    yield from _of_list(document.get("activities"), "activities", MAX_ACTIVITIES)
    columns = _entries(document.get("roles"))
    for index, entry in enumerate(columns):
        yield from _of_role(entry, f"roles[{index}]", roles)
    named = [_named(each)[0] for each in columns if isinstance(each, str) or _has_role(each)]
    yield from (
        _wrong("twice", "roles", f"“{one}” stands there twice") for one in _twice(named)
    )
    rows = _entries(document.get("activities"))
    for index, row in enumerate(rows):
        yield from _of_activity(row, f"activities[{index}]", _Known(named))
    places = [(row.get("phase"), row.get("name")) for row in rows if isinstance(row, Mapping)]
    yield from (
        _wrong("twice", "activities", f"“{name}” stands in {phase} twice: rename one")
        for phase, name in _twice(places)
    )
    yield from _repeated(rows)
    variations = _entries(document.get("variations"))
    for index, one in enumerate(variations):
        yield from _of_variation(one, f"variations[{index}]", _Known(named, places))
    cases = [_case(one) for one in variations if isinstance(one, Mapping)]
    yield from (
        _wrong("twice", "variations", f"“{' '.join(case)}” stands there twice: merge the two")
        for case in _twice(cases)
    )


def _repeated(rows: list[Any]) -> Problems:
    """What the rows of a matrix may share with no other: an act in a phase, a key."""
    said = [row for row in rows if isinstance(row, Mapping)]
    acts = [(row.get("phase"), row["act"]) for row in said if row.get("act")]
    yield from (
        _wrong("twice", "activities", f"two in {phase} are bound to {act}: unbind one")
        for phase, act in _twice(acts)
    )
    keys = [row["key"] for row in said if row.get("key")]
    yield from (
        _wrong("twice", "activities", f"two have the key {key}: take it from the newer one")
        for key in _twice(keys)
    )


def _case(variation: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(f"{kind} {variation[kind]}" for kind in VariationKind if kind in variation)


def _of_list(value: object, path: str, most: int) -> Problems:
    if not isinstance(value, list):
        yield _wrong("list_missing", path, "list them, one below the other")
    elif len(value) > most:
        yield _wrong("too_many", path, f"at most {most}")


def _of_role(entry: object, path: str, roles: Collection[str]) -> Problems:
    if isinstance(entry, Mapping):
        yield from _strangers(entry, {"role", "description"}, path)
        yield from _of_text(entry.get("description") or "", f"{path}.description", MAX_TEXT)
    slug = entry if isinstance(entry, str) else _has_role(entry)
    if slug not in roles:
        said = f"“{slug}” is no role" if slug else "name a role"
        yield _wrong("unknown_role", path, f"{said}: use {', '.join(sorted(roles))}")


def _has_role(entry: object) -> str:
    role = entry.get("role") if isinstance(entry, Mapping) else None
    return role if isinstance(role, str) else ""


def _of_activity(row: object, path: str, known: _Known) -> Problems:
    if not isinstance(row, Mapping):
        yield _wrong("not_a_mapping", path, "an activity is `phase:`, `name:`, `letters:`")
        return
    yield from _strangers(row, _ACTIVITY_KEYS, path)
    if row.get("phase") not in PHASES:
        yield _wrong("unknown_phase", f"{path}.phase", f"use one of {', '.join(PHASES)}")
    yield from _of_text(row.get("name"), f"{path}.name", MAX_NAME, needed=True)
    yield from _of_text(row.get("description") or "", f"{path}.description", MAX_TEXT)
    yield from _of_text(row.get("key") or "", f"{path}.key", MAX_KEY)
    if row.get("act") and row["act"] not in ACTS:
        yield _wrong("unknown_act", f"{path}.act", f"use one of {', '.join(ACTS)}")
    for name, most in MINUTES.items():
        yield from _of_minutes(row.get(name), f"{path}.{name}", most)
    yield from _of_letters(row.get("letters"), f"{path}.letters", known, blank=False)


def _of_variation(said: object, path: str, known: _Known) -> Problems:
    if not isinstance(said, Mapping):
        yield _wrong("not_a_mapping", path, "begin with `severity:`, `tier:` or `scenario:`")
        return
    kinds = {str(kind) for kind in VariationKind}
    yield from _strangers(said, {*kinds, "note", "differences"}, path)
    if len(kinds & set(said)) != 1:
        yield _wrong("bad_case", path, "say exactly one of severity, tier and scenario")
    if "tier" in said and str(said["tier"]) not in ("1", "2", "3", "4"):
        yield _wrong("bad_tier", f"{path}.tier", "1 to 4")
    yield from _of_text(said.get("note") or "", f"{path}.note", MAX_TEXT)
    yield from _of_list(said.get("differences"), f"{path}.differences", MAX_ACTIVITIES)
    for index, each in enumerate(_entries(said.get("differences"))):
        yield from _of_difference(each, f"{path}.differences[{index}]", known)


def _of_difference(each: object, path: str, known: _Known) -> Problems:
    if not isinstance(each, Mapping):
        yield _wrong("not_a_mapping", path, "say `phase:`, `activity:` and `letters:`")
        return
    yield from _strangers(each, {"phase", "activity", "letters"}, path)
    if (each.get("phase"), each.get("activity")) not in known.places:
        yield _wrong("unknown_activity", path, "the matrix has no such activity in that phase")
    yield from _of_letters(each.get("letters"), f"{path}.letters", known, blank=True)


def _of_letters(letters: object, path: str, known: _Known, *, blank: bool) -> Problems:
    if not isinstance(letters, Mapping):
        yield _wrong("letters_missing", path, "say who has which letter, or {}")
        return
    for role, text in letters.items():
        if role not in known.roles:
            yield _wrong("unknown_role", f"{path}.{role}", "not among the roles of this matrix")
        if blank and str(text) == TAKEN_AWAY:
            continue
        try:
            Letter.parse(str(text))
        except Invalid as refusal:
            yield _wrong("unknown_letter", f"{path}.{role}", str(refusal))


def _of_minutes(value: object, path: str, most: int) -> Problems:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_number and 0 <= int(str(value)) <= most):
        yield _wrong("bad_minutes", path, f"whole minutes from 0 to {most:,}")


def _of_text(value: object, path: str, longest: int, *, needed: bool = False) -> Problems:
    if not isinstance(value, str) or (needed and not value.strip()):
        yield _wrong("bad_text", path, "write some text")
    elif len(value) > longest or "\0" in value:
        yield _wrong("bad_text", path, f"at most {longest} characters, none of them NUL")


def _strangers(given: Mapping[Any, Any], keys: Collection[str], path: str) -> Problems:
    for key in given:
        if key not in keys:
            at = f"{path}.{key}" if path else str(key)
            yield _wrong(
                "unknown_key", at, f"not known here; known are {', '.join(sorted(keys))}"
            )


def _entries(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _twice(values: list[Any]) -> list[Any]:
    return [value for index, value in enumerate(values) if value in values[:index]]


def _wrong(code: str, path: str, demand: str) -> Reason:
    return Reason(code, f"{path}: {demand}." if path else f"{demand.capitalize()}.", path)
