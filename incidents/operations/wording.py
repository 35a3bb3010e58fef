"""Wording: the checks asked with what the database knows: services, people, what was said before."""

from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update
from incidents.rules.wording_checks import Remark


def of_update(update: Update, *, at: datetime) -> tuple[Remark, ...]:
    """What the checks say of an update that was drafted, were it published at `at`."""
    return ()


def of_text(
    incident: Incident | None,
    *,
    text: str,
    audience: str,
    language: str = "en",
    statement: HoldingStatement | None = None,
    corrects: Update | None = None,
    at: datetime,
) -> tuple[Remark, ...]:
    """The same of words nobody has stored yet, while they are written."""
    return ()


def of_statement(statement: HoldingStatement, *, at: datetime) -> tuple[Remark, ...]:
    """What the checks say of a holding statement, its blanks as they stand."""
    return ()
