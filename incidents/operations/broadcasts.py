"""Broadcasts: a published update composed to the many who asked for it, some at a time, by a sweep."""

from datetime import datetime

from incidents.models.update import Update


def ask(update: Update, *, at: datetime) -> None:
    """Keep that a published update is to be composed to the many, in the transaction of its act."""
