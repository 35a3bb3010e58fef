"""The register of decisions not to notify, and the clocks counsel stands down or keeps."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.legal import LegalClock, LegalDecision
from incidents.models.people import Person
from incidents.operations import (
    docket,
    legal,
    legal_case,
    moves,
    records,
    standing,
    timeline,
    words,
)
from incidents.operations.law import pinned_pack
from incidents.rules.reasons import Invalid, Refused

Kind = LegalDecision.Kind
_WHY = "Write the reason: the register keeps it, and an authority may ask for it."


@transaction.atomic
def stand_down_clock(
    incident: Incident, *, clock: LegalClock, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    """End a duty that is none after all; the clock stays, with counsel's reason.

    Should facts that did not call for it call for it again, a new clock starts. Refuses
    `already_settled`. Invalid: a clock of another incident, the counsel clock, no reason.
    """
    reason, found = _begin("stand_down_clock", incident, clock, reason, actor, at)
    decision = _decide(Kind.STAND_DOWN, incident, found, reason, actor, at)
    legal.settle(
        [found], LegalClock.Outcome.STOOD_DOWN, settled_at=at, answer=reason, actor=actor, at=at
    )
    text = f"Stood down by counsel: {found.title}. {reason}"
    timeline.record(incident, text, at=at, author=actor)
    records.audit(
        "stand_down_clock", incident, actor=actor, at=at, clock=found.kind, reason=reason,
        was_doubted=bool(found.doubt),
    )  # fmt: skip
    return decision


@transaction.atomic
def keep_clock(
    incident: Incident, *, clock: LegalClock, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    """Let a clock run on whose facts do not call for it any more; it is not doubted again.

    Refuses `already_settled`, and `not_doubted` where nothing proposes to end it.
    """
    reason, found = _begin("keep_clock", incident, clock, reason, actor, at)
    if found.doubted_at is None:
        message = "The facts call for it: it runs anyway, nothing is left to decide."
        raise Refused.because("not_doubted", message, "clock")
    decision = _decide(Kind.KEEP, incident, found, reason, actor, at)
    found.doubted_at, found.doubt = None, ""
    found.save(update_fields=["doubted_at", "doubt"])
    text = f"Kept by counsel: {found.title}. {reason}"
    timeline.record(incident, text, at=at, author=actor)
    records.audit("keep_clock", incident, actor=actor, at=at, clock=found.kind, reason=reason)
    return decision


@transaction.atomic
def decide_not_to_notify(
    incident: Incident, *, regime: str, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    """Enter in the register why nobody is notified under this regime; its open clocks stand down.

    GDPR art. 33(5) asks for such a register. Invalid: a regime that is not in the pinned law pack
    (`unknown_regime`), no reason. Refuses `decided_already` the second time, and `already_settled`
    where every duty of it was filed or stood down.
    """
    standing.lock(incident)
    standing.require("decide_not_to_notify", incident, actor, at=at)
    title = _title(incident, regime)
    if before := decided(incident, regime):
        when = moves.clock(before.decided_at)
        message = (
            f"{before.decided_by} decided it at {when}: it stands. Add what is new as a note."
        )
        raise Refused.because("decided_already", message, "regime")
    clocks = _still_open(incident, regime)
    reason = words.required(reason, "reason", _WHY)
    decision = LegalDecision.objects.create(
        incident=incident, kind=Kind.NOT_TO_NOTIFY, regime=regime, title=title, reason=reason,
        facts=_facts(incident, at), decided_by=actor, decided_at=at,
    )  # fmt: skip
    legal.settle(
        clocks, LegalClock.Outcome.STOOD_DOWN, settled_at=at, answer=reason, actor=actor, at=at
    )
    text = f"Decided not to notify: {title}. {reason}"
    timeline.record(incident, text, at=at, author=actor)
    records.audit(
        "decide_not_to_notify", incident, actor=actor, at=at,
        regime=regime, reason=reason, stood_down=[clock.kind for clock in clocks],
    )  # fmt: skip
    return decision


def decided(incident: Incident, regime: str) -> LegalDecision | None:
    """The decision not to notify under this regime, if there is one."""
    rows = LegalDecision.objects.filter(incident=incident, regime=regime)
    return rows.filter(kind=Kind.NOT_TO_NOTIFY).select_related("decided_by").first()


def _still_open(incident: Incident, regime: str) -> list[LegalClock]:
    """What is left to decide under this regime; Refused where its duties are all over."""
    clocks = list(incident.legal_clocks.filter(regime=regime).select_related("settled_by"))
    found = [clock for clock in clocks if clock.is_open]
    if clocks and not found and (reason := docket.already_settled(clocks[-1])):
        raise Refused(replace(reason, field="regime"))
    return found


def _begin(
    verb: str, incident: Incident, clock: LegalClock, reason: str, actor: Person, at: datetime
) -> tuple[str, LegalClock]:
    standing.lock(incident)
    standing.require(verb, incident, actor, at=at)
    found = docket.own_open(incident, clock)
    return words.required(reason, "reason", _WHY), found


def _decide(
    kind: str, incident: Incident, clock: LegalClock, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    return LegalDecision.objects.create(
        incident=incident, kind=kind, regime=clock.regime, stage=clock.stage,
        title=clock.title, reason=reason, facts=_facts(incident, at), decided_by=actor,
        decided_at=at,
    )  # fmt: skip


def _facts(incident: Incident, at: datetime) -> dict[str, Any]:
    """The facts as they are known now: said, and what else the law reads of us."""
    reading = legal_case.read(incident, at=at)
    if reading is None:
        return dict(incident.facts)
    return {**reading.assumptions, **reading.findings, **incident.facts}


def _title(incident: Incident, regime: str) -> str:
    """What the pinned pack calls this regime; Invalid `unknown_regime`."""
    law = pinned_pack(incident.law_pack_id) if incident.law_pack_id else None
    if law is not None and regime in law.regimes:
        return law.regimes[regime].name[:300]
    message = (
        f"The law pinned to this incident has no regime “{regime[:80]}”: choose one it lists."
    )
    raise Invalid.because("unknown_regime", message, "regime")
