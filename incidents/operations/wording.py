"""Wording: the checks asked with what the database knows: services, people, what was said before.

Six statements at most, however much was said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update
from incidents.rules.wording import ALLOWED_BLANKS
from incidents.rules.wording_checks import Known, Remark, Words, check

_NO_NEXT_UPDATE, _UNFILLED = "W22", "W24"
_BLANKS = frozenset(f"{{{name}}}" for name in ALLOWED_BLANKS)
_CAUSE = "cause"  # a fact about a cause has it in its name: cause_known


def of_update(update: Update, *, at: datetime) -> tuple[Remark, ...]:
    """What the checks say of an update that was drafted, were it published at `at`.

    A correction may contradict; a next update that was promised beside the words is named.
    """
    incident = update.incident
    before = Q(customer=None) | Q(customer=update.customer_id)
    earlier = _earlier(incident, update.audience, before, update)
    known = replace(_known(incident), earlier=earlier, is_correction=bool(update.corrects_id))
    words = Words(
        text=update.text,
        audience=update.audience,
        at=at,
        language=update.language,
        stage=update.stage,
        impact=update.impact,
        services=_names(update.services) or _public(incident),
    )
    is_named = update.promised_next_at is not None
    remarks = check(words, known)
    return tuple(each for each in remarks if not (is_named and each.rule == _NO_NEXT_UPDATE))


def of_text(
    incident: Incident | None,
    *,
    text: str,
    audience: str,
    language: str = "en",
    statement: HoldingStatement | None = None,
    corrects: Update | None = None,
    at: datetime,
) -> tuple[Remark, ...]:
    """The same of words nobody has stored yet, while they are written."""
    known = _known(incident, _phrases(statement.forbidden) if statement else ())
    if incident:
        earlier = _earlier(incident, audience, Q(customer=None))
        known = replace(known, earlier=earlier, is_correction=corrects is not None)
    services = _public(incident) if incident else ()
    words = Words(text=text, audience=audience, at=at, language=language, services=services)
    return check(words, known)


def of_statement(statement: HoldingStatement, *, at: datetime) -> tuple[Remark, ...]:
    """What the checks say of a holding statement, its blanks as they stand."""
    words = Words(
        text=statement.text,
        audience=statement.audience,
        at=at,
        language=statement.language,
        stage="resolved" if statement.purpose == statement.Purpose.OVER else "",
    )
    known = Known(
        internal=_internal(), people=_people(), forbidden=_phrases(statement.forbidden)
    )
    remarks = check(words, known)
    return tuple(
        each for each in remarks if each.rule != _UNFILLED or each.quote not in _BLANKS
    )


def _known(incident: Incident | None, forbidden: tuple[str, ...] = ()) -> Known:
    return Known(
        internal=_internal(),
        people=_people(),
        forbidden=(*forbidden, *_forbidden(incident)) if incident else forbidden,
        is_cause_verified=incident is not None and _is_cause_verified(incident),
    )


def _internal() -> dict[str, str]:
    """The code names, and the names of services that have none for customers.

    No secret is what stands in anything customers call by that name (“search”), nor, of a
    service that has no such name, a single plain word: “payments” is said by everybody.
    """
    rows = Service.objects.filter(is_active=True)
    services = list(rows.values_list("slug", "name", "public_name"))
    spoken = " ".join(public for *_, public in services).casefold()
    return {
        name: public
        for slug, called, public in services
        for name in (slug, called)
        if name.casefold().replace("-", " ") not in spoken and (public or not name.isalpha())
    }


def _people() -> tuple[str, ...]:
    """Full names of those who are here; a single word may be any word."""
    names = Person.objects.filter(is_active=True).values_list("name", flat=True)
    return tuple(name for name in names if " " in name.strip())


def _forbidden(incident: Incident) -> tuple[str, ...]:
    """What the statements approved for this scenario, or for any, forbid to claim."""
    approved = HoldingStatement.objects.filter(status=HoldingStatement.Status.APPROVED)
    rows = approved.filter(Q(scenario=None) | Q(scenario=incident.scenario_id))
    said = rows.exclude(forbidden="").values_list("forbidden", flat=True)
    return tuple(phrase for lines in said for phrase in _phrases(lines))


def _phrases(lines: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in lines.splitlines() if phrase.strip())


def _is_cause_verified(incident: Incident) -> bool:
    """Whether a fact about a cause still has the value that was verified last."""
    last: dict[str, object] = {}
    rows = incident.verified_facts.filter(name__contains=_CAUSE).order_by("-verified_at", "-id")
    for name, value in rows.values_list("name", "value"):
        last.setdefault(name, value)
    facts = incident.facts
    return any(value and facts.get(name) == value for name, value in last.items())


def _earlier(
    incident: Incident, audience: str, whose: Q, update: Update | None = None
) -> tuple[Words, ...]:
    """What was published before to them, the oldest first; what was corrected since does not count."""
    rows = Update.objects.filter(
        whose, incident=incident, audience=audience, status="published"
    )
    if update:
        rows = rows.exclude(pk=update.pk)
        if update.published_at:
            rows = rows.filter(published_at__lt=update.published_at)
    # Sorted here: asked to sort, SQLite walks all that was ever published to this audience.
    told = sorted(rows.order_by(), key=lambda one: (one.published_at or one.drafted_at, one.pk))
    corrected = {each.corrects_id for each in told}
    return tuple(_words(each) for each in told if each.pk not in corrected)


def _words(update: Update) -> Words:
    return Words(
        text=update.text,
        audience=update.audience,
        at=update.published_at or update.drafted_at,
        language=update.language,
        stage=update.stage,
        impact=update.impact,
        services=_names(update.services),
    )


def _names(services: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(each["name"] for each in services)


def _public(incident: Incident) -> tuple[str, ...]:
    """What customers call the services affected now."""
    named = incident.services.exclude(public_name="")
    return tuple(named.values_list("public_name", flat=True))
