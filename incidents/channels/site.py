"""Full addresses of this site, as messages carry them."""

from django.conf import settings


def address(path: str) -> str:
    """The path as an address of this site, whatever the path says; empty stays empty."""
    return f"{settings.SITE_URL}/{path.lstrip('/')}" if path else ""
