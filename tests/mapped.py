"""Plain functions for tests of readiness: what a service holds, and an authority on file."""

from typing import Any

from incidents.models import DataHolding, Regulator, Service


def holding(of: Service, title: str = "Accounts", **fields: Any) -> DataHolding:
    """Health data of twelve thousand people in Germany, unless said otherwise."""
    given = {
        "data_categories": ["health"],
        "jurisdictions": ["DE"],
        "persons": {"DE": 12_000},
    } | fields
    return DataHolding.objects.create(service=of, title=title, **given)


def regulator(name: str = "The commissioner", **fields: Any) -> Regulator:
    """The authority for data protection, by its portal."""
    given = {"recipient": "dpa_eu", "address": "https://authority.example"} | fields
    return Regulator.objects.create(name=name, **given)
