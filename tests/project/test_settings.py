"""A wrong value in the environment stops the start and names itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


def started(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import raci_project.settings"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "foo://nowhere"),
        ("EMAIL_URL", "pigeon://post"),
        ("EMAIL_URL", "mailgun://KEY@"),
        ("ORGANISATION_ZONE", "CET+1"),
        ("PRODUCTION", "maybe"),
        ("REDIS_URL", "http://localhost"),
        ("REOPEN_DAYS", "0"),
        ("SWEEP_SECONDS", "0"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str):
    done = started(tmp_path, **{name: value})
    assert done.returncode != 0
    assert f'"{name}" invalid' in done.stderr


def test_right_values_start(tmp_path: Path):
    done = started(
        tmp_path,
        DATABASE_URL="postgres://raci:secret@db.example:5432/raci",
        REDIS_URL="redis://cache.example:6379/0",
        EMAIL_URL="submission://user:secret@mail.example:587",
        ORGANISATION_ZONE="Europe/Berlin",
    )
    assert done.returncode == 0, done.stderr


def test_the_secret_of_an_embedded_installation_is_made_once_for_its_owner_only(tmp_path: Path):
    started(tmp_path, SECRET_KEY="")
    secret = tmp_path / "secret_key"
    made = secret.read_text()
    assert len(made) > 40
    assert secret.stat().st_mode & 0o077 == 0
    started(tmp_path, SECRET_KEY="")
    assert secret.read_text() == made
