"""What was sent is kept with its evidence; it settles the clock, and what follows it begins."""

import hashlib
from datetime import timedelta

import pytest

from incidents.models import Filing, Incident, LegalClock, Performance
from incidents.operations.filing import Attachment, file_notice
from incidents.rules.legal import MAX_FILE
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import PRIVACY
from tests.factories import NOW
from tests.incidents.legal_room import BREACH, NOTIFICATION, Room, beside, room
from tests.incidents.scene import (
    LATER,
    MINUTE,
    acts,
    again,
    last_act,
    refused,
    timeline,
)
from tests.incidents.test_mandates import bound

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SENT = NOW + 40 * HOUR
REPORT = Attachment("report.pdf", "application/pdf", b"%PDF as it was sent")
NIS2 = {
    "facts": {
        "operates_in": ["AT"],
        "entity_types": ["nis2_essential"],
        "clock_timezone": "Europe/Vienna",
        "holiday_calendar": "AT",
    }
}
SIGNIFICANT = {
    "nis2_incident_classification": "significant",
    "regulated_service_impact": "significant",
}
DORA = {
    "facts": {
        "operates_in": ["DE"],
        "entity_types": ["dora_financial_entity"],
        "clock_timezone": "Europe/Berlin",
        "holiday_calendar": "DE",
    }
}


@pytest.fixture
def hall() -> Room:
    """Art. 33 GDPR is owed by NOW + 72 hours, and allowed an hour longer."""
    made = room()
    made.record(BREACH)
    return made


def file(hall: Room, kind: str = NOTIFICATION, **fields) -> Filing:
    said = {"clock": hall.clock(kind), "sent_at": SENT, "actor": hall.cora, "at": SENT + MINUTE}
    return file_notice(hall.incident, **(said | fields))


def test_a_filing_keeps_who_when_reference_and_file_and_the_clock_is_met(hall) -> None:
    filing = again(
        file(
            hall, recipient="Berlin DPA", reference="BE-7", note="In phases", attachment=REPORT
        )
    )
    assert (filing.sent_at, filing.sent_by, filing.recorded_by) == (SENT, hall.cora, hall.cora)
    assert (filing.recipient, filing.reference, filing.note) == (
        "Berlin DPA",
        "BE-7",
        "In phases",
    )
    assert bytes(filing.file) == REPORT.content
    assert filing.sha256 == hashlib.sha256(REPORT.content).hexdigest()
    assert (filing.file_name, filing.file_type) == ("report.pdf", "application/pdf")
    clock = hall.clock()
    assert (clock.outcome, clock.settled_at, clock.settled_by) == ("met", SENT, hall.cora)
    assert clock.answer == "Sent to Berlin DPA, reference BE-7."
    assert clock.next_nudge_at is None


def test_the_audit_line_has_the_mark_of_the_file_and_not_the_note(hall) -> None:
    file(hall, note="What counsel thinks of it", reference="BE-7", attachment=REPORT)
    detail = last_act().detail
    assert detail["sha256"] == hashlib.sha256(REPORT.content).hexdigest()
    assert (detail["reference"], detail["outcome"]) == ("BE-7", "met")
    assert "counsel thinks" not in str(detail)
    assert not any("counsel thinks" in text for text in timeline(hall.incident))


def test_what_the_law_still_allows_is_in_time_and_a_second_later_is_late(hall) -> None:
    allowed = NOW + 73 * HOUR
    other = beside(hall)
    other.record(BREACH)
    assert file(hall, sent_at=allowed, at=allowed) and hall.clock().outcome == "met"
    late = allowed + timedelta(seconds=1)
    with refused("late_reason_missing", Invalid) as why:
        file(other, sent_at=late, at=late)
    assert "owed by 2026-11-26 10:00 UTC" in str(why.value)
    file(other, sent_at=late, late_reason="The portal was down", at=late)
    clock = other.clock()
    assert (clock.outcome, clock.late_reason) == ("late", "The portal was down")
    assert last_act().detail["late_reason"] == "The portal was down"


def test_our_own_target_makes_nothing_late(hall) -> None:
    hall.record({"risk_to_individuals": "high"}, at=LATER + MINUTE)
    clock = hall.clock("eu-gdpr-art34--individuals")
    assert not clock.is_fixed
    file(hall, clock.kind, sent_at=NOW + 100 * HOUR, at=NOW + 101 * HOUR)
    assert again(clock).outcome == "met"


def test_a_later_filing_is_a_supplement_and_settles_nothing(hall) -> None:
    file(hall)
    more = file(hall, sent_at=SENT + 60 * HOUR, at=SENT + 61 * HOUR, reference="BE-8")
    assert hall.clock().settled_at == SENT
    assert hall.clock().filings.count() == 2
    assert (last_act().detail["is_supplement"], more.reference) == (True, "BE-8")
    assert any(text.startswith("Supplement filed: EU GDPR") for text in timeline(hall.incident))


def test_what_follows_a_filing_begins_with_it() -> None:
    hall = room(NIS2)
    hall.record(SIGNIFICANT)
    final = "eu-nis2-art23--final"
    assert (hall.clock(final).due_at, hall.clock(final).clock) == (None, "previous_stage")
    file(hall, "eu-nis2-art23--notification", sent_at=NOW + 10 * HOUR, at=NOW + 10 * HOUR)
    clock = hall.clock(final)
    assert clock.started_at == NOW + 10 * HOUR
    assert clock.due_at.isoformat() == "2026-12-23T22:59:59+00:00"
    assert last_act().detail["duties_started"] == [final]


def test_the_final_report_of_dora_runs_from_the_latest_report_before_it() -> None:
    """Regulation (EU) 2025/301 art. 5: from the latest updated intermediate report."""
    hall = room(DORA)
    hall.record({"dora_classification": "major"}, clocks={"classification": NOW})
    for hours, kind in ((2, "initial"), (50, "intermediate"), (24 * 9, "intermediate")):
        at = NOW + hours * HOUR
        late = {"late_reason": "It took longer"} if hours > 74 else {}
        file(hall, f"eu-dora-art19--{kind}", sent_at=at, at=at, **late)
    final = hall.clock("eu-dora-art19--final")
    assert final.started_at == NOW + 9 * 24 * HOUR


def test_what_is_added_to_the_first_notification_of_dora_gives_no_more_time() -> None:
    """The intermediate report runs from the first notification, whatever is added to that."""
    hall = room(DORA)
    hall.record({"dora_classification": "major"}, clocks={"classification": NOW})
    for hours in (2, 30):
        at = NOW + hours * HOUR
        file(hall, "eu-dora-art19--initial", sent_at=at, at=at)
    assert hall.clock("eu-dora-art19--intermediate").due_at == NOW + (2 + 72) * HOUR


def test_nothing_is_sent_before_its_clock_began_or_before_what_it_follows() -> None:
    hall = room(NIS2)
    hall.record(SIGNIFICANT)
    with refused("sent_before_start", Invalid):
        file(hall, "eu-nis2-art23--notification", sent_at=NOW - MINUTE, at=LATER)
    file(hall, "eu-nis2-art23--final", sent_at=NOW + 5 * HOUR, at=NOW + 5 * HOUR)
    with refused("submission_out_of_order", Invalid) as why:
        file(hall, "eu-nis2-art23--notification", sent_at=SENT, at=SENT)
    assert why.value.reasons[0].field == "sent_at"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sent_at": SENT + 2 * MINUTE}, "instant_in_the_future"),
        ({"sent_at": SENT.replace(tzinfo=None)}, "instant_without_offset"),
        ({"attachment": Attachment("a.pdf", "", b"")}, "file_empty"),
        ({"attachment": Attachment("a.pdf", "", b"x" * (MAX_FILE + 1))}, "file_too_large"),
        ({"attachment": Attachment(" ", "", b"x")}, "attachment_missing"),
        ({"reference": "x" * 121}, "reference_too_long"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(hall, wrong, code) -> None:
    with refused(code, Invalid):
        file(hall, **wrong)
    assert not Filing.objects.exists()
    assert hall.clock().is_open
    file(hall, attachment=Attachment("a.pdf", "", b"x" * MAX_FILE))


def test_only_a_duty_of_this_incident_is_filed(hall) -> None:
    with refused("not_a_duty", Invalid):
        file(hall, "counsel")
    other = beside(hall)
    other.record(BREACH)
    with refused("unknown_clock", Invalid):
        file(hall, clock=other.clock())


def test_counsel_privacy_and_leadership_file_and_nobody_else(hall) -> None:
    for who in (hall.ada, hall.ben, hall.cleo):
        with refused("not_your_role", NotPermitted):
            file(hall, actor=who)
    with refused("no_permission", NotPermitted):
        file(hall, actor=hall.dan)
    file(hall, actor=hall.petra)
    file(hall, actor=hall.lea)
    assert hall.clock().settled_by == hall.petra


def test_what_the_matrix_makes_of_it_is_kept_as_performed() -> None:
    version = bound({"notify_authority": PRIVACY})
    hall = room(matrix_version=version)
    hall.record(BREACH)
    with refused("not_your_role", NotPermitted):
        file(hall, actor=hall.cora)
    file(hall, actor=hall.petra)
    done = Performance.objects.get()
    assert (done.verb, done.role_id, done.done_at) == ("file_notice", PRIVACY, SENT)


def test_it_is_filed_after_closing_and_not_after_calling_off(hall) -> None:
    Incident.objects.update(state="closed", closed_at=LATER)
    hall.incident.assignments.update(ended_at=LATER, end_reason="The incident was closed")
    file(hall)
    Incident.objects.update(state="cancelled")
    with refused("wrong_state"):
        file(hall, actor=hall.lea)


def test_what_was_stood_down_may_still_be_filed_and_stays_so(hall) -> None:
    LegalClock.objects.filter(kind=NOTIFICATION).update(
        outcome="stood_down", settled_at=LATER, settled_by=hall.cora
    )
    file(hall)
    assert hall.clock().outcome == "stood_down"
    assert acts()[-1] == "file_notice"
