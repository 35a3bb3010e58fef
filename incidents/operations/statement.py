"""Holding statements: drafted and approved in calm, by two people; offered under pressure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from incidents.models.calendar import today
from incidents.models.catalogue import Scenario
from incidents.models.incident import Incident
from incidents.models.obligation import Obligation
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.wording import check_template, fill

_Status = HoldingStatement.Status
_AGREED = ("title", "text", "audience", "language", "scenario_id", "severity")


@transaction.atomic
def write(
    statement: HoldingStatement | None,
    *,
    title: str,
    text: str,
    audience: str,
    scenario: Scenario | None = None,
    severity: str = "",
    language: str = "en",
    expires_on: date | None = None,
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """Keep words for another person to approve: a new draft, or this draft as it reads now.

    Whoever writes is the maker from then on. Refuses `not_a_draft`; Invalid: no words, a blank
    nobody can fill, an audience that is none, a day that has come.
    """
    row = _new(actor) if statement is None else _draft(statement, actor)
    row.title = words.required(title, "title", "Name the statement.", longest=120)
    row.text = _checked(text)
    row.audience = _known(audience)
    row.severity = words.optional(severity, "severity", longest=20)
    row.language = words.required(language, "language", "Name the language.", longest=10)
    row.scenario, row.expires_on = scenario, _expiry(expires_on, today(at))
    row.maker = actor
    row.save()
    verb = "draft_statement" if statement is None else "write_statement"
    records.audit(verb, row, actor=actor, at=at, text=row.text, audience=row.audience)
    return row


def fingerprint(statement: HoldingStatement) -> str:
    """SHA-256 over all that an approval agrees to; a page keeps it to say what was seen."""
    said = [getattr(statement, name) for name in _AGREED]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@transaction.atomic
def approve(
    statement: HoldingStatement,
    *,
    expires_on: date | None = None,
    emergency_reason: str = "",
    seen: str = "",
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """From now on these words may be used, until the day they expire (exclusive).

    Refuses whoever wrote any of it (`maker_is_checker`), what no longer has the `fingerprint`
    that was `seen` (`changed_meanwhile`), and, since words are agreed in calm, while an incident
    of the scenario is open (`incident_of_scenario_open`), unless a reason is given.
    """
    _lock(statement, "incidents.approve_holdingstatement", actor)
    reason = words.optional(emergency_reason, "emergency_reason")
    _refuse_approval(statement, actor)
    _refuse_unseen(statement, seen)
    _refuse_haste(statement, reason)
    _checked(statement.text)
    statement.expires_on = _expiry(expires_on or statement.expires_on, today(at))
    statement.status = _Status.APPROVED
    statement.approver, statement.approved_at = actor, at
    statement.save()
    records.audit(
        "approve_statement", statement, actor=actor, at=at,
        expires_on=statement.expires_on, emergency_reason=reason,
    )  # fmt: skip
    return statement


@transaction.atomic
def retire(
    statement: HoldingStatement, *, reason: str, actor: Person, at: datetime
) -> HoldingStatement:
    """These words are offered no more; updates that used them stay. Refuses `already_retired`."""
    _lock(statement, "incidents.retire_holdingstatement", actor)
    if statement.status == _Status.RETIRED:
        raise Refused.because("already_retired", "It is retired already: draft a new one.")
    reason = words.required(reason, "reason", "Write why these words may not be used any more.")
    statement.status = _Status.RETIRED
    statement.save()
    Obligation.objects.about(statement).settle(at=at)
    records.audit("retire_statement", statement, actor=actor, at=at, reason=reason)
    return statement


def matching(incident: Incident, audience: str, *, on: date) -> list[HoldingStatement]:
    """The statements that may be used for this incident on this day, the closest first.

    Words for the scenario come before words for any, then words for the level before any level.
    """
    level = incident.level.code if incident.level else ""
    rows = HoldingStatement.objects.usable(on).filter(
        Q(scenario=incident.scenario_id) | Q(scenario=None),
        audience=audience,
        severity__in=("", level),
    )
    return sorted(rows, key=lambda one: (one.scenario_id is None, not one.severity, one.title))


def require_usable(statement: HoldingStatement, audience: str, at: datetime) -> None:
    """Return only if these words may be used now for this audience."""
    if not HoldingStatement.objects.usable(today(at)).filter(pk=statement.pk).exists():
        message = f"“{statement}” is not approved or has expired: choose another, or none."
        raise Refused.because("statement_not_usable", message, "statement")
    if statement.audience != audience:
        message = f"“{statement}” is for the {statement.audience} audience: choose another."
        raise Refused.because("statement_for_another_audience", message, "statement")


def fill_in(
    statement: HoldingStatement,
    incident: Incident,
    values: Mapping[str, str | datetime],
    at: datetime,
) -> str:
    """The statement's words; what the incident knows fills the blanks that nobody filled."""
    return fill(statement.text, {**known(incident, at), **values})


def known(incident: Incident, at: datetime) -> dict[str, str | datetime]:
    """The blanks nobody needs to fill: the incident knows them."""
    return {
        "company": settings.ORGANISATION_NAME,
        "reference": incident.reference,
        "service": ", ".join(service.name for service in incident.services.all()),
        "severity": incident.level.name if incident.level else "",
        "time": at,
    }


def _lock(statement: HoldingStatement, permission: str, actor: Person) -> None:
    standing.permit_to(actor, permission)
    statement.refresh_from_db(from_queryset=HoldingStatement.objects.select_for_update())


def _new(actor: Person) -> HoldingStatement:
    standing.permit_to(actor, "incidents.add_holdingstatement")
    return HoldingStatement()


def _draft(statement: HoldingStatement, actor: Person) -> HoldingStatement:
    """The draft, locked, where this person may write it."""
    _lock(statement, "incidents.change_holdingstatement", actor)
    _require_draft(statement)
    return statement


def _checked(text: str) -> str:
    text = words.required(text, "text", "Write the statement.")
    if problems := check_template(text):
        raise Invalid(*problems)
    return text


def _known(audience: str) -> str:
    if audience not in Audience.values:
        known = ", ".join(Audience.values)
        raise Invalid.because("unknown_audience", f"Choose one of {known}.", "audience")
    return audience


def _require_draft(statement: HoldingStatement) -> None:
    if statement.status != _Status.DRAFT:
        message = f"It is {statement.status} already: draft a new statement instead."
        raise Refused.because("not_a_draft", message)


def _refuse_approval(statement: HoldingStatement, actor: Person) -> None:
    _require_draft(statement)
    # Whoever wrote an earlier version wrote part of this one.
    wrote = Q(maker=actor) | Q(history_user=actor)
    if statement.maker_id == actor.pk or statement.history.filter(wrote).exists():
        message = "You wrote this statement, or part of it: ask another person to approve it."
        raise Refused.because("maker_is_checker", message)


def _refuse_unseen(statement: HoldingStatement, seen: str) -> None:
    if seen and seen != fingerprint(statement):
        message = (
            f"{statement.maker} changed it after you opened it: read it again, then approve."
        )
        raise Refused.because("changed_meanwhile", message)


def _refuse_haste(statement: HoldingStatement, reason: str) -> None:
    running = _open_incident(statement)
    if running is not None and not reason:
        message = (
            f"{running.reference} of this scenario is open: use words approved before, or say "
            "why these cannot wait."
        )
        raise Refused.because("incident_of_scenario_open", message, "emergency_reason")


def _open_incident(statement: HoldingStatement) -> Incident | None:
    """An exercise is calm: only a real incident counts."""
    if statement.scenario_id is None:
        return None
    return Incident.objects.open().real().filter(scenario=statement.scenario_id).first()


def _expiry(expires_on: date | None, on: date) -> date | None:
    if expires_on is not None and expires_on <= on:
        message = "This day has come: choose a later one, or none."
        raise Invalid.because("expired_already", message, "expires_on")
    return expires_on
