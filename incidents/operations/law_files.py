"""Law packs as files: the one that ships, one that is uploaded, and a version written out again."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from incidents.documents import shipped_pack as shipped_document
from incidents.documents import write_document
from incidents.models.law_pack import LawPack
from incidents.operations.law import pack_of as _enacted_pack
from incidents.rules import law_pack
from incidents.rules.law_pack import Pack
from incidents.rules.reasons import Invalid, Reason

MOST_REASONS = 200  # more nobody mends at one sitting
_LARGEST = 2**63 - 1
_KEPT = 4

# PostgreSQL forgets the order of keys: what is written out again stands as a reader expects it.
_ORDER = (
    "schema_version", "meta", "conventions", "computation_profiles", "holiday_calendars",
    "vocabularies", "regimes", "policies", "evidence", "test_cases",
    "id", "title", "name", "as_of", "language", "disclaimer", "jurisdiction", "recipients",
    "sectors", "entity_types", "data_categories", "status", "in_force_since", "applies_from",
    "applies_until", "computation", "calendar", "trigger", "watch", "stages", "recipient",
    "condition", "deadline", "cap", "after_stage", "without_undue_delay", "planning_target",
    "roll_to_working_day", "legal_basis", "source", "confidence", "verification", "notes",
    "when", "reason", "nature", "rules", "level", "checked", "unverified",
    "field", "operator", "value", "unit", "clock_start", "waived_when",
    "type", "enum", "default", "description", "facts", "clocks", "submitted", "expected",
)  # fmt: skip
_RANK = {key: rank for rank, key in enumerate(_ORDER)}


@cache
def shipped_pack() -> Pack:
    """The pack that ships, ready to be evaluated."""
    return understood(shipped_document())


def understood(document: object) -> Pack:
    """The pack of this document. Invalid with its problems by path, the first of them at least."""
    found = list(_not_plain(document))
    if found:
        raise Invalid(*_at_most(found))
    try:
        return law_pack.read(document)
    except Invalid as refused:
        raise Invalid(*_at_most(list(refused.reasons))) from refused


def pack_of(row: LawPack) -> Pack:
    """The pack of this version; read once a process, drafts too, for the digest tells them apart."""
    if row.is_enacted:
        return _enacted_pack(row)
    pack = _kept.pop(row.digest, None) or understood(row.document)
    _kept[row.digest] = pack
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)
    return pack


_kept: OrderedDict[str, Pack] = OrderedDict()


def digest(document: object) -> str:
    """SHA-256 of the document in canonical form: the same for the same content in any order."""
    said = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def as_yaml(row: LawPack) -> str:
    """The version as a file that an import reads back as the same."""
    comments = [
        f"{row}: {' '.join(row.title.split())}, as of {row.as_of}",
        f"{row.status}; SHA-256 {row.digest}",
        "Keys in any order. Every regime: when it is triggered, and the stages it then asks for.",
    ]
    return write_document(_ordered(row.document), comments)


def _ordered(part: Any) -> Any:
    if isinstance(part, Mapping):
        keys = sorted(part, key=lambda key: _RANK.get(key, len(_RANK)))
        return {
            key: part[key] if key == "vocabularies" else _ordered(part[key]) for key in keys
        }
    return [_ordered(each) for each in part] if isinstance(part, list) else part


def _at_most(reasons: list[Reason]) -> list[Reason]:
    left = len(reasons) - MOST_REASONS
    if left <= 0:
        return reasons
    more = Reason("law_more_problems", f"And {left:,} more: mend these first.")
    return [*reasons[:MOST_REASONS], more]


def _not_plain(document: object) -> Iterator[Reason]:
    """What no database keeps as JSON: YAML makes dates of dates, and sets of nothing."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, part = waiting.pop()
        if isinstance(part, Mapping):
            for key, value in part.items():
                if not isinstance(key, str):
                    yield _odd(path, f"put the key {str(key)[:60]} in quotes")
                elif not _is_storable(key):
                    yield _odd(path, "a key holds characters that cannot be stored")
                else:
                    waiting.append((f"{path}.{key[:60]}" if path else key[:60], value))
        elif isinstance(part, list):
            waiting += [(f"{path}[{index}]", each) for index, each in enumerate(part)]
        elif isinstance(part, str):
            if not _is_storable(part):
                yield _odd(path, "it holds characters that cannot be stored")
        elif not _is_plain_value(part):
            yield _odd(path, f"put {str(part)[:40]} in quotes, so that it is a text")


def _is_plain_value(value: object) -> bool:
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    return value is None


def _is_storable(text: str) -> bool:
    """PostgreSQL stores no NUL, and nothing writes half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _odd(path: str, what: str) -> Reason:
    return Reason("law_not_plain", f"{path}: {what}." if path else f"{what}.", path)
