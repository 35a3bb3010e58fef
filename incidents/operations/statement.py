"""Holding statements under pressure: which may be used, and what the incident fills in itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.operations.law import level_law
from incidents.rules.cadence import Cadence, next_due_at
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.wording import check_services, fill, fill_known

_LANGUAGE = "en"
# What the incident knows for certain: a value of somebody's own would be free text in disguise.
_GIVEN = ("company", "reference", "severity")


@dataclass(frozen=True, slots=True)
class Offer:
    """Words that may be used for an incident now: `text` as far as the incident fills it.

    `missing` are the blanks somebody has to fill first, still in braces in the text.
    """

    statement: HoldingStatement
    text: str
    missing: tuple[str, ...] = ()

    @property
    def needs_approval_anew(self) -> bool:
        """Whether it may only be drafted from: whoever approved it has left."""
        return needs_approval_anew(self.statement)


def needs_approval_anew(statement: HoldingStatement) -> bool:
    """Whether whoever approved these words has left; expects the approver loaded.

    They may still be drafted from, since an update has an approver of its own.
    """
    approver = statement.approver
    is_approved = statement.status == HoldingStatement.Status.APPROVED
    return is_approved and approver is not None and not approver.is_active


def fitting(
    incident: Incident, *, at: datetime, language: str = _LANGUAGE
) -> list[HoldingStatement]:
    """All that may be used for this incident now, whoever hears it, the closest first; one query.

    Words for the scenario come before words for any, words for the level before any level, words
    in this language before others, all in the order of an incident: the first word, what follows.
    """
    return _closest_first(_fitting(incident, today(at), ""), language)


def offered(
    incident: Incident,
    *,
    at: datetime,
    purpose: str = HoldingStatement.Purpose.FIRST,
    language: str = _LANGUAGE,
) -> list[Offer]:
    """The best match of each audience, filled in as if it were said at `at`; constant queries."""
    best: dict[str, HoldingStatement] = {}
    for row in _closest_first(_fitting(incident, today(at), purpose), language):
        best.setdefault(row.audience, row)
    knows = known(incident, at) if best else {}
    return [
        offer(best[audience], incident, knows=knows, at=at)
        for audience in Audience.values
        if audience in best
    ]


def offer(
    statement: HoldingStatement,
    incident: Incident,
    *,
    knows: Mapping[str, str | datetime] | None = None,
    at: datetime,
) -> Offer:
    """These words, filled with what the incident knows and when its cadence asks for the next."""
    knows = dict(known(incident, at) if knows is None else knows)
    if next_at := _next_update(incident, statement.audience, at):
        knows["next_update"] = next_at
    return Offer(statement, *fill_known(statement.text, knows))


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
    """The statement's words; what the incident knows fills the blanks that nobody filled.

    Invalid, naming each blank, where one stays open or cannot hold its value: a service that is not
    affected, another company, reference or severity than this incident's, an address that is none.
    """
    knows = known(incident, at)
    if problems := [*_contradictions(knows, values), *_strangers(incident, values)]:
        raise Invalid(*problems)
    return fill(statement.text, {**knows, **values})


def known(incident: Incident, at: datetime) -> dict[str, str | datetime]:
    """The blanks nobody needs to fill: the incident knows them.

    `time` is since when: when the impact began, else when it was detected.
    """
    return {
        "company": settings.ORGANISATION_NAME,
        "reference": incident.reference,
        "service": ", ".join(_called(incident)),
        "severity": incident.level.name if incident.level else "",
        "time": incident.impact_started_at or incident.detected_at or at,
    }


def called(service: Service) -> str:
    """What customers call it; its own name where they have none for it."""
    return service.public_name or service.name


def _called(incident: Incident) -> list[str]:
    # Two services may be one to customers.
    return list(dict.fromkeys(called(service) for service in incident.services.all()))


def _fitting(incident: Incident, on: date, purpose: str) -> QuerySet[HoldingStatement]:
    level = incident.level.code if incident.level else ""
    rows = HoldingStatement.objects.usable(on).filter(
        Q(scenario=incident.scenario_id) | Q(scenario=None), severity__in=("", level)
    )
    rows = rows.exclude(purpose=_untimely(incident))
    return (rows.filter(purpose=purpose) if purpose else rows).select_related("approver")


def _untimely(incident: Incident) -> str:
    """What it would be untrue to say now: that it is over, or that the work still goes on."""
    purposes = HoldingStatement.Purpose
    return purposes.OVER if incident.resolved_at is None else purposes.NO_NEWS


def require_timely(statement: HoldingStatement, incident: Incident) -> None:
    """Refuse `not_over_yet`, and no news of what is (`over_already`)."""
    if statement.purpose != _untimely(incident):
        return
    if incident.resolved_at is None:
        message = (
            f"{incident.reference} is not resolved: mark it resolved, then say that it is over."
        )
        raise Refused.because("not_over_yet", message, "statement")
    message = f"{incident.reference} is resolved: say that it is over."
    raise Refused.because("over_already", message, "statement")


def _closest_first(rows: Iterable[HoldingStatement], language: str) -> list[HoldingStatement]:
    purposes = HoldingStatement.Purpose.values
    return sorted(
        rows,
        key=lambda one: (
            purposes.index(one.purpose),
            one.language != language,
            one.scenario_id is None,
            not one.severity,
            one.title,
            one.pk,
        ),
    )


def _next_update(incident: Incident, audience: str, at: datetime) -> datetime | None:
    """When the cadence asks for the next update after one said now; None where it asks for none."""
    law = level_law(incident.level)
    if law is None or incident.resolved_at is not None:
        return None
    cadence = law.cadences.get(audience, Cadence())
    return next_due_at(cadence, incident.declared_at, at)


def _contradictions(
    knows: Mapping[str, str | datetime], values: Mapping[str, str | datetime]
) -> list[Reason]:
    return [
        Reason("blank_is_known", f"{{{name}}} is “{knows[name]}” here: leave it out.", name)
        for name in _GIVEN
        if knows[name] and values.get(name, knows[name]) != knows[name]
    ]


def _strangers(incident: Incident, values: Mapping[str, str | datetime]) -> list[Reason]:
    said = values.get("service")
    return check_services(said, _called(incident)) if isinstance(said, str) else []
