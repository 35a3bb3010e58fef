"""The status page over HTTP: a static file, readable with everything else down."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from raci_project import start, status_files
from raci_project.status_files import StatusFilesMiddleware


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.STATUS_DIR = tmp_path / "status"
    (settings.STATUS_DIR / "incidents").mkdir(parents=True)
    for name in ("index.html", "feed.atom", "feed.rss", "status.json", "incidents/inc-1.html"):
        (settings.STATUS_DIR / name).write_text(f"This is {name}.")
    (tmp_path / "secret.html").write_text("secret")
    return settings.STATUS_DIR


def ask(path: str = "", *, method: str = "get", **headers: str) -> HttpResponse:
    """The answer, its words as `body`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = getattr(Client(), method)(f"/status/{path}", headers=named)
    answer.body = b"".join(answer).decode()  # read to its end, the client closes it
    return answer


def straight(files: StatusFilesMiddleware, path: str, **headers: str) -> HttpResponse:
    """The same of one middleware, which remembers; closed without the signal that asks a database."""
    answer = files(RequestFactory().get(f"/status/{path}", headers=headers))
    answer.body = b"".join(answer).decode()
    for close in answer._resource_closers:
        close()
    return answer


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("feed.atom", "application/atom+xml; charset=utf-8"),
        ("feed.rss", "application/rss+xml; charset=utf-8"),
        ("status.json", "application/json; charset=utf-8"),
        ("incidents/inc-1.html", "text/html; charset=utf-8"),
    ],
)
def test_each_file_is_answered_with_its_kind(folder, path, kind) -> None:
    answer = ask(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer.body == f"This is {path}."


def test_the_folder_is_the_first_page_and_leads_there_without_its_stroke(folder) -> None:
    assert ask().body == "This is index.html."
    answer = Client().get("/status")
    assert (answer.status_code, answer["Location"]) == (302, "/status/")


def test_it_may_be_cached_and_says_so_and_allows_no_script(folder) -> None:
    answer = ask()
    assert answer["Cache-Control"] == "public, max-age=15, stale-if-error=86400"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.cookies == {}


def test_it_is_readable_with_the_database_stopped_by_any_name_and_without_https(
    folder, settings
) -> None:
    """No mark of the database here: whoever asked it would fail this test."""
    settings.ALLOWED_HOSTS = ["in.example"]
    settings.SECURE_SSL_REDIRECT = True
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.ensure_connection()
    answer = ask(host="anything.example")
    assert (answer.status_code, answer.body) == (200, "This is index.html.")


def test_who_has_it_already_is_told_so(folder) -> None:
    first = ask()
    for header in (
        {"If_None_Match": first["ETag"]},
        {"If_Modified_Since": first["Last-Modified"]},
    ):
        again = ask(**header)
        assert again.status_code == 304
        assert again["ETag"] == first["ETag"]


def test_a_file_that_changed_is_noticed_at_once_even_within_the_same_second(folder) -> None:
    files = StatusFilesMiddleware(lambda _: HttpResponse())
    before = straight(files, "")
    stat = (folder / "index.html").stat()
    (folder / "new").write_text("THIS IS INDEX.HTML.")
    os.utime(folder / "new", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.replace(folder / "new", folder / "index.html")
    after = straight(files, "", **{"If-None-Match": before["ETag"]})
    assert (after.status_code, after.body) == (200, "THIS IS INDEX.HTML.")


def test_a_file_replaced_between_the_look_and_the_opening_is_read_whole(
    folder, monkeypatch
) -> None:
    answer, left = status_files.StaticFile.get_response, [True]

    def replaced(self, *args):
        if left and left.pop():
            (folder / "new").write_text("Another, and a much longer one.")
            os.replace(folder / "new", folder / "index.html")
        return answer(self, *args)

    monkeypatch.setattr(status_files.StaticFile, "get_response", replaced)
    found = ask()
    assert found.body == "Another, and a much longer one."
    assert int(found["Content-Length"]) == len(found.body)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.html",
        "incidents/../../secret.html",
        "..%2fsecret.html",
        "%2e%2e/secret.html",
        "/etc/passwd",
        "index.html/../../secret.html",
        ".lock",
        "incidents/",
        "new.part",
        "index.html%00",
        "INDEX.HTML",
        "a\\..\\secret.html",
    ],
)
def test_nothing_leads_out_of_the_folder(folder, path) -> None:
    (folder / ".lock").write_text("x")
    (folder / "new.part").write_text("x")
    assert ask(path).status_code == 404


def test_what_is_not_there_is_404_and_the_first_page_soon(folder) -> None:
    assert ask("incidents/inc-2.html").status_code == 404
    (folder / "index.html").unlink()
    answer = ask()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_file_that_is_removed_is_missed_at_once(folder) -> None:
    files = StatusFilesMiddleware(lambda _: HttpResponse())
    found = straight(files, "feed.rss")
    (folder / "feed.rss").unlink()
    missed = straight(files, "feed.rss")
    assert (found.status_code, missed.status_code) == (200, 404)


def test_head_has_the_same_headers_and_nothing_is_posted(folder) -> None:
    got, head = ask(), ask(method="head")
    assert head.status_code == 200
    assert head["Content-Length"] == got["Content-Length"] == "19"
    assert head.body == ""
    for answer in (ask(method="post"), ask("feed.atom", method="put")):
        assert answer.status_code == 405


def test_a_part_of_it_may_be_asked_for(folder) -> None:
    answer = ask(Range="bytes=0-3")
    assert (answer.status_code, answer.body) == (206, "This")


@pytest.mark.django_db
def test_the_first_start_writes_an_empty_page(settings, tmp_path) -> None:
    settings.STATUS_DIR = tmp_path / "new/status"
    start.write_status_page()
    assert "All services operational" in ask().body
    (settings.STATUS_DIR / "index.html").write_text("as it stands")
    start.write_status_page()
    assert ask().body == "as it stands"
    call_command("write_status_page", verbosity=0)
    assert "All services operational" in ask().body
