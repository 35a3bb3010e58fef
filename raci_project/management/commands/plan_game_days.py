"""`plan_game_days --year 2027`: the year's exercises with people in roles, storing nothing."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.models.calendar import today
from incidents.rules.candidates import name_of
from incidents.rules.reasons import Refused
from training.operations import year_problem
from training.operations.year_problem import Asked
from training.rules.planning import Answer, Planned, Problem, Seated
from training.rules.year_settings import YearSettings
from training.solving import SolvingFailed, solve

UNUSABLE, FAILED = 2, 1


class Command(BaseCommand):
    """Exit 0 with a proposal, also where seats stay empty; 1 if the planner fails, 2 if it refuses."""

    help = (
        "Proposes the year's exercises with dates, stories and people in roles; stores nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", required=True, help="such as 2027")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("--exercises", type=int, default=4, help="how many (default: 4)")
        parser.add_argument(
            "--seconds", type=float, default=20.0, help="how long it may think (default: 20)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            year = int(options["year"])
        except ValueError as error:
            message = f"“{options['year']}” is no year: name one such as 2027."
            raise CommandError(message, returncode=UNUSABLE) from error
        try:
            said = YearSettings(
                year, exercises=options["exercises"], seconds=options["seconds"]
            )
            asked = year_problem.read(said, at=timezone.now())
            answer = solve(asked.problem)
        except Refused as refused:
            raise CommandError(str(refused), returncode=UNUSABLE) from refused
        except SolvingFailed as failed:
            raise CommandError(str(failed), returncode=FAILED) from failed
        if options["format"] == "json":
            self.stdout.write(json.dumps(_plain(asked, answer), indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_text(asked, answer)))


def _plain(asked: Asked, answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "objective": answer.objective,
        "bound": answer.bound,
        "exercises": [_exercise(asked, day) for day in answer.planned],
        "unfilled": [
            {"exercise": one.exercise, "role": one.role, "is_learner": one.is_learner,
             "reason": one.reason}
            for one in answer.unfilled
        ],
        "reasons": list(answer.reasons),
        "least": list(answer.least),
        "notes": list(asked.notes),
        "terms": dict(answer.terms),
        "seconds": answer.seconds,
    }  # fmt: skip


def _exercise(asked: Asked, day: Planned) -> dict[str, Any]:
    instant = asked.instant(day.slot)
    on = today(instant)
    return {
        "quarter": f"{on.year}Q{(on.month - 1) // 3 + 1}",
        "on": instant.isoformat(),
        "story": day.story,
        "roles": {one.role: one.person for one in day.seats if not one.is_learner},
        "learners": {one.role: one.person for one in day.seats if one.is_learner},
        "why": {one.key: one.reason for one in day.seats},
    }


def _text(asked: Asked, answer: Answer) -> Iterator[str]:
    proven = {
        "optimal": "proven to be the best",
        "feasible": f"at most {answer.gap:.1%} below the best there can be",
        "infeasible": "cannot be done as asked; this is the nearest to it",
    }
    yield (
        f"Exercises of {asked.settings.year}: worth {answer.objective}, bound {answer.bound} "
        f"({proven[answer.status]}), found in {answer.seconds:.1f} s."
    )
    for day in answer.planned:
        local = asked.instant(day.slot).astimezone(settings.ORGANISATION_ZONE)
        yield f"\n{_exercise(asked, day)['quarter']}  {local:%A} {local.day} {local:%B %Y, %H:%M %Z}"
        yield f"  Story: {day.story or 'none in the library: write one first'}"
        yield from (_seat(asked.problem, one) for one in day.seats)
    for heading, said in (
        ("Why it cannot be done", answer.reasons),
        ("The least that would make it possible", answer.least),
        ("Seats that stay empty", [
            one.reason for one in answer.unfilled if one.reason not in answer.reasons
        ]),
        ("To be corrected", asked.notes),
    ):  # fmt: skip
        if said:
            yield f"\n{heading}:"
            yield from (f"  {line}" for line in said)


def _seat(problem: Problem, one: Seated) -> str:
    name = f"{name_of(one.role)}{' (learner)' if one.is_learner else ''}"
    return f"  {name + ':':<34}{problem.people[one.person]} ({one.reason})"
