"""What is wrong with a law pack before it is read: every problem at once, each by its path.

Nothing here trusts a shape: whatever JSON can hold may be asked, and answers with reasons.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from incidents.rules.facts import Vocabulary
from incidents.rules.law_pack_facts import (
    MAX_STATE,
    SHORTEST,
    fact_problems,
    read_facts,
    with_derived,
)
from incidents.rules.law_pack_paths import (
    Problems,
    at,
    is_one_of,
    is_text,
    members,
    quoted,
    strangers,
    twice,
    wrong,
)
from incidents.rules.law_pack_stages import Words, counsel_problems, stages_problems, trigger

STATUSES = ("in_force", "not_yet_in_force", "superseded", "voluntary", "contractual")
CONFIDENCE = ("high", "medium", "low")
COMPUTATIONS = ("standard", "eu_1182_71", "eu_dora_301", "us_sec_8k", "jp_appi_inclusive")
MAX_REGIMES = 1_000
# Words that predicates, regimes and stages choose from; each maps a word to its meaning.
VOCABULARIES = (
    "data_categories",
    "entity_types",
    "contract_clause_types",
    "recipients",
    "clock_starts",
)

_TOP = frozenset(
    {"schema_version", "meta", "conventions", "computation_profiles", "holiday_calendars"}
    | {"vocabularies", "regimes", "policies", "evidence", "test_cases"}
)
_REGIME = frozenset(
    {"id", "name", "jurisdiction", "recipients", "sectors", "entity_types", "data_categories"}
    | {"status", "in_force_since", "applies_from", "applies_until", "computation", "calendar"}
    | {"trigger", "watch", "stages", "legal_basis", "source", "confidence", "verification"}
    | {"notes"}
)
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_JURISDICTION = re.compile(r"EU|GLOBAL|[A-Z]{2}(-[A-Z0-9]{1,3})?")
_CALENDAR = re.compile(r"US-FEDERAL|EU-MEMBER-STATE|JP-GOV|[A-Z]{2}(-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class _Known(Words):
    """Also what only the regimes name."""

    words: Mapping[str, Collection[str]]
    levels: Collection[str]


def problems(document: object) -> Problems:
    """Whatever is wrong with this document as a law pack; nothing if it can be read."""
    if not isinstance(document, Mapping):
        yield wrong("law_not_a_mapping", "", "Begin with `meta:`, `vocabularies:`, `regimes:`")
        return
    yield from (
        each
        for each in strangers(document, _TOP, "")
        if not each.field.startswith("x-")  # where anchors are kept
    )
    yield from _of_meta(document.get("meta"))
    vocabularies = document.get("vocabularies")
    vocabularies = vocabularies if isinstance(vocabularies, Mapping) else {}
    yield from _of_words(document, vocabularies)
    yield from fact_problems(vocabularies)
    known = _known(document, vocabularies, read_facts(vocabularies))
    yield from _of_regimes(document.get("regimes"), known)
    counselling = with_derived(known.said, MAX_STATE, SHORTEST)
    yield from counsel_problems(document.get("policies"), counselling)
    yield from _of_cases(document.get("test_cases"))


def _mapping(value: object, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _known(
    document: Mapping[str, Any], vocabularies: Mapping[str, Any], said: Vocabulary
) -> _Known:
    words = {name: _mapping(vocabularies, name) for name in VOCABULARIES}
    return _Known(
        said=said,
        facts=with_derived(said, MAX_STATE),
        clocks=words["clock_starts"],
        recipients=words["recipients"],
        calendars=_mapping(document, "holiday_calendars"),
        computations=_mapping(document, "computation_profiles"),
        words=words,
        levels=_mapping(document.get("meta"), "verification_levels"),
    )


def _of_meta(meta: object) -> Problems:
    if not isinstance(meta, Mapping):
        yield wrong("law_not_a_mapping", "meta", "say `title:`, `as_of:` and `disclaimer:`")
        return
    if not is_text(meta.get("title"), 200, needed=True):
        yield wrong("law_bad_text", "meta.title", "name the pack, in at most 200 characters")
    if not is_text(meta.get("disclaimer", ""), 2_000):
        yield wrong("law_bad_text", "meta.disclaimer", "write at most 2,000 characters")
    if not is_day(meta.get("as_of")):
        yield wrong("law_bad_date", "meta.as_of", "a date such as 2026-11-23, as a text")


def _of_words(document: Mapping[str, Any], vocabularies: Mapping[str, Any]) -> Problems:
    for name in VOCABULARIES:
        yield from _of_vocabulary(vocabularies.get(name), f"vocabularies.{name}")
    calendars = document.get("holiday_calendars")
    yield from _of_vocabulary(calendars, "holiday_calendars")
    for name in calendars if isinstance(calendars, Mapping) else ():
        if not isinstance(name, str) or not _CALENDAR.fullmatch(name):
            path = at("holiday_calendars", name)
            yield wrong("law_unknown_calendar", path, "use a country such as BR, or AU-NSW")
    profiles = document.get("computation_profiles")
    if not isinstance(profiles, Mapping) or not profiles:
        yield wrong("law_unknown_computation", "computation_profiles", "describe each in use")
        return
    for name in profiles:
        if not is_one_of(name, COMPUTATIONS):
            path = at("computation_profiles", name)
            text = f"cannot be computed; use {', '.join(COMPUTATIONS)}"
            yield wrong("law_unknown_computation", path, text)
    yield from _of_relief(profiles.get("eu_dora_301"))


def _of_relief(profile: object) -> Problems:
    """The one profile whose numbers are read: who has no weekend relief, and for what."""
    if profile is None:
        return
    path = "computation_profiles.eu_dora_301"
    if not isinstance(profile, Mapping):
        yield wrong("law_not_a_mapping", path, "describe it")
        return
    for key in ("weekend_relief_excluded_entity_types", "weekend_relief_excluded_stages"):
        if not _are_texts(profile.get(key, [])):
            yield wrong("law_bad_text", f"{path}.{key}", "list them, or []")


def _are_texts(values: object) -> bool:
    """Whether this is a list of short texts; it may be empty."""
    return isinstance(values, list) and all(is_text(one, 1_000, needed=True) for one in values)


def _of_vocabulary(words: object, path: str) -> Problems:
    if not isinstance(words, Mapping) or not words:
        yield wrong("law_bad_vocabulary", path, "name each word with its meaning")
        return
    for word, meaning in words.items():
        if not is_text(word, 100, needed=True) or not is_text(meaning, 1_000):
            yield wrong("law_bad_vocabulary", at(path, word), "a word and its meaning, as text")


def _of_regimes(regimes: object, known: _Known) -> Problems:
    if not isinstance(regimes, list) or not 0 < len(regimes) <= MAX_REGIMES:
        yield wrong("law_regimes_missing", "regimes", f"list 1 to {MAX_REGIMES:,} regimes")
        return
    for index, regime in enumerate(regimes):
        path = f"regimes[{index}]"
        if isinstance(regime, Mapping):
            yield from _of_regime(regime, path, known)
        else:
            yield wrong("law_not_a_mapping", path, "say `id:`, `trigger:` and `stages:`")
    ids = [regime.get("id") for regime in regimes if isinstance(regime, Mapping)]
    for double in twice(ids):
        yield wrong("law_duplicate_id", "regimes", f"{quoted(double)} stands there twice")


def _of_regime(regime: Mapping[str, Any], path: str, known: _Known) -> Problems:
    yield from strangers(regime, _REGIME, path)
    yield from _of_names(regime, path)
    yield from _of_scope(regime, path, known)
    yield from _of_dates(regime, path)
    yield from _of_standing(regime, path, known)
    yield from trigger(regime.get("trigger"), f"{path}.trigger", known.facts)
    if regime.get("watch") is not None:
        yield from trigger(regime["watch"], f"{path}.watch", known.facts)
    yield from stages_problems(regime, path, known)


def _of_names(regime: Mapping[str, Any], path: str) -> Problems:
    ident = regime.get("id")
    if not isinstance(ident, str) or not _ID.fullmatch(ident):
        yield wrong("law_bad_id", f"{path}.id", "small letters, digits, - and _; at most 60")
    if not is_text(regime.get("name"), 200, needed=True):
        yield wrong("law_bad_text", f"{path}.name", "name it, in at most 200 characters")
    for key, longest in {"legal_basis": 500, "source": 1_000, "notes": 5_000}.items():
        if not is_text(regime.get(key, ""), longest):
            yield wrong("law_bad_text", f"{path}.{key}", f"at most {longest:,} characters")


def _of_scope(regime: Mapping[str, Any], path: str, known: _Known) -> Problems:
    jurisdiction = regime.get("jurisdiction")
    if not isinstance(jurisdiction, str) or not _JURISDICTION.fullmatch(jurisdiction):
        text = "a code such as DE, US-CA, EU or GLOBAL"
        yield wrong("law_unknown_jurisdiction", f"{path}.jurisdiction", text)
    for key, code in {
        "recipients": "law_unknown_recipient",
        "entity_types": "law_unknown_word",
        "data_categories": "law_unknown_word",
    }.items():
        yield from members(regime.get(key), known.words[key], f"{path}.{key}", code)
    if not _are_texts(regime.get("sectors")):
        yield wrong("law_bad_text", f"{path}.sectors", "list the sectors, or [all]")


def _of_standing(regime: Mapping[str, Any], path: str, known: _Known) -> Problems:
    for key, words in {"status": STATUSES, "confidence": CONFIDENCE}.items():
        if not is_one_of(regime.get(key), words):
            yield wrong(f"law_unknown_{key}", f"{path}.{key}", f"use one of {', '.join(words)}")
    if not is_one_of(regime.get("computation"), known.computations):
        text = f"{quoted(regime.get('computation'))} is not among computation_profiles"
        yield wrong("law_unknown_computation", f"{path}.computation", text)
    calendar = regime.get("calendar")
    if calendar is not None and not is_one_of(calendar, known.calendars):
        text = f"{quoted(calendar)} is not among holiday_calendars"
        yield wrong("law_unknown_calendar", f"{path}.calendar", text)
    said = regime.get("verification")
    if not isinstance(said, Mapping) or not is_one_of(said.get("level"), known.levels):
        text = "say how it was verified, by a level of meta.verification_levels"
        yield wrong("law_bad_verification", f"{path}.verification.level", text)
        return
    for key in ("checked", "unverified"):
        if not _are_texts(said.get(key, [])):
            yield wrong(
                "law_bad_verification", f"{path}.verification.{key}", "list texts, or []"
            )


def _of_dates(regime: Mapping[str, Any], path: str) -> Problems:
    days = {key: regime.get(key) for key in ("in_force_since", "applies_from", "applies_until")}
    for key, day in days.items():
        if day is not None and not is_day(day):
            text = "a date such as 2026-11-23, as a text, or null"
            yield wrong("law_bad_date", f"{path}.{key}", text)
    begins, ends = days["applies_from"], days["applies_until"]
    if is_day(begins) and is_day(ends) and str(ends) < str(begins):
        yield wrong("law_dates_out_of_order", f"{path}.applies_until", "before applies_from")
    if begins is None and regime.get("status") in ("in_force", "superseded"):
        yield wrong("law_bad_date", f"{path}.applies_from", "what applies has a first day")


def is_day(value: object) -> bool:
    """Whether this is a date as a text that sorts as text."""
    if not isinstance(value, str):
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _of_cases(cases: object) -> Problems:
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        if not isinstance(case, Mapping) or not is_text(case.get("id"), 100, needed=True):
            yield wrong("law_bad_case", f"test_cases[{index}]", "name it by an `id:`")
    if cases is not None and not isinstance(cases, list):
        yield wrong("law_bad_case", "test_cases", "list the worked cases")
