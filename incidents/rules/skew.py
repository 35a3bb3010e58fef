"""Clocks that disagree: what we make of an instant that another machine's clock gave."""

from datetime import UTC, datetime, timedelta

from incidents.rules.reasons import Reason

TOLERATED = timedelta(minutes=5)
OLDEST = timedelta(days=30)
_FIELD = "detected_at"


def told_at(claimed: object, *, at: datetime) -> tuple[datetime, Reason | None]:
    """The instant to count with, and what was wrong with the one claimed; nothing claimed is now.

    A clock that runs up to five minutes ahead of ours meant now. Further ahead, older than thirty
    days, without an offset or no instant at all is nothing to count with, so now counts as well.
    """
    if claimed is None or claimed == "":
        return at, None
    instant = _instant(claimed)
    if instant is None:
        return at, _said("instant_unusable", f"“{str(claimed)[:40]}” is no instant")
    if instant.tzinfo is None:
        return at, _said("instant_without_offset", f"{instant} bears no offset from UTC")
    return _measured(instant.astimezone(UTC), at)


def _measured(instant: datetime, at: datetime) -> tuple[datetime, Reason | None]:
    if instant > at + TOLERATED:
        return at, _said("instant_in_the_future", f"{instant:%Y-%m-%d %H:%M} UTC lies ahead")
    if instant > at:
        ahead = round((instant - at).total_seconds())
        return at, _said("clock_ahead", f"The sender's clock is {ahead} s ahead of ours")
    if instant < at - OLDEST:
        days = f"{OLDEST.days} days"
        return at, _said("instant_too_old", f"{instant:%Y-%m-%d} is more than {days} ago")
    return instant, None


def _instant(claimed: object) -> datetime | None:
    if isinstance(claimed, str):
        try:
            claimed = datetime.fromisoformat(claimed)
        except ValueError:
            return None
    if not isinstance(claimed, datetime):
        return None
    try:
        # Year 1 east of Greenwich is no instant of UTC.
        return claimed if claimed.tzinfo is None else claimed.astimezone(UTC)
    except OverflowError:
        return None


def _said(code: str, what: str) -> Reason:
    return Reason(code, f"{what}: the instant of its arrival counts.", _FIELD)
