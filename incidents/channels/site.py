"""Full addresses of this site, as messages carry them."""

from django.conf import settings

_STATUS = "/status/"


def address(path: str) -> str:
    """The path as an address of this site, whatever the path says; empty stays empty."""
    if path.startswith(_STATUS):  # it may be served from elsewhere, while we are down
        return f"{settings.STATUS_URL}/{path.removeprefix(_STATUS)}"
    return f"{settings.SITE_URL}/{path.lstrip('/')}" if path else ""
