"""How Northwind Pay practises: three stories, one game day last quarter, one ahead in this."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from incidents.documents import read_document
from incidents.models import Assignment, Role
from incidents.models.calendar import today as day_of
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    RESPONDER,
    SCRIBE,
)
from raci_project.demo import competence
from raci_project.demo.company import Company
from raci_project.demo.past import PAST
from raci_project.demo.rehearsal import Rehearsal, plan
from raci_project.demo.story import Story
from training.models import ExerciseScenario, GameDay, Inject
from training.operations import crew, game_day, stories, story_writing, year_plan
from training.rules.stories import read

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

# Jonas commanded the last one.
_COULD_COMMAND = ("grace", "maya", "theo", "ben")

# Their own, in the shape in which a story is imported.
STORIES = Path(__file__).parent / "stories"
REHEARSED = (
    "acquirer-silent",
    "The acquirer falls silent",
    "provider-down",
    {"functionality_lost": "major", "customers_affected": 2600},
    "Card authorisations time out one by one. The acquirer's status page is green.",
    (
        (0, "Monitoring: authorisations through the primary acquirer take 20 seconds."),
        (8, "Support: three large merchants call; one asks whether to close its shop."),
        (15, "The acquirer's hotline: “We see nothing unusual.”"),
        (25, "A journalist asks whether customers were charged twice."),
        (40, "The acquirer admits a fault and promises nothing."),
    ),
)


def practise(story: Story, company: Company) -> None:
    """Tell the rehearsal of last quarter, the one ahead, and who became ready."""
    today = company.today
    Rehearsal(company, _quiet_day(today)).tell(story)
    story.tell(today - 12 * DAY, partial(take_in_library, company))
    story.tell(today - 11 * DAY, partial(_plan_too_much, company))
    competence.tell(story, company)
    story.tell(today - 5 * DAY, partial(_plan_next, company, _ahead(today)))
    story.tell(today, partial(_recast, company))


def write_stories(company: Company) -> None:
    """Three of their own; what the rehearsed one is to show is stated with the rehearsal."""
    slug, title, scenario, facts, summary, injects = REHEARSED
    story = ExerciseScenario.objects.create(
        slug=slug,
        title=title,
        scenario=company.scenarios[scenario],
        facts=facts,
        summary=summary,
    )
    for number, (minute, text) in enumerate(injects, start=1):
        Inject.objects.create(
            exercise_scenario=story, number=number, offset_minutes=minute, text=text
        )
    for path in sorted(STORIES.glob("*.yaml")):
        told = read(read_document(path.read_bytes()))
        story_writing.create(told, actor=company.people["elif"], at=company.today)


def take_in_library(company: Company, at: datetime) -> None:
    """The ten that ship, beside their own."""
    stories.take_in_shipped(actor=company.people["elif"], at=at)


def _plan_too_much(company: Company, at: datetime) -> None:
    """Next year was asked for with more exercises than they have people for, and taken back."""
    elif_ = company.people["elif"]
    asked = year_plan.make(
        year=day_of(at).year + 1, exercises=12, most_parts=4, actor=elif_, at=at
    )
    reason = (
        "Twelve a year are more than two counsels can come to: ask for four, one a quarter."
    )
    year_plan.withdraw(asked, reason=reason, actor=elif_, at=at)


def _plan_next(company: Company, starts_at: datetime, at: datetime) -> None:
    cast = {
        COMMANDER: _COULD_COMMAND[0],
        DEPUTY: "anton",
        COMMUNICATIONS: "rosa",
        SCRIBE: "cleo",
        RESPONDER: "nils",
        COUNSEL: "viktor",
    }
    day = plan(
        company, "Leaked export", "leaked-export", starts_at, cast, ("merchant-portal",), at
    )
    people = company.people
    for duty, who in (
        ("facilitator", "elif"),
        ("lead_evaluator", "ada"),
        ("evaluator", "zofia"),
    ):
        crew.name_staff(day, duty=duty, person=people[who], actor=people["elif"], at=at)


def _recast(company: Company, at: datetime) -> None:
    """Who commands one of today's incidents does not command the next exercise as well.

    Then it can be run as soon as it is looked at.
    """
    day = GameDay.objects.get(status=GameDay.Status.PLANNED)
    busy = {one.person.username for one in Assignment.objects.commanding()}
    free = next((name for name in _COULD_COMMAND if name not in busy), _COULD_COMMAND[0])
    if free != _COULD_COMMAND[0]:
        game_day.reassign_role(
            day, role=Role.objects.get(slug=COMMANDER), person=company.people[free],
            actor=company.people["elif"], at=at,
        )  # fmt: skip


def _quarter_start(at: datetime) -> datetime:
    return datetime(at.year, (at.month - 1) // 3 * 3 + 1, 1, 13, tzinfo=UTC)


def _quiet_day(today: datetime) -> datetime:
    """A working day in the middle of last quarter on which no incident kept people busy."""
    busy = {(today - script.ago * MINUTE).date() for script in PAST}
    middle = _quarter_start(today) - 40 * DAY
    days = (_weekday(middle + number * DAY) for number in range(len(busy) + 3))
    return next(day for day in days if day.date() not in busy)


def _weekday(at: datetime) -> datetime:
    """The same hour on this day, or on the Monday after a weekend."""
    return at + max(0, 7 - at.weekday()) * DAY if at.weekday() > 4 else at


def _ahead(at: datetime) -> datetime:
    """Ten days from now at 13:00 UTC if this quarter lasts as long, else on its last day."""
    next_quarter = _quarter_start(_quarter_start(at) + 100 * DAY)
    in_ten_days = _weekday((at + 10 * DAY).replace(hour=13, minute=0, second=0, microsecond=0))
    last_chance = next_quarter - DAY
    return min(in_ten_days, last_chance) if last_chance > at else in_ten_days
