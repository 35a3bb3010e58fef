"""The severity scheme an installation begins with: four levels, criteria anybody can check."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    ENGINEERING,
    EXECUTIVE,
    RESPONDER,
    TEAM_LEAD,
)

_Part: TypeAlias = dict[str, Any]


def _is(field: str, operator: str, value: Any = None) -> _Part:
    """One condition on one fact."""
    said = {"field": field, "operator": operator}
    return said if value is None else {**said, "value": value}


def _criterion(name: str, *conditions: _Part) -> _Part:
    """All of these conditions together, under a name."""
    predicate = conditions[0] if len(conditions) == 1 else {"all": list(conditions)}
    return {"name": name, "predicate": predicate}


def _pace(first: int, every: int, until: int = 0, then: int = 0) -> _Part:
    """Minutes to the first update, between two, and the slower pace after `until`."""
    pace = {"first_minutes": first, "every_minutes": every}
    return {**pace, "until_minutes": until, "then_every_minutes": then} if until else pace


def _until_answered(within: int, every: int, times: int, following: str = "") -> _Part:
    """A call that is repeated until somebody answers; then who is next in line is called."""
    call = {"within": within, "repeat_minutes": every, "repeats": times}
    return {**call, "next": following} if following else call


_OUT = _is("functionality_lost", "in", ["major", "total"])
_IMPAIRED = _is("functionality_lost", "in", ["degraded", "major", "total"])
_EARNS = _is("revenue_service_affected", "is_true")

_SEV1: _Part = {
    "code": "sev1",
    "name": "SEV1 critical",
    "description": "The company's promise is broken for many, or somebody may come to harm.",
    "review_due_days": 3,
    "public_update_required": True,
    "command_answer_minutes": 5,
    "criteria": [
        _criterion(
            "A revenue service is gone", _EARNS, _is("functionality_lost", "eq", "total")
        ),
        _criterion(
            "A quarter of all customers cannot work",
            _is("customers_affected_percent", "gte", 25),
            _OUT,
        ),
        _criterion("Somebody may come to physical harm", _is("safety_risk", "is_true")),
        _criterion(
            "Personal data is exposed", _is("personal_data_exposure", "eq", "confirmed")
        ),
        _criterion(
            "An intruder is in a vital service",
            _is("security_compromise", "is_true"),
            _is("service_tier", "lte", 1),
        ),
    ],
    # Who must be there within minutes is called until somebody answers; the others are told once.
    "escalation": {
        COMMANDER: _until_answered(0, 5, 3, DEPUTY),
        COMMUNICATIONS: _until_answered(0, 5, 3, COMMANDER),
        ENGINEERING: _until_answered(0, 5, 3, EXECUTIVE),
        DEPUTY: 0,
        DOMAIN_OWNER: 0,
        COUNSEL: 15,
    },
    # PagerDuty's guideline for public posts: within 5 minutes, every 20 for two hours.
    "cadences": {
        "internal": _pace(15, 15, 240, 60),
        "public": _pace(5, 20, 120, 60),
        "customers": _pace(15, 30, 240, 60),
        "support": _pace(10, 30, 240, 60),
        "executive": _pace(30, 60),
    },
}
_SEV2: _Part = {
    "code": "sev2",
    "name": "SEV2 high",
    "description": "Many customers are hindered, or a revenue service badly limps.",
    "review_due_days": 5,
    "public_update_required": True,
    "command_answer_minutes": 10,
    "criteria": [
        _criterion(
            "A thousand customers are hindered",
            _is("customers_affected", "gte", 1000),
            _IMPAIRED,
        ),
        _criterion(
            "A revenue service is badly degraded",
            _EARNS,
            _is("functionality_lost", "eq", "major"),
        ),
        _criterion(
            "Personal data may be exposed", _is("personal_data_exposure", "eq", "possible")
        ),
        _criterion("An intruder is in", _is("security_compromise", "is_true")),
        _criterion(
            "Five or more services depend on what is out",
            _is("dependents_affected", "gte", 5),
            _OUT,
        ),
        _criterion(
            "A vital service is out for half an hour without a way around",
            _is("service_tier", "lte", 1),
            _is("service_unavailability_minutes", "gte", 30),
            _is("workaround_available", "is_false"),
        ),
        # Nobody has to type how long it lasts: the clock alone raises it.
        _criterion(
            "An important service is out for an hour without a way around",
            _is("service_tier", "lte", 2),
            _OUT,
            _is("minutes_running", "gte", 60),
            _is("workaround_available", "is_false"),
        ),
    ],
    # Whoever holds a role is told of it when it is given; the level itself calls no more than these.
    "escalation": {
        RESPONDER: _until_answered(0, 10, 2, TEAM_LEAD),
        TEAM_LEAD: _until_answered(0, 10, 2),
    },
    "cadences": {
        "internal": _pace(20, 30),
        "public": _pace(15, 60),
        "customers": _pace(30, 60),
        "support": _pace(20, 60),
        "executive": _pace(60, 120),
    },
}
_SEV3: _Part = {
    "code": "sev3",
    "name": "SEV3 moderate",
    "description": "Some customers are hindered, or there is no way around for the few.",
    "review_due_days": 10,
    "public_update_required": False,
    "command_answer_minutes": 30,
    "criteria": [
        _criterion(
            "An important service is impaired", _is("service_tier", "lte", 2), _IMPAIRED
        ),
        _criterion("Fifty customers are hindered", _is("customers_affected", "gte", 50)),
        _criterion("There is no way around", _OUT, _is("workaround_available", "is_false")),
    ],
    "escalation": {RESPONDER: 0, TEAM_LEAD: 15},
    "cadences": {"internal": _pace(60, 120)},
}
_SEV4: _Part = {
    "code": "sev4",
    "name": "SEV4 low",
    "description": "Nobody outside notices, or only as an oddity.",
    "review_due_days": None,
    "public_update_required": False,
    "command_answer_minutes": None,
    "criteria": [],
    "escalation": {RESPONDER: 0, TEAM_LEAD: 60},
    "cadences": {"internal": _pace(240, 480)},
}

# The shape `incidents.rules.scheme_document` asks for, as a person writes it.
DEFAULT_SCHEME: Mapping[str, Any] = {"levels": [_SEV1, _SEV2, _SEV3, _SEV4]}
