"""Which roles exclude each other: pairs that leadership keeps, and the database holds."""

from datetime import UTC, datetime
from typing import Any

from incidents.models.roles import RoleExclusion
from incidents.rules.roles import EXCLUSIONS

_SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)


def begin(*, using: str = "default", **_kwargs: Any) -> None:
    """What an installation begins with, made once: lifted pairs stay lifted."""
    if RoleExclusion.objects.using(using).exists():
        return
    for role, other, reason in EXCLUSIONS:
        RoleExclusion.objects.using(using).create(
            role=role, other=other, reason=reason, made_at=_SHIPPED
        )
