"""Filings: what was sent to an authority or to the people concerned, with its evidence."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.legal import Filing, LegalClock
from incidents.models.people import Person
from incidents.operations import (
    docket,
    legal,
    legal_case,
    moves,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.rules.legal import MAX_FILE
from incidents.rules.legal_duties import in_both_zones
from incidents.rules.legal_facts import case
from incidents.rules.reasons import Invalid, Reason

_ACT = "notify_authority"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it was sent: at most 5 MiB."""

    name: str
    type: str
    content: bytes


@transaction.atomic
def file_notice(
    incident: Incident,
    *,
    clock: LegalClock,
    sent_at: datetime,
    recipient: str = "",
    reference: str = "",
    note: str = "",
    late_reason: str = "",
    attachment: Attachment | None = None,
    actor: Person,
    at: datetime,
) -> Filing:
    """Keep what was sent and when: the clock is met, or late with a reason.

    It is late after `permitted_until`, else after `due_at`; a duty without a number in the law
    never is. The first filing settles the clock, a later one is a supplement. What follows a
    filing starts its own clock. Invalid: no duty (`not_a_duty`), a clock of another incident, an
    instant in the future or before the clock began, a file that is empty or too large, no reason
    where it is late. The note and the file stay with the filing: the audit line has their mark.
    """
    standing.lock(incident)
    giver = standing.require("file_notice", incident, actor, at=at)
    clock = docket.own(incident, clock)
    waiting.require_consulted(incident, _ACT, actor=actor, at=at)
    filing = Filing(
        clock=clock,
        sent_at=_sent(incident, clock, sent_at, at),
        sent_by=actor,
        recipient=words.optional(recipient, "recipient", longest=200),
        reference=words.optional(reference, "reference", longest=120),
        note=words.optional(note, "note"),
        late_reason=words.optional(late_reason, "late_reason"),
        recorded_by=actor,
        recorded_at=at,
        **_kept(attachment),
    )
    was_open = clock.is_open
    is_late = _settle(clock, filing, actor=actor, at=at) if was_open else False
    filing.save(force_insert=True)
    said = _sentence(filing, is_supplement=not was_open, is_late=is_late)
    text = standing.signed(said, giver)
    timeline.record(incident, text, at=at, author=actor, happened_at=filing.sent_at)
    followed = legal.follow(incident, actor=actor, at=at)
    routing.performed(incident, _ACT, actor=actor, at=at, done_at=filing.sent_at, note=said)
    records.audit(
        "file_notice", incident, actor=actor, at=at, **_detail(filing),
        is_supplement=not was_open, **followed.detail(), **standing.on_behalf(giver),
    )  # fmt: skip
    return filing


def _sentence(filing: Filing, *, is_supplement: bool, is_late: bool) -> str:
    what = "Supplement filed" if is_supplement else "Filed"
    late = ", late" if is_late else ""
    return f"{what}: {filing.clock.title}, sent {moves.clock(filing.sent_at)}{late}"


def _detail(filing: Filing) -> dict[str, Any]:
    """What the audit line says of it: its mark, neither the note nor the file."""
    return {
        "clock": filing.clock.kind,
        "filing": filing.pk,
        "sent_at": filing.sent_at,
        "recipient": filing.recipient,
        "reference": filing.reference,
        "sha256": filing.sha256,
        "outcome": filing.clock.outcome,
        "late_reason": filing.late_reason,
    }


def _sent(incident: Incident, clock: LegalClock, sent_at: datetime, at: datetime) -> datetime:
    """When it was sent, if that can be: it has happened, and not before what it answers."""
    timeline.happened(sent_at, at, "sent_at")
    if clock.started_at and sent_at < clock.started_at:
        message = (
            f"Its clock began at {moves.clock(clock.started_at)}: correct when it was sent, or "
            f"first when {clock.event} was."
        )
        raise Invalid.because("sent_before_start", message, "sent_at")
    reading = legal_case.read(incident, at=at)
    name = f"{clock.regime}/{clock.stage}"
    if reading is not None and reading.knows(clock.regime, clock.stage):
        # Without what contradicts itself since a merge: that is no reason against this one.
        submitted = {**reading.case.submitted}
        submitted.setdefault(name, sent_at)
        try:
            case(reading.pack, {}, reading.case.clocks, submitted)
        except Invalid as refusal:
            raise Invalid(*(_of_sending(one) for one in refusal.reasons)) from refusal
    return sent_at


def _of_sending(reason: Reason) -> Reason:
    return replace(reason, field="sent_at")


def _kept(attachment: Attachment | None) -> dict[str, Any]:
    """The columns of the file; Invalid where it is empty or too large."""
    if attachment is None:
        return {}
    size = len(attachment.content)
    if not size:
        message = "The file is empty: choose it again, or leave it out."
        raise Invalid.because("file_empty", message, "attachment")
    if size > MAX_FILE:
        message = f"A file has at most 5 MiB, this one {size / 1024 / 1024:.1f}: send its text."
        raise Invalid.because("file_too_large", message, "attachment")
    name = words.required(
        records.one_line(attachment.name), "attachment", "Give the file a name.", longest=200
    )
    return {
        "file_name": name,
        "file_type": records.one_line(attachment.type)[:100],
        "file": attachment.content,
        "sha256": hashlib.sha256(attachment.content).hexdigest(),
    }


def _settle(clock: LegalClock, filing: Filing, *, actor: Person, at: datetime) -> bool:
    """The clock is met, or late; whether it was late."""
    until = clock.permitted_until or clock.due_at
    is_late = clock.is_fixed and until is not None and filing.sent_at > until
    if is_late and until is not None and not filing.late_reason:
        owed = in_both_zones(until, clock.zone)
        message = f"It was owed by {owed}: write why it was sent later."
        raise Invalid.because("late_reason_missing", message, "late_reason")
    outcome = LegalClock.Outcome.LATE if is_late else LegalClock.Outcome.MET
    to = f" to {filing.recipient}" if filing.recipient else ""
    known = f", reference {filing.reference}" if filing.reference else ""
    legal.settle(
        [clock], outcome, settled_at=filing.sent_at, answer=f"Sent{to}{known}.",
        late_reason=filing.late_reason if is_late else "", actor=actor, at=at,
    )  # fmt: skip
    return is_late
