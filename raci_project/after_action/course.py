"""What happened when: the injects, what was expected of each, and what the players did about it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise, zip_longest

from incidents.models import Incident, Performance, Update
from incidents.operations import pinned
from incidents.rules.adherence import Adherence, Performed, Standing
from incidents.rules.routing import LATE
from raci_project.after_action.values import Act, Followed, Step, Timing
from training.models import Delivery, GameDay, Inject
from training.rules import practice_coverage
from training.rules.after_action import minutes as spoken
from training.rules.story_clock import shown
from training.rules.story_course import StoryCourse

_SHOWN = 8  # acts after one inject; the incident has them all
_LONGEST = 280


def timings(
    incident: Incident | None, clock: StoryCourse | None, measured: Adherence | None
) -> tuple[Timing, ...]:
    """Every activity with a target, in the order of the matrix, in minutes of the course."""
    if incident is None or clock is None or measured is None:
        return ()
    return tuple(
        Timing(line.activity.name, line.activity.within, _took(incident, line.performed, clock))
        for line in measured.owed
        if line.activity.within is not None
    )


def _took(incident: Incident, performed: Sequence[Performed], clock: StoryCourse) -> int | None:
    return clock.minutes(incident.declared_at, performed[0].at) if performed else None


def followed(measured: Adherence | None) -> Followed:
    """Where the matrix was not followed; being late is left to `timings`, which know the story's time."""
    if measured is None:
        return Followed()
    undone = [one for one in measured.owed if one.standing is Standing.NOT_DONE]
    otherwise = [
        f"“{line.activity.name}”: {' '.join(dict.fromkeys(said))}"
        for line in measured.owed
        if line.standing is not Standing.NOT_DONE
        and (said := [each.message for each in line.departures if each.code != LATE])
    ]
    return Followed(
        owed=len(measured.owed),
        otherwise=tuple(otherwise),
        undone=tuple(line.activity.name for line in undone),
    )


def steps(
    game_day: GameDay, incident: Incident, clock: StoryCourse, roles: Mapping[int, str]
) -> tuple[Step, ...]:
    """The injects in the order they reached the players; `roles` name people by what they did."""
    given = list(game_day.deliveries.delivered().select_related("inject"))
    staff = {game_day.organiser_id, *game_day.staff.values_list("person_id", flat=True)}
    players = set(game_day.roles.values_list("person_id", flat=True))
    acts = list(_acts(incident, roles, staff - players))
    done = _done(incident)
    ends = [later.released_at for _, later in pairwise(given)]
    return tuple(
        _step(row, until or incident.closed_at, acts, done, clock)
        for row, until in zip_longest(given, ends)  # the end of it all ends what came last
        if row.released_at is not None
    )


def _step(
    row: Delivery,
    until: datetime | None,
    acts: Iterable[tuple[datetime, str, str]],
    done: Mapping[str, Mapping[str, list[datetime]]],
    clock: StoryCourse,
) -> Step:
    inject, since = row.inject, row.released_at or row.game_day.starts_at
    return Step(
        number=inject.number,
        at=since,
        # Where the clock came to stand: of what came at once with a gate, the gate's time.
        story=shown(clock.seconds(since)),
        title=inject.title,
        method=inject.get_method_display(),
        sender=inject.sender,
        text=inject.text,
        expected=inject.expected_action,
        decided=row.note if row.passed_at else "",
        acts=tuple(
            Act(when, clock.minutes(since, when) or 1, by, text)
            for when, by, text in acts
            if since <= when
            and (until is None or when < until or when == until == clock.ended_at)
        )[:_SHOWN],
        answered=tuple(_answered(inject, since, done, clock)),
    )


def _acts(
    incident: Incident, roles: Mapping[int, str], staff: Collection[int]
) -> Iterator[tuple[datetime, str, str]]:
    """What players did and said, in order; not what the story, its staff or the product said."""
    found: list[tuple[datetime, str, str]] = []
    said = incident.updates.filter(status=Update.Status.PUBLISHED, published_at__isnull=False)
    for update in said:
        if update.published_at is not None:
            by = roles.get(update.published_by_id or 0, "Somebody else")
            text = f"{update.get_audience_display().capitalize()} update: {update.text}"
            found.append((update.published_at, by, text))
    told = {(when, by) for when, by, _ in found}
    entries = incident.timeline.filter(author__isnull=False).exclude(author__in=staff)
    for entry in entries.order_by("at", "pk"):
        by = roles.get(entry.author_id or 0, "Somebody else")
        if (entry.at, by) not in told:  # what is published leaves a line that says less
            found.append((entry.at, by, entry.text))
    for when, by, text in sorted(found, key=lambda one: one[0]):
        yield when, by, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _done(incident: Incident) -> Mapping[str, Mapping[str, list[datetime]]]:
    """By the key of an activity, or the act it governs: its lines, and when each was done."""
    lines = {each.place: each for each in pinned.activities(incident)}
    times: dict[tuple[str, str], list[datetime]] = {place: [] for place in lines}
    rows = Performance.objects.filter(incident=incident).order_by("done_at")
    for phase, called, done_at in rows.values_list(
        "activity__phase", "activity__name", "done_at"
    ):
        times.setdefault((phase, called), []).append(done_at)
    found: dict[str, dict[str, list[datetime]]] = {}
    for place, line in lines.items():
        for name in {practice_coverage.name_of(line), line.act} - {""}:
            found.setdefault(name, {}).setdefault(line.name, []).extend(times[place])
    return found


def _answered(
    inject: Inject,
    since: datetime,
    done: Mapping[str, Mapping[str, list[datetime]]],
    clock: StoryCourse,
) -> Iterator[str]:
    """Of each activity it was to set off whether it was done; one the matrix lacks says nothing."""
    for name in inject.activities:
        yield from _told(done.get(name, {}), since, clock)


def _told(
    lines: Mapping[str, list[datetime]], since: datetime, clock: StoryCourse
) -> Iterator[str]:
    """One sentence: of several lines for one act the one that was done speaks for them."""
    moments = sorted((at, called) for called, times in lines.items() for at in times)
    after = next(((at, called) for at, called in moments if at >= since), None)
    if after:
        count = clock.minutes(since, after[0]) or 1
        yield f"“{after[1]}” was done within {spoken(count)} of it."
    elif moments:
        yield f"“{moments[0][1]}” had been done before it."
    elif lines:
        yield f"“{next(iter(lines))}” was not done."
