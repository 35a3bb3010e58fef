"""Whether a game day is ready to be run, as the checks find it; a fixed number of queries."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from incidents.models import Assignment, Incident
from incidents.models.calendar import today
from incidents.rules.roles import COMMANDER
from training.models import Answer, GameDay
from training.operations import story_documents
from training.rules import exercise_checks, game_day_checks
from training.rules.exercise_checks import Finding, gravest_first
from training.rules.game_day_checks import Day

_YEAR = timedelta(days=365)
_HELD = (GameDay.Status.PLANNED, GameDay.Status.RUNNING, GameDay.Status.COMPLETED)


def findings(game_day: GameDay, *, at: datetime) -> tuple[Finding, ...]:
    """What stands against running it, the gravest first: of its story, its people, its year."""
    year = today(game_day.starts_at).year
    story = story_documents.of(game_day.exercise_scenario)
    around = [_day(each) for each in _neighbours(game_day)]
    return gravest_first(
        (
            *exercise_checks.of_story(story, story_documents.known(at)),
            *game_day_checks.of_day(
                story, _day(game_day), neighbours=around, busiest=busiest_commander(at)
            ),
            *of_year(year),
        )
    )


def of_year(year: int) -> tuple[Finding, ...]:
    """What the exercises of this calendar year, held and ahead, leave out; two queries."""
    zone = settings.ORGANISATION_ZONE
    begins, ends = (datetime(each, 1, 1, tzinfo=zone) for each in (year, year + 1))
    held = GameDay.objects.filter(
        status__in=_HELD, starts_at__gte=begins, starts_at__lt=ends
    ).prefetch_related("roles")
    days = (
        Day(
            title=str(each),
            year=year,
            status=each.status,
            parts=tuple(
                (one.role_id, str(one.person_id))
                for one in each.roles.all()
                if not one.is_shadow
            ),
        )
        for each in held
    )
    return game_day_checks.of_year(year, days)


def busiest_commander(at: datetime) -> str:
    """Who commanded most real incidents in the last year, by username; "" for nobody or a tie."""
    commands = Assignment.objects.filter(
        role=COMMANDER, incident__in=Incident.objects.real().filter(declared_at__gt=at - _YEAR)
    )
    counted = commands.order_by().values_list("person__username").annotate(count=Count("id"))
    top = list(counted.order_by("-count", "person__username")[:2])
    is_tie = len(top) == 2 and top[0][1] == top[1][1]
    return top[0][0] if top and not is_tie else ""


def _neighbours(game_day: GameDay) -> list[GameDay]:
    held = GameDay.objects.filter(status__in=_HELD).exclude(pk=game_day.pk)
    before = held.filter(starts_at__lte=game_day.starts_at).order_by("-starts_at").first()
    after = held.filter(starts_at__gt=game_day.starts_at).order_by("starts_at").first()
    return [each for each in (before, after) if each is not None]


def _day(game_day: GameDay) -> Day:
    parts = list(game_day.roles.select_related("person"))
    staff = list(game_day.staff.select_related("person"))
    everybody = [(one.person, one.answer) for one in parts]
    everybody += [(one.person, one.answer) for one in staff]
    return Day(
        title=str(game_day),
        year=today(game_day.starts_at).year,
        status=game_day.status,
        parts=tuple((one.role_id, one.person.username) for one in parts if not one.is_shadow),
        shadows=tuple((one.role_id, one.person.username) for one in parts if one.is_shadow),
        duties=tuple((one.duty, one.person.username) for one in staff),
        declined=frozenset(
            person.username for person, answer in everybody if answer == Answer.DECLINED
        ),
        has_report_owner=game_day.report_owner_id is not None,
        has_report_date=game_day.report_due_at is not None,
        names={person.username: str(person) for person, _ in everybody},
    )
