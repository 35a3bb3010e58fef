"""The status page of our own: what stands on it, how it is written, what is never shown."""

import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from threading import Event, Thread
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import tasks
from incidents.channels import status
from incidents.channels.status import feeds, pages, reading, writing
from incidents.models import Incident, IncidentLink, Person, Service, StatusPage, Update
from incidents.operations import lifecycle, merging, privacy, status_page
from tests import deliveries, factories
from tests.factories import NOW
from tests.incidents.admin_room import member, signed_in, text_of
from tests.incidents.scene import scene

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.STATUS_DIR = tmp_path / "status"
    settings.SITE_URL, settings.STATUS_URL = "https://in.example", "https://status.example"
    yield settings.STATUS_DIR
    writing._began.discard(settings.STATUS_DIR)


def service(slug: str = "card-acq", public_name: str = "Card payments", **fields) -> Service:
    return factories.service(slug, public_name=public_name, **fields)


def incident(**fields) -> Incident:
    return deliveries.incident(title="acq-eu-3 pods crash-looping", **fields)


def post(on: Incident, text: str = "We are looking into it.", *, at=NOW, **fields) -> Update:
    """A public update as publishing leaves it."""
    names = fields.pop("services", ["card-acq"])
    drafter, approver = (_person(name) for name in ("drafter", "approver"))
    given = {
        "audience": "public", "status": "published", "stage": "investigating",
        "impact": "partial", "drafted_by": drafter, "drafted_at": at, "approved_by": approver,
        "approved_at": at, "published_by": drafter, "published_at": at,
        "services": [{"slug": slug, "name": f"internal {slug}"} for slug in names],
    }  # fmt: skip
    return Update.objects.create(incident=on, text=text, **given | fields)


def _person(name: str) -> Person:
    return Person.objects.filter(username=name).first() or factories.person(name)


def words(path: Path) -> str:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", path.read_text(), flags=re.S)
    return " ".join(unescape(text).split())


def everything(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.rglob("*.*") if path.is_file())


# --- what stands there


def test_without_any_incident_all_services_are_operational(folder) -> None:
    service()
    status.write(NOW)
    shown = words(folder / "index.html")
    assert "All services operational" in shown
    assert "Card payments Operational" in shown
    assert shown.count("Nothing was reported.") == 14


def test_an_open_incident_is_told_by_the_public_names_of_its_services(folder) -> None:
    service()
    service("portal", "Merchant portal")
    one = incident()
    post(one, promised_next_at=NOW + 20 * MINUTE)
    status.write(NOW)
    shown = words(folder / "index.html")
    assert "Partial outage 1 open incident, last told of 23 November 2026, 09:00 UTC" in shown
    assert "Card payments: partial outage" in shown
    assert "Card payments Partial outage Merchant portal Operational" in shown
    assert "Next update by 23 November 2026, 09:20 UTC" in shown
    assert (folder / f"incidents/{one.reference.lower()}.html").exists()


def test_internal_titles_names_and_slugs_are_never_said(folder) -> None:
    service()
    service("kafka-7", "")
    post(incident(), services=["card-acq", "kafka-7"])
    status.write(NOW)
    said = everything(folder)
    assert "Card payments: partial outage" in said
    for internal in ("acq-eu-3", "kafka-7", "card-acq", "internal"):
        assert internal not in said


@pytest.mark.parametrize(
    "hidden",
    [{"audience": "internal"}, {"audience": "customers"}, {"status": "approved"},
     {"status": "draft", "approved_by": None}],
    ids=str,
)  # fmt: skip
def test_what_was_not_said_to_the_public_is_not_there(folder, hidden) -> None:
    one = incident()
    post(one, "Only for some", **hidden)
    status.write(NOW)
    assert "Only for some" not in everything(folder)
    assert one.reference not in everything(folder)


@pytest.mark.parametrize("kind", [{"kind": "exercise"}, {"is_private": True}], ids=str)
def test_exercises_and_private_incidents_are_never_there(folder, kind) -> None:
    post(incident(**kind), "It burns")
    status.write(NOW)
    assert "It burns" not in everything(folder)


def test_what_became_private_is_removed_at_the_next_writing(folder) -> None:
    one = incident()
    post(one, "It burns")
    status.write(NOW)
    Incident.objects.filter(pk=one.pk).update(is_private=True)
    done = status.write(NOW)
    assert "It burns" not in everything(folder)
    assert done.removed == 2  # its page and that of its month
    assert not (folder / f"incidents/{one.reference.lower()}.html").exists()


def test_the_newest_word_says_what_the_services_are_like_now(folder) -> None:
    service()
    service("portal", "Merchant portal")
    one = incident()
    post(one, impact="major", services=["card-acq", "portal"])
    post(one, impact="degraded", stage="identified", at=NOW + MINUTE)
    board = reading.read(NOW)
    assert [(line.name, line.impact) for line in board.services] == [
        ("Card payments", "degraded"),
        ("Merchant portal", "none"),
    ]
    assert board.open[0].title == "Card payments, Merchant portal: major outage"


def test_once_resolved_in_public_it_is_history_under_the_gravest_it_was(folder) -> None:
    service()
    one = incident()
    post(one, impact="major")
    post(one, "It is over.", stage="resolved", impact="none", at=NOW + MINUTE)
    status.write(NOW + MINUTE)
    shown = words(folder / "index.html")
    assert "All services operational" in shown
    assert "Card payments: major outage Resolved 23 November 2026, 09:01 UTC" in shown
    assert "Card payments: major outage" in words(folder / "history/2026-11.html")
    assert "November 2026 1 incident" in words(folder / "history.html")


@pytest.mark.parametrize(("state", "word"), [("cancelled", "Called off"), ("closed", "Over")])
def test_what_ended_without_a_last_word_is_not_open_for_ever(state, word) -> None:
    service()
    post(incident(state=state, closed_at=NOW))
    board = reading.read(NOW)
    assert (board.open, board.incidents[0].state) == ((), word)
    assert board.services[0].impact == "none"


def test_what_was_merged_is_open_until_the_other_speaks_in_public_or_ends() -> None:
    here = scene(first_public_update_at=NOW)
    here.incident.services.add(service())
    post(here.incident)
    other = incident()
    merging.merge(here.incident, into=other, reason="The same", actor=here.ada, at=NOW)
    board = reading.read(NOW)
    assert [one.reference for one in board.open] == [here.incident.reference]
    assert board.services[0].impact == "partial"
    for ended in ({"state": "closed", "closed_at": NOW}, {"first_public_update_at": NOW}):
        Incident.objects.filter(pk=other.pk).update(**ended)
        assert reading.read(NOW).open == ()
        Incident.objects.filter(pk=other.pk).update(state="triage", closed_at=None)


def test_the_end_of_what_took_in_a_told_duplicate_asks_for_it() -> None:
    here = scene(state="resolution")
    told = incident(first_public_update_at=NOW, state="cancelled")
    IncidentLink.objects.create(
        incident=told, kind="duplicate", other=here.incident, made_by=here.ada, made_at=NOW
    )
    lifecycle.close(here.incident, actor=here.ada, at=NOW)
    assert StatusPage.objects.get().asked == 1


def test_both_the_corrected_and_the_correction_stay_and_say_so(folder) -> None:
    service()
    one = incident()
    first = post(one, "Card data leaked.", impact="major")
    post(one, "No card data leaked.", impact="degraded", corrects=first, at=NOW + MINUTE)
    status.write(NOW + MINUTE)
    shown = words(folder / f"incidents/{one.reference.lower()}.html")
    assert "Card data leaked." in shown
    assert "This was corrected later: read the correction" in shown
    assert "This corrects an earlier update" in shown
    assert "Correction of our update of 2026-11-23 09:00 UTC" in shown
    assert "Card payments: degraded performance" in shown  # the major outage was none


def test_markdown_is_rendered_and_html_of_a_user_stays_words(folder) -> None:
    post(incident(), "**Bold** <script>alert(1)</script> [x](javascript:alert(1))")
    status.write(NOW)
    said = (folder / "index.html").read_text()
    assert "<strong>Bold</strong>" in said
    for path in folder.rglob("*.html"):
        assert "<script" not in path.read_text()
        assert 'href="javascript' not in path.read_text()


def test_each_word_says_its_language_and_each_time_its_zone(folder) -> None:
    post(incident(), "Wir untersuchen das.", language="de")
    status.write(NOW)
    said = (folder / "index.html").read_text()
    assert re.search(r'<div lang="de" dir="auto">\s*<p>Wir', said)
    times = re.findall(r'<time datetime="[^"]*T[^"]*">([^<]*)</time>', said)
    assert times
    assert all(time.endswith(" UTC") for time in times)


def test_a_page_stands_alone(folder) -> None:
    post(incident())
    status.write(NOW)
    for path in folder.rglob("*.html"):
        said = path.read_text()
        assert not re.search(r"<script|<img|<iframe|@import|url\(|<link[^>]*stylesheet", said)
        assert re.search(r"style-src &#x27;sha256-[\w+/=]{44}&#x27;", said)


def test_every_link_between_the_files_leads_to_one(folder) -> None:
    one = incident()
    first = post(one)
    post(one, corrects=first, at=NOW + MINUTE)
    status.write(NOW)
    for path in folder.rglob("*.html"):
        for link in re.findall(r'href="([^"#]*)', path.read_text()):
            if link and not link.startswith(("http", "data:")):
                found = (path.parent / link).resolve()
                assert (found / "index.html" if found.is_dir() else found).exists(), link


def test_a_day_without_a_word_is_said_as_such_and_older_ones_are_by_month() -> None:
    post(incident(), stage="resolved", at=NOW - 14 * DAY)
    post(incident(), stage="resolved", at=NOW - 13 * DAY)
    board = reading.read(NOW)
    assert [len(day.incidents) for day in board.days] == [0] * 13 + [1]
    assert len(board.recent) == 1
    assert [*board.months] == ["2026-11"]


def test_however_many_incidents_it_takes_two_queries() -> None:
    for _ in range(5):
        post(incident())
    with CaptureQueriesContext(connection) as sent:
        reading.read(NOW)
    assert len(sent) == 2


# --- for programs


def test_the_atom_feed_has_what_rfc_4287_asks_for() -> None:
    service()
    one = incident()
    update = post(one, "Hello & <goodbye>\x0b")
    feed = ET.fromstring(feeds.atom(reading.read(NOW)))
    for must in ("id", "title", "updated"):
        assert feed.findtext(f"a:{must}", namespaces=ATOM)
        assert feed.findtext(f"a:entry/a:{must}", namespaces=ATOM)
    assert feed.findtext("a:author/a:name", namespaces=ATOM) == "Northwind Pay"
    address = (
        f"https://status.example/incidents/{one.reference.lower()}.html#update-{update.pk}"
    )
    assert feed.findtext("a:entry/a:id", namespaces=ATOM) == address
    assert "&lt;goodbye&gt;" in (feed.findtext("a:entry/a:content", namespaces=ATOM) or "")


def test_no_character_that_xml_forbids_spoils_a_feed_wherever_it_was_said() -> None:
    service(public_name="Card\x02 payments")
    post(incident(), "Hello\x1b", language="e\x0bn")
    feed = ET.fromstring(feeds.atom(reading.read(NOW)))
    entry = feed.find("a:entry", ATOM)
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert ET.fromstring(feeds.rss(reading.read(NOW))).find("channel/item") is not None


def test_the_rss_feed_says_the_same() -> None:
    service()
    post(incident(), stage="identified")
    channel = ET.fromstring(feeds.rss(reading.read(NOW))).find("channel")
    assert channel is not None
    assert channel.findtext("item/title") == "Card payments: partial outage (identified)"
    assert channel.findtext("item/pubDate") == "Mon, 23 Nov 2026 09:00:00 GMT"


def test_the_feeds_hold_the_newest_fifty() -> None:
    one = incident()
    for number in range(feeds.MOST + 2):
        post(one, f"Word {number}", at=NOW + number * MINUTE)
    said = feeds.atom(reading.read(NOW))
    assert said.count("<entry") == feeds.MOST
    assert "Word 51" in said
    assert "Word 1&lt;" not in said


def test_the_json_says_all_of_it() -> None:
    service()
    one = incident()
    first = post(one, promised_next_at=NOW + MINUTE)
    second = post(one, corrects=first, at=NOW + MINUTE)
    said = json.loads(feeds.as_json(reading.read(NOW)))
    assert said["status"] == {"impact": "partial", "description": "Partial outage"}
    assert said["services"] == [
        {"name": "Card payments", "impact": "partial", "description": "Partial outage"}
    ]
    newest, oldest = said["incidents"][0]["updates"]
    assert (newest["corrects"], oldest["corrected_by"]) == (first.pk, second.pk)
    assert oldest["next_update_at"] == "2026-11-23T09:01:00+00:00"


# --- when it is written


def test_it_is_written_when_asked_for_and_not_again() -> None:
    assert status.write_if_due(NOW) is not None
    assert status.write_if_due(NOW) is None
    status_page.ask(at=NOW)
    assert status.write_if_due(NOW) is not None
    assert status.write_if_due(NOW) is None


def test_closing_reopening_and_making_private_ask_for_it() -> None:
    here = scene(state="resolution", first_public_update_at=NOW)
    one = here.incident
    acts = (
        lambda: lifecycle.close(one, actor=here.ada, at=NOW),
        lambda: lifecycle.reopen(one, reason="It is back", actor=here.ada, at=NOW),
        lambda: privacy.set_privacy(
            one, is_private=True, reason="Fraud", actor=here.ada, at=NOW
        ),
    )
    for asked, act in enumerate(acts, start=1):
        act()
        assert StatusPage.objects.get().asked == asked


def test_calling_off_asks_for_it() -> None:
    here = scene(first_public_update_at=NOW)
    lifecycle.cancel(here.incident, reason="It was a drill", actor=here.ada, at=NOW)
    assert StatusPage.objects.get().asked == 1


def test_what_the_public_never_heard_of_asks_for_nothing() -> None:
    here = scene(state="resolution")
    lifecycle.close(here.incident, actor=here.ada, at=NOW)
    assert not StatusPage.objects.exists()


def test_a_new_day_and_a_changed_service_are_reasons() -> None:
    one = service()
    status.write_if_due(NOW)
    Service.history.update(history_date=NOW - MINUTE)
    assert status.write_if_due(NOW + MINUTE) is None
    one.public_name = "Cards"
    one.save()
    assert status.write_if_due(NOW + MINUTE) is not None
    Service.history.update(history_date=NOW - MINUTE)
    assert status.write_if_due(NOW + DAY) is not None


def test_files_that_are_gone_are_a_reason(folder) -> None:
    status.write_if_due(NOW)
    (folder / "index.html").unlink()
    assert status.write_if_due(NOW) is not None
    assert (folder / "index.html").exists()


def test_a_process_that_begins_writes_once_whatever_stands_there(folder) -> None:
    status.write_if_due(NOW)
    writing._began.clear()
    assert status.write_if_due(NOW) == status.Written(changed=0, same=5)


def test_only_what_changed_is_made_and_written(folder, monkeypatch) -> None:
    one, other = incident(), incident()
    post(one)
    post(other)
    status.write(NOW)
    made, render = [], pages.render_to_string

    def noted(name: str, context: dict) -> str:
        made.append(name)
        return render(name, context)

    before = (folder / f"incidents/{one.reference.lower()}.html").stat()
    monkeypatch.setattr(pages, "render_to_string", noted)
    post(other, "More", at=NOW + MINUTE)
    done = status.write(NOW)
    after = (folder / f"incidents/{one.reference.lower()}.html").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert made.count("status/incident.html") == 1
    assert "More" in (folder / f"incidents/{other.reference.lower()}.html").read_text()
    assert (done.changed, done.same) == (6, 2)


def test_a_file_that_somebody_else_changed_is_made_anew(folder) -> None:
    one = incident()
    post(one)
    status.write(NOW)
    page = folder / f"incidents/{one.reference.lower()}.html"
    for spoil in (lambda: page.write_text("spoilt"), page.unlink):
        spoil()
        assert status.write(NOW).changed == 1
        assert "We are looking into it." in page.read_text()


def test_files_that_are_not_ours_stay_and_what_a_killed_writer_left_goes(folder) -> None:
    status.write(NOW)
    for name in ("robots.txt", "tmpabc.part", "old.html"):
        (folder / name).write_text("x")
    assert status.write(NOW).removed == 2
    assert (folder / "robots.txt").exists()


def test_a_folder_that_cannot_be_written_is_kept_as_an_error_and_tried_again(
    folder, settings
) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file stands where the folder should")
    tasks.write_status()
    assert "FileExistsError" in StatusPage.objects.get().last_error
    folder.unlink()
    tasks.write_status()
    assert StatusPage.objects.get().last_error == ""
    assert (folder / "index.html").exists()


def test_the_health_page_says_why_it_is_not_written() -> None:
    lea = signed_in(member("lea", "leadership"))
    status.write(NOW)
    assert "up to date" in text_of(lea.get("/admin/health/"))
    status_page.ask(at=NOW)
    assert "out of date" in text_of(lea.get("/admin/health/"))
    status_page.fail("OSError: no space left on device")
    assert "not written" in text_of(lea.get("/admin/health/"))
    assert "no space left on device" in text_of(lea.get("/admin/health/"))


def test_a_write_that_breaks_leaves_the_old_file_whole(folder, monkeypatch) -> None:
    status.write(NOW)
    before = (folder / "index.html").read_bytes()
    post(incident())

    def breaks(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", breaks)
        tasks.write_status()
    assert "no space left" in StatusPage.objects.get().last_error
    assert (folder / "index.html").read_bytes() == before
    assert not list(folder.rglob("*.part"))
    assert status.write_if_due(NOW) is not None


def test_what_is_asked_for_while_it_is_written_stays_asked_for(monkeypatch) -> None:
    status_page.ask(at=NOW)
    read = writing.read

    def asked_meanwhile(at):
        board = read(at)
        status_page.ask(at=NOW)
        return board

    with monkeypatch.context() as patch:
        patch.setattr(writing, "read", asked_meanwhile)
        status.write_if_due(NOW)
    assert status_page.is_due(NOW)
    status.write_if_due(NOW)
    assert not status_page.is_due(NOW)


def test_two_writers_do_not_mix(folder) -> None:
    """The second finds the first at work and leaves it to him; nothing is waited for."""
    with writing._alone(folder):
        assert status.write_if_due(NOW) is None
        with pytest.raises(CommandError, match="Another process writes"):
            call_command("write_status_page")
    assert status.write_if_due(NOW) is not None


def test_the_lock_holds_between_threads(folder) -> None:
    held, over = Event(), Event()

    def hold() -> None:
        with writing._alone(folder):
            held.set()
            over.wait(5)

    thread = Thread(target=hold)
    thread.start()
    held.wait(5)
    assert status.write_if_due(NOW) is None
    over.set()
    thread.join()
    assert status.write_if_due(NOW) is not None


def test_by_hand_it_is_written_at_once_also_to_another_folder(folder, tmp_path, capsys) -> None:
    call_command("write_status_page")
    assert "5 files written" in capsys.readouterr().out
    call_command("write_status_page", to=tmp_path / "copy")
    assert (tmp_path / "copy/index.html").read_bytes() == (folder / "index.html").read_bytes()


def test_the_documentation_names_all_that_the_json_says(settings) -> None:
    one = incident()
    post(one)
    said = json.loads(feeds.as_json(reading.read(NOW)))
    service()
    said["services"] = json.loads(feeds.as_json(reading.read(NOW)))["services"]
    text = (settings.BASE_DIR / "docs/publishing.md").read_text()
    table = text.split("`status.json`; impacts", 1)[1].split("\n## ", 1)[0]
    documented = {
        name.rsplit(".", 1)[1] for name in re.findall(r"`([a-z_\[\]]*\.[a-z_.\[\]]+)`", table)
    }
    told = said["incidents"][0]
    parts = [said["page"], said["status"], said["services"][0], told, told["updates"][0]]
    assert documented - {"json"} == {name for part in parts for name in part} - {"updates"}
