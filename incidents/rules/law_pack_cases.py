"""The worked cases a law pack brings along: each is evaluated, and what differs is said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from incidents.rules.law_pack import Pack
from incidents.rules.legal_deadlines import Calendars
from incidents.rules.legal_engine import evaluate
from incidents.rules.legal_facts import case, parse_instants
from incidents.rules.reasons import Refused

_LISTS = (
    "duty", "assess", "not_in_force", "voluntary", "pending", "no_fixed_deadline",
)  # fmt: skip
_COUNSEL = "counsel_within_first_hour"


@dataclass(frozen=True, slots=True)
class Failure:
    """One case that does not come out as the pack says; each difference in a sentence."""

    case: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.case}: {'; '.join(self.differences)}"


def failures(pack: Pack, calendars: Calendars) -> tuple[Failure, ...]:
    """The cases of this pack that fail, in its order; none if the engine agrees with all of them."""
    found = []
    for said in pack.test_cases:
        differences = tuple(_differences(pack, said, calendars))
        if differences:
            found.append(Failure(str(said["id"]), differences))
    return tuple(found)


def _differences(pack: Pack, said: Mapping[str, Any], calendars: Calendars) -> Iterator[str]:
    expected = said.get("expected")
    if not isinstance(expected, Mapping):
        yield "it does not say what is expected"
        return
    try:
        given = case(
            pack,
            _mapping(said, "facts"),
            parse_instants(_mapping(said, "clocks"), "clocks"),
            parse_instants(_mapping(said, "submitted"), "submitted"),
        )
    except Refused as refused:
        yield from (reason.message.rstrip(".") for reason in refused.reasons)
        return
    found = evaluate(pack, given, calendars).document()
    for key in _LISTS:
        yield from _of_list(key, expected.get(key), found[key])
    yield from _of_due(expected.get("due"), found["due"])
    if found[_COUNSEL] is not expected.get(_COUNSEL):
        yield f"{_COUNSEL} comes out as {_word(found[_COUNSEL])}"


def _mapping(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = said.get(key) or {}
    return part if isinstance(part, Mapping) else {}


def _of_list(key: str, expected: object, found: list[str]) -> Iterator[str]:
    wanted = [str(each) for each in expected] if isinstance(expected, list) else []
    if lacking := [each for each in wanted if each not in found]:
        yield f"{key} lacks {', '.join(lacking)}"
    if beyond := [each for each in found if each not in wanted]:
        yield f"{key} has {', '.join(beyond)} besides"


def _of_due(expected: object, found: list[Mapping[str, Any]]) -> Iterator[str]:
    rows = expected if isinstance(expected, list) else []
    wanted = {_stage(row): _when(row) for row in rows if isinstance(row, Mapping)}
    had = {_stage(row): _when(row) for row in found}
    yield from _of_list("due", list(wanted), list(had))
    for stage, when in wanted.items():
        if stage in had and had[stage] != when:
            yield f"{stage} is due {_spoken(had[stage])}, not {_spoken(when)}"


def _stage(row: Mapping[str, Any]) -> str:
    return f"{row.get('regime')}/{row.get('stage')}"


def _when(row: Mapping[str, Any]) -> tuple[object, object]:
    return row.get("due_at"), row.get("permitted_until")


def _spoken(when: tuple[object, object]) -> str:
    due, permitted = when
    return f"{due} (permitted until {permitted})" if permitted else str(due)


def _word(value: object) -> str:
    return "true" if value else "false"
