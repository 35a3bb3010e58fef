"""Notices: what contracts promise to tell customers about an incident, by when, and that it was told."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.broadcast import NoticeClock
from incidents.models.customer import NoticeClause
from incidents.models.incident import Incident
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import (
    broadcasts,
    composing,
    escalation,
    moves,
    notice_clocks,
    nudges,
    policies,
    records,
    standing,
    timeline,
    words,
)
from incidents.rules.policy import Policy
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS

_GIVEN = ["given_at", "given_by", "update", "how", "next_nudge_at"]
_NAMED = 3  # customers named on the timeline; more are counted


def start_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """One clock a clause that this incident touches; repeating it changes nothing.

    A clock once started runs on, whatever becomes of level, services or clause; only where the
    act says when we became aware of a breach does what counts from that move with it. The
    communications lead hears, else the commander. One query where nothing new is touched, and
    one for awareness once personal data may be exposed. Call it in the transaction of the act
    that made services, level or facts known.
    """
    aware = notice_clocks.aware(incident)
    if (
        aware.since is not None
        and aware.said_at == at
        and (moved := notice_clocks.move(incident, aware.since, actor=actor, at=at))
    ):
        _tell_moved(incident, moved, aware.since, at=at)
    clauses = notice_clocks.newly_touched(incident)
    if not clauses:
        return
    policy = policies.of(NudgePolicy.What.CUSTOMER_NOTICE)
    clocks = [notice_clocks.made(incident, clause, aware.since) for clause in clauses]
    for clock in clocks:
        nudges.schedule(clock, policy, at=at)
    bulk_create_with_history(clocks, NoticeClock, default_user=actor, default_date=at)
    _tell(incident, clocks, at=at)


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """What was no incident owes no notice: open clocks end."""
    clocks = list(incident.notice_clocks.filter(given_at=None, due_at__isnull=False))
    for clock in clocks:
        nudges.end(clock)
    if clocks:
        fields = ["due_at", "next_nudge_at", "nudged_through"]
        bulk_update_with_history(
            clocks, NoticeClock, fields, default_user=actor, default_date=at
        )


def take_over(
    into: Incident, theirs: Sequence[NoticeClock], *, actor: Person, at: datetime
) -> None:
    """An incident that takes in a duplicate owes what either owed, by the earlier hour.

    `theirs` are the duplicate's clocks as they stood before it ended. What was given for it was
    given: it was the same trouble.
    """
    start_clocks(into, actor=actor, at=at)
    if not theirs:
        return
    ours = {clock.clause_id: clock for clock in into.notice_clocks.all()}
    new, changed = [], []
    policy = policies.of(NudgePolicy.What.CUSTOMER_NOTICE)
    for clock in theirs:
        known = ours.get(clock.clause_id)
        if known is None:
            new.append(_taken(into, clock, policy, at=at))
        elif known.given_at is None and _is_ahead(clock, known):
            changed.append(_adopt(known, clock, policy, at=at))
    bulk_create_with_history(new, NoticeClock, default_user=actor, default_date=at)
    fields = ["started_at", "due_at", "nudged_through", *_GIVEN]
    bulk_update_with_history(changed, NoticeClock, fields, default_user=actor, default_date=at)


def given_by(update: Update, *, actor: Person, at: datetime) -> None:
    """A published update to customers gives the notices that it reaches.

    Of those it is sent to, where there is an address: who must be called stays to be called. In
    an exercise it counts as if it were sent. Within the transaction, and the audit line, of
    publishing.
    """
    if update.audience != Audience.CUSTOMERS:
        return
    owed = [clock for clock in open_of(update.incident) if contact(clock.clause)[1]]
    clocks = _reached(owed, update)
    if not clocks:
        return
    for clock in clocks:
        _give(clock, "Written to them: the update to customers.", actor, at=at)
        clock.update = update
    bulk_update_with_history(clocks, NoticeClock, _GIVEN, default_user=actor, default_date=at)
    text = f"Notice given by this update: {_names(clocks)}"
    timeline.record(update.incident, text, at=at, author=actor)


@transaction.atomic
def give_notice(
    incident: Incident, *, clock: NoticeClock, how: str, actor: Person, at: datetime
) -> NoticeClock:
    """Keep how a notice was given, or why none is owed; its clock stops.

    Invalid: a clock of another incident, or not a word. Refuses `notice_given`: once is enough.
    How it was said stays with the clock: the audit line names the customer and nobody there.
    """
    standing.lock(incident)
    giver = standing.require("give_notice", incident, actor, at=at)
    clock = _own(incident, clock)
    if reason := already_given(clock):
        raise Refused(reason)
    ask = "Write how they were told, by whom and what they said; or why no notice is owed."
    _give(clock, words.required(how, "how", ask), actor, at=at)
    clock.save(update_fields=_GIVEN)
    text = standing.signed(f"Notice recorded: {_name(clock)}", giver)
    timeline.record(incident, text, at=at, author=actor)
    in_time = clock.due_at is None or at < clock.due_at
    records.audit(
        "give_notice", incident, actor=actor, at=at,
        clock=clock.pk, customer=clock.clause.customer.slug, clause=clock.clause.title,
        in_time=in_time, **standing.on_behalf(giver),
    )  # fmt: skip
    return clock


def already_given(clock: NoticeClock) -> Reason | None:
    """Why there is nothing to record any more; None while it is open."""
    if clock.given_at is None:
        return None
    when = moves.clock(clock.given_at)
    message = f"{clock.given_by} recorded it at {when}: add what is new to the timeline."
    return Reason("notice_given", message)


def open_of(incident: Incident) -> list[NoticeClock]:
    """What is still owed, the soonest first, with clause and customer; one query."""
    return list(still_open(incident.notice_clocks.all()))


def still_open(clocks: QuerySet[NoticeClock]) -> QuerySet[NoticeClock]:
    """Those of the clocks that still owe a notice, with clause and customer."""
    owed = clocks.filter(given_at=None, due_at__isnull=False)
    return owed.select_related("clause__customer").order_by("due_at", "id")


def contact(clause: NoticeClause) -> tuple[str, str]:
    """Name and address the notice goes to; the customer's own where the clause names none."""
    if clause.contact_email:
        return clause.contact_name, clause.contact_email
    customer = clause.customer
    return clause.contact_name or customer.contact_name, customer.contact_email


def _tell(incident: Incident, clocks: Sequence[NoticeClock], *, at: datetime) -> None:
    said = f"Contracts promise a notice to {_names(clocks)}; by {_soonest(clocks)} at first."
    _say(
        incident, said, kind="notices-owed", subject="a contract promises customers a notice",
        at=at,
    )  # fmt: skip


def _tell_moved(
    incident: Incident, clocks: Sequence[NoticeClock], since: datetime, *, at: datetime
) -> None:
    said = (
        f"We are aware of a breach since {moves.clock(since)}: the notice to {_names(clocks)} is "
        f"due by {_soonest(clocks)} at first."
    )
    _say(
        incident, said, kind="notices-moved", subject="a notice to customers is due at another time",
        at=at,
    )  # fmt: skip


def _say(incident: Incident, said: str, *, kind: str, subject: str, at: datetime) -> None:
    """On the timeline, and to who speaks, else to who commands."""
    entry = timeline.record(incident, said, at=at)
    told = escalation.participants(incident, COMMUNICATIONS)
    composing.compose(
        escalation.about(
            incident, told or escalation.participants(incident, COMMANDER),
            key=f"notices:{entry.pk}", kind=kind, subject=subject,
            body=f"{said}\n\nDraft an update to customers, or call them and record it.",
        ),
        at=at,
    )  # fmt: skip


def _soonest(clocks: Sequence[NoticeClock]) -> str:
    return moves.clock(min(clock.due_at for clock in clocks if clock.due_at))


def _own(incident: Incident, clock: NoticeClock) -> NoticeClock:
    """The clock, locked and read anew; Invalid where it is not this incident's."""
    rows = incident.notice_clocks.select_for_update(of=("self",))
    found = rows.select_related("clause__customer", "given_by").filter(pk=clock.pk).first()
    if found is None:
        message = "This is no notice of this incident: choose one it lists."
        raise Invalid.because("unknown_notice", message, "clock")
    return found


def _give(clock: NoticeClock, how: str, actor: Person, *, at: datetime) -> None:
    clock.given_at, clock.given_by, clock.how = at, actor, how
    clock.next_nudge_at = None


def _reached(owed: Sequence[NoticeClock], update: Update) -> list[NoticeClock]:
    """Those whose customers it is composed to."""
    if not owed:
        return []
    ours = broadcasts.customers(update).filter(pk__in={one.clause.customer_id for one in owed})
    reached = set(ours.values_list("pk", flat=True))
    return [one for one in owed if one.clause.customer_id in reached]


def _is_ahead(theirs: NoticeClock, ours: NoticeClock) -> bool:
    """Whether the duplicate's clock says more: it was given, or was due earlier."""
    if theirs.given_at is not None:
        return True
    return bool(theirs.due_at and ours.due_at and theirs.due_at < ours.due_at)


def _taken(into: Incident, theirs: NoticeClock, policy: Policy, *, at: datetime) -> NoticeClock:
    return _adopt(NoticeClock(incident=into, clause_id=theirs.clause_id), theirs, policy, at=at)


def _adopt(
    ours: NoticeClock, theirs: NoticeClock, policy: Policy, *, at: datetime
) -> NoticeClock:
    """Ours as theirs stands; the reminders begin anew where it is still owed."""
    ours.started_at, ours.due_at = theirs.started_at, theirs.due_at
    nudges.schedule(ours, policy, at=at)
    if theirs.given_at is not None:
        ours.given_at, ours.given_by = theirs.given_at, theirs.given_by
        ours.how, ours.update = theirs.how, theirs.update
        ours.next_nudge_at = None
    return ours


def _names(clocks: Sequence[NoticeClock]) -> str:
    """The customers, or the first of them and how many more."""
    names = list(dict.fromkeys(clock.clause.customer.name for clock in clocks))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _name(clock: NoticeClock) -> str:
    return f"{clock.clause.customer.name}, {clock.clause.title}"
