"""Places: where each audience is spoken to outside this site, and how far an update has come there."""

from datetime import datetime

from incidents.models.update import Update


def compose(update: Update, *, at: datetime) -> int:
    """Put a published update into the outbox for every active place of its audience; how many."""
    return 0
