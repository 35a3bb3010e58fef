"""What is owed outside of incidents, as rows with an owner and an instant, and their reminders.

The rows are derived: a look compares the catalogue and the law with them, at most hourly, and
again before anybody is reminded, so that nobody hears of what was done meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q

from incidents.models.calendar import today
from incidents.models.nudging import NudgePolicy
from incidents.models.obligation import Obligation
from incidents.models.records import Heartbeat
from incidents.operations import nudges, owed, policies, records
from incidents.operations.composing import Message
from incidents.operations.recipients import Recipients
from incidents.rules import owed as rules
from incidents.rules.nudges import DueStep
from incidents.rules.owed import Changes, Owed
from incidents.rules.policy import Policy

EVERY = timedelta(hours=1)
HEARTBEAT = "obligations"
_BATCH = 1000
_INSTANT = timedelta(microseconds=1)
_FIELDS = ("due_at", "owner", "title", "link", "next_nudge_at", "nudged_through")


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Look once an hour, then remind of what is due; `say` hears one line a row nudged."""
    look_hourly(at)
    for what in _kinds_to_nudge(at):
        look(at, (what,))
        _nudge(policies.of(what), at, say)


def look_hourly(at: datetime) -> bool:
    """Look unless somebody did within the hour; two sweeps at once look once."""
    if Heartbeat.objects.filter(_recent(at), name=HEARTBEAT).exists():
        return False  # asked first: a sweep that has nothing to do locks nothing
    with transaction.atomic():
        if is_mine := _claim(at):
            look(at)
    return is_mine


@transaction.atomic
def look(at: datetime, kinds: Iterable[str] = rules.KINDS) -> Counter[str]:
    """Make the open rows of these kinds say what is owed at this instant; how many changed.

    Reads with a constant number of queries a kind, however many rows, and writes in batches. One
    audit line where anything changed.
    """
    found: Counter[str] = Counter()
    for what in kinds:
        found += compare(what, at)
    if found:
        about = ContentType.objects.get_for_model(Obligation)
        records.audit("look_for_owed", about, actor=None, at=at, **found)
    return found


def compare(what: str, at: datetime) -> Counter[str]:
    """Look at one kind inside another act's transaction, which has its own audit line."""
    policy = policies.of(what)
    rows = {row.subject_id: row for row in Obligation.objects.open().filter(what=what)}
    now = owed.owed(what, at, rules.in_sight(policy.ladder.steps[0].offset))
    changes = rules.compare(now, map(_known, rows.values()), at=at)
    if changes:
        _write(what, changes, rows, policy, at)
    return Counter(
        opened=len(changes.opened),
        changed=len(changes.changed),
        settled=len(changes.settled),
    )


def last_day(row: Obligation) -> datetime:
    """An instant on the day a person would name: the day it ends, or the last one to do it."""
    at = row.due_at or row.opened_at
    ends = (rules.STATEMENT, rules.QUALIFICATION)
    return at if row.what in ends else at - _INSTANT


def _claim(at: datetime) -> bool:
    beat = Heartbeat.objects.filter(name=HEARTBEAT)
    if beat.exclude(_recent(at)).update(at=at):
        return True
    return Heartbeat.objects.get_or_create(name=HEARTBEAT, defaults={"at": at})[1]


def _recent(at: datetime) -> Q:
    # A clock set back must not stop the looks until it has caught up.
    return Q(at__gt=at - EVERY, at__lte=at)


def _known(row: Obligation) -> Owed:
    return Owed(row.subject_id, row.title, row.link, row.due_at, row.owner_id)


def _write(
    what: str, changes: Changes, rows: dict[str, Obligation], policy: Policy, at: datetime
) -> None:
    new = [_row(what, each, policy, at) for each in changes.opened]
    # Two looks at once find the same: the database keeps the first.
    Obligation.objects.bulk_create(new, ignore_conflicts=True, batch_size=_BATCH)
    moved = [_moved(rows[each.subject], each, policy, at) for each in changes.changed]
    Obligation.objects.bulk_update(moved, _FIELDS, batch_size=_BATCH)
    done = [rows[key].pk for key in changes.settled]
    for some in _in_batches(done):
        Obligation.objects.filter(pk__in=some).settle(at=at)


def _in_batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    # SQLite takes no statement with tens of thousands of parameters.
    return (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))


def _row(what: str, each: Owed, policy: Policy, at: datetime) -> Obligation:
    row = Obligation(
        what=what,
        subject_type=owed.SUBJECTS[what],
        subject_id=each.subject,
        opened_at=at,
        due_at=each.due_at,
        owner_id=each.owner,
        title=each.title,
        link=each.link,
    )
    nudges.schedule(row, policy, at=at)
    return row


def _moved(row: Obligation, each: Owed, policy: Policy, at: datetime) -> Obligation:
    """Reminders begin anew where it is due at another instant, and only there."""
    is_due_otherwise = row.due_at != each.due_at
    row.due_at, row.owner_id = each.due_at, each.owner
    row.title, row.link = each.title, each.link
    if is_due_otherwise:
        nudges.schedule(row, policy, at=at)
    return row


def _kinds_to_nudge(at: datetime) -> Sequence[str]:
    """Those with a reminder due, and those whose policy was changed: open rows go by it anew."""
    due = Obligation.objects.open().filter(next_nudge_at__lte=at)
    changed = NudgePolicy.objects.filter(what__in=rules.KINDS, applied_at__lt=F("changed_at"))
    kinds = (
        rows.order_by().values_list("what", flat=True).distinct() for rows in (due, changed)
    )
    return sorted({what for each in kinds for what in each})


def _nudge(policy: Policy, at: datetime, say: nudges.Say | None) -> None:
    rows = Obligation.objects.open().filter(what=policy.what)
    nudges.sweep(
        rows.select_related("owner__manager"), policy, writer(policy, at),
        at=at, say=say, called=str,
    )  # fmt: skip


def writer(policy: Policy, at: datetime) -> Callable[[Obligation, DueStep], Iterator[Message]]:
    """What writes the reminders of one sweep, or of a policy that is tried out."""
    return partial(_messages, policy, Recipients(), at)


def _messages(
    policy: Policy, recipients: Recipients, at: datetime, row: Obligation, step: DueStep
) -> Iterator[Message]:
    for person, role in recipients.told(step.step, owner=row.owner):
        yield Message(
            key=nudges.key(row, step, person),
            kind=f"{row.what}-nudge",
            to=person,
            role=role,
            subject=_subject(row, at),
            body=rules.to_do(row.what, row.title),
            link=row.link,
            **policies.manner(policy, step.step),
        )


def _subject(row: Obligation, at: datetime) -> str:
    is_late = row.due_at is not None and at >= row.due_at
    return rules.subject_line(row.what, row.title, today(last_day(row)), is_late=is_late)
