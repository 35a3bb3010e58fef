"""What is known of one incident once it takes in another that was the same trouble all along."""

from collections.abc import Callable, Mapping
from typing import Any

from incidents.rules.facts import severity_facts, severity_part
from incidents.rules.reasons import Invalid

EXPOSURE = "personal_data_exposure"
_GRAVER = ("none", "possible", "confirmed")


def known_of_both(
    here: Mapping[str, Any],
    there: Mapping[str, Any],
    stands_before_law: Callable[[Mapping[str, Any]], bool] = lambda _: True,
) -> dict[str, Any]:
    """The facts of `here`, and those of `there` it does not know and that can be so beside them.

    The graver exposure of personal data holds: the law asks about it whoever noticed it.
    `stands_before_law` says of the facts of both whether the law here can read them.
    """
    known = dict(here)
    for name, value in there.items():
        both = {**known, name: value}
        if name not in known and _can_be(both) and stands_before_law(both):
            known[name] = value
    if _exposure(there) > _exposure(known):
        known[EXPOSURE] = there[EXPOSURE]
    return known


def _exposure(facts: Mapping[str, Any]) -> int:
    """How grave the exposure is: the more, the later in the list."""
    return _GRAVER.index(facts[EXPOSURE]) if facts.get(EXPOSURE) in _GRAVER else -1


def _can_be(facts: Mapping[str, Any]) -> bool:
    try:
        severity_facts(severity_part(facts), {})
    except Invalid:
        return False
    return True
