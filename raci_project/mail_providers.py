"""Mail providers by their own API: what a URL such as postmark://TOKEN@ sets for django-anymail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

BACKEND = "anymail.backends.{}.EmailBackend"


@dataclass(frozen=True, slots=True)
class Provider:
    """Which settings of Anymail the parts of the URL are; `tracks` unless it is told not to."""

    user: str
    password: str = ""
    host: str = ""
    tracks: bool = False


# Amazon SES is missing since it needs a package of its own, SendGrid since Anymail no longer
# supports it: both take SMTP.
PROVIDERS: Mapping[str, Provider] = {
    "brevo": Provider("API_KEY"),
    "mailersend": Provider("API_TOKEN", tracks=True),
    "mailgun": Provider("API_KEY", host="SENDER_DOMAIN", tracks=True),
    "mailjet": Provider("API_KEY", password="SECRET_KEY", tracks=True),  # noqa: S106 - a name
    "mandrill": Provider("API_KEY", tracks=True),
    "postmark": Provider("SERVER_TOKEN", tracks=True),
    "resend": Provider("API_KEY"),
    "sparkpost": Provider("API_KEY", tracks=True),
}


def is_provider(url: str) -> bool:
    """Whether this URL names a provider, and not a mail server."""
    return url.partition("://")[0] in PROVIDERS


def problem(url: str) -> str:
    """What the URL of a provider lacks; empty where nothing."""
    name, provider, parts = _read(url)
    if not parts.username:
        return f"Needs the key of the provider before an @: {name}://KEY@{_example(provider)}."
    if provider.password and not parts.password:
        return f"Needs key and secret: {name}://KEY:SECRET@."
    if provider.host and not parts.hostname:
        return f"Needs the domain that sends: {name}://KEY@{_example(provider)}."
    return ""


def backend(url: str) -> str:
    """The path of Anymail's backend for this provider."""
    return BACKEND.format(_read(url)[0])


def anymail(url: str, *, timeout: int) -> dict[str, Any]:
    """The setting ANYMAIL; whatever stands in the query goes to the provider by Anymail's name.

    `timeout` is in seconds. Opens and clicks are not tracked.
    """
    name, provider, parts = _read(url)
    named = {
        provider.user: parts.username,
        provider.password: parts.password,
        provider.host: parts.hostname,
    }
    given = {key: unquote(value) for key, value in named.items() if key and value}
    given |= {key.upper(): value for key, value in parse_qsl(parts.query)}
    settings: dict[str, Any] = {f"{name.upper()}_{key}": value for key, value in given.items()}
    settings["REQUESTS_TIMEOUT"] = timeout
    if provider.tracks:
        settings["SEND_DEFAULTS"] = {"track_opens": False, "track_clicks": False}
    return settings


def _example(provider: Provider) -> str:
    return "mg.example.com" if provider.host else ""


def _read(url: str) -> tuple[str, Provider, SplitResult]:
    parts = urlsplit(url)
    return parts.scheme, PROVIDERS[parts.scheme], parts
