"""Saying: words approved in calm, published as they are in one act; only what is known fills them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update
from incidents.operations import cadence, publishing, records, standing, timeline
from incidents.operations import statement as statements
from incidents.operations.moves import clock
from incidents.rules import updates, wording
from incidents.rules.reasons import Reason, Refused

# What nobody read before and no incident knows: an address or an instant, never prose.
BY_HAND = ("link", "next_update", "time")
SHOWN_FOR = timedelta(minutes=15)
_AGAIN_AFTER = timedelta(minutes=1)
_Purpose = HoldingStatement.Purpose


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement as it would be said of an incident: its words, what they lack and promise.

    `reasons`: why this person cannot say it alone. `seen` stands for exactly these words.
    """

    statement: HoldingStatement
    text: str
    missing: tuple[str, ...]
    promised_next_at: datetime | None
    reasons: tuple[Reason, ...]

    @property
    def is_ready(self) -> bool:
        """Whether one click says it."""
        return not self.missing and not self.reasons

    @property
    def seen(self) -> str:
        """SHA-256 of the words."""
        return _seal(self.text)


@transaction.atomic
def publish_statement(
    incident: Incident,
    *,
    statement: HoldingStatement,
    values: Mapping[str, str | datetime] | None = None,
    promised_next_at: datetime | None = None,
    shown_at: datetime | None = None,
    seen: str = "",
    actor: Person,
    at: datetime,
) -> Update:
    """Drafted, approved (in calm, by the statement's approver) and published at once.

    The words are filled as of `shown_at` if a page showed them then; they promise the next update
    for when the cadence asks for it. Refuses what needs a second person now: `free_blank`,
    `approver_left`, `approver_speaks`; what is not so: `statement_for_another_case`,
    `not_over_yet`, `over_already`; besides `blank_is_known`, `said_already` within a minute,
    `words_outdated` and `changed_meanwhile` by what was `seen`.
    """
    standing.lock(incident)
    giver = standing.require("publish_statement", incident, actor, at=at)
    statements.require_usable(statement, statement.audience, at)
    _refuse(objections(statement, actor))
    _refuse_misfit(incident, statement)
    statements.require_timely(statement, incident)
    _refuse_again(incident, statement, at)
    as_of = _as_of(shown_at, at)
    said = _by_hand(values or {})
    promised_at = cadence.promised(promised_next_at, said, at=at)
    if promised_at is None:
        promised_at = _promise(incident, statement, as_of)
        if promised_at is not None and promised_at <= at:
            raise _outdated(as_of)
    known = {"next_update": promised_at} if promised_at else {}
    text = statements.fill_in(statement, incident, {**known, **said}, as_of)
    if seen and seen != _seal(text):
        message = (
            "The incident changed after these words were shown: read them again, then say them."
        )
        raise Refused.because("changed_meanwhile", message)
    made = _approved(incident, statement, text, promised_at, actor=actor, at=at)
    publishing.put_out(made, giver=giver, actor=actor, at=at)
    records.audit(
        "publish_statement", incident, actor=actor, at=at,
        update=made.pk, audience=made.audience, statement=statement.pk,
        **standing.on_behalf(giver),
    )  # fmt: skip
    return made


def ready(incident: Incident, person: Person, *, at: datetime) -> dict[tuple[str, str], Ready]:
    """The closest statement by audience and purpose, as it would be said now; two queries.

    Where the closest cannot be said in one click and another can, that one is offered.
    """
    best: dict[tuple[str, str], Ready] = {}
    knows = statements.known(incident, at)
    for one in statements.fitting(incident, at=at):
        key = (one.audience, one.purpose)
        if key in best and best[key].is_ready:
            continue
        found = as_said(incident, one, person, knows=knows, at=at)
        if key not in best or found.is_ready:
            best[key] = found
    return best


def as_said(
    incident: Incident,
    statement: HoldingStatement,
    person: Person,
    *,
    knows: Mapping[str, str | datetime] | None = None,
    at: datetime,
) -> Ready:
    """The statement filled with what the incident knows; asks nothing where that is prefetched."""
    filled = statements.offer(statement, incident, knows=knows, at=at)
    promised_at = _promise(incident, statement, at)
    reasons = objections(statement, person)
    return Ready(statement, filled.text, filled.missing, promised_at, reasons)


def objections(statement: HoldingStatement, person: Person) -> tuple[Reason, ...]:
    """Why these words need a second person now, whatever the incident."""
    found = []
    approver, instead = statement.approver, "draft an update from it instead"
    if approver is None or statements.needs_approval_anew(statement):
        message = f"{approver or 'Nobody'} approved “{statement}” and is not here any more: {instead}."
        found.append(Reason("approver_left", message, "statement"))
    elif approver.pk == person.pk:
        message = (
            f"You approved “{statement}” yourself: let another person say it, or {instead}."
        )
        found.append(Reason("approver_speaks", message, "statement"))
    if free := wording.free_blanks(statement.text):
        blanks = ", ".join(f"{{{name}}}" for name in free)
        message = f"“{statement}” asks for words of your own in {blanks}: {instead}."
        found.append(Reason("free_blank", message, "statement"))
    return tuple(found)


def _promise(incident: Incident, statement: HoldingStatement, at: datetime) -> datetime | None:
    return cadence.promise_of(incident, statement.text, statement.audience, at=at)


def _approved(
    incident: Incident,
    statement: HoldingStatement,
    text: str,
    promised_at: datetime | None,
    *,
    actor: Person,
    at: datetime,
) -> Update:
    instants = {
        name: getattr(incident, name)
        for name in ("contained_at", "mitigated_at", "resolved_at")
    }
    stage = updates.stage_of(**instants)
    return Update.objects.create(
        incident=incident,
        audience=statement.audience,
        text=text,
        status=Update.Status.APPROVED,
        statement=statement,
        language=statement.language,
        stage=stage,
        impact=updates.impact_of(incident.facts, stage),
        promised_next_at=promised_at,
        drafted_by=actor,
        drafted_at=at,
        approved_by=statement.approver,
        approved_at=statement.approved_at,
    )


def _refuse(reasons: Sequence[Reason]) -> None:
    if reasons:
        raise Refused(*reasons)


def _refuse_misfit(incident: Incident, statement: HoldingStatement) -> None:
    """Another scenario's words were approved for other cases than this one."""
    level = incident.level.code if incident.level else ""
    fits = statement.scenario_id in (None, incident.scenario_id)
    if not fits or statement.severity not in ("", level):
        message = (
            f"“{statement}” was approved for another scenario or level: choose another, or draft "
            "an update from it."
        )
        raise Refused.because("statement_for_another_case", message, "statement")


def _refuse_again(incident: Incident, statement: HoldingStatement, at: datetime) -> None:
    before = incident.updates.filter(statement=statement, published_at__gt=at - _AGAIN_AFTER)
    last = before.select_related("published_by").first()
    if last is not None and last.published_at:
        message = (
            f"{last.published_by} said it at {clock(last.published_at)}: it is out, there is "
            "nothing left to do."
        )
        raise Refused.because("said_already", message)


def _as_of(shown_at: datetime | None, at: datetime) -> datetime:
    as_of = timeline.happened(shown_at, at, "shown_at")
    if at - as_of > SHOWN_FOR:
        raise _outdated(as_of)
    return as_of


def _outdated(as_of: datetime) -> Refused:
    message = (
        f"These words were filled in at {clock(as_of)}: look at them as they read now, then say "
        "them."
    )
    return Refused.because("words_outdated", message)


def _by_hand(values: Mapping[str, str | datetime]) -> Mapping[str, str | datetime]:
    strange = [name for name in values if name not in BY_HAND]
    _refuse(
        [
            Reason(
                "blank_is_known",
                f"What the incident knows fills {{{name}}}: leave it out, or draft an update.",
                name,
            )
            for name in strange
        ]
    )
    return values


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
