"""How an exercise was judged: objectives, capabilities, and the same at the exercise before."""

from collections.abc import Iterable, Mapping, Sequence

from incidents.operations import pinned
from incidents.rules.raci import Activity
from raci_project.after_action.values import Capability, Judged, Opinion, Seen
from training.models import GameDay, GameDayStaff, Objective, ObjectiveRating, Observation
from training.operations import report
from training.rules import after_action, practice_coverage, ratings
from training.rules.story_clock import shown

GENERAL = "The exercise as a whole"
Kind = Observation.Kind


def objectives(game_day: GameDay, earlier: GameDay | None) -> tuple[Judged, ...]:
    """Every objective it was completed with, and what else was rated that day."""
    given = _given(game_day)
    before = _finals(earlier) if earlier else {}
    capabilities = _by_capability(earlier) if earlier else {}
    asked = set(report.asked(game_day).values_list("pk", flat=True))
    rows = game_day.exercise_scenario.objectives.order_by("number")
    found = []
    for row in rows:
        said = given.get(row.pk, [])
        if row.pk not in asked and not said:
            continue
        final = ratings.final([one for one, _ in said])
        was = before.get(row.pk) or capabilities.get(row.capability, "")
        found.append(
            Judged(
                number=row.number,
                capability=row.capability,
                text=row.text,
                target=row.target,
                rating=final,
                opinions=tuple(opinion for _, opinion in said),
                before=was,
                moved=after_action.compared(was, final),
            )
        )
    return tuple(found)


def capabilities(game_day: GameDay, judged: Sequence[Judged]) -> tuple[Capability, ...]:
    """By capability what was seen of it; what refers to no objective stands at the end."""
    seen = _seen(game_day)
    names = [*dict.fromkeys(one.capability for one in judged)]
    if seen.get(GENERAL):
        names.append(GENERAL)
    return tuple(
        _capability(name, [one for one in judged if one.capability == name], seen.get(name, []))
        for name in names
    )


def _capability(name: str, judged: Sequence[Judged], seen: Iterable[Seen]) -> Capability:
    of = {kind: tuple(one for one in seen if one.kind == kind) for kind in Kind.values}
    return Capability(
        name=name,
        rating=ratings.lowest(one.rating for one in judged if one.rating),
        objectives=tuple(judged),
        strengths=of[Kind.STRENGTH],
        improvements=of[Kind.IMPROVE],
        others=of[Kind.NEUTRAL],
    )


def _given(game_day: GameDay) -> dict[int, list[tuple[ratings.Given, Opinion]]]:
    duties = dict(game_day.staff.values_list("person_id", "duty"))
    found: dict[int, list[tuple[ratings.Given, Opinion]]] = {}
    for row in sorted(game_day.ratings.all(), key=lambda each: each.pk):
        duty = duties.get(row.rated_by_id, GameDayStaff.Duty.EVALUATOR)
        given = ratings.Given(row.rating, duty == GameDayStaff.Duty.LEAD_EVALUATOR)
        label = GameDayStaff.Duty(duty).label.capitalize()
        found.setdefault(row.objective_id, []).append(
            (given, Opinion(label, row.rating, row.reason))
        )
    return found


def _finals(game_day: GameDay) -> dict[int, str]:
    return {
        key: ratings.final([one for one, _ in given]) for key, given in _given(game_day).items()
    }


def _by_capability(game_day: GameDay) -> dict[str, str]:
    rows = ObjectiveRating.objects.filter(game_day=game_day)
    found: dict[str, list[str]] = {}
    for capability, rating in rows.values_list("objective__capability", "rating"):
        found.setdefault(capability, []).append(rating)
    return {capability: ratings.lowest(given) for capability, given in found.items()}


def _seen(game_day: GameDay) -> dict[str, list[Seen]]:
    """By capability; one that supports objectives of several stands with each of them."""
    rows = game_day.observations.prefetch_related("injects", "objectives")
    lines = pinned.activities(game_day.incident) if game_day.incident else ()
    found: dict[str, list[Seen]] = {}
    for row in rows:
        seen = _observation(row, lines)
        names = dict.fromkeys(each.capability for each in row.objectives.all())
        for name in names or (GENERAL,):
            found.setdefault(name, []).append(seen)
    return found


def _observation(row: Observation, lines: Sequence[Activity]) -> Seen:
    injects = list(row.injects.all())
    named = {name for each in injects for name in each.activities}
    named |= {name for each in row.objectives.all() for name in each.activities}
    return Seen(
        kind=row.kind,
        text=row.text,
        story=shown(row.story_seconds),
        injects=tuple(f"inject {each.number}" for each in injects),
        activities=tuple(each.name for each in practice_coverage.named(lines, named)),
        rating=row.rating,
    )


def previous(game_day: GameDay) -> GameDay | None:
    """The completed exercise to compare with: of the same story, else of the same capabilities."""
    done = GameDay.objects.filter(
        status=GameDay.Status.COMPLETED, starts_at__lt=game_day.starts_at
    ).select_related("incident", "exercise_scenario")
    latest = done.order_by("-starts_at")
    same = latest.filter(exercise_scenario=game_day.exercise_scenario_id).first()
    if same is not None:
        return same
    tested = Objective.objects.filter(exercise_scenario=game_day.exercise_scenario_id)
    rated = ObjectiveRating.objects.filter(
        objective__capability__in=tested.values("capability")
    )
    return latest.filter(pk__in=rated.values("game_day")).first()


def weak(judged: Iterable[Judged]) -> Mapping[int, Judged]:
    """The objectives that were not met: with major challenges, or not at all."""
    return {one.number: one for one in judged if one.rating and not one.is_met}
