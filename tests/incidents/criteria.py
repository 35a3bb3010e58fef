"""Another version of the criteria than the law's, and the pages on which it is tried."""

from typing import Any

from incidents.models import Person, SeverityScheme
from incidents.operations import scheme
from tests.factories import NOW

FIFTY = [
    {"name": "Fifty customers", "predicate": {"field": "customers_affected", "operator": "gte", "value": 50}}
]  # fmt: skip


def stricter(maker: Person, criteria: Any = FIFTY) -> SeverityScheme:
    """A draft of two levels with the codes of the law, but other criteria for the gravest."""
    document = {
        "levels": [
            {"code": "sev1", "name": "Severity 1", "criteria": criteria},
            {"code": "sev2", "name": "Severity 2"},
        ]
    }
    return scheme.draft(note="", document=document, actor=maker, at=NOW)


def address(version: SeverityScheme, page: str) -> str:
    return f"/admin/incidents/severityscheme/{version.pk}/{page}/"
