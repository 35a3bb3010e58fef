"""When counsel must be engaged. The duties to notify find their place here too."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from incidents.rules.facts import personal_data_may_be_exposed

# Policy, not statute: no law orders a lawyer within the hour. Some clocks started by an exposure
# run for a day or less, and what is said or preserved in the first hour cannot be taken back.
COUNSEL_WITHIN = timedelta(hours=1)


def counsel_clock(facts: Mapping[str, Any], known_at: datetime) -> datetime | None:
    """By when counsel must be engaged, counted from when the exposure was known; None if not.

    Possible exposure is enough. The finer policy (encryption, kinds of data, numbers, short
    clocks) would spare some of these; while those facts are not asked for, doubt engages.
    """
    return known_at + COUNSEL_WITHIN if personal_data_may_be_exposed(facts) else None
