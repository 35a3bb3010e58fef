"""The severity scheme: four levels, what puts an incident there, who hears of it and how often."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    EXECUTIVE,
    RESPONDER,
)

Predicate: TypeAlias = dict[str, Any]


def is_(field: str, operator: str, value: Any = None) -> Predicate:
    """One condition on one fact."""
    said = {"field": field, "operator": operator}
    return said if value is None else {**said, "value": value}


def all_of(*conditions: Predicate) -> Predicate:
    """Every one of these."""
    return {"all": list(conditions)}


@dataclass(frozen=True)
class LevelLaw:
    """One level: criteria by name, minutes to tell a role, and the pace of updates.

    A pace is (first, every) or (first, every, until, then every), in minutes.
    """

    code: str
    name: str
    description: str
    review_due_days: int | None
    is_public: bool
    criteria: dict[str, Predicate]
    tell: dict[str, int]
    pace: dict[str, tuple[int, ...]]


_OUT = is_("functionality_lost", "in", ["major", "total"])
_IMPAIRED = is_("functionality_lost", "in", ["degraded", "major", "total"])
_EARNS = is_("revenue_service_affected", "is_true")

LEVELS = (
    LevelLaw(
        code="sev1",
        name="SEV1 critical",
        description="The company's promise is broken for many, or somebody may come to harm.",
        review_due_days=3,
        is_public=True,
        criteria={
            "A revenue service is gone": all_of(
                _EARNS, is_("functionality_lost", "eq", "total")
            ),
            "A quarter of all customers cannot work": all_of(
                is_("customers_affected_percent", "gte", 25), _OUT
            ),
            "Somebody may come to physical harm": is_("safety_risk", "is_true"),
            "Personal data is exposed": is_("personal_data_exposure", "eq", "confirmed"),
            "An intruder is in a vital service": all_of(
                is_("security_compromise", "is_true"), is_("service_tier", "lte", 1)
            ),
        },
        tell={
            COMMANDER: 0,
            COMMUNICATIONS: 0,
            EXECUTIVE: 0,
            DEPUTY: 0,
            DOMAIN_OWNER: 0,
            COUNSEL: 15,
        },
        # PagerDuty's guideline for public posts: within 5 minutes, every 20 for two hours.
        pace={"internal": (15, 15, 240, 60), "public": (5, 20, 120, 60), "executive": (30, 60)},
    ),
    LevelLaw(
        code="sev2",
        name="SEV2 high",
        description="Many customers are hindered, or a revenue service badly limps.",
        review_due_days=5,
        is_public=True,
        criteria={
            "A thousand customers are hindered": all_of(
                is_("customers_affected", "gte", 1000), _IMPAIRED
            ),
            "A revenue service is badly degraded": all_of(
                _EARNS, is_("functionality_lost", "eq", "major")
            ),
            "Personal data may be exposed": is_("personal_data_exposure", "eq", "possible"),
            "An intruder is in": is_("security_compromise", "is_true"),
            "Five or more services depend on what is out": all_of(
                is_("dependents_affected", "gte", 5), _OUT
            ),
            "A vital service is out for half an hour without a way around": all_of(
                is_("service_tier", "lte", 1),
                is_("service_unavailability_minutes", "gte", 30),
                is_("workaround_available", "is_false"),
            ),
        },
        tell={COMMANDER: 0, DOMAIN_OWNER: 0, COMMUNICATIONS: 5, EXECUTIVE: 30},
        pace={"internal": (20, 30), "public": (15, 60), "executive": (60, 120)},
    ),
    LevelLaw(
        code="sev3",
        name="SEV3 moderate",
        description="Some customers are hindered, or there is no way around for the few.",
        review_due_days=10,
        is_public=False,
        criteria={
            "An important service is impaired": all_of(
                is_("service_tier", "lte", 2), _IMPAIRED
            ),
            "Fifty customers are hindered": is_("customers_affected", "gte", 50),
            "There is no way around": all_of(_OUT, is_("workaround_available", "is_false")),
        },
        tell={RESPONDER: 0, DOMAIN_OWNER: 0, COMMANDER: 15},
        pace={"internal": (60, 120)},
    ),
    LevelLaw(
        code="sev4",
        name="SEV4 low",
        description="Nobody outside notices, or only as an oddity.",
        review_due_days=None,
        is_public=False,
        criteria={},
        tell={RESPONDER: 0, DOMAIN_OWNER: 60},
        pace={"internal": (240, 480)},
    ),
)
