"""Which carrier serves which channel here."""

from incidents.channels.carrying import Carrier
from incidents.channels.mail import MailCarrier


def carrier(channel: str) -> Carrier:
    """A new carrier of this channel."""
    return MailCarrier()
