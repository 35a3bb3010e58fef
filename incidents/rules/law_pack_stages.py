"""What is wrong with the predicates, stages, deadlines and counsel rules of a law pack."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from incidents.rules.facts import Vocabulary
from incidents.rules.law_pack_paths import (
    Problems,
    is_one_of,
    is_text,
    is_whole,
    members,
    quoted,
    strangers,
    twice,
    wrong,
)
from incidents.rules.predicates import problems as predicate_problems

# The longest period a pack may give in each unit: ten years, beyond which it is a slip.
UNITS: Mapping[str, int] = {
    "hours": 87_600,
    "calendar_days": 3_660,
    "business_days": 2_600,
    "months": 120,
}
PREVIOUS = "previous_stage"
WAIVERS = ("main_clock_starts_after_cap",)
MAX_STAGES = 50

_STAGE = frozenset(
    {"id", "name", "recipient", "condition", "deadline", "cap", "after_stage"}
    | {"without_undue_delay", "planning_target", "roll_to_working_day"}
)
_PERIOD = frozenset({"value", "unit", "clock_start"})
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_CODES = {
    "field": "law_unknown_fact",
    "operator": "law_unknown_operator",
    "value": "law_bad_value",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the stages of a pack may name: facts as said and with those derived, clocks …"""

    said: Vocabulary
    facts: Vocabulary
    clocks: Collection[str]
    recipients: Collection[str]
    calendars: Collection[str]
    computations: Collection[str]


def trigger(predicate: object, path: str, facts: Vocabulary) -> Problems:
    """What is wrong with a predicate, by the path down to its leaf."""
    for where, text in predicate_problems(predicate, facts):
        code = _CODES.get(where.rpartition(".")[2], "law_bad_predicate")
        yield wrong(code, at_path(path, where), text.rstrip("."))


def at_path(path: str, where: str) -> str:
    """The path within a predicate, behind the predicate's own."""
    return f"{path}.{where}" if where else path


def counsel_problems(policies: object, facts: Vocabulary) -> Problems:
    """What is wrong with the rules for counsel within the first hour; there may be none."""
    path = "policies.counsel_first_hour"
    policy = policies.get("counsel_first_hour") if isinstance(policies, Mapping) else None
    if policies is None or (isinstance(policies, Mapping) and policy is None):
        return
    rules = policy.get("rules") if isinstance(policy, Mapping) else None
    if not isinstance(rules, list):
        yield wrong("law_bad_counsel_rule", path, "list its `rules:`")
        return
    for index, rule in enumerate(rules):
        yield from _of_rule(rule, f"{path}.rules[{index}]", facts)
    for double in twice([rule.get("id") for rule in rules if isinstance(rule, Mapping)]):
        text = f"{quoted(double)} stands there twice"
        yield wrong("law_duplicate_id", f"{path}.rules", text)


def _of_rule(rule: object, path: str, facts: Vocabulary) -> Problems:
    if not isinstance(rule, Mapping):
        yield wrong("law_not_a_mapping", path, "say `id:`, `when:` and `reason:`")
        return
    yield from strangers(rule, {"id", "when", "reason"}, path)
    yield from _of_id(rule, path)
    if not is_text(rule.get("reason"), 500, needed=True):
        yield wrong("law_bad_text", f"{path}.reason", "give the reason")
    yield from trigger(rule.get("when"), f"{path}.when", facts)


def stages_problems(regime: Mapping[str, Any], path: str, known: Words) -> Problems:
    """What is wrong with the stages of one regime, and with the order among them."""
    stages = regime.get("stages")
    path = f"{path}.stages"
    if not isinstance(stages, list) or not 0 < len(stages) <= MAX_STAGES:
        yield wrong("law_stages_missing", path, f"list 1 to {MAX_STAGES} stages")
        return
    for index, stage in enumerate(stages):
        if isinstance(stage, Mapping):
            yield from _of_stage(stage, f"{path}[{index}]", known)
            yield from _of_calendar(stage, regime, f"{path}[{index}]")
        else:
            yield wrong("law_not_a_mapping", f"{path}[{index}]", "say `id:` and `deadline:`")
    mappings = [stage for stage in stages if isinstance(stage, Mapping)]
    for double in twice([stage.get("id") for stage in mappings]):
        yield wrong("law_duplicate_id", path, f"{quoted(double)} stands there twice")
    yield from _of_order(stages, path)


def _of_stage(stage: Mapping[str, Any], path: str, known: Words) -> Problems:
    yield from strangers(stage, _STAGE, path)
    yield from _of_id(stage, path)
    if not is_text(stage.get("name"), 250, needed=True):
        yield wrong("law_bad_text", f"{path}.name", "name it, in at most 250 characters")
    code = "law_unknown_recipient"
    yield from members(stage.get("recipient"), known.recipients, f"{path}.recipient", code)
    if stage.get("condition") is not None:
        yield from trigger(stage["condition"], f"{path}.condition", known.facts)
    for flag in ("without_undue_delay", "roll_to_working_day"):
        if not isinstance(stage.get(flag, False), bool):
            yield wrong("law_bad_flag", f"{path}.{flag}", "true or false")
    yield from _of_periods(stage, path, known)


def _of_id(row: Mapping[str, Any], path: str) -> Problems:
    ident = row.get("id")
    if not isinstance(ident, str) or not _ID.fullmatch(ident):
        yield wrong("law_bad_id", f"{path}.id", "small letters, digits, - and _; at most 60")


def _of_periods(stage: Mapping[str, Any], path: str, known: Words) -> Problems:
    for key in ("deadline", "planning_target"):
        if stage.get(key) is not None:
            yield from _of_period(stage[key], f"{path}.{key}", known, _PERIOD)
    cap = stage.get("cap")
    if cap is not None:
        yield from _of_period(cap, f"{path}.cap", known, _PERIOD | {"waived_when"})
        waived = cap.get("waived_when") if isinstance(cap, Mapping) else None
        if waived is not None and not is_one_of(waived, WAIVERS):
            yield wrong("law_bad_cap", f"{path}.cap.waived_when", f"use {WAIVERS[0]}, or null")
        if stage.get("deadline") is None:
            yield wrong("law_bad_cap", f"{path}.cap", "caps no deadline: give one")
    starts = {_start(stage.get(key)) for key in ("deadline", "cap", "planning_target")}
    if PREVIOUS in starts and not stage.get("after_stage"):
        text = f"a clock starts with {PREVIOUS}: name the stage"
        yield wrong("law_stage_without_previous", f"{path}.after_stage", text)


def _start(period: object) -> str:
    found = period.get("clock_start") if isinstance(period, Mapping) else None
    return found if isinstance(found, str) else ""


def _of_period(period: object, path: str, known: Words, keys: Collection[str]) -> Problems:
    if not isinstance(period, Mapping):
        yield wrong("law_bad_deadline", path, "say `value:`, `unit:` and `clock_start:`")
        return
    yield from strangers(period, keys, path)
    unit = period.get("unit")
    if not is_one_of(unit, UNITS):
        yield wrong("law_unknown_unit", f"{path}.unit", f"use one of {', '.join(UNITS)}")
    most = UNITS.get(unit, max(UNITS.values())) if isinstance(unit, str) else 1
    if isinstance(unit, str) and not is_whole(period.get("value"), 1, most):
        yield wrong("law_bad_deadline", f"{path}.value", f"a whole number from 1 to {most:,}")
    if not is_one_of(period.get("clock_start"), known.clocks):
        text = f"{quoted(period.get('clock_start'))} is not among vocabularies.clock_starts"
        yield wrong("law_unknown_clock", f"{path}.clock_start", text)


def _of_calendar(stage: Mapping[str, Any], regime: Mapping[str, Any], path: str) -> Problems:
    for key in ("deadline", "cap"):
        period = stage.get(key)
        in_business_days = isinstance(period, Mapping) and period.get("unit") == "business_days"
        if in_business_days and regime.get("calendar") is None:
            text = "business days need the regime's `calendar:`"
            yield wrong("law_calendar_missing", f"{path}.{key}.unit", text)


def _of_order(stages: list[Any], path: str) -> Problems:
    ids = [stage.get("id") if isinstance(stage, Mapping) else None for stage in stages]
    follows: dict[str, list[str]] = {}
    for index, stage in enumerate(stages):
        named = stage.get("after_stage") if isinstance(stage, Mapping) else None
        where = f"{path}[{index}].after_stage"
        if named is None:
            continue
        yield from members(named, [one for one in ids if one], where, "law_unknown_stage")
        if isinstance(named, list) and isinstance(ident := ids[index], str):
            follows[ident] = [one for one in named if isinstance(one, str)]
    for index, ident in enumerate(ids):
        if isinstance(ident, str) and _reaches(ident, follows):
            text = f"{quoted(ident)} waits for itself: break the circle"
            yield wrong("law_stage_circle", f"{path}[{index}].after_stage", text)


def _reaches(ident: str, follows: Mapping[str, list[str]]) -> bool:
    """Whether a stage comes, step by step, before itself."""
    seen: set[str] = set()
    waiting = list(follows.get(ident, ()))
    while waiting:
        stage = waiting.pop()
        if stage == ident:
            return True
        if stage not in seen:
            seen.add(stage)
            waiting += follows.get(stage, ())
    return False
