"""Plain functions that make rotations for tests."""

from datetime import date, time, timedelta

from incidents.models import Person, Qualification, Shift
from incidents.rules.roles import COMMANDER
from tests.factories import NOW, allow, person, qualify, role
from training.models import Rota
from training.operations import rota, rota_publish
from training.rules.rotation_checks import Settings
from training.rules.rotation_hours import Band

MONDAY = date(2026, 11, 30)  # a week after NOW
ROUND = Band("all day", time(9), time(9))


def planner(username: str = "elif") -> Person:
    """Somebody who may do everything to rotations."""
    found = Person.objects.filter(username=username).first() or person(username)
    return allow(
        found, "training.add_rota", "training.change_rota", "training.publish_rota",
        "training.override_rota", "training.view_rota", "incidents.view_shift",
        "training.swap_shiftchange",
    )  # fmt: skip


def able(username: str, slug: str = COMMANDER, **fields) -> Person:
    """Somebody qualified for the role who may swap."""
    made = person(username, **fields)
    qualify(made, slug)
    return allow(made, "training.swap_shiftchange", "training.view_shiftchange")


def learner(username: str, slug: str = COMMANDER) -> Person:
    made = person(username)
    Qualification.objects.create(
        person=made, role=role(slug), level="learning", granted_on=MONDAY - timedelta(days=90)
    )
    return made


def created(*members: Person, bands: tuple[Band, ...] = (ROUND,), **settings) -> Rota:
    settings = {"starts_on": MONDAY, "ahead_days": 28, "gap_days": 28, **settings}
    name = settings.pop("name", "Incident command")
    slug = settings.pop("role", COMMANDER)
    made = rota.create(
        name=name, role=role(slug), settings=Settings(**settings), bands=bands,
        actor=planner(), at=NOW,
    )  # fmt: skip
    for each in members:
        rota.join(made, person=each, joined_on=MONDAY, actor=planner(), at=NOW)
    return made


def published(*members: Person, **settings) -> list[Shift]:
    """The shifts of a new rotation of these members, in order."""
    made = created(*members, **settings)
    return rota_publish.publish(made, actor=planner(), at=NOW)
