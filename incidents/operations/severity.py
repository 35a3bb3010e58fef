"""Severity, computed from criteria over facts and the service catalogue; departing needs a reason."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from incidents.models.catalogue import Service
from incidents.models.classification import Classification as Entry
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import SeverityLevel, SeverityScheme
from incidents.operations import (
    cadence,
    composing,
    escalation,
    notices,
    nudges,
    paging,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.law import levels, scheme_in_force
from incidents.operations.services import derived_facts
from incidents.rules import severity as rules
from incidents.rules.facts import TotalFacts, severity_facts, severity_part
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.roles import COMMANDER
from incidents.rules.severity import Classification

_JUDGED = (
    "computed_level",
    "severity_reasons",
    "severity_missed",
    "severity_override_reason",
    "judge_at",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The level a scheme gives to these facts, why, and the minute of impact that may change it."""

    level: SeverityLevel
    classification: Classification
    facts: TotalFacts
    next_turn: int | None


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
    """What the scheme in force says of these facts at their first minute; stores nothing.

    Invalid on bad facts.
    """
    return judge(require_scheme(at), services, facts).classification


def judge(
    scheme: SeverityScheme,
    services: Sequence[Service],
    facts: Mapping[str, Any],
    *,
    minutes: int = 0,
) -> Judgement:
    """What this scheme says of the facts given, those the catalogue knows, and time; one query."""
    total = severity_facts(facts, {**derived_facts(services), "minutes_running": minutes})
    by_code = levels(scheme)
    laws = [each.rule for each in by_code.values()]
    found = rules.classify(laws, total)
    level = by_code[found.code].of(scheme)
    return Judgement(level, found, total, rules.next_turn(laws, minutes))


def judge_first(incident: Incident, services: Sequence[Service], *, at: datetime) -> None:
    """Give an incident still to be saved the level its facts compute under its pinned scheme."""
    incident.level = _judge(incident, services, at=at)


def judge_anew(
    incident: Incident, *, at: datetime, saving: Sequence[str] = ()
) -> SeverityLevel | None:
    """Compute the level by the scheme pinned, and propose it where it is newly other than the set.

    Never applies it. Why a level was kept before says nothing of a level computed since. Invalid
    on facts that cannot be; an imported incident has no scheme to be judged by. The columns in
    `saving` are saved with it.
    """
    if incident.severity_scheme is None:
        severity_facts(severity_part(incident.facts), {})
        incident.save(update_fields=saving)
        return None
    before = incident.computed_level_id
    level = _judge(incident, list(incident.services.all()), at=at)
    if level.pk != before:
        incident.severity_override_reason = ""
    incident.save(update_fields=[*_JUDGED, *saving])
    if level.pk in (before, incident.level_id):
        return None
    _propose(incident, level, at)
    return level


def classify(
    incident: Incident, *, level_code: str, reason: str, actor: Person, at: datetime
) -> Incident:
    """Set the level; departing from the computed one needs a reason. Clocks and escalation follow.

    Given the level it has, this declines the one computed: the level is kept, for a new reason.
    Refuses an unknown level, and the one it has already where there is nothing to decline.
    """
    with transaction.atomic():
        standing.lock(incident)
        giver = standing.require("classify", incident, actor, at=at)
        waiting.require_consulted(incident, "set_severity", actor=actor, at=at)
        before, level = incident.level, _level(incident, level_code)
        reason = words.optional(reason, "reason")
        _check_departure(incident, level, reason)
        kept = level.pk == incident.level_id
        departs = level.pk != incident.computed_level_id
        incident.level = level
        incident.severity_override_reason = reason if departs else ""
        incident.save(update_fields=["level", "severity_override_reason"])
        kind = Entry.Kind.KEPT if kept else Entry.Kind.SET
        register(incident, kind, reason=reason, actor=actor, at=at)
        done = standing.signed(f"Severity {'kept at' if kept else 'set to'} {level}", giver)
        text = f"{done}: {reason}" if reason else done
        timeline.record(incident, text, at=at, author=actor)
        paged, withdrawn = ([], 0) if kept else _follow(incident, actor=actor, at=at)
        routing.performed(
            incident, "set_severity", actor=actor, at=at, note=text,
            told=paged,
        )  # fmt: skip
        records.audit(
            "classify", incident, actor=actor, at=at,
            before=before and before.code, level=level.code, departs=departs, reason=reason,
            pages_withdrawn=withdrawn, **standing.on_behalf(giver),
        )  # fmt: skip
    return incident


def register(
    incident: Incident, kind: str, *, reason: str = "", actor: Person, at: datetime
) -> None:
    """Keep which level it has from now on, beside the one computed, and by whom."""
    if incident.level is None or incident.computed_level is None:
        return  # imported: nothing was ever computed
    Entry.objects.create(
        incident=incident, kind=kind, level=incident.level, computed=incident.computed_level,
        reason=reason, set_by=actor, set_at=at,
    )  # fmt: skip


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Judge anew whatever the passing of time alone may have changed; one transaction each.

    Of an incident that ended meanwhile nothing more is asked. One that fails is logged and tried
    again later; the others go on.
    """
    due = Incident.objects.filter(judge_at__lte=at).order_by("judge_at", "pk")
    for key in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                # What another sweep or a verb holds is left to it, or to the next sweep.
                row = due.filter(pk=key).select_for_update(skip_locked=True).first()
                line = _judge_due(row, at) if row else ""
        except Exception as error:  # whatever one incident does, the rest must be judged
            # The error's own text may quote what the facts say: only its kind is logged.
            logger.error("judging incident %s failed: %s", key, type(error).__name__)
            Incident.objects.filter(pk=key).update(judge_at=at + nudges.TRY_AGAIN_AFTER)
        else:
            if say and line:
                say(line)


def _judge_due(incident: Incident, at: datetime) -> str:
    """Judge one that is due, and say so; nothing is said of one that is over."""
    if not incident.is_open or incident.severity_scheme is None:
        Incident.objects.filter(pk=incident.pk).update(judge_at=None)
        return ""
    proposed = judge_anew(incident, at=at)
    computed = incident.computed_level
    records.audit(
        "judge_severity", incident, actor=None, at=at,
        computed=computed and computed.code, proposed=proposed and proposed.code,
    )  # fmt: skip
    outcome = f"{proposed} proposed" if proposed else "nothing new"
    return f"severity of {incident.reference}: {outcome}"


def _judge(incident: Incident, services: Sequence[Service], *, at: datetime) -> SeverityLevel:
    """Write what its scheme computes now, and when the passing of time may change it."""
    if incident.severity_scheme is None:
        raise TypeError("An incident is judged under its pinned scheme.")
    began_at = incident.impact_started_at or incident.detected_at
    minutes = rules.minutes_running(began_at, incident.mitigated_at, at=at)
    facts = severity_part(incident.facts)
    found = judge(incident.severity_scheme, services, facts, minutes=minutes)
    incident.computed_level = found.level
    incident.severity_reasons = list(found.classification.reasons)
    incident.severity_missed = list(found.classification.not_fired)
    incident.judge_at = None
    if began_at and found.next_turn is not None and incident.mitigated_at is None:
        incident.judge_at = began_at + timedelta(minutes=found.next_turn)
    return found.level


def _propose(incident: Incident, level: SeverityLevel, at: datetime) -> None:
    """Tell the commander, else leadership, what the facts say now."""
    why = "\n".join(incident.severity_reasons)
    entry = timeline.record(incident, f"The facts now say {level.name}: proposed", at=at)
    told = escalation.participants(incident, COMMANDER) or escalation.leadership(incident)
    composing.compose(
        escalation.about(
            incident, told, key=f"proposed:{entry.pk}", kind="severity-proposed",
            subject=f"the facts now say {level.name}",
            body=f"{why}\n\nClassify the incident anew, or keep its level and say why.",
            priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip


def _follow(incident: Incident, *, actor: Person, at: datetime) -> tuple[list[Person], int]:
    """The clocks and the escalation of the new level; whom it pages, how many pages it took back."""
    cadence.start_clocks(incident, actor=actor, at=at)
    notices.start_clocks(incident, actor=actor, at=at)
    withdrawn = paging.withdraw(incident, at=at)
    return paging.begin(incident, at=at), withdrawn


def _check_departure(incident: Incident, level: SeverityLevel, reason: str) -> None:
    computed = incident.computed_level
    departs = level.pk != incident.computed_level_id
    if level.pk == incident.level_id:
        if departs and reason and reason != incident.severity_override_reason:
            return
        hint = f", or write why it stays so though the criteria say {computed}"
        message = f"It is {level.name} already: choose another level{hint if departs else ''}."
        raise Refused.because("level_unchanged", message, "level")
    if departs and not reason:
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
