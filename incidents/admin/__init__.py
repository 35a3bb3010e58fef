"""The governed admin: one module a noun; importing this package registers them all."""

from incidents.admin import (
    catalogue,
    incident,
    matrix,
    people,
    records,
    severity,
    statement,
    update,
)

__all__ = [
    "catalogue",
    "incident",
    "matrix",
    "people",
    "records",
    "severity",
    "statement",
    "update",
]
