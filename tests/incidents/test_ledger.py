"""The ledger of legal clocks: every clock, what was filed, what was decided, for an auditor to keep."""

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from incidents.admin.ledger import DIGEST
from incidents.admin.matrix_export import to_csv
from incidents.models import (
    AuditEvent,
    FactSaid,
    Filing,
    Incident,
    LawPack,
    LegalClock,
    LegalDecision,
)
from incidents.operations import ledger
from incidents.operations.ledger import Line
from incidents.rules.ledger import COLUMNS, Asked
from incidents.rules.reasons import NotPermitted, Refused
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.packs import shipped
from tests.incidents.scene import Scene, incident_under, last_act, refused, scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATE = NOW + 100 * HOUR


@pytest.fixture
def here() -> Scene:
    return scene()


@pytest.fixture
def auda() -> Any:
    return member("auda", "auditor")


def clock(of: Incident, regime: str = "eu-gdpr-art33", **fields: Any) -> LegalClock:
    given = {
        "kind": f"{regime}--notification", "regime": regime, "stage": "notification",
        "title": "Notification to the supervisory authority", "basis": "personal data exposed",
        "clock": "awareness", "started_at": NOW, "due_at": NOW + 72 * HOUR,
        "confidence": "high",
    } | fields  # fmt: skip
    return LegalClock.objects.create(incident=of, **given)


def settled(of: Incident, outcome: str, here: Scene, **fields: Any) -> LegalClock:
    return clock(of, outcome=outcome, settled_at=NOW + HOUR, settled_by=here.cleo, **fields)


def filed(of: LegalClock, here: Scene, **fields: Any) -> Filing:
    given = {
        "sent_at": NOW + HOUR, "sent_by": here.cleo, "recipient": "Berlin", "reference": "B-17",
        "recorded_by": here.ada, "recorded_at": NOW + HOUR,
    } | fields  # fmt: skip
    return Filing.objects.create(clock=of, **given)


def decided(of: Incident, here: Scene, **fields: Any) -> LegalDecision:
    given = {
        "kind": "not_to_notify", "regime": "eu-gdpr-art34", "title": "EU GDPR - persons",
        "reason": "The key is safe.", "decided_by": here.cleo, "decided_at": NOW,
    } | fields  # fmt: skip
    return LegalDecision.objects.create(incident=of, **given)


def aware(of: Incident, here: Scene, **fields: Any) -> None:
    given = {"value": NOW.isoformat(), "said_by": here.ben, "said_at": NOW + HOUR} | fields
    FactSaid.objects.create(incident=of, kind="clock", name="awareness", **given)


def another(here: Scene, **fields: Any) -> Incident:
    return incident_under(here.incident.severity_scheme, "sev2", **fields)


def found(who: Any, **asked: Any) -> list[Line]:
    return ledger.lines(ledger.clocks(Asked(**asked), who, at=LATE), at=LATE)


def kinds(who: Any, **asked: Any) -> list[str]:
    return sorted(line.clock.kind for line in found(who, **asked))


# --- a line


def test_a_line_says_when_it_was_triggered_started_by_whom_it_was_said_and_sent(
    here, auda
) -> None:
    row = clock(here.incident)
    aware(here.incident, here, value=(NOW - HOUR).isoformat(), said_by=here.ada, said_at=NOW)
    aware(here.incident, here)
    filed(row, here)
    (line,) = found(auda)
    assert line.triggered_at == row.history.get().history_date
    assert (line.said.said_by, line.said.said_at) == (here.ben, NOW + HOUR)
    assert [each.reference for each in line.filings] == ["B-17"]
    assert line.words == "open and overdue"


def test_that_nobody_knows_since_when_is_nobodys_word(here, auda) -> None:
    clock(here.incident)
    aware(here.incident, here, value=None, is_unknown=True)
    (line,) = found(auda)
    assert line.said is None


def test_the_word_of_another_incident_counts_for_that_one_alone(here, auda) -> None:
    clock(here.incident)
    aware(another(here), here)
    assert found(auda)[0].said is None


@pytest.mark.parametrize(
    ("outcome", "which"),
    [
        ("", ["hk--notification", "jp--notification", "sg--notification", "za--notification"]),
        ("open", ["jp--notification"]),
        ("overdue", ["hk--notification"]),
        ("met", ["sg--notification"]),
        ("late", ["za--notification"]),
        ("void", []),
    ],
)
def test_it_is_asked_by_how_a_clock_stands(here, auda, outcome, which) -> None:
    clock(here.incident, "hk")
    clock(here.incident, "jp", due_at=None, started_at=None)
    settled(here.incident, "met", here, regime="sg")
    settled(here.incident, "late", here, regime="za", late_reason="Asleep.")
    assert kinds(auda, outcome=outcome) == which
    assert all(line.outcome == outcome for line in found(auda, outcome=outcome) if outcome)


def test_it_is_asked_by_regime_and_by_the_day_of_declaration(here, auda) -> None:
    clock(here.incident, "hk")
    clock(another(here, declared_at=NOW + timedelta(days=9)), "jp")
    day = NOW.date()
    assert kinds(auda, regime="jp") == ["jp--notification"]
    assert kinds(auda, since=day, until=day) == ["hk--notification"]
    assert kinds(auda, since=day + timedelta(days=1)) == ["jp--notification"]
    assert kinds(auda, until=day - timedelta(days=1)) == []


def test_exercises_are_left_out_unless_asked_for(here, auda) -> None:
    clock(another(here, kind="exercise"))
    assert found(auda) == []
    assert len(found(auda, with_exercises=True)) == 1


def test_a_private_incident_is_hidden_from_who_does_not_see_it(here, auda) -> None:
    secret = another(here, is_private=True, declared_by=here.ben)
    clock(secret)
    decided(secret, here)
    assert found(auda) == ledger.regimes(auda) == []
    assert not ledger.decisions(Asked(), auda).exists()
    assert len(found(here.ben)) == 1


# --- the file


def exported(who: Any, **asked: Any) -> tuple[ledger.Exported, list[dict[str, str]]]:
    done = ledger.export_ledger(Asked(**asked), write=to_csv, form="csv", actor=who, at=LATE)
    text = done.content.decode("utf-8-sig")
    return done, list(csv.DictReader(io.StringIO(text)))


def test_the_file_holds_a_row_a_clock_a_filing_and_a_decision(here, auda) -> None:
    row = settled(here.incident, "met", here, answer="Filed.")
    aware(here.incident, here)
    filed(row, here)
    filed(row, here, reference="B-17/2", sent_at=NOW + 2 * HOUR)
    decided(here.incident, here)
    done, rows = exported(auda)
    assert [each["record"] for each in rows] == [
        "clock", "filing", "filing", "decision not to notify",
    ]  # fmt: skip
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["started_said_by"] == "Ben"
    assert rows[0]["due_at"] == "2026-11-26T09:00:00+00:00"
    assert rows[2]["reference"] == "B-17/2"
    assert (rows[3]["reason"], rows[3]["settled_by"]) == ("The key is safe.", "Cleo")
    assert done.rows == 4


def test_its_sha_256_and_what_was_asked_stand_in_the_audit_trail(here, auda) -> None:
    clock(here.incident)
    done, _ = exported(auda, regime="eu-gdpr-art33")
    assert done.sha256 == hashlib.sha256(done.content).hexdigest()
    act = last_act()
    assert (act.verb, act.actor) == ("export_ledger", auda)
    assert act.detail["sha256"] == done.sha256
    assert (act.detail["regime"], act.detail["rows"]) == ("eu-gdpr-art33", 1)


def test_an_outcome_asked_for_leaves_decisions_out(here, auda) -> None:
    decided(here.incident, here)
    clock(here.incident)
    assert [each["record"] for each in exported(auda, outcome="overdue")[1]] == ["clock"]


def test_dan_exports_nothing(here) -> None:
    with refused("no_permission", NotPermitted):
        exported(here.dan)


def test_too_long_a_file_is_refused_and_says_what_to_do(here, auda, monkeypatch) -> None:
    monkeypatch.setattr(ledger, "MOST_ROWS", 1)
    clock(here.incident)
    exported(auda)
    decided(here.incident, here)
    with refused("ledger_too_long", Refused):
        exported(auda)


# --- the page


def page(name: str = "ledger") -> str:
    return reverse(f"admin:incidents_legalclock_{name}")


def test_the_page_shows_it_and_leads_to_the_clock(here, auda) -> None:
    row = clock(here.incident, confidence="low", permitted_until=NOW + 80 * HOUR)
    aware(here.incident, here)
    text = text_of(signed_in(auda).get(page()))
    assert "INC-1 low confidence Notification to the supervisory authority" in text
    assert "said by Ben" in text
    assert "the law allows until" in text
    listed = signed_in(auda).get(list_of(LegalClock)).content.decode()
    assert page() in listed
    shown = signed_in(auda).get(page()).content.decode()
    assert f'href="{page_of(row)}">{row.title}</a>' in shown
    assert f'<a href="{page_of(here.incident)}">INC-1</a>' in shown


def test_decisions_have_a_part_of_their_own(here, auda) -> None:
    decided(here.incident, here)
    text = text_of(signed_in(auda).get(page(), {"show": "decisions"}))
    assert "not to notify" in text
    assert "The key is safe." in text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_is_handed_out_with_its_digest_and_runs_no_formula(here, auda, form) -> None:
    clock(here.incident, title="=cmd()")
    answer = signed_in(auda).post(page("ledger_export"), {"format": form})
    assert answer[DIGEST] == hashlib.sha256(answer.content).hexdigest()
    assert answer["Content-Disposition"].startswith("attachment")
    if form == "csv":
        assert "'=cmd()" in answer.content.decode()
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert sheet.title == "Ledger"
        assert "'=cmd()" in [cell.value for cell in sheet[2]]


def test_the_file_holds_what_the_page_was_asked_for(here, auda) -> None:
    clock(here.incident, "hk")
    clock(here.incident, "jp")
    said = {"format": "csv", "regime": "jp", "since": "2026-11-23"}
    signed_in(auda).post(page("ledger_export"), said)
    assert last_act().detail["rows"] == 1
    assert last_act().detail["since"] == "2026-11-23"


@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"regime": "nobody"}, {"outcome": "x"}, {"p": "x"}]
)
def test_what_cannot_be_read_is_said_and_breaks_nothing(here, auda, asked) -> None:
    clock(here.incident)
    answer = signed_in(auda).get(page(), asked)
    assert answer.status_code == 200
    assert "INC-1" in text_of(answer)
    assert bool(answer.context["form"].errors) is ("p" not in asked)


def test_a_file_of_what_cannot_be_read_is_not_made(here, auda) -> None:
    said = {"format": "csv", "since": "yesterday"}
    answer = signed_in(auda).post(page("ledger_export"), said, follow=True)
    assert "Nothing was exported" in text_of(answer)
    assert answer.context["form"].errors["since"]
    assert not AuditEvent.objects.filter(verb="export_ledger").exists()


def test_dan_sees_and_takes_none_of_it(here) -> None:
    dan = signed_in(member("danny"))
    assert dan.get(page()).status_code == 403
    assert dan.post(page("ledger_export"), {"format": "csv"}).status_code == 403
    assert not AuditEvent.objects.filter(verb="export_ledger").exists()


def test_a_file_is_never_made_by_a_link(here, auda) -> None:
    assert signed_in(auda).get(page("ledger_export")).status_code == 405


def test_others_write_while_a_file_is_made(auda) -> None:
    """SQLite has one writer: whoever declares would wait for the file, and give up after a while."""
    outside, inside = len(connection.savepoint_ids), []

    def write(rows: Any) -> bytes:
        inside.append(len(connection.savepoint_ids))
        return b"a file"

    ledger.export_ledger(Asked(), write=write, form="csv", actor=auda, at=NOW)
    assert inside == [outside]
    assert AuditEvent.objects.get(verb="export_ledger").detail["form"] == "csv"


def test_when_each_was_triggered_is_not_asked_of_all_of_them(here, auda) -> None:
    clock(here.incident)
    sent = str(ledger.clocks(Asked(), auda, at=NOW).query)
    assert "historicallegalclock" not in sent


def test_a_decision_under_a_law_of_low_confidence_says_so(here, auda) -> None:
    here.incident.law_pack = lawful.pack()
    here.incident.save()
    doubtful = next(each.id for each in shipped().regimes.values() if each.confidence == "low")
    decided(here.incident, here, regime=doubtful)
    text = text_of(signed_in(auda).get(page(), {"show": "decisions"}))
    assert "low confidence" in text
    _, rows = exported(auda)
    assert [row["confidence"] for row in rows if row["record"].startswith("decision")] == [
        "low"
    ]


def test_an_empty_ledger_says_what_to_do_first(auda) -> None:
    answer = signed_in(auda).get(page())
    assert "put a law pack and a legal profile in force first" in text_of(answer)
    assert f'<a href="{list_of(LawPack)}">law pack</a>' in answer.content.decode()


def test_what_has_not_started_is_not_said_to_have_no_number(here, auda) -> None:
    clock(here.incident, clock="previous_stage", started_at=None, due_at=None)
    text = text_of(signed_in(auda).get(page()))
    assert "not yet: the notice before" in text
    assert "once it starts" in text
    assert "no number" not in text


def test_the_days_are_picked_with_the_words_their_script_needs(auda) -> None:
    script = signed_in(auda).get(page()).content.decode()
    assert script.index(reverse("admin:jsi18n")) < script.index("calendar.js")


def test_it_is_paged_and_costs_the_same_however_much_there_is(here, auda) -> None:
    reader = signed_in(auda)

    def statements() -> int:
        with CaptureQueriesContext(connection) as sent:
            assert reader.get(page()).status_code == 200
        return len(sent)

    def more(number: int) -> None:
        incident = another(here)
        aware(incident, here)
        filed(settled(incident, "met", here, regime=f"regime{number}"), here)

    more(0)
    statements()
    few = statements()
    for number in range(1, 55):
        more(number)
    assert statements() == few
    answer = reader.get(page(), {"p": "2"})
    assert len(answer.context["lines"]) == 5


def test_who_only_reads_it_takes_no_file_away(here) -> None:
    clock(here.incident)
    reader = signed_in(member("rita", "responder"))
    seen = reader.get(page())
    assert "INC-1" in text_of(seen)
    assert "Export CSV" not in text_of(seen)
    assert reader.post(page("ledger_export"), {"format": "csv"}).status_code == 403
    assert not AuditEvent.objects.filter(verb="export_ledger").exists()
