"""What is known of one incident once it takes in another that was the same trouble all along."""

from collections.abc import Mapping
from typing import Any

from incidents.rules.facts import personal_data_may_be_exposed, severity_facts
from incidents.rules.reasons import Invalid

EXPOSURE = "personal_data_exposure"


def known_of_both(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of `here`, and those of `there` it does not know and that can be so beside them.

    An exposure of personal data is never lost: the law asks about it whoever noticed it.
    """
    known = dict(here)
    for name, value in there.items():
        if name not in known and _can_be({**known, name: value}):
            known[name] = value
    if personal_data_may_be_exposed(there) and not personal_data_may_be_exposed(known):
        known[EXPOSURE] = there[EXPOSURE]
    return known


def _can_be(facts: Mapping[str, Any]) -> bool:
    try:
        severity_facts(facts, {})
    except Invalid:
        return False
    return True
