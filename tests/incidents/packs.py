"""The shipped law pack, read once a run, and packs and cases made of it."""

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from incidents.calendars import is_holiday
from incidents.documents import shipped_pack
from incidents.rules import law_pack, legal_engine, legal_facts
from incidents.rules.law_pack import Pack
from incidents.rules.legal_engine import Outcome

NOTHING: Mapping[str, Any] = MappingProxyType({})


@cache
def shipped() -> Pack:
    """The pack that ships with the product."""
    return law_pack.read(shipped_pack())


def shipped_document() -> dict[str, Any]:
    """A copy of its document with nothing shared, to be changed freely."""
    document: dict[str, Any] = json.loads(json.dumps(shipped_pack()))
    return document


def outcome(
    facts: Mapping[str, Any],
    clocks: Mapping[str, Any] = NOTHING,
    submitted: Mapping[str, Any] = NOTHING,
    *,
    pack: Pack | None = None,
) -> Outcome:
    """What follows from these facts under the shipped pack, or another."""
    pack = pack or shipped()
    case = legal_facts.case(pack, facts, clocks, submitted)
    return legal_engine.evaluate(pack, case, is_holiday)
