"""Every mistake of production has an id, and the mended setting silences it."""

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import override_settings

# The checks read the setting only; no connection is made from it.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")

SOUND = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": ["incidents.example.com"],
    "SITE_URL": "https://incidents.example.com",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "REDIS_URL": "redis://cache.example.com/0",
    "EMAIL_URL": "smtp://mail.example.com",
    "DEFAULT_FROM_EMAIL": "incidents@example.com",
    "ORGANISATION_NAME": "Example Ltd",
}


def found(**changes: object) -> set[str]:
    with override_settings(**(SOUND | changes)):
        named = {message.id or "" for message in run_checks()}
    return {code for code in named if code.startswith("raci.")}


def test_a_sound_production_is_silent() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("code", "setting", "value"),
    [
        ("raci.E001", "SECRET_KEY", ""),
        ("raci.E002", "ALLOWED_HOSTS", []),
        ("raci.E002", "ALLOWED_HOSTS", ["incidents.example.com", "*"]),
        ("raci.E003", "DEBUG", True),
        ("raci.E004", "SITE_URL", "http://incidents.example.com"),
        ("raci.W001", "DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}),
        ("raci.W002", "REDIS_URL", ""),
        ("raci.W003", "EMAIL_URL", ""),
        ("raci.W004", "DEFAULT_FROM_EMAIL", "incidents@localhost"),
        ("raci.W005", "ORGANISATION_NAME", settings.DEMO_ORGANISATION),
    ],
)
def test_a_mistake_is_named_in_production_only(code: str, setting: str, value: object) -> None:
    assert found(**{setting: value}) == {code}
    assert found(**{setting: value}, PRODUCTION=False) == set()


@pytest.mark.parametrize(
    ("code", "channel", "url"),
    [
        ("raci.E005", "slack", "slack://xoxb-1234-1234-abcdefghijklmnopqrstuvwx/%23incidents"),
        ("raci.E006", "slack", "pigeon://loft/{address}"),
        ("raci.E006", "slack", "{address}"),
        ("raci.E007", "teams", "json://{address}/path"),
        ("raci.E007", "teams", "json://user@{address}:80/path"),
        ("raci.E008", "sms", "twilio://SID:TOKEN@FROM/{address}"),
        ("raci.E008", "slack", "slack://nonsense/{address}"),
    ],
)
def test_a_channel_that_could_carry_nothing_is_named(code: str, channel: str, url: str) -> None:
    with override_settings(CHANNEL_URLS={channel: url}):
        [message] = [one for one in run_checks() if (one.id or "").startswith("raci.E")]
    assert message.id == code
    assert f"CHANNEL_{channel.upper()}" in message.msg
    assert url not in message.msg  # it holds secrets


@pytest.mark.parametrize(
    ("channel", "url"),
    [
        ("sms", f"twilio://AC{'0' * 32}:{'1' * 32}@4930123456789/{{address}}"),
        ("voice", f"twilio://AC{'0' * 32}:{'1' * 32}@4930123456789/{{address}}?method=call"),
        ("slack", "slack://xoxb-1234-1234-abcdefghijklmnopqrstuvwx/{address}"),
        ("teams", "jsons://flows.example.com/workflow?-sig=secret&:to={address}"),
        ("discord", "discord://123456789/abcdefghijklmnop1234/?ping={address}"),
        ("pagerduty", "pagerduty://{address}@incidents/?dedup={key}"),
        ("opsgenie", "opsgenie://a1b2c3d4-aaaa-bbbb-cccc-dddddddddddd/@{address}?alias={key}"),
    ],
)
def test_each_channel_as_it_is_documented_is_sound(channel: str, url: str) -> None:
    assert found(CHANNEL_URLS={channel: url}) == set()
    documented = (settings.BASE_DIR / "docs" / "channels.md").read_text()
    assert f"CHANNEL_{channel.upper()}={url.partition('://')[0]}://" in documented


@pytest.mark.parametrize(
    "half", [{"WEBHOOK_HOSTS": ["hooks.example.com"]}, {"WEBHOOK_SECRET": "secret"}]
)
def test_webhooks_that_are_half_set_up_are_named(half: dict) -> None:
    assert found(**half) == {"raci.E009"}
    both = {"WEBHOOK_HOSTS": ["hooks.example.com"], "WEBHOOK_SECRET": "secret"}
    assert found(**both) == set()
