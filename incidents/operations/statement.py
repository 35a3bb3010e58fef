"""Holding statements: drafted and approved in calm, by two people; offered under pressure."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from incidents.models.calendar import today
from incidents.models.catalogue import Scenario
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.operations import people, records, words
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.wording import check_template, fill

_Status = HoldingStatement.Status


@transaction.atomic
def draft(
    *,
    title: str,
    text: str,
    audience: str,
    scenario: Scenario | None = None,
    severity: str = "",
    language: str = "en",
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """Keep words for another person to approve. Invalid: no words, or a blank nobody can fill."""
    people.permit(actor, "incidents.add_holdingstatement")
    text = words.required(text, "text", "Write the statement.")
    if problems := check_template(text):
        raise Invalid(*problems)
    if audience not in Audience.values:
        known = ", ".join(Audience.values)
        raise Invalid.because("unknown_audience", f"Choose one of {known}.", "audience")
    statement = HoldingStatement.objects.create(
        title=words.required(title, "title", "Name the statement.", longest=120),
        text=text,
        audience=audience,
        scenario=scenario,
        severity=severity,
        language=language,
        maker=actor,
    )
    records.audit("draft_statement", statement, actor=actor, at=at)
    return statement


@transaction.atomic
def approve(
    statement: HoldingStatement,
    *,
    expires_on: date | None = None,
    emergency_reason: str = "",
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """From now on these words may be used, until the day they expire (exclusive).

    Refuses the maker (`maker_is_checker`), and, since words are agreed in calm, while an
    incident of the scenario is open (`incident_of_scenario_open`), unless a reason is given.
    """
    _lock(statement, "incidents.approve_holdingstatement", actor)
    reason = words.optional(emergency_reason, "emergency_reason")
    _refuse_approval(statement, actor, reason)
    if problems := check_template(statement.text):
        raise Invalid(*problems)
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
    known: dict[str, str | datetime] = {
        "company": settings.ORGANISATION_NAME,
        "reference": incident.reference,
        "service": ", ".join(service.name for service in incident.services.all()),
        "severity": incident.level.name if incident.level else "",
        "time": at,
    }
    return fill(statement.text, {**known, **values})


def _lock(statement: HoldingStatement, permission: str, actor: Person) -> None:
    people.permit(actor, permission)
    statement.refresh_from_db(from_queryset=HoldingStatement.objects.select_for_update())


def _refuse_approval(statement: HoldingStatement, actor: Person, reason: str) -> None:
    if statement.status != _Status.DRAFT:
        message = f"It is {statement.status} already: draft a new statement instead."
        raise Refused.because("not_a_draft", message)
    if statement.maker_id == actor.pk:
        message = "You wrote this statement: ask another person to approve it."
        raise Refused.because("maker_is_checker", message)
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
