"""How the admin looks and how its sidebar reads: Unfold's settings on one page."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Incident governance",
    "SITE_HEADER": "Incident governance",
    "SITE_SYMBOL": "gavel",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}
