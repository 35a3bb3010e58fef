"""Severity, computed from criteria over facts and the service catalogue; departing needs a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from incidents.models.catalogue import Dependency, Service
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import SeverityLevel, SeverityScheme
from incidents.operations import (
    escalation,
    records,
    routing,
    standing,
    timeline,
    update,
    waiting,
    words,
)
from incidents.operations.law import levels, scheme_in_force
from incidents.rules import severity as rules
from incidents.rules.facts import severity_facts
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.severity import Classification

LEAST_TIER = 4

# Trouble flows on: whatever needs, over any number of steps, a service that is down. UNION
# forgets what it has seen, so a circle of dependencies ends.
_DEPENDENTS = """
    WITH RECURSIVE reached(id) AS (
        SELECT downstream_id FROM {table} WHERE upstream_id IN ({affected})
        UNION SELECT needs.downstream_id FROM {table} needs JOIN reached ON needs.upstream_id = reached.id
    ) SELECT COUNT(*) FROM reached WHERE id NOT IN ({affected})
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The level a scheme gives, and why."""

    level: SeverityLevel
    classification: Classification


def require_scheme(at: datetime) -> SeverityScheme:
    """The severity scheme in force; Refused `no_severity_scheme` without one."""
    if scheme := scheme_in_force(at):
        return scheme
    raise Refused.because(
        "no_severity_scheme",
        "No severity scheme is in force, so nothing can be declared: a leader drafts one (Severity "
        "schemes, Draft the next version) and submits it, another approves it; or an administrator "
        "runs `manage.py import_severity --publish-as USERNAME`.",
    )


def evaluate(
    services: Sequence[Service], facts: Mapping[str, Any], *, at: datetime
) -> Classification:
    """What the scheme in force says of these facts; stores nothing. Invalid on bad facts."""
    return judge(require_scheme(at), services, facts).classification


def judge(
    scheme: SeverityScheme, services: Sequence[Service], facts: Mapping[str, Any]
) -> Judgement:
    """What this scheme says of the facts given and those the catalogue knows; one query."""
    total = severity_facts(facts, derived_facts(services))
    by_code = levels(scheme)
    classification = rules.classify((each.rule for each in by_code.values()), total)
    return Judgement(by_code[classification.code].of(scheme), classification)


def derived_facts(services: Sequence[Service]) -> dict[str, Any]:
    """What the catalogue says about the affected services; nobody types it."""
    return {
        "service_tier": min((service.tier for service in services), default=LEAST_TIER),
        "revenue_service_affected": any(each.is_revenue_generating for each in services),
        "dependents_affected": _dependents([service.pk for service in services]),
    }


def classify(
    incident: Incident, *, level_code: str, reason: str, actor: Person, at: datetime
) -> Incident:
    """Set the level; departing from the computed one needs a reason. Clocks and escalation follow.

    Refuses an unknown level and the one it has already.
    """
    with transaction.atomic():
        standing.lock(incident)
        giver = standing.require("classify", incident, actor, at=at)
        waiting.require_consulted(incident, "set_severity", actor=actor, at=at)
        before, level = incident.level, _level(incident, level_code)
        reason = words.optional(reason, "reason")
        _check_departure(incident, level, reason)
        departs = level.pk != incident.computed_level_id
        incident.level = level
        incident.severity_override_reason = reason if departs else ""
        incident.save(update_fields=["level", "severity_override_reason"])
        done = standing.signed(f"Severity set to {level.name}", giver)
        text = f"{done}: {reason}" if reason else done
        timeline.record(incident, text, at=at, author=actor)
        update.start_clocks(incident, actor=actor, at=at)
        withdrawn = escalation.withdraw(incident, at=at)
        paged = escalation.tell_by_level(incident, at=at)
        records.compose(paged, at=at)
        routing.performed(
            incident, "set_severity", actor=actor, at=at, note=text,
            told=[message.to for message in paged],
        )  # fmt: skip
        was = before.code if before else None
        records.audit(
            "classify", incident, actor=actor, at=at,
            before=was, level=level.code, departs=departs, reason=reason,
            pages_withdrawn=withdrawn, **standing.on_behalf(giver),
        )  # fmt: skip
    return incident


def _check_departure(incident: Incident, level: SeverityLevel, reason: str) -> None:
    if level.pk == incident.level_id:
        raise Refused.because(
            "level_unchanged", f"It is {level.name} already: choose another level.", "level"
        )
    if level.pk != incident.computed_level_id and not reason:
        computed = incident.computed_level
        raise Invalid.because(
            "reason_missing",
            f"The criteria say {computed.name if computed else 'nothing'}: "
            f"write why it is {level.name} all the same.",
            "reason",
        )


def _level(incident: Incident, code: str) -> SeverityLevel:
    levels = SeverityLevel.objects.filter(scheme=incident.severity_scheme_id)
    if found := levels.filter(code=code).first():
        return found
    known = ", ".join(levels.values_list("code", flat=True)) or "none"
    raise Invalid.because(
        "unknown_level",
        f"There is no level “{code[:20]}” in its scheme; known: {known}.",
        "level",
    )


def _dependents(affected: list[int]) -> int:
    """How many other services need one of these, directly or through others."""
    if not affected:
        return 0
    marks = ", ".join(["%s"] * len(affected))
    with connection.cursor() as cursor:
        sql = _DEPENDENTS.format(table=Dependency._meta.db_table, affected=marks)
        cursor.execute(sql, [*affected, *affected])
        return int(cursor.fetchone()[0])
