"""Updates: drafted, approved by another person, published; corrected by a follow-up alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from incidents.models.customer import Customer
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update
from incidents.operations import (
    approving,
    cadence,
    composing,
    escalation,
    framing,
    moves,
    publishing,
    records,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.statement import fill_in, require_usable
from incidents.rules.reasons import Reason, Refused


@transaction.atomic
def draft(
    incident: Incident,
    *,
    audience: str,
    text: str,
    statement: HoldingStatement | None = None,
    values: Mapping[str, str | datetime] | None = None,
    promised_next_at: datetime | None = None,
    stage: str = "",
    impact: str = "",
    language: str = "en",
    facts: Iterable[str] = (),
    corrects: Update | None = None,
    customer: Customer | None = None,
    actor: Person,
    at: datetime,
) -> Update:
    """Keep the text of an update; without one the statement's words, its blanks filled.

    Stage and impact are the incident's unless they are given. `facts` name what it rests on; it
    may correct a published update of the same audience. Invalid where text or blanks are missing,
    a fact is not recorded (`unknown_fact`), or the next update is promised for a time that passed.
    """
    standing.lock(incident)
    made = Update(incident=incident, audience=audience, drafted_by=actor, drafted_at=at)
    standing.require("draft_update", incident, actor, update=made)
    framing.require_audience(audience, customer)
    promised_at = timeline.ahead(promised_next_at, at, "promised_next_at")
    if statement is not None:
        require_usable(statement, audience, at)
        if not text.strip():
            language = statement.language
            text, promised_at = _filled(statement, incident, promised_at, values or {}, at)
    made.text = words.required(text, "text", "Write the update, or choose a holding statement.")
    made.language = words.required(language, "language", "Name the language.", longest=10)
    made.statement, made.promised_next_at = statement, promised_at
    made.corrects, made.customer = framing.corrected(made, corrects, customer), customer
    if corrects is not None:
        made.customer = corrects.customer
    framing.say_how_far(made, stage, impact)
    made.facts = framing.grounds(incident, facts)
    made.save()
    _audit(
        "draft_update", made, statement=statement and statement.pk, **_about(made),
        actor=actor, at=at,
    )  # fmt: skip
    return made


@transaction.atomic
def redraft(
    update: Update,
    *,
    text: str,
    promised_next_at: datetime | None = None,
    stage: str = "",
    impact: str = "",
    facts: Iterable[str] | None = None,
    actor: Person,
    at: datetime,
) -> Update:
    """Other words for what is not published; whoever rewrites it becomes its drafter.

    It is approved anew: who approved it or sent it back is forgotten here and kept by the history.
    Stage, impact and facts left out stay, the facts with the values they have now. Refuses
    `already_published`.
    """
    incident = _lock(update)
    standing.require("redraft_update", incident, actor, update=update)
    _in_turn("redraft_update", update)
    names = [one["name"] for one in update.facts] if facts is None else facts
    update.text = words.required(text, "text", "Write the update.")
    update.promised_next_at = timeline.ahead(promised_next_at, at, "promised_next_at")
    framing.say_how_far(update, stage or update.stage, impact or update.impact)
    update.facts = framing.grounds(incident, names)
    update.status, update.return_reason = Update.Status.DRAFT, ""
    update.drafted_by, update.drafted_at = actor, at
    _forget_approval(update)
    update.save()
    _audit("redraft_update", update, actor=actor, at=at)
    return update


@transaction.atomic
def send_back(update: Update, *, reason: str, actor: Person, at: datetime) -> Update:
    """These words will not do, and why: its drafter is told; rewritten it is approved anew.

    Refuses what was published (`already_published`) or sent back before (`already_returned`).
    """
    incident = _lock(update)
    standing.require("return_update", incident, actor, update=update)
    _in_turn("return_update", update)
    reason = words.required(reason, "reason", "Write what is wrong with it, and what would do.")
    update.status, update.return_reason = Update.Status.RETURNED, reason
    _forget_approval(update)
    update.save()
    if update.drafted_by != actor:
        told = [(update.drafted_by, "")]
        composing.compose(
            escalation.about(
                incident, told, key=f"update-returned:{update.pk}:{at.isoformat()}",
                kind="update-returned",
                subject=f"{actor} sent your {update.audience} update back",
                body=f"{reason}\n\nYou wrote:\n\n{update.text}",
            ),
            at=at,
        )  # fmt: skip
    _audit("return_update", update, reason=reason, actor=actor, at=at)
    return update


@transaction.atomic
def approve(
    update: Update, *, note: str = "", seen: str = "", actor: Person, at: datetime
) -> Update:
    """Whoever answers for what is said agrees to the words; never who drafted any version of them.

    What the wording checks said is kept. Refuses its drafters (`approve_own_update`), a promise
    that has passed (`promise_has_passed`), words that the checks forbid (`wording_forbids`),
    without a `note` facts nobody verified or that changed (`rests_on_unverified`) and warnings
    (`wording_needs_reason`), and what no longer has the `approving.fingerprint` that was `seen`
    (`changed_meanwhile`).
    """
    incident = _lock(update)
    giver = standing.require("approve_update", incident, actor, update=update, at=at)
    _in_turn("approve_update", update)
    publishing.require_current(update, at=at)
    approving.require_seen(update, seen)
    note = words.optional(note, "note")
    case = approving.case_of(update, at=at)
    approving.require_fit(case, note)
    update.status = Update.Status.APPROVED
    update.approved_by, update.approved_at = actor, at
    update.findings, update.approval_note = approving.findings(case), note
    update.save()
    _audit(
        "approve_update", update, note=note, in_spite_of=[str(one) for one in case.shaky],
        **standing.on_behalf(giver), actor=actor, at=at,
    )  # fmt: skip
    return update


@transaction.atomic
def publish(update: Update, *, actor: Person, at: datetime) -> Update:
    """Say it, once, to its audience and to everybody with a role here; the clock starts anew.

    Refuses what nobody approved (`not_approved`), what was said (`already_published`), and what is
    not so any more: a promise that has passed (`promise_has_passed`), that it is over where the
    incident was reopened after the approval (`reopened_since`).
    """
    incident = _lock(update)
    giver = standing.require("publish_update", incident, actor, update=update, at=at)
    _in_turn("publish_update", update)
    publishing.put_out(update, giver=giver, actor=actor, at=at)
    _audit("publish_update", update, actor=actor, at=at, **standing.on_behalf(giver))
    return update


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
    if not late and verb in ("approve_update", "publish_update"):
        late = publishing.outdated(update, at=at)
    return (late, *now) if late else now


def out_of_turn(verb: str, update: Update) -> Reason | None:
    """Why it is not the turn of this verb: drafted, approved, published, in this order, once."""
    if update.status == Update.Status.PUBLISHED:
        when = _clock(update.published_at)
        message = f"{update.published_by} published it at {when}: draft a correction instead."
        return Reason("already_published", message)
    if update.status == Update.Status.RETURNED and verb != "redraft_update":
        code = "not_approved" if verb == "publish_update" else "already_returned"
        return Reason(code, "It was sent back: rewrite it, then have it approved.")
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


def _filled(
    statement: HoldingStatement,
    incident: Incident,
    promised_at: datetime | None,
    values: Mapping[str, str | datetime],
    at: datetime,
) -> tuple[str, datetime | None]:
    """The statement's words, and what they promise: by the pace, unless somebody says for when."""
    by_pace = cadence.promise_of(incident, statement.text, statement.audience, at=at)
    promised_at = cadence.promised(promised_at, values, at=at) or by_pace
    known = {"next_update": promised_at} if promised_at else {}
    return fill_in(statement, incident, {**known, **values}, at), promised_at


def _forget_approval(update: Update) -> None:
    update.approved_by, update.approved_at = None, None
    update.findings, update.approval_note = [], ""


def _about(update: Update) -> dict[str, object]:
    """What is special about it; nothing for most."""
    found = {"corrects": update.corrects_id, "customer": update.customer_id}
    return {name: value for name, value in found.items() if value is not None}


def _audit(verb: str, update: Update, *, actor: Person, at: datetime, **detail: object) -> None:
    detail = {"update": update.pk, "audience": update.audience, **detail}
    records.audit(verb, update.incident, actor=actor, at=at, **detail)


def _clock(instant: datetime | None) -> str:
    return moves.clock(instant) if instant else ""
