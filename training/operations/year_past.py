"""What people did before: exercises played, whom they met, who led most real incidents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from django.db.models import Count

from incidents.models import Assignment, Incident
from incidents.models.calendar import today
from incidents.rules.roles import COMMANDER
from training.models import Answer, GameDay, GameDayRole

YEAR = timedelta(days=365)
REMEMBERED = 2 * YEAR  # so long two people count as having worked together
OVER = (GameDay.Status.COMPLETED, GameDay.Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Past:
    """By username: how often each role was played, parts of the last year and of the planned one,
    pairs who met.
    """

    played: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    met: frozenset[frozenset[str]] = frozenset()
    told: Mapping[int, int] = field(default_factory=dict)  # by story, in those two years


def read(*, year: int, at: datetime) -> Past:
    """Of exercises held, before this year is planned; two queries. Who stood beside a player met them, and played nothing."""
    played: dict[str, Counter[str]] = defaultdict(Counter)
    load: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    cast: dict[int, set[str]] = defaultdict(set)
    rows = GameDayRole.objects.filter(game_day__status__in=OVER, game_day__starts_at__lte=at)
    for day, starts_at, role, who, is_shadow in (
        rows.exclude(answer=Answer.DECLINED).order_by()
        .values_list("game_day", "game_day__starts_at", "role", "person__username", "is_shadow")
    ):  # fmt: skip
        if not is_shadow:
            played[who][role] += 1
        if today(starts_at).year == year:
            parts[who] += 1
        if starts_at > at - YEAR:
            load[who] += 1
        if starts_at > at - REMEMBERED:
            cast[day].add(who)
    met = {frozenset(pair) for people in cast.values() for pair in combinations(people, 2)}
    return Past(played, load, parts, frozenset(met), _told(at))


def room_taken(past: Past, agreed: Iterable[GameDay], most: int) -> Mapping[str, int]:
    """The year's parts that are over, by username, as far as they count against `most`.

    Who agreed to more than that leaves, by an exercise recast by hand, keeps what they agreed to.
    """
    kept = Counter(
        part.person.username for day in agreed for part in day.roles.all()
        if part.answer != Answer.DECLINED
    )  # fmt: skip
    return {key: min(count, max(0, most - kept[key])) for key, count in past.parts.items()}


def last_commander(before: datetime, *, but: Iterable[GameDay] = ()) -> str:
    """Who commanded the exercise held or agreed just before this instant; "" for nobody."""
    held = GameDay.objects.filter(starts_at__lt=before).exclude(
        status__in=[GameDay.Status.CANCELLED, GameDay.Status.PROPOSED]
    )
    held = held.exclude(pk__in=[day.pk for day in but])
    day = held.order_by("-starts_at", "-pk").first()
    if day is None:
        return ""
    rows = day.roles.filter(role=COMMANDER, is_shadow=False)
    return rows.values_list("person__username", flat=True).first() or ""


def busiest_commander(at: datetime) -> str:
    """Who took command of most real incidents within a year, and of more than anybody else."""
    rows = (
        Assignment.objects.filter(
            role=COMMANDER, assigned_at__gt=at - YEAR, assigned_at__lte=at,
            incident__in=Incident.objects.real().values("pk"),
        ).order_by().values_list("person__username")
        .annotate(led=Count("incident", distinct=True)).order_by("-led", "person__username")[:2]
    )  # fmt: skip
    first, second = [*rows, ("", 0), ("", 0)][:2]
    return first[0] if first[1] > second[1] else ""


def _told(at: datetime) -> Mapping[int, int]:
    """How often each story was told in an exercise held or agreed, not too long ago."""
    days = GameDay.objects.filter(
        status__in=[*OVER, GameDay.Status.PLANNED], starts_at__gt=at - REMEMBERED
    )
    rows = days.order_by().values_list("exercise_scenario").annotate(count=Count("pk"))
    return dict(rows)
