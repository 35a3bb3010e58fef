"""Every mistake of production has an id, and the mended setting silences it."""

import pytest
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
    ],
)
def test_a_mistake_is_named_in_production_only(code: str, setting: str, value: object) -> None:
    assert found(**{setting: value}) == {code}
    assert found(**{setting: value}, PRODUCTION=False) == set()
