"""Updates: drafted, approved by another person, published; corrected by a follow-up alone."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update
from incidents.operations import (
    cadence,
    composing,
    escalation,
    moves,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.moves import provenance
from incidents.operations.statement import fill_in, require_usable
from incidents.rules.reasons import Invalid, Reason, Refused

_FIRST = {
    Audience.INTERNAL: "first_internal_update_at",
    Audience.PUBLIC: "first_public_update_at",
}


@transaction.atomic
def draft(
    incident: Incident,
    *,
    audience: str,
    text: str,
    statement: HoldingStatement | None = None,
    values: Mapping[str, str | datetime] | None = None,
    promised_next_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> Update:
    """Keep the text of an update; without one the statement's words, its blanks filled.

    The statement must be in use and meant for this audience. Invalid where text or blanks are
    missing, or the next update is promised for a time that has passed.
    """
    standing.lock(incident)
    standing.require("draft_update", incident, actor)
    if audience not in Audience.values:
        known = ", ".join(Audience.values)
        raise Invalid.because("unknown_audience", f"Choose one of {known}.", "audience")
    promised_at = timeline.ahead(promised_next_at, at, "promised_next_at")
    if statement is not None:
        require_usable(statement, audience, at)
        known_now = {"next_update": promised_at} if promised_at else {}
        text = text.strip() or fill_in(statement, incident, {**known_now, **(values or {})}, at)
    update = Update.objects.create(
        incident=incident,
        audience=audience,
        text=words.required(text, "text", "Write the update, or choose a holding statement."),
        statement=statement,
        promised_next_at=promised_at,
        drafted_by=actor,
        drafted_at=at,
    )
    _audit("draft_update", update, statement=statement and statement.pk, actor=actor, at=at)
    return update


@transaction.atomic
def approve(update: Update, *, actor: Person, at: datetime) -> Update:
    """A second person agrees to the words. Refuses the drafter (`approve_own_update`)."""
    incident = _lock(update)
    standing.require("approve_update", incident, actor, update=update)
    _in_turn("approve_update", update)
    update.status = Update.Status.APPROVED
    update.approved_by, update.approved_at = actor, at
    update.save()
    _audit("approve_update", update, actor=actor, at=at)
    return update


@transaction.atomic
def publish(update: Update, *, actor: Person, at: datetime) -> Update:
    """Say it, once, to everybody with a role here; the audience's clock starts anew.

    Refuses what nobody approved (`not_approved`) and what was said (`already_published`).
    """
    incident = _lock(update)
    giver = standing.require("publish_update", incident, actor, update=update, at=at)
    _in_turn("publish_update", update)
    act = waiting.act_of_update(update.audience)
    waiting.require_consulted(incident, act, actor=actor, at=at)
    say(update, giver, actor=actor, at=at)
    _audit("publish_update", update, actor=actor, at=at, **standing.on_behalf(giver))
    return update


def say(update: Update, giver: Person | None, *, actor: Person, at: datetime) -> None:
    """What follows once words may be said, for an act that decided so and audits by itself."""
    incident, act = update.incident, waiting.act_of_update(update.audience)
    update.status = Update.Status.PUBLISHED
    update.published_by, update.published_at = actor, at
    update.save()
    _keep_first(update, actor, at)
    text = standing.signed(f"Update published ({update.audience})", giver)
    timeline.record(incident, text, at=at, author=actor)
    cadence.answered(update, at=at)
    cadence.start_clocks(incident, actor=actor, at=at)
    told = escalation.participants(incident)
    composing.compose(
        escalation.about(
            incident, told, key=f"update:{update.pk}",
            kind="update", subject=f"{update.audience} update", body=update.text,
        ),
        at=at,
    )  # fmt: skip
    people = [person for person, _ in told]
    routing.performed(incident, act, actor=actor, at=at, note=update.text, told=people)


def _lock(update: Update) -> Incident:
    """First the incident, then the update: every act takes its locks in this order."""
    incident = update.incident
    standing.lock(incident)
    update.refresh_from_db(from_queryset=Update.objects.select_for_update())
    update.incident = incident
    return incident


def objections(
    verb: str, update: Update, person: Person, *, at: datetime
) -> tuple[Reason, ...]:
    """Why this person may not approve or publish it now, its turn included; for pages."""
    late = out_of_turn(verb, update)
    if late or verb != "publish_update":
        now = standing.objections(verb, update.incident, person, update=update, at=at)
    else:
        now = waiting.objections(verb, update.incident, person, update=update, at=at)
    return (late, *now) if late else now


def out_of_turn(verb: str, update: Update) -> Reason | None:
    """Why it is not the turn of this verb: drafted, approved, published, in this order, once."""
    if update.status == Update.Status.PUBLISHED:
        when = _clock(update.published_at)
        message = f"{update.published_by} published it at {when}: draft a new update instead."
        return Reason("already_published", message)
    if verb == "publish_update" and update.status == Update.Status.DRAFT:
        message = "Nobody approved it yet: ask a person other than its drafter to do so."
        return Reason("not_approved", message)
    if verb == "approve_update" and update.status == Update.Status.APPROVED:
        when = _clock(update.approved_at)
        return Reason(
            "already_approved", f"{update.approved_by} approved it at {when}: publish it."
        )
    return None


def _in_turn(verb: str, update: Update) -> None:
    if reason := out_of_turn(verb, update):
        raise Refused(reason)


def _keep_first(update: Update, actor: Person, at: datetime) -> None:
    """The incident keeps when its first internal and its first public update were published."""
    incident, field = update.incident, _FIRST.get(Audience(update.audience))
    if field is None or getattr(incident, field) is not None:
        return
    setattr(incident, field, at)
    incident.provenance[field] = provenance("auto", actor)
    incident.save(update_fields=[field, "provenance"])


def _audit(verb: str, update: Update, *, actor: Person, at: datetime, **detail: object) -> None:
    detail = {"update": update.pk, "audience": update.audience, **detail}
    records.audit(verb, update.incident, actor=actor, at=at, **detail)


def _clock(instant: datetime | None) -> str:
    return moves.clock(instant) if instant else ""
