"""Mistakes of production, found before it starts; each has an id and says what to set.

Errors stop every management command; warnings are defaults that hold on one machine only.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from raci_project import channel_urls

LOCAL_SENDER = "@localhost"


@register
def production_is_safe(**_: Any) -> list[CheckMessage]:
    """Refuses a production that strangers could enter."""
    return list(_errors()) if settings.PRODUCTION else []


@register
def production_is_served(**_: Any) -> list[CheckMessage]:
    """Warns of embedded parts in production."""
    return list(_warnings()) if settings.PRODUCTION else []


@register
def channels_can_carry(**_: Any) -> list[CheckMessage]:
    """Refuses a channel over which no message could ever leave, or leave for the right person."""
    return [*_errors_of_channels(), *_errors_of_webhooks()]


def _errors_of_channels() -> Iterator[CheckMessage]:
    for channel, url in settings.CHANNEL_URLS.items():
        name = f"CHANNEL_{channel.upper()}"
        if channel_urls.misses_address(url):
            yield Error(
                f"{name} needs {{address}} where the recipient's own address goes, such as "
                "slack://TOKEN/{address}.",
                id="raci.E005",
            )
        elif channel_urls.is_unknown(url):
            yield Error(
                f"{name} begins with a scheme that Apprise does not know: see docs/channels.md "
                "for one of each kind.",
                id="raci.E006",
            )
        elif channel_urls.address_is_host(url):
            yield Error(
                f"{name} lets each person choose the host: put {{address}} behind the host.",
                id="raci.E007",
            )
        elif channel_urls.is_unreadable(channel, url):
            yield Error(
                f"{name} is not complete for its service: compare it with docs/channels.md.",
                id="raci.E008",
            )


def _errors_of_webhooks() -> Iterator[CheckMessage]:
    if settings.WEBHOOK_HOSTS and not settings.WEBHOOK_SECRET:
        yield Error(
            "WEBHOOK_HOSTS needs WEBHOOK_SECRET, which signs what they are sent.",
            id="raci.E009",
        )
    if settings.WEBHOOK_SECRET and not settings.WEBHOOK_HOSTS:
        yield Error(
            "WEBHOOK_SECRET needs WEBHOOK_HOSTS: the hosts that may be called, by commas.",
            id="raci.E009",
        )


def _errors() -> Iterator[CheckMessage]:
    if not _has_secret_key():
        yield Error(
            "PRODUCTION needs SECRET_KEY: 50 or more random characters.", id="raci.E001"
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error("PRODUCTION needs ALLOWED_HOSTS: its host names, no '*'.", id="raci.E002")
    if settings.DEBUG:
        yield Error("PRODUCTION and DEBUG together show secrets: unset DEBUG.", id="raci.E003")
    if not settings.SITE_URL.startswith("https://"):
        yield Error(
            "PRODUCTION needs SITE_URL with https://: mails link to it.", id="raci.E004"
        )


def _warnings() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning("SQLite serves one machine: set DATABASE_URL.", id="raci.W001")
    if not settings.REDIS_URL:
        yield Warning("The file broker serves one machine: set REDIS_URL.", id="raci.W002")
    if not settings.EMAIL_URL:
        yield Warning("Mail is written to files: set EMAIL_URL.", id="raci.W003")
    elif settings.DEFAULT_FROM_EMAIL.endswith(LOCAL_SENDER):
        yield Warning("Mail from localhost is refused: set DEFAULT_FROM_EMAIL.", id="raci.W004")
    if settings.ORGANISATION_NAME == settings.DEMO_ORGANISATION:
        yield Warning(
            "The status page and every mail bear the demo company's name: set ORGANISATION_NAME.",
            id="raci.W005",
        )


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's own answer to an empty key
        return False
