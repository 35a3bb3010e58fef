"""Where Northwind Pay tells whom of what it publishes."""

from incidents.models import Destination
from raci_project.demo.people import DOMAIN

# name, audience, channel, address, whether it is told now
PLACES = (
    ("Partners and press", "public", "email", f"updates-public@lists.{DOMAIN}", True),
    ("Our page at Statuspage", "public", "atlassian", "kctbh9vrtdwd", False),
    ("Large merchants", "customers", "email", f"merchants@lists.{DOMAIN}", True),
    ("Board and executives", "executive", "email", f"executives@lists.{DOMAIN}", True),
    ("Support floor", "support", "email", f"support-floor@lists.{DOMAIN}", True),
    ("Everybody", "internal", "email", f"everybody@lists.{DOMAIN}", True),
)


def open_up() -> None:
    """Each place; Statuspage waits for a key of its own."""
    for name, audience, channel, address, is_active in PLACES:
        Destination.objects.create(
            name=name, audience=audience, channel=channel, address=address, is_active=is_active
        )
