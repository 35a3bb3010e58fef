"""Who is on duty at Northwind Pay: command by the week, communications following the sun.

One stretch is nobody's: it shows as a gap weeks ahead. Of another the one who has it will be away:
somebody is to be found. One day is offered to ada.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from incidents.models import Absence, Person, Role, Shift
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from raci_project.demo.company import Company
from raci_project.demo.story import Story
from training.models import Rota
from training.operations import rota, rota_publish, rota_watch, shift_changes
from training.rules.rotation_checks import Settings
from training.rules.rotation_hours import Band

DAY = timedelta(days=1)
PLANNER = "elif"
COMMANDERS = ("elif", "grace", "jonas", "maya", "theo")
JUST_QUALIFIED = ("ada", "ben")
VOICES = ("mei", "pablo", "quinn", "rosa")
_TEN, _EIGHT, _FOUR, _MIDNIGHT = time(10), time(8), time(16), time()
BY_THE_SUN = (
    Band("Asia", _MIDNIGHT, _EIGHT, "UTC"),
    Band("Europe", _EIGHT, _FOUR, "UTC"),
    Band("Americas", _FOUR, _MIDNIGHT, "UTC"),
)
ROUND_THE_CLOCK = (Band("All day", _TEN, _TEN, "Europe/London"),)


def tell(story: Story, company: Company) -> None:
    """Both rotations are a few weeks old; what is published reaches weeks ahead."""
    today = company.today
    monday = (today - today.weekday() * DAY).date()
    began = datetime.combine(monday - 9 * DAY, _TEN, UTC)
    _plan_leave(company)
    story.tell(
        began,
        partial(_start, company, "Incident command", COMMANDER, ROUND_THE_CLOCK, COMMANDERS),
    )
    story.tell(
        began, partial(_start, company, "Communications", COMMUNICATIONS, BY_THE_SUN, VOICES)
    )
    story.tell(today - 8 * DAY, partial(_join, company, JUST_QUALIFIED))
    story.tell(today - DAY, rota_publish.extend)
    story.tell(today - DAY / 2, partial(_offer, company))
    story.tell(today - DAY / 4, partial(_go_away, company))
    story.tell(today, rota_watch.sweep)


def _plan_leave(company: Company) -> None:
    """Nobody else is awake in Pablo's hours: while he is away, nobody speaks."""
    leaves = company.today + 24 * DAY
    Absence.objects.create(
        person=company.people["pablo"], starts_at=leaves, ends_at=leaves + 3 * DAY,
        reason="Annual leave",
    )  # fmt: skip


def _start(
    company: Company,
    name: str,
    role: str,
    bands: Collection[Band],
    people: Collection[str],
    at: datetime,
) -> None:
    """Made and joined at a weekend, it serves from Monday on."""
    starts_on, planner = (at + 2 * DAY).date(), company.people[PLANNER]
    made = rota.create(
        name=name, role=Role.objects.get(slug=role), settings=_settings(starts_on), bands=bands,
        actor=planner, at=at,
    )  # fmt: skip
    for username in people:
        who = company.people[username]
        rota.join(made, person=who, joined_on=starts_on, actor=planner, at=at)
    rota_publish.publish(made, actor=planner, at=at)


def _settings(starts_on: date) -> Settings:
    return Settings(starts_on=starts_on, ahead_days=35, gap_days=28)


def _join(company: Company, people: Collection[str], at: datetime) -> None:
    """Qualified the day before."""
    for username in people:
        rota.join(
            _command(), person=company.people[username], joined_on=at.date(),
            actor=company.people[PLANNER], at=at,
        )  # fmt: skip


def _offer(company: Company, at: datetime) -> None:
    """Somebody asks ada to take a day of theirs, the first on which she can."""
    ada = company.people["ada"]
    coming = Shift.objects.filter(rota=_command().pk, starts_at__gt=at + 7 * DAY)
    for shift in coming.select_related("person"):
        if shift.person is None:
            continue
        try:
            shift_changes.offer(
                shift, to=ada, reason="My sister marries that day.", actor=shift.person, at=at
            )
        except Refused:
            continue  # she is on shift herself then, or the day before
        return


def _go_away(company: Company, at: datetime) -> None:
    """Who commands in two weeks takes three days off, which was not known when it was published."""
    begins = company.today + 15 * DAY
    on_duty = Person.objects.get(
        shifts__in=Shift.objects.filter(rota=_command().pk).covering(begins)
    )
    Absence.objects.create(
        person=on_duty, starts_at=begins, ends_at=begins + 3 * DAY,
        reason="A wedding in the family",
    )  # fmt: skip


def _command() -> Rota:
    return Rota.objects.get(role=COMMANDER)
