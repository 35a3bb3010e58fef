"""Holding statements agreed in calm: signed off by counsel, approved by another person."""

import hashlib
import json
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from incidents.models.calendar import today
from incidents.models.incident import Incident, IncidentQuerySet
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.operations import library, records, wording, words
from incidents.operations.library import Days
from incidents.operations.statement import needs_approval_anew
from incidents.rules.findings import Level
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import COUNSEL
from incidents.rules.wording_checks import Remark

# Words that leave the company bind it: counsel reads them first.
SIGNED_OFF = (Audience.PUBLIC, Audience.CUSTOMERS)

_Status = HoldingStatement.Status
_AGREED = (
    "title", "text", "audience", "language", "scenario_id", "severity", "purpose", "forbidden",
)  # fmt: skip


def fingerprint(statement: HoldingStatement) -> str:
    """SHA-256 over all that an approval agrees to; a page keeps it to say what was seen."""
    said = [getattr(statement, name) for name in _AGREED]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@transaction.atomic
def clear(
    statement: HoldingStatement, *, seen: str = "", note: str = "", actor: Person, at: datetime
) -> HoldingStatement:
    """Legal counsel signs these words off; whoever writes them anew loses the signature.

    Refuses who is not qualified as counsel today (`not_counsel`), whoever wrote any of it
    (`maker_is_checker`), and what changed since it was `seen` (`changed_meanwhile`).
    """
    library.lock(statement, "incidents.clear_holdingstatement", actor)
    _refuse(objections_to_clear(statement, actor, on=today(at)))
    _refuse_unseen(statement, seen)
    library.checked(statement.text)
    statement.cleared_by, statement.cleared_at = actor, at
    statement.save()
    note = words.optional(note, "note")
    records.audit(
        "clear_statement", statement, actor=actor, at=at, text=statement.text, note=note
    )
    return statement


@transaction.atomic
def approve(
    statement: HoldingStatement,
    *,
    effective_from: date | None = None,
    review_on: date | None = None,
    expires_on: date | None = None,
    note: str = "",
    emergency_reason: str = "",
    seen: str = "",
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """From now on these words may be used, from the day they take effect until they expire.

    A version that replaces another retires it. Refuses whoever wrote any of it
    (`maker_is_checker`), words for the public or customers that counsel did not sign off
    (`legal_sign_off_missing`), what no longer has the `fingerprint` that was `seen`
    (`changed_meanwhile`), what the wording checks forbid (`wording_forbids`) or want a reason for
    (`wording_needs_reason`: give a `note`), and, since words are agreed in calm, while an incident
    of the scenario is open (`incident_of_scenario_open`), unless a reason is given.
    """
    library.lock(statement, "incidents.approve_holdingstatement", actor)
    reason = words.optional(emergency_reason, "emergency_reason")
    _refuse(objections_to_approve(statement, actor))
    _refuse_unseen(statement, seen)
    _refuse_haste(statement, reason, actor)
    library.checked(statement.text)
    note = words.optional(note, "note")
    _refuse_wording(statement, note, at)
    given = Days(effective_from=effective_from, review_on=review_on, expires_on=expires_on)
    days = _days(statement, given, today(at))
    statement.effective_from, statement.review_on = days.effective_from, days.review_on
    statement.expires_on = days.expires_on
    statement.status = _Status.APPROVED
    statement.approver, statement.approved_at = actor, at
    statement.save()
    earlier = _replace(statement, at)
    records.audit(
        "approve_statement", statement, actor=actor, at=at,
        expires_on=statement.expires_on, emergency_reason=reason,
        **({"note": note} if note else {}), **({"replaces": earlier.pk} if earlier else {}),
    )  # fmt: skip
    return statement


def objections_to_clear(
    statement: HoldingStatement, actor: Person, *, on: date
) -> tuple[Reason, ...]:
    """Why this person may not sign these words off on this day; for pages too."""
    found = [*_not_a_draft(statement)]
    if not actor.qualifications.valid(on).filter(role=COUNSEL).exists():
        message = (
            "Only somebody qualified as legal counsel today signs it off: ask one of them."
        )
        found.append(Reason("not_counsel", message))
    if statement.cleared_by is not None:
        message = f"{statement.cleared_by} signed it off already: have it approved."
        found.append(Reason("already_cleared", message))
    return (*found, *_wrote(statement, actor, "sign it off"))


def objections_to_approve(statement: HoldingStatement, actor: Person) -> tuple[Reason, ...]:
    """Why this person may not approve these words as they stand; for pages too."""
    may_be = needs_approval_anew(statement) or not _not_a_draft(statement)
    found = () if may_be else _not_a_draft(statement)
    return (*found, *_wrote(statement, actor, "approve it"), *_unsigned(statement))


def _not_a_draft(statement: HoldingStatement) -> tuple[Reason, ...]:
    if statement.status == _Status.DRAFT:
        return ()
    message = f"It is {statement.status} already: revise it, or draft a new statement."
    return (Reason("not_a_draft", message),)


def _wrote(statement: HoldingStatement, actor: Person, what: str) -> tuple[Reason, ...]:
    # Whoever wrote the draft before wrote part of it; whoever signed it off did not.
    wrote = Q(maker=actor) | (Q(history_user=actor) & ~Q(cleared_by=actor))
    drafts = statement.history.filter(status=_Status.DRAFT)
    if statement.maker_id != actor.pk and not drafts.filter(wrote).exists():
        return ()
    message = f"You wrote this statement, or part of it: ask another person to {what}."
    return (Reason("maker_is_checker", message),)


def _unsigned(statement: HoldingStatement) -> tuple[Reason, ...]:
    if statement.audience not in SIGNED_OFF or statement.cleared_by_id is not None:
        return ()
    message = (
        f"Words for the {statement.audience} audience are signed off first: ask somebody who is "
        "qualified as legal counsel."
    )
    return (Reason("legal_sign_off_missing", message),)


def _refuse(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        raise Refused(*reasons)


def _refuse_unseen(statement: HoldingStatement, seen: str) -> None:
    if seen and seen != fingerprint(statement):
        message = (
            f"{statement.maker} changed it after you opened it: read it again, then decide."
        )
        raise Refused.because("changed_meanwhile", message)


def _refuse_haste(statement: HoldingStatement, reason: str, actor: Person) -> None:
    running = _open_incidents(statement)
    if not reason and running.exists():
        # Of a private one whoever does not see it learns no more than that words are needed now.
        seen = running.visible_to(actor).first()
        message = (
            f"{seen.reference if seen else 'An incident'} of this scenario is open: use words approved before, or say "
            "why these cannot wait."
        )
        raise Refused.because("incident_of_scenario_open", message, "emergency_reason")


def _refuse_wording(statement: HoldingStatement, note: str, at: datetime) -> None:
    remarks = wording.of_statement(statement, at=at)
    if errors := [one for one in remarks if one.level == Level.ERROR]:
        _refuse(tuple(Reason("wording_forbids", _remarked(one), "text") for one in errors))
    warnings = [one for one in remarks if one.level == Level.WARNING]
    if warnings and not note:
        said = " ".join(_remarked(one) for one in warnings)
        message = f"Write why these words may stand all the same, or have them changed. {said}"
        raise Refused.because("wording_needs_reason", message, "note")


def _remarked(remark: Remark) -> str:
    return f"{remark.rule} {remark}"


def _open_incidents(statement: HoldingStatement) -> IncidentQuerySet:
    """An exercise is calm: only a real incident counts."""
    if statement.scenario_id is None:
        return Incident.objects.none()
    return Incident.objects.open().real().filter(scenario=statement.scenario_id)


def _days(statement: HoldingStatement, given: Days, on: date) -> Days:
    """The days given now; those the draft names stand where none is."""
    return Days(
        effective_from=given.effective_from or statement.effective_from,
        review_on=given.review_on or statement.review_on,
        expires_on=given.expires_on or statement.expires_on,
    ).checked(on)


def _replace(statement: HoldingStatement, at: datetime) -> HoldingStatement | None:
    """The version before it ends: now, or on the day these words take effect."""
    earlier = statement.replaces
    if earlier is None:
        return None
    earlier.refresh_from_db(from_queryset=HoldingStatement.objects.select_for_update())
    if earlier.status != _Status.APPROVED:
        return None
    begins = statement.effective_from
    if begins is None or begins <= today(at):
        library.take_back(earlier, at=at)
    elif earlier.expires_on is None or earlier.expires_on > begins:
        earlier.expires_on = begins
        earlier.save()
    return earlier
