"""The books of a rotation, read as its rules want them: a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import Q

from incidents.models import Absence, Person, Qualification, Shift
from training.models import Rota, RotaBand, RotaMember
from training.rules import rotation
from training.rules.rotation import WINDOW, Ledger, Member, Taken, Terms
from training.rules.rotation_hours import Band, Slot, Span, local_day

_DAY = timedelta(days=1)
_Interval = tuple[date, date | None]
# A shift far back: its band, from when until when, and the usernames of who served and stood beside.
_Row = tuple[str, datetime, datetime, str | None, str | None]


@dataclass
class Books:
    """A rotation with everybody in it, who learns it, and its shifts; people by username.

    Fairness counts from the beginning: `past` are the shifts before those of `shifts`, as bare values.
    """

    rota: Rota
    bands: list[Band]
    terms: Terms
    members: list[Member]
    learners: list[Member]
    others: list[Member]  # who serves its shifts without being a member
    shifts: list[Shift]
    past: list[_Row]
    people: dict[str, Person]

    @cached_property
    def taken(self) -> list[Taken]:
        """Its shifts as the rules know them, those far back too."""
        return [*self._before, *self._recent]

    @cached_property
    def ledger(self) -> Ledger:
        """What everybody is owed by the shifts that stand."""
        return rotation.ledger(self.members, self.terms, self._recent, before=self._closed)

    @property
    def last(self) -> Slot | None:
        """The last of its shifts, however far back; None where it has none."""
        return self.taken[-1].slot if self.taken else None

    @cached_property
    def _recent(self) -> list[Taken]:
        return [self.as_taken(shift) for shift in self.shifts]

    @cached_property
    def _before(self) -> list[Taken]:
        return [
            Taken(self._slot(band, begins, ends), person or "", shadow or "")
            for band, begins, ends, person, shadow in self.past
        ]

    @cached_property
    def _closed(self) -> Ledger:
        """The books of what lies far back: counted once, however often they are gone on with."""
        return rotation.ledger(self.members, self.terms, self._before)

    def member(self, person: Person) -> Member | None:
        """This person as the rules know them; None where they have nothing to do with it."""
        known = (*self.members, *self.others, *self.learners)
        return next((each for each in known if each.key == person.username), None)

    def slot(self, shift: Shift) -> Slot:
        """The shift as the rules know it, with the run it belongs to."""
        return self._slot(shift.band, shift.starts_at, shift.ends_at)

    def _slot(self, label: str, starts_at: datetime, ends_at: datetime) -> Slot:
        where = next((band.zone for band in self.bands if band.label == label), "UTC")
        on = local_day(starts_at, where)
        run = (on - self.rota.starts_on).days // self.rota.run_days
        return Slot(label, on, starts_at, ends_at, run)

    def as_taken(self, shift: Shift) -> Taken:
        """The same with who serves it and who learns beside."""
        return Taken(
            self.slot(shift),
            shift.person.username if shift.person else "",
            shift.shadow.username if shift.shadow else "",
        )

    def turn(self, shift: Shift, person: Person) -> list[Span]:
        """What this person serves in the same run and band: between these no rest is asked."""
        wanted = self.slot(shift)
        own = (each for each in self.taken if each.person == person.username)
        return [
            each.slot.span
            for each in own
            if (each.slot.run, each.slot.band) == (wanted.run, wanted.band)
            and each.slot.span != wanted.span
        ]

    def without(self, shifts: Iterable[Shift]) -> Ledger:
        """The books as they were if nobody served these."""
        gone = {(each.band, each.starts_at) for each in shifts}
        is_recent = gone <= {(each.band, each.starts_at) for each in self.shifts}
        counted = self._recent if is_recent else self.taken
        kept = (t for t in counted if (t.slot.band, t.slot.starts_at) not in gone)
        before = self._closed if is_recent else None
        return rotation.ledger(self.members, self.terms, kept, before=before)


def read(
    rota: Rota, *, at: datetime, also: Sequence[Person] = (), since: datetime | None = None
) -> Books:
    """Eight queries, however many people and shifts; `also` are people asked about besides.

    Rows are made of the shifts that end in the twelve weeks before `at`, or after `since`.
    """
    bands = [as_band(row) for row in rota.bands.order_by("id")]
    rows = rota.members.select_related("person").prefetch_related("bands")
    joined = {row.person: row for row in rows.order_by("joined_on", "pk")}  # the latest counts
    shifts, past = _shifts(rota, min(at - WINDOW, since or at))
    coming = [each.person for each in shifts if each.person and each.ends_at > at]
    qualified, learning = _qualified(rota, [*joined, *coming, *also])
    others = [each for each in dict.fromkeys((*coming, *also)) if each not in joined]
    people = {each.pk: each for each in (*joined, *learning, *others)}
    first = past[0][1] if past else shifts[0].starts_at if shifts else at
    away = _away(people, first)
    busy = _busy(rota, people, at)

    def known(person: Person, row: RotaMember | None = None) -> Member:
        return Member(
            key=person.username,
            name=str(person),
            zone=person.time_zone,
            joined=row.joined_on if row else date.min,
            left=row.left_on if row else None,
            bands=frozenset(each.label for each in row.bands.all()) if row else frozenset(),
            qualified=qualified.get(person.pk) if person.is_active else None,
            away=tuple(away.get(person.pk, ())),
            busy=tuple(busy.get(person.pk, ())),
        )

    learners = [_learner(known(each)) for each in learning] if rota.with_shadows else []
    return Books(
        rota, bands, terms(rota, bands),
        [known(person, row) for person, row in joined.items()],
        learners, [known(each) for each in others], shifts, past,
        {each.username: each for each in people.values()},
    )  # fmt: skip


def terms(rota: Rota, bands: Sequence[Band]) -> Terms:
    """What the rotation holds its members to, of the hours it has in a window."""
    hours = sum((band.length for band in bands), timedelta()) * (WINDOW // _DAY)
    return Terms(
        rest=timedelta(hours=rota.rest_hours),
        most_percent=rota.most_percent,
        most=hours * min(rota.most_percent, 100) / 100,
        night_percent=rota.night_percent,
        calendar=settings.ORGANISATION_ZONE.key,
    )


def as_band(row: RotaBand) -> Band:
    """The band as the rules know it."""
    return Band(row.label, row.begins, row.ends, row.time_zone)


def _shifts(rota: Rota, since: datetime) -> tuple[list[Shift], list[_Row]]:
    """What ends after this instant as rows, what ended before as bare values; in time's order."""
    served = Shift.objects.filter(rota=rota.pk).order_by("starts_at", "band")
    recent = served.filter(ends_at__gt=since).select_related("person", "shadow", "role")
    past = served.filter(ends_at__lte=since).values_list(
        "band", "starts_at", "ends_at", "person__username", "shadow__username"
    )
    return list(recent), list(past)


def _learner(member: Member) -> Member:
    """Who learns needs no qualification to stand beside."""
    return Member(
        key=member.key, name=member.name, zone=member.zone, away=member.away, busy=member.busy
    )


def _qualified(
    rota: Rota, people: Iterable[Person]
) -> tuple[dict[int, _Interval], list[Person]]:
    """From when until when people are qualified for its role, and who is learning it."""
    learns = Q(level=Qualification.Level.LEARNING, person__is_active=True)
    rows = Qualification.objects.filter(
        Q(person__in={each.pk for each in people}) | learns, role=rota.role_id
    )
    qualified: dict[int, _Interval] = {}
    learning = []
    for row in rows.select_related("person").order_by("person__username"):
        if row.level == Qualification.Level.QUALIFIED:
            qualified[row.person_id] = (row.granted_on, row.expires_on)
        elif row.person.is_active:
            learning.append(row.person)
    return qualified, learning


def _away(people: Iterable[int], since: datetime) -> dict[int, list[Span]]:
    rows = Absence.objects.filter(person__in=list(people), ends_at__gt=since)
    found: dict[int, list[Span]] = {}
    for person, begins, ends in rows.order_by("starts_at").values_list(
        "person", "starts_at", "ends_at"
    ):
        found.setdefault(person, []).append((begins.astimezone(UTC), ends.astimezone(UTC)))
    return found


def _busy(rota: Rota, people: Iterable[int], at: datetime) -> dict[int, list[Span]]:
    """On shift in another rotation, or beside somebody there."""
    keys = list(people)
    rows = Shift.objects.filter(Q(person__in=keys) | Q(shadow__in=keys), ends_at__gt=at - _DAY)
    found: dict[int, list[Span]] = {}
    for person, shadow, begins, ends in rows.exclude(rota=rota.pk).values_list(
        "person", "shadow", "starts_at", "ends_at"
    ):
        for one in {person, shadow} - {None}:
            found.setdefault(one, []).append((begins, ends))
    return found
