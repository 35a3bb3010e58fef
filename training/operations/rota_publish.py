"""Publishing the shifts of a rotation ahead, and going on with it day by day.

What is published is a promise: it changes by an offer that is accepted or by leadership, never by
drawing it up anew.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from incidents.models import Person, Shift
from incidents.models.calendar import today
from incidents.operations import composing, duty, nudges, records, standing
from incidents.operations.duty import Serving
from incidents.rules.reasons import Reason, Refused
from training.models import Rota
from training.operations import rota_books, rota_words
from training.operations.rota_books import Books
from training.rules import rotation_plan
from training.rules.rotation import Taken
from training.rules.rotation_hours import Slot, end_of_run, overlaps, slots

logger = logging.getLogger(__name__)

PUBLISH = "training.publish_rota"
_DAY = timedelta(days=1)


@transaction.atomic
def publish(rota: Rota, *, actor: Person, at: datetime) -> list[Shift]:
    """Publish its shifts as far ahead as it says, to the end of a run; everybody hears of theirs.

    From then on the daily look goes on with it. A shift nobody can serve is published as a gap,
    with why. Refuses what `objections` names.
    """
    standing.permit_to(actor, PUBLISH)
    rota.refresh_from_db(from_queryset=Rota.objects.select_for_update())
    books = rota_books.read(rota, at=at)
    if reasons := _objections(books, at):
        raise Refused(*reasons)
    return _write(books, actor=actor, at=at)


def objections(rota: Rota, at: datetime) -> tuple[Reason, ...]:
    """Why nothing can be published now; empty where it can."""
    return _objections(rota_books.read(rota, at=at), at)


def extend(at: datetime, say: nudges.Say | None = None) -> None:
    """Go on with every rotation that somebody published once; `say` hears one line a rotation.

    Each in a transaction of its own: one that fails is logged, and the others go on.
    """
    begun = Exists(Shift.objects.filter(rota=OuterRef("pk")))
    running = Q(ends_on=None) | Q(ends_on__gt=today(at))
    for pk in Rota.objects.filter(begun, running).order_by("pk").values_list("pk", flat=True):
        try:
            _extend(pk, at, say)
        except Exception as error:  # whatever is wrong with one, the rest must be published
            logger.error("extending rotation %s failed: %s", pk, type(error).__name__)


def draw(books: Books, at: datetime) -> list[Taken]:
    """The shifts that publishing now would add, without writing any."""
    return rotation_plan.plan(
        _wanted(books, at), books.members, books.learners, books.taken, books.terms
    )


@transaction.atomic
def _extend(pk: str, at: datetime, say: nudges.Say | None) -> None:
    rota = Rota.objects.select_for_update().get(pk=pk)
    books = rota_books.read(rota, at=at)
    if _objections(books, at):
        return
    new = _write(books, actor=None, at=at)
    if say:
        say(f"rotation {rota}: {len(new)} shifts published")


def _objections(books: Books, at: datetime) -> tuple[Reason, ...]:
    rota = books.rota
    if rota.ends_on is not None and rota.ends_on <= today(at):
        return (Reason("rota_over", "It has ended: give it a later end, or begin another."),)
    if not any(each.left is None or each.left > today(at) for each in books.members):
        message = "Nobody takes turns in it: let qualified people join first."
        return (Reason("no_members", message),)
    if not _wanted(books, at):
        last = books.last.starts_at if books.last else at
        message = (
            f"Its shifts are published until {last:%-d %B %Y}; the next come by themselves."
        )
        return (Reason("published_already", message),)
    return ()


def _wanted(books: Books, at: datetime) -> list[Slot]:
    """The shifts still to be published, in whole runs; whatever stands is not drawn up again."""
    rota, day = books.rota, today(at)
    # A day more on both ends: bands count days in their own zones.
    first = max(rota.starts_on, day - _DAY)
    last = max(day, rota.starts_on) + (rota.ahead_days - 1) * _DAY
    until = end_of_run(rota.starts_on, rota.run_days, last)
    if rota.ends_on is not None:
        until = min(until, rota.ends_on)
    found = slots(books.bands, rota.starts_on, run_days=rota.run_days, first=first, until=until)
    labels = {band.label for band in books.bands}
    standing = [each for each in books.taken if each.slot.ends_at > at]
    return [s for s in found if s.starts_at > at and not _is_covered(s, standing, labels)]


def _is_covered(slot: Slot, taken: Sequence[Taken], labels: set[str]) -> bool:
    """Whether a shift stands there, of this band or of one that is gone: its hours are promised."""
    return any(
        overlaps(slot.span, each.slot.span)
        for each in taken
        if each.slot.band == slot.band or each.slot.band not in labels
    )


def _write(books: Books, *, actor: Person | None, at: datetime) -> list[Shift]:
    """Publish what is wanted, in one audit line."""
    rota, people = books.rota, books.people
    drawn = draw(books, at)
    rows = duty.publish(
        rota.pk, rota.role,
        (
            Serving(
                each.slot.band, each.slot.starts_at, each.slot.ends_at,
                people.get(each.person), people.get(each.shadow), each.reason,
            )
            for each in drawn
        ),
        actor=actor, at=at,
    )  # fmt: skip
    composing.compose(rota_words.published(rota, rows, at=at), at=at)
    records.audit(
        "publish_rota", rota, actor=actor, at=at, shifts=len(rows),
        gaps=sum(row.person is None for row in rows), until=_last(drawn),
    )  # fmt: skip
    return rows


def _last(drawn: Sequence[Taken]) -> date | None:
    return max((each.slot.on for each in drawn), default=None)
