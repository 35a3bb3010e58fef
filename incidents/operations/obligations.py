"""What is owed outside of incidents, as rows with an owner and an instant, and their reminders.

The rows are derived: a look compares the catalogue and the law with them, at most hourly, and
again before anybody is reminded, so that nobody hears of what was done meanwhile. What stands in
the books of other apps they keep here themselves: `tend` is all of it, `keep` and `nudge` its halves.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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

# What an app above adds to the reminders of a kind it knows more about.
More = Callable[[Obligation, datetime], str]
_more: dict[str, More] = {}

# What is owed at an instant, or becomes due within so long of it.
Find = Callable[[datetime, timedelta], Iterable[Owed]]


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Look once an hour, then remind of what is due; `say` hears one line a row nudged."""
    look_hourly(at)
    for what in _kinds_to_nudge(at):
        look(at, (what,))
        nudge(what, at, say)


def tend(
    what: str, find: Find, *, at: datetime, say: nudges.Say | None = None, about: str = ""
) -> None:
    """The sweep of a kind kept elsewhere: `find` is asked once an hour, and before reminding.

    `about` names the rows it finds by their table, such as `training.gameday`.
    """
    law = policies.of(what)
    ahead = rules.in_sight(law.ladder.steps[0].offset)

    def look_again() -> None:
        keep(what, find(at, ahead), at=at, about=about)

    _hourly(f"{HEARTBEAT}:{what}", at, look_again)
    if _kinds_to_nudge(at, (what,)):
        look_again()
        _nudge(law, at, say)


@transaction.atomic
def keep(what: str, found: Iterable[Owed], *, at: datetime, about: str = "") -> Counter[str]:
    """Make the open rows of this kind say what was `found` to be owed now, and nothing else.

    Returns how many opened, changed and were settled: one audit line where any did. The subject
    of each must be unique in the kind; reads and writes in a constant number of statements.
    """
    changed = +_compare(policies.of(what), found, at, about or owed.SUBJECTS.get(what, what))
    _audit(changed, at)
    return changed


def adds_to(what: str, more: More) -> None:
    """Reminders of this kind say this as well, in words; the last who asks for it is heard."""
    _more[what] = more


def nudge(what: str, at: datetime, say: nudges.Say | None = None) -> None:
    """Remind of the open rows of this kind as they were kept last; `say` hears one line a row."""
    _nudge(policies.of(what), at, say)


def look_hourly(at: datetime) -> bool:
    """Look unless somebody did within the hour; two sweeps at once look once."""
    return _hourly(HEARTBEAT, at, partial(look, at))


def _hourly(name: str, at: datetime, act: Callable[[], object]) -> bool:
    if Heartbeat.objects.filter(_recent(at), name=name).exists():
        return False  # asked first: a sweep that has nothing to do locks nothing
    with transaction.atomic():
        if is_mine := _claim(name, at):
            act()
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
    _audit(found, at)
    return found


def compare(what: str, at: datetime) -> Counter[str]:
    """Look at one kind inside another act's transaction, which has its own audit line."""
    policy = policies.of(what)
    now = owed.owed(what, at, rules.in_sight(policy.ladder.steps[0].offset))
    return _compare(policy, now, at, owed.SUBJECTS[what])


def _compare(policy: Policy, now: Iterable[Owed], at: datetime, about: str) -> Counter[str]:
    open_rows = Obligation.objects.open().filter(what=policy.what)
    rows = {row.subject_id: row for row in open_rows}
    changes = rules.compare(now, map(_known, rows.values()), at=at)
    if changes:
        _write(about, changes, rows, policy, at)
    return Counter(
        opened=len(changes.opened),
        changed=len(changes.changed),
        settled=len(changes.settled),
    )


def last_day(row: Obligation) -> datetime:
    """An instant on the day a person would name: the day it ends, or the last one to do it."""
    at = row.due_at or row.opened_at
    return at if row.what in rules.AT_ONCE else at - _INSTANT


def _claim(name: str, at: datetime) -> bool:
    if Heartbeat.objects.filter(name=name).exclude(_recent(at)).update(at=at):
        return True
    return Heartbeat.objects.get_or_create(name=name, defaults={"at": at})[1]


def _audit(found: Counter[str], at: datetime) -> None:
    if found.total():
        about = ContentType.objects.get_for_model(Obligation)
        records.audit("look_for_owed", about, actor=None, at=at, **found)


def _recent(at: datetime) -> Q:
    # A clock set back must not stop the looks until it has caught up.
    return Q(at__gt=at - EVERY, at__lte=at)


def _known(row: Obligation) -> Owed:
    return Owed(row.subject_id, row.title, row.link, row.due_at, row.owner_id)


def _write(
    about: str, changes: Changes, rows: dict[str, Obligation], policy: Policy, at: datetime
) -> None:
    new = [_row(about, each, policy, at) for each in changes.opened]
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


def _row(about: str, each: Owed, policy: Policy, at: datetime) -> Obligation:
    row = Obligation(
        what=policy.what,
        subject_type=about,
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


def _kinds_to_nudge(at: datetime, among: Collection[str] = rules.KINDS) -> Sequence[str]:
    """Those with a reminder due, and those whose policy was changed: open rows go by it anew."""
    due = Obligation.objects.open().filter(next_nudge_at__lte=at, what__in=among)
    changed = NudgePolicy.objects.filter(what__in=among, applied_at__lt=F("changed_at"))
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
    told = list(recipients.told(step.step, owner=row.owner))
    body = _body(row, at) if told else ""
    for person, role in told:
        yield Message(
            key=nudges.key(row, step, person),
            kind=f"{row.what}-nudge",
            to=person,
            role=role,
            subject=_subject(row, at),
            body=body,
            link=row.link,
            **policies.manner(policy, step.step),
        )


def _body(row: Obligation, at: datetime) -> str:
    more = _more[row.what](row, at) if row.what in _more else ""
    return "\n\n".join(filter(None, (rules.to_do(row.what, row.title), more)))


def _subject(row: Obligation, at: datetime) -> str:
    is_late = row.due_at is not None and at >= row.due_at
    return rules.subject_line(row.what, row.title, today(last_day(row)), is_late=is_late)
