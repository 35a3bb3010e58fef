"""The tests' own servers do what they promise, and leave nothing behind."""

import os
import signal
import smtplib
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from playwright.sync_api import Browser

from tests.binaries import MissingServerError, postgres_binaries, redis_binary
from tests.servers import PostgresServer, RedisServer, Server, SmtpSink

LETTER = "Subject: Update due\r\n\r\nPlease look.\r\n"


def send(sink: SmtpSink, seconds: float = 5) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=seconds) as client:
        client.sendmail("desk@example.com", ["ada@example.com"], LETTER)


@pytest.mark.postgres
def test_postgresql_answers_at_its_url(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.redis
def test_redis_answers_at_its_url(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("word", "kept")
        assert client.get("word") == b"kept"


@pytest.mark.postgres
def test_a_crashed_postgresql_comes_back_with_its_rows() -> None:
    with PostgresServer() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.halt(signal.SIGTERM)
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(PostgresServer, marks=pytest.mark.postgres),
        pytest.param(RedisServer, marks=pytest.mark.redis),
    ],
)
def test_a_stopped_server_leaves_neither_process_nor_folder(kind: type[Server]) -> None:
    with kind() as server:
        assert server.process is not None
        number = server.process.pid
        assert server.folder.exists()
    assert not server.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_named_binary_wins_over_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("initdb", "postgres", "my-redis"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    monkeypatch.setenv("REDIS_SERVER", str(tmp_path / "my-redis"))
    assert postgres_binaries() == tmp_path
    assert redis_binary() == tmp_path / "my-redis"


def test_a_server_that_is_nowhere_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("REDIS_SERVER", raising=False)
    monkeypatch.setattr("tests.binaries.wheel_folder", lambda package: None)
    with pytest.raises(MissingServerError, match="REDIS_SERVER"):
        redis_binary()


def test_the_sink_keeps_an_accepted_letter(smtp_sink: SmtpSink) -> None:
    send(smtp_sink)
    [envelope] = smtp_sink.messages
    assert envelope.rcpt_tos == ["ada@example.com"]
    assert b"Please look." in envelope.content


def test_the_sink_refuses_when_told(smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = "refuse"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp_sink)
    assert smtp_sink.messages == []


def test_the_sink_hangs_when_told(smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = "hang"
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(smtp_sink, seconds=0.5)


def test_the_sink_dies_with_the_letter_in_hand(smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = "die"
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_sink)
    assert len(smtp_sink.messages) == 1


def test_no_test_touches_the_developers_files() -> None:
    assert settings.VAR_DIR != settings.BASE_DIR / "var"
    assert str(settings.BASE_DIR) not in settings.DATABASES["default"]["NAME"]


@pytest.mark.browser
def test_the_browser_renders_a_page(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Incident governance</h1>")
    assert page.get_by_role("heading").inner_text() == "Incident governance"
    page.close()
