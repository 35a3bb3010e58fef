"""The after-action report of one game day, read in a constant number of queries."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Count

from incidents.models import AuditEvent, Incident, Person, Qualification, Role
from incidents.models.calendar import today
from incidents.operations import adherence, pinned
from incidents.operations.nudged_clocks import begun
from raci_project.after_action import course, improving, judged, limits
from raci_project.after_action.values import (
    Earlier,
    Gained,
    Improvement,
    Judged,
    Overview,
    Participant,
    Report,
)
from reviews.models import ActionItem, Review
from training.models import Exercised, GameDay, GameDayStaff, HotWashNote
from training.operations import coverage, story_course
from training.rules import after_action, practice_coverage
from training.rules.story_course import Counted, StoryCourse

_NEXT = 3
_LAPSING = timedelta(days=30)


def read(game_day: GameDay, *, reader: Person, at: datetime) -> Report:
    """The report as it stands; stories that wait for the reader are not suggested to him."""
    incident = game_day.incident
    people = list(_participants(game_day))
    roles = {key: one.part for key, one in people}
    earlier = judged.previous(game_day)
    objectives = judged.objectives(game_day, earlier)
    review = Review.objects.filter(incident=incident).first() if incident else None
    measured = adherence.of(incident, at) if incident else None
    clock = story_course.of(game_day)
    ready = after_action.readiness(
        list(game_day.feedback.values_list("ready_before", "ready_after"))
    )
    because = _because(game_day)
    return Report(
        key=game_day.pk,
        overview=_overview(game_day, clock, [one for _, one in people], objectives),
        summary=game_day.report_summary,
        timings=course.timings(incident, clock, measured),
        steps=course.steps(game_day, incident, clock, roles) if incident and clock else (),
        objectives=objectives,
        capabilities=judged.capabilities(game_day, objectives),
        hot_wash=_hot_wash(game_day),
        readiness=ready,
        comments=tuple(game_day.feedback.exclude(comment="").values_list("comment", flat=True)),
        earlier=_earlier(game_day, earlier),
        acknowledged=_minutes(incident, clock, "acknowledged_at"),
        contained=_minutes(incident, clock, "contained_at"),
        gained=_gained(game_day, at),
        improvements=tuple(_improvements(review)),
        no_improvement_because=str(because.get("no_improvement_because", "")),
        suggestions=tuple(_suggestions(game_day, objectives, reader, at)),
        counted=clock.counted if clock else Counted.PLAIN,
        untested=tuple(limits.untested(game_day, objectives)),
        method=tuple(
            limits.method(clock, [one for _, one in people], ready.count if ready else 0)
        ),
        followed=course.followed(measured),
        review=review.pk if review else None,
        unrated=tuple(one.number for one in objectives if not one.rating),
        unrated_because=str(because.get("unrated_because", "")),
    )


def _participants(game_day: GameDay) -> Iterator[tuple[int, Participant]]:
    for part in game_day.roles.select_related("role", "person"):
        who = Participant(part.role.name, str(part.person), is_shadow=part.is_shadow)
        yield part.person_id, who
    order = list(GameDayStaff.Duty)
    helpers = game_day.staff.select_related("person")
    for helper in sorted(helpers, key=lambda one: order.index(GameDayStaff.Duty(one.duty))):
        duty = helper.get_duty_display().capitalize()
        yield helper.person_id, Participant(duty, str(helper.person), is_player=False)


def _overview(
    game_day: GameDay,
    clock: StoryCourse | None,
    people: Iterable[Participant],
    objectives: Iterable[Judged],
) -> Overview:
    story, incident = game_day.exercise_scenario, game_day.incident
    ended = incident.closed_at if incident else None
    began = incident.declared_at if incident else game_day.starts_at
    everybody = list(people)
    return Overview(
        title=game_day.title,
        reference=incident.reference if incident else "",
        kind=story.get_kind_display(),
        starts_at=began,
        ended_at=ended,
        minutes=int((ended - began).total_seconds() // 60) if ended else 0,
        pace=_pace(game_day, clock),
        scenario=story.title,
        summary=story.summary,
        capabilities=tuple(dict.fromkeys(one.capability for one in objectives)),
        told_after=story.organisation,
        scope=tuple(str(service) for service in game_day.services.all()),
        organiser=str(game_day.organiser),
        owner=str(game_day.report_owner or "nobody yet"),
        due_at=game_day.report_due_at,
        published_at=game_day.reported_at,
        players=tuple(one for one in everybody if one.is_player),
        staff=tuple(one for one in everybody if not one.is_player),
    )


def _pace(game_day: GameDay, clock: StoryCourse | None) -> str:
    if clock is not None and clock.is_by_hand:
        return "with injects released by hand"
    fastest = clock.fastest if clock else game_day.pace_factor
    if fastest == 1:
        return "in real time"
    most = "up to " if clock and clock.has_changed else ""
    return f"its story {most}{fastest} times as fast as real time"


def _minutes(incident: Incident | None, clock: StoryCourse | None, instant: str) -> int | None:
    """From declaration to this instant."""
    if incident is None or clock is None:
        return None
    return clock.minutes(incident.declared_at, getattr(incident, instant))


def _earlier(game_day: GameDay, earlier: GameDay | None) -> Earlier | None:
    if earlier is None:
        return None
    clock = story_course.of(earlier)
    return Earlier(
        title=earlier.title,
        on=earlier.starts_at,
        is_same_story=earlier.exercise_scenario_id == game_day.exercise_scenario_id,
        acknowledged=_minutes(earlier.incident, clock, "acknowledged_at"),
        contained=_minutes(earlier.incident, clock, "contained_at"),
        counted=clock.counted if clock else Counted.PLAIN,
    )


def _hot_wash(game_day: GameDay) -> dict[str, tuple[str, ...]]:
    notes = list(game_day.hot_wash.values_list("kind", "text"))
    return {
        kind: tuple(text for of, text in notes if of == kind)
        for kind in HotWashNote.Kind.values
    }


def _gained(game_day: GameDay, at: datetime) -> Gained:
    """What its players exercised, and what of it nobody ever had at a completed exercise before."""
    rows = list(game_day.exercised.all())
    before = Exercised.objects.filter(game_day__starts_at__lt=game_day.starts_at)
    known = set(before.values_list("kind", "key"))
    cells = [row for row in rows if row.kind == Exercised.Kind.CELL]
    names = _cell_names(game_day)
    first = [names.get(row.key, row.key) for row in cells if (row.kind, row.key) not in known]
    called = coverage.names(at)
    others = [
        f"{row.get_kind_display()}: {called.get((row.kind, row.key), row.key)}"
        for row in rows
        if row.kind != Exercised.Kind.CELL
    ]
    return Gained(len(cells), tuple(first), tuple(others))


def _cell_names(game_day: GameDay) -> Mapping[str, str]:
    if game_day.incident is None:
        return {}
    roles = dict(Role.objects.values_list("slug", "name"))
    return {
        practice_coverage.cell(line, role): f"{line.name} ({roles.get(role, role)})"
        for line in pinned.activities(game_day.incident)
        for role in line.letters
    }


def _improvements(review: Review | None) -> Iterator[Improvement]:
    if review is None:
        return
    rows = review.action_items.select_related("owner").annotate(
        begun_at=begun(ActionItem, "add_actionitem")
    )
    for row in rows.order_by("pk"):
        yield Improvement(
            key=row.pk,
            reference=row.reference,
            issue=row.detail,
            action=row.title,
            capability=row.capability,
            element=row.get_element_display(),
            owner=str(row.owner),
            starts_on=today(row.begun_at),
            due_on=row.due_on,
            original_due_on=row.original_due_on,
            status=row.get_status_display(),
            verification=row.outcome,
            stands=row.status in improving.STANDING,
        )


def _because(game_day: GameDay) -> Mapping[str, object]:
    """What was said when it was published for what it lacks; it stands in the audit trail alone."""
    if game_day.reported_at is None:
        return {}
    lines = AuditEvent.objects.filter(
        verb="publish_report",
        subject_type=GameDay._meta.label_lower,
        subject_id=str(game_day.pk),
    )
    return lines.values_list("detail", flat=True).first() or {}


def _suggestions(
    game_day: GameDay, objectives: Iterable[Judged], reader: Person, at: datetime
) -> Iterator[str]:
    for one in judged.weak(objectives).values():
        yield (
            f"Practise objective {one.number} again ({one.capability}): it was rated "
            f"{one.rating}. “{one.text}”"
        )
    for role, people in _lapsed(game_day, at):
        has = "has lapsed or lapses" if people == 1 else "have lapsed or lapse"
        yield f"Renew qualifications for {role}: {people} {has} within {_LAPSING.days} days."
    for ahead in coverage.following(at=at, reader=reader)[:_NEXT]:
        cells = "cell" if ahead.first == 1 else "cells"
        yield (
            f"Run “{ahead.story}”: it would exercise {ahead.first} {cells} of the matrix that "
            "nobody ever exercised."
        )


def _lapsed(game_day: GameDay, at: datetime) -> Iterable[tuple[str, int]]:
    """Of the roles that were played, how many qualifications lapsed, or will within a month."""
    played = game_day.roles.values("role")
    rows = Qualification.objects.filter(
        role__in=played, person__is_active=True, expires_on__lte=today(at + _LAPSING)
    )
    counted = rows.order_by().values("role__name").annotate(people=Count("pk"))
    return counted.order_by("role__name").values_list("role__name", "people")
