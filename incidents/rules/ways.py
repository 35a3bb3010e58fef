"""Ways: by which channels a person is reached for what, in which order, and what cannot be one."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from incidents.rules.reasons import Reason

PAGE, NOTICE, DIGEST = "page", "notice", "digest"
PURPOSES = (PAGE, NOTICE, DIGEST)
EMAIL, SMS, VOICE, WEBHOOK = "email", "sms", "voice", "webhook"
# By these a person is reached; a status page of another's is a place, and no way to anybody.
NAMES: Mapping[str, str] = {
    EMAIL: "e-mail",
    SMS: "text message",
    VOICE: "phone call",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "discord": "Discord",
    "pagerduty": "PagerDuty",
    "opsgenie": "Opsgenie",
    WEBHOOK: "webhook",
}
# These go to what stands on the person's own page where a way names no other address.
OWN = (EMAIL, SMS, VOICE)
MOST_WAYS = 4  # for one purpose: whoever does not hear four will not hear a fifth
LONGEST_WAIT = 24 * 60  # minutes
LONGEST_ADDRESS = 254

# E.164: a plus, a country code and at most 15 digits in all; people write spaces between them.
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]")
_MAIL = re.compile(r"[^@\s<>\",;:]+@[^@\s<>\",;:]+")


@dataclass(frozen=True, slots=True)
class Way:
    """One way: a channel, an address (empty: the person's own), and how long silence is borne.

    Without `wait_minutes` the next way is tried only where this one could not be delivered.
    """

    channel: str
    address: str = ""
    wait_minutes: int | None = None


Ways = Mapping[str, Sequence[Way]]


@dataclass(frozen=True, slots=True)
class Own:
    """What stands on the person's own page."""

    email: str
    phone: str

    def of(self, channel: str) -> str:
        """Where this channel goes without another address; empty where it has none."""
        if channel == EMAIL:
            return self.email
        return self.phone if channel in (SMS, VOICE) else ""


def same(channel: str, address: str) -> str:
    """An address as it is compared: how people write a number or a name does not matter."""
    text = address.strip()
    if channel in (SMS, VOICE):
        # Providers put the service before the number: whatsapp:+49…
        return _BETWEEN_DIGITS.sub("", text.rpartition(":")[2])
    return text.casefold()


def objections(
    ways: Ways, own: Own, *, hosts: Collection[str] | None = None
) -> Iterator[Reason]:
    """Every reason why a person cannot be reached like this; each names its purpose as field.

    `hosts`: where webhooks may go; None asks nothing.
    """
    if not ways.get(PAGE):
        message = (
            "Name at least one way for pages: when something burns, somebody must hear it."
        )
        yield Reason("no_way_for_pages", message, PAGE)
    for purpose, some in ways.items():
        if purpose not in PURPOSES:
            message = f"There is no purpose “{purpose}”: use {', '.join(PURPOSES)}."
            yield Reason("unknown_purpose", message, purpose)
            continue
        if len(some) > MOST_WAYS:
            message = f"Name at most {MOST_WAYS} ways."
            yield Reason("too_many_ways", message, purpose)
        for way in some:
            yield from _of(way, purpose, own, hosts)
        yield from _alike(some, purpose, own)


def _of(way: Way, purpose: str, own: Own, hosts: Collection[str] | None) -> Iterator[Reason]:
    if way.channel not in NAMES:
        message = f"There is no channel “{way.channel}”: use {', '.join(NAMES)}."
        yield Reason("unknown_channel", message, purpose)
        return
    if way.wait_minutes is not None and not 1 <= way.wait_minutes <= LONGEST_WAIT:
        message = f"Wait 1 to {LONGEST_WAIT} minutes for an answer, or leave it empty."
        yield Reason("unfit_wait", message, purpose)
    if why := unfit(way.channel, way.address or own.of(way.channel), hosts):
        yield Reason("unfit_address" if way.address else "no_address", why, purpose)


def unfit(channel: str, address: str, hosts: Collection[str] | None) -> str:
    """What is wrong with this address for this channel; empty where nothing is."""
    name = NAMES[channel]
    if not address:
        return f"There is no address for {name}: give one."
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        return f"An address is one line of at most {LONGEST_ADDRESS} characters."
    if channel in (SMS, VOICE) and not _PHONE.fullmatch(_BETWEEN_DIGITS.sub("", address)):
        return f"“{address}” is not a phone number: begin with + and the country code."
    if channel == EMAIL and not _MAIL.fullmatch(address):
        return f"“{address}” is not an e-mail address."
    return _unfit_webhook(address, hosts) if channel == WEBHOOK else ""


def _unfit_webhook(address: str, hosts: Collection[str] | None) -> str:
    try:
        parts = urlsplit(address)
        host, has_password = parts.hostname or "", "@" in parts.netloc
    except ValueError:  # such as a bracket without its other half
        return f"“{address}” is not an address of the web."
    if parts.scheme != "https" or not host or has_password or " " in address:
        return "A webhook begins with https:// and bears no password."
    if hosts is not None and host not in hosts:
        allowed = ", ".join(hosts) or "none"
        return f"Webhooks do not go to {host} here. Allowed: {allowed}."
    return ""


def _alike(ways: Sequence[Way], purpose: str, own: Own) -> Iterator[Reason]:
    count = Counter(
        (way.channel, same(way.channel, way.address or own.of(way.channel))) for way in ways
    )
    for (channel, _), many in count.items():
        if many > 1:
            message = f"Two ways by {NAMES.get(channel, channel)} go to the same address: leave one out."
            yield Reason("ways_alike", message, purpose)
