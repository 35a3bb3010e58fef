"""What is wrong with the URL of a channel, said before the first message would find out."""

from urllib.parse import quote

from apprise import Apprise
from apprise.manager_plugins import NotificationManager

ADDRESS, KEY = "{address}", "{key}"

# An address as each channel has them, to try a URL with; nobody is called.
_PHONE = "+4915112345678"
EXAMPLES = {
    "sms": _PHONE,
    "voice": _PHONE,
    "slack": "#incidents",
    "teams": "ada@example.com",
    "discord": "123456789012345678",
    "pagerduty": "R" * 32,
    "opsgenie": "ada@example.com",
}


def misses_address(url: str) -> bool:
    """Whether everybody's messages would go to one place."""
    return ADDRESS not in url


def address_is_host(url: str) -> bool:
    """Whether a person could choose by their address which host we call."""
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0]
    return ADDRESS in authority.rpartition("@")[2]


def is_unknown(url: str) -> bool:
    """Whether Apprise speaks nothing that begins like this."""
    known = NotificationManager()  # type: ignore[no-untyped-call]
    return url.partition("://")[0].lower() not in known


def is_unreadable(channel: str, url: str) -> bool:
    """Whether Apprise knows the service and cannot read the rest."""
    address = quote(EXAMPLES[channel], safe="")
    plugin = Apprise.instantiate(url.replace(ADDRESS, address).replace(KEY, "key"))
    return plugin is None or not getattr(plugin, "targets", [True])
