"""The library of holding statements: words drafted, revised in versions, retired."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from incidents.models.calendar import today
from incidents.models.catalogue import Scenario
from incidents.models.obligation import Obligation
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.wording import check_dates, check_phrases, check_template, phrases

_Status = HoldingStatement.Status
_Purpose = HoldingStatement.Purpose
# What a version is a version of: other words are needed for another use.
_USE = ("audience", "language", "scenario_id", "purpose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From when words may be used, by when somebody looks at them again, when they expire."""

    effective_from: date | None = None
    review_on: date | None = None
    expires_on: date | None = None

    def checked(self, on: date) -> "Days":
        """These days; Invalid where they are out of order or have come."""
        problems = check_dates(self.effective_from, self.review_on, self.expires_on)
        for field, code in (("expires_on", "expired_already"), ("review_on", "review_passed")):
            day = getattr(self, field)
            if day is not None and day <= on:
                message = "This day has come: choose a later one, or none."
                problems.append(Reason(code, message, field))
        if problems:
            raise Invalid(*problems)
        return self


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
    purpose: str = _Purpose.FIRST,
    forbidden: str = "",
    effective_from: date | None = None,
    review_on: date | None = None,
    expires_on: date | None = None,
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """Keep words for another person to approve: a new draft, or this draft as it reads now.

    Whoever writes is the maker from then on, and what counsel signed off is signed off no more.
    Refuses `not_a_draft`, and words of another use where it is a later version (`another_use`);
    Invalid: no words, a blank nobody can fill, an audience that is none, days that cannot be.
    """
    row = _new(actor) if statement is None else _draft(statement, actor)
    row.audience = _known(audience, Audience.values, "audience")
    row.purpose = _known(purpose, _Purpose.values, "purpose")
    row.language = words.required(language, "language", "Name the language.", longest=10)
    row.scenario = scenario
    _keep(row, title=title, text=text, severity=severity, forbidden=forbidden)
    days = Days(effective_from=effective_from, review_on=review_on, expires_on=expires_on)
    _put(row, days.checked(today(at)))
    if reason := another_use(row):
        raise Refused(reason)
    by(row, actor)
    row.save()
    verb = "draft_statement" if statement is None else "write_statement"
    records.audit(verb, row, actor=actor, at=at, text=row.text, audience=row.audience)
    return row


@transaction.atomic
def revise(
    statement: HoldingStatement,
    *,
    title: str,
    text: str,
    severity: str = "",
    forbidden: str = "",
    effective_from: date | None = None,
    review_on: date | None = None,
    expires_on: date | None = None,
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """Draft the next version of approved words; they stay in use until it is approved.

    For the same audience, language, scenario and purpose. Refuses what is not approved
    (`not_approved`), and a second open draft (`is_revised_already`).
    """
    lock(statement, "incidents.add_holdingstatement", actor)
    _require_revisable(statement)
    same = {name: getattr(statement, name) for name in _USE}
    row = HoldingStatement(replaces=statement, version=_next_version(statement), **same)
    _keep(row, title=title, text=text, severity=severity, forbidden=forbidden)
    days = Days(effective_from=effective_from, review_on=review_on, expires_on=expires_on)
    _put(row, days.checked(today(at)))
    by(row, actor)
    row.save()
    records.audit(
        "revise_statement", row, actor=actor, at=at,
        text=row.text, version=row.version, replaces=statement.pk,
    )  # fmt: skip
    return row


@transaction.atomic
def retire(
    statement: HoldingStatement, *, reason: str, actor: Person, at: datetime
) -> HoldingStatement:
    """These words are offered no more; updates that used them stay. Refuses `already_retired`."""
    lock(statement, "incidents.retire_holdingstatement", actor)
    if statement.status == _Status.RETIRED:
        raise Refused.because("already_retired", "It is retired already: draft a new one.")
    reason = words.required(reason, "reason", "Write why these words may not be used any more.")
    take_back(statement, at=at)
    records.audit("retire_statement", statement, actor=actor, at=at, reason=reason)
    return statement


def take_back(statement: HoldingStatement, *, at: datetime) -> None:
    """Retired, and nothing is owed about it any more; the caller asks and records."""
    statement.status = _Status.RETIRED
    statement.save()
    Obligation.objects.about(statement).settle(at=at)


def lock(statement: HoldingStatement, permission: str, actor: Person) -> None:
    """The statement as it is now, locked, where this person may ever do this."""
    standing.permit_to(actor, permission)
    statement.refresh_from_db(from_queryset=HoldingStatement.objects.select_for_update())


def by(statement: HoldingStatement, actor: Person) -> None:
    """This person wrote it last; nobody signed these words off yet."""
    statement.maker = actor
    statement.cleared_by = statement.cleared_at = None


def checked(text: str) -> str:
    """The words of a statement, trimmed; Invalid where they cannot be some."""
    text = words.required(text, "text", "Write the statement.")
    if problems := check_template(text):
        raise Invalid(*problems)
    return text


def another_use(row: HoldingStatement) -> Reason | None:
    """Why it cannot be a version of what it replaces; None where it can, or replaces nothing."""
    earlier = row.replaces
    if earlier is None or all(getattr(row, name) == getattr(earlier, name) for name in _USE):
        return None
    message = (
        f"It is version {row.version} of words for the {earlier.audience} audience, its "
        "scenario, language and purpose: draft new words for another use."
    )
    return Reason("another_use", message)


def _new(actor: Person) -> HoldingStatement:
    standing.permit_to(actor, "incidents.add_holdingstatement")
    return HoldingStatement()


def _draft(statement: HoldingStatement, actor: Person) -> HoldingStatement:
    """The draft, locked, where this person may write it."""
    lock(statement, "incidents.change_holdingstatement", actor)
    if statement.status != _Status.DRAFT:
        message = f"It is {statement.status} already: revise it, or draft a new statement."
        raise Refused.because("not_a_draft", message)
    return statement


def _keep(
    row: HoldingStatement, *, title: str, text: str, severity: str, forbidden: str
) -> None:
    row.title = words.required(title, "title", "Name the statement.", longest=120)
    row.text = checked(text)
    row.severity = words.optional(severity, "severity", longest=20)
    forbidden = words.optional(forbidden, "forbidden")
    if problems := check_phrases(forbidden):
        raise Invalid(*problems)
    row.forbidden = "\n".join(phrases(forbidden))


def _put(row: HoldingStatement, days: Days) -> None:
    row.effective_from, row.review_on = days.effective_from, days.review_on
    row.expires_on = days.expires_on


def _known(said: str, values: list[str], field: str) -> str:
    if said not in values:
        message = f"Choose one of {', '.join(values)}."
        raise Invalid.because(f"unknown_{field}", message, field)
    return said


def _require_revisable(statement: HoldingStatement) -> None:
    if statement.status != _Status.APPROVED:
        what = "Edit the draft" if statement.status == _Status.DRAFT else "Draft new words"
        message = f"Only approved words have a next version. {what} instead."
        raise Refused.because("not_approved", message)
    if open_draft := statement.replaced_by.filter(status=_Status.DRAFT).first():
        message = (
            f"{open_draft.maker} drafted version {open_draft.version} already: write that one, "
            "or have it approved."
        )
        raise Refused.because("is_revised_already", message)


def _next_version(statement: HoldingStatement) -> int:
    """After this one and every draft of a next one that was given up."""
    later = statement.replaced_by.order_by("-version").values_list("version", flat=True)
    return max(statement.version, later.first() or 0) + 1
