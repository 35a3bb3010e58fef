"""Plain functions that make exercises for tests."""

from datetime import datetime, timedelta

from incidents.models import MatrixVersion, Person
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW, allow, matrix_version, person, role
from training.models import ExerciseScenario, GameDay, Inject
from training.operations import game_day

PERMISSIONS = ("add", "change", "run", "complete", "cancel", "view")


def planner(username: str = "elif") -> Person:
    """Somebody who may do everything to game days, and declare."""
    return allow(
        person(username), *(f"training.{verb}_gameday" for verb in PERMISSIONS),
        "incidents.declare_incident",
    )  # fmt: skip


def story(slug: str = "acquirer-silent", **fields) -> ExerciseScenario:
    fields.setdefault("title", slug.replace("-", " ").capitalize())
    fields.setdefault("facts", {"customers_affected": 1200})
    made, is_new = ExerciseScenario.objects.get_or_create(slug=slug, defaults=fields)
    if is_new:
        Inject.objects.create(
            exercise_scenario=made, number=1, offset_minutes=0, text="Payments fail."
        )
    return made


def cast(commander: Person | None = None, speaker: Person | None = None) -> dict[str, Person]:
    """A commander and a voice, new people unless given."""
    return {
        role(COMMANDER).slug: commander or person(),
        role(COMMUNICATIONS).slug: speaker or person(),
    }


def planned(
    roles: dict[str, Person] | None = None,
    *,
    starts_at: datetime = NOW + timedelta(days=20),
    actor: Person | None = None,
    at: datetime = NOW,
    **fields,
) -> GameDay:
    fields.setdefault("title", "Acquirer rehearsal")
    fields.setdefault("services", [])
    return game_day.plan(
        exercise_scenario=story(),
        starts_at=starts_at,
        roles=roles or cast(),
        actor=actor or planner(),
        at=at,
        **fields,
    )


def running(**fields) -> GameDay:
    """A game day whose exercise has been declared; the law must be there."""
    day = planned(**fields)
    return game_day.run(day, actor=day.organiser, at=day.starts_at)


def governed(
    rows: dict[tuple[str, str], dict[str, str]],
    acts: dict[str, str],
    within: dict[str, int] | None = None,
) -> MatrixVersion:
    """A matrix in force whose activities of these names govern these acts, in so many minutes."""
    version = matrix_version(rows, effective_from=None)
    for name, minutes in (within or {}).items():
        version.activities.filter(name=name).update(within_minutes=minutes)
    for name, act in acts.items():
        version.activities.filter(name=name).update(act=act, key=act)
    version.status, version.checker = "approved", person()
    version.approved_at = version.effective_from = NOW - timedelta(days=30)
    version.save()
    return version
