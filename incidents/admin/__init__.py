"""The governed admin: one module a noun; importing this package registers them all."""

from incidents.admin import (
    access,
    alerts,
    calling,
    catalogue,
    emergency,
    exclusions,
    incident,
    limits,
    matrix,
    people,
    records,
    roles,
    severity,
    statement,
    update,
)

__all__ = [
    "access",
    "alerts",
    "calling",
    "catalogue",
    "emergency",
    "exclusions",
    "incident",
    "limits",
    "matrix",
    "people",
    "records",
    "roles",
    "severity",
    "statement",
    "update",
]
