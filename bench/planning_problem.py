"""Companies to plan a year for, made by lot from a seed: the same seed gives the same company."""

import random

from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DOMAIN_OWNER, NAMES
from training.rules.planning import Candidate, Problem, Seat, Slot, Story

ROLES = tuple(NAMES)
MUST = (COMMANDER, COMMUNICATIONS, COUNSEL, DOMAIN_OWNER)
DOMAINS = ("engineering", "support", "communications", "legal")
DATES = 78  # a quarter: what settings give by default (three days a week, two times of day)


def company(
    people: int,
    *,
    roles: int = 12,
    exercises: int = 4,
    seed: int = 1,
    seconds: float = 60,
    dates: int = DATES,
) -> Problem:
    """So many people in teams of ten, each far enough with one to three roles, away now and then."""
    lot = random.Random(seed)
    played = ROLES[:roles]
    slots = tuple(
        Slot(
            exercise * dates + n,
            exercise,
            f"2027-{3 * exercise + 1 + n // 56:02}-{n % 56 // 2 + 1:02}T{10 + n % 2 * 5}:00:00+00:00",
            lot.randint(0, 15),
        )
        for exercise in range(exercises)
        for n in range(dates)
    )
    cells = [f"activity-{n}:{role}" for n in range(30) for role in played[:6]]
    stories = tuple(Story(f"story-{n}", frozenset(lot.sample(cells, 25))) for n in range(10))
    return Problem(
        exercises=exercises,
        seats=tuple(
            Seat(role, must=role in MUST, domain=DOMAINS[n % len(DOMAINS)])
            for n, role in enumerate(played)
        ),
        slots=slots,
        stories=stories,
        candidates=tuple(_person(lot, n, people, played, slots) for n in range(people)),
        met=frozenset(
            frozenset(f"p{n}" for n in lot.sample(range(people), 2)) for _ in range(people)
        ),
        cells_done=frozenset(lot.sample(cells, 60)),
        last_commander="p0",
        seconds=seconds,
    )


def _person(
    lot: random.Random,
    number: int,
    people: int,
    roles: tuple[str, ...],
    slots: tuple[Slot, ...],
) -> Candidate:
    able = lot.sample(roles, lot.choice((1, 2, 2, 3)))
    return Candidate(
        key=f"p{number}",
        team=f"team-{lot.randrange(max(5, people // 10))}",
        domain=lot.choice(DOMAINS),
        qualified=frozenset(able),
        slots=frozenset(slot.id for slot in slots if lot.random() < 0.75),
        played={role: lot.randint(1, 2) for role in able if lot.random() < 0.3},
        load=lot.choice((0, 0, 1, 2)),
        is_busiest_commander=number == 1,
    )
