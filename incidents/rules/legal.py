"""When counsel must be engaged, and what the data map may be taken for while nobody says more."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from incidents.rules.facts import personal_data_may_be_exposed
from incidents.rules.law_pack import Pack
from incidents.rules.legal_engine import Outcome
from incidents.rules.roles import COMMANDER, COUNSEL, PRIVACY

# Policy, not statute: no law orders a lawyer within the hour. Some clocks started by an exposure
# run for a day or less, and what is said or preserved in the first hour cannot be taken back.
COUNSEL_WITHIN = timedelta(hours=1)
# Advice stays privileged while few read it: who gives it, who needs it, who decides on it.
NOTE_READERS = frozenset({COUNSEL, PRIVACY, COMMANDER})
MAX_FILE = 5 * 1024 * 1024  # bytes
_POLICY = "counsel within the hour, by our own policy."
_PLACES, _COUNTS = "affected_jurisdictions", "persons_affected_by_jurisdiction"
_TOTAL, _CATEGORIES = "persons_affected_total", "data_categories"


def why_counsel(
    facts: Mapping[str, Any], pack: Pack | None = None, outcome: Outcome | None = None
) -> str:
    """Why counsel is engaged within the first hour, naming the rule; "" where nothing asks.

    Possible exposure is enough. The finer policy of a law pack (encryption, kinds of data,
    numbers, short clocks) calls counsel besides; it spares nobody the call.
    """
    if personal_data_may_be_exposed(facts):
        return f"Personal data may be exposed: {_POLICY}"
    if pack is None or outcome is None or not outcome.counsel_within_first_hour:
        return ""
    rules = {rule.id: rule.reason.rstrip(".") for rule in pack.counsel}
    first = outcome.counsel_rules[0]
    return f"{rules[first]} (rule {first}): {_POLICY}"


def may_read_notes(roles: Iterable[str]) -> bool:
    """Whether who holds these roles in an incident reads its privileged notes."""
    return not NOTE_READERS.isdisjoint(roles)


def fitted(assumed: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What the data map assumes, as far as it goes with what somebody said.

    Where people said who is affected, the map does not name more places or more persons.
    """
    fits = {name: value for name, value in assumed.items() if name not in said}
    counts: Mapping[str, int] | None = fits.get(_COUNTS)
    if counts is not None:
        places = said.get(_PLACES)
        if places is not None:
            counts = {code: each for code, each in counts.items() if _lies_in(code, places)}
        total = said.get(_TOTAL)
        if total is not None:
            counts = {code: min(each, total) for code, each in counts.items()}
        fits[_COUNTS] = dict(counts)
    by_place: Mapping[str, int] | None = said.get(_COUNTS)
    if by_place and _TOTAL in fits:
        fits[_TOTAL] = max([fits[_TOTAL], *by_place.values()])
    return fits


def _lies_in(code: str, places: Any) -> bool:
    return any(code == each or code == each.partition("-")[0] for each in places)


def without_denial(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without “no data is affected”, where an exposure says otherwise."""
    is_denied = facts.get(_CATEGORIES) == ["none"]
    if is_denied and personal_data_may_be_exposed(facts):
        return {name: value for name, value in facts.items() if name != _CATEGORIES}
    return dict(facts)
