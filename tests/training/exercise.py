"""An exercise under way, with its staff and a story long enough to be steered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from incidents.models import Incident, Person
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW, allow, law, person, role
from tests.training.factories import cast, planned, planner
from training.models import (
    Delivery,
    ExerciseScenario,
    GameDay,
    GameDayStaff,
    Inject,
    Objective,
)
from training.operations import game_day

START = NOW + timedelta(days=20)
MINUTE = timedelta(minutes=1)
CONTROL = ("training.control_gameday", "training.view_gameday", "incidents.view_incident")
OBSERVE = ("training.observe_gameday", "training.view_gameday", "incidents.view_incident")


@dataclass
class Room:
    """Who is in it, and the day they are in."""

    day: GameDay
    ana: Person  # commands
    bo: Person  # speaks
    fay: Person  # facilitates
    eve: Person  # evaluates
    dan: Person  # has nothing to do with it

    @property
    def exercise(self) -> Incident:
        return Incident.objects.get(game_day=self.day)

    def inject(self, number: int) -> Delivery:
        return self.day.deliveries.get(inject__number=number)

    def states(self) -> dict[int, str]:
        rows = self.day.deliveries.order_by("inject__number")
        return dict(rows.values_list("inject__number", "state"))

    def again(self) -> GameDay:
        self.day = GameDay.objects.get(pk=self.day.pk)
        return self.day


# number: minute, and what else it is.
INJECTS: dict[int, dict[str, Any]] = {
    1: {"offset_minutes": 0, "text": "Payments fail.", "method": "alert", "sender": "Monitoring"},
    2: {"offset_minutes": 5, "text": "Merchants call.", "title": "Support is overrun",
        "to_role": COMMUNICATIONS, "method": "call", "sender": "Support"},
    3: {"offset_minutes": 10, "text": "Switch over?", "is_gate": True},
    4: {"offset_minutes": 11, "text": "The switch is done."},
    5: {"offset_minutes": 0, "text": "A journalist asks.", "kind": "contingency",
        "trigger": "Nobody has spoken by T+10", "method": "mail"},
    6: {"offset_minutes": 20, "text": "It is over.", "expected_action": "Resolve it"},
}  # fmt: skip


def write_story(**changed: dict[str, Any]) -> ExerciseScenario:
    """The story of the six injects, two objectives; `changed` by “inject3” and the like."""
    made = ExerciseScenario.objects.create(
        slug="acquirer-dark", title="The acquirer goes dark", summary="A provider fails.",
        background="The acquirer pushed a bad route.", facts={"customers_affected": 1200},
    )  # fmt: skip
    for number, fields in INJECTS.items():
        said = {**fields, **changed.get(f"inject{number}", {})}
        if slug := said.pop("to_role", ""):
            said["to_role"] = role(slug)
        Inject.objects.create(exercise_scenario=made, number=number, **said)
    for number, slug in ((1, COMMANDER), (2, COMMUNICATIONS)):
        Objective.objects.create(
            exercise_scenario=made, number=number, capability="Command", role=role(slug),
            text=f"Objective {number}", target="within 15 minutes",
        )  # fmt: skip
    return made


def laid_out(*, story: ExerciseScenario | None = None, **fields: Any) -> Room:
    """Planned, with a facilitator and an evaluator."""
    ana, bo = person("ana"), person("bo")
    fay, eve = allow(person("fay"), *CONTROL), allow(person("eve"), *OBSERVE)
    day = planned(cast(ana, bo), starts_at=START, actor=planner(), **fields)
    GameDay.objects.filter(pk=day.pk).update(exercise_scenario=story or write_story())
    for who, duty in ((fay, "facilitator"), (eve, "lead_evaluator")):
        GameDayStaff.objects.create(game_day=day, person=who, duty=duty)
    return Room(GameDay.objects.get(pk=day.pk), ana, bo, fay, eve, person("dan"))


def under_way(
    *, pace: str = "real", factor: int = 1, story: ExerciseScenario | None = None,
    at: datetime = START, with_law: bool = True, **fields: Any,
) -> Room:  # fmt: skip
    """The same, run at START."""
    if with_law:
        law()
    room = laid_out(story=story, **fields)
    room.day = game_day.run(
        room.day, pace=pace, pace_factor=factor, actor=room.day.organiser, at=at
    )
    return room
