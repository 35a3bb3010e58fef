"""Mistakes of production, found before it starts; each has an id and says what to set.

Errors stop every management command; warnings are defaults that hold on one machine only.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

LOCAL_SENDER = "@localhost"


@register
def production_is_safe(**_: Any) -> list[CheckMessage]:
    """Refuses a production that strangers could enter."""
    return list(_errors()) if settings.PRODUCTION else []


@register
def production_is_served(**_: Any) -> list[CheckMessage]:
    """Warns of embedded parts in production."""
    return list(_warnings()) if settings.PRODUCTION else []


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


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's own answer to an empty key
        return False
