"""The report in sentences: what a reader who was not there takes from the figures."""

from collections.abc import Iterator, Sequence

from raci_project.after_action.values import (
    Capability,
    Earlier,
    Followed,
    Report,
    Step,
    Timing,
)
from training.rules.after_action import LEGEND, minutes
from training.rules.story_course import Counted


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def opening(report: Report) -> str:
    """Who practised what, when and why, in one paragraph."""
    facts = report.overview
    scope = f" It concerned {listed(facts.scope)}." if facts.scope else ""
    after = (
        f" The story is told after an outage of {facts.told_after}." if facts.told_after else ""
    )
    took = f"; it took {long}" if (long := duration(report)) else ""
    players = counted(len(facts.players), "player")
    staff = f" {counted(len(facts.staff), 'person')} ran and judged it." if facts.staff else ""
    return (
        f"“{facts.title}” was a {facts.kind.lower()} on the story “{facts.scenario}”, held on "
        f"{facts.starts_at:%-d %B %Y} by {players}, {facts.pace}{took}.{staff}{scope}{after}"
    )


def duration(report: Report) -> str:
    """How long the exercise itself took; real time is named where the story's differs."""
    if report.overview.ended_at is None:
        return ""
    kind = Counted.PLAIN if report.counted is Counted.PLAIN else Counted.REAL
    return within(report.overview.minutes, kind)


def findings(report: Report) -> Iterator[str]:
    """What the figures say, a sentence each; what cannot be said for want of them is left out."""
    if report.objectives:
        yield met(report)
    if report.acknowledged is not None:
        yield f"Command was acknowledged {within(report.acknowledged, report.counted)} after the declaration."
    if report.contained is not None:
        yield f"The impact was contained {within(report.contained, report.counted)} after the declaration."
    if report.timings:
        yield (
            f"{report.in_time} of {counted(len(report.timings), 'target')} the matrix sets "
            f"{'was' if report.in_time == 1 else 'were'} met{_late(report.timings)}."
        )
    if report.followed.owed:
        yield _followed(report.followed)
    if report.gained.cells:
        yield _gained(report)
    if report.readiness:
        yield (
            f"Participants felt ready {report.readiness.before:.1f} of 5 before it and "
            f"{report.readiness.after:.1f} after."
        )
    if report.standing:
        follow = "improvement follows" if report.standing == 1 else "improvements follow"
        yield f"{report.standing} {follow}, each with one owner and one date."


def met(report: Report) -> str:
    """How many objectives were met, and how many nobody rated."""
    verb = "was" if report.met == 1 else "were"
    missing = f"; {len(report.unrated)} not rated" if report.unrated else ""
    return (
        f"{report.met} of {counted(len(report.objectives), 'objective')} {verb} met{missing}."
    )


def unrated(report: Report) -> str:
    """Which objectives nobody rated and why; "" while nobody said why."""
    if not report.unrated or not report.unrated_because:
        return ""
    numbers = listed([str(number) for number in report.unrated])
    which = (
        f"Objective {numbers} was" if len(report.unrated) == 1 else f"Objectives {numbers} were"
    )
    return f"{which} not rated: {report.unrated_because}"


def comparison(report: Report) -> Iterator[str]:
    """What changed since the exercise before."""
    earlier = report.earlier
    if earlier is None:
        yield "There is no earlier exercise of this story or of these capabilities to compare with."
        return
    what = "the same story" if earlier.is_same_story else "some of the same capabilities"
    yield f"“{earlier.title}” of {earlier.on:%-d %B %Y} exercised {what}."
    if earlier.counted is not report.counted:
        yield (
            f"Times are not compared: they were counted in minutes {earlier.counted}".rstrip()
            + f" then, and in {which_minutes(report)} now."
        )
    else:
        yield from _times(report, earlier)
    for moved in ("better", "worse"):
        numbers = [str(one.number) for one in report.objectives if one.moved == moved]
        if numbers:
            plural = "Objectives" if len(numbers) > 1 else "Objective"
            yield f"{plural} {listed(numbers)} went {moved} than then."


def capability(one: Capability) -> str:
    """How a capability did, in one sentence."""
    if not one.objectives:
        return "What was seen that belongs to no single objective."
    if not one.rating:
        return "Nobody has rated it yet."
    met = sum(each.is_met for each in one.objectives)
    if len(one.objectives) == 1:
        return f"Its objective was {'met' if met else 'not met'}: {LEGEND[one.rating].lower()}."
    return (
        f"{met} of {counted(len(one.objectives), 'objective')} met; its lowest rating is "
        f"{one.rating}."
    )


def timing(one: Timing) -> str:
    """How one target went."""
    if one.took is None:
        return f"not done; due within {minutes(one.within)}"
    if one.is_met:
        return f"{minutes(one.took)}, within {minutes(one.within)}"
    return f"{minutes(one.took)}, {minutes(one.took - one.within)} over"


def within(count: int, kind: Counted) -> str:
    """A span, and which minutes it is counted in: “4 minutes of story time”."""
    return f"{minutes(count)} {kind}".strip()


def came(step: Step) -> str:
    """By which way an inject came, and from whom."""
    return f"{step.method} from {step.sender}" if step.sender else step.method


def inject(step: Step) -> str:
    """What an inject is called, and how it came: “Inject 2, Switch over? (phone call)”."""
    title = f", {step.title}" if step.title else ""
    return f"Inject {step.number}{title} ({came(step)})"


def course(report: Report) -> str:
    """What stands above the course of the exercise."""
    return (
        "Each inject at its time in the story, what was expected of it, and what the players did "
        f"until the next, in {which_minutes(report)} after it."
    )


def which_minutes(report: Report) -> str:
    """What stands above a table or a list of figures: “minutes of story time”, or “minutes”."""
    return f"minutes {report.counted}".strip()


def counted(count: int, noun: str) -> str:
    """ "1 minute", "2 minutes", "3 people"."""
    plural = {"person": "people", "activity": "activities"}.get(noun, f"{noun}s")
    return f"{count} {noun if count == 1 else plural}"


def _late(timings: Sequence[Timing]) -> str:
    late = [f"“{one.activity}”" for one in timings if not one.is_met]
    if not late:
        return ""
    return f"; what was late or not done: {listed(late[:3])}" + (
        f" and {len(late) - 3} more" if len(late) > 3 else ""
    )


def _followed(one: Followed) -> str:
    """What of the matrix was followed, in one sentence."""
    was = "was" if one.as_said == 1 else "were"
    parts = [f"{one.as_said} {was} done as it says"]
    if one.otherwise:
        parts.append(f"{len(one.otherwise)} otherwise")
    if one.undone:
        parts.append(
            f"{len(one.undone)} {'is' if len(one.undone) == 1 else 'are'} not on record as done"
        )
    due = counted(one.owed, "activity")
    return f"Of {due} the matrix asks for in such a case, {listed(parts)} (section 7)."


def _gained(report: Report) -> str:
    cells, first = report.gained.cells, len(report.gained.first)
    share = "all" if first == cells else str(first) if first else "none"
    were = "was" if cells == 1 else "were"
    return (
        f"{counted(cells, 'cell')} of the matrix {were} exercised, {share} of them for the "
        "first time."
    )


def _times(report: Report, earlier: Earlier) -> Iterator[str]:
    """How the two spans moved, where both were counted alike."""
    for called, before, now in (
        ("Command was acknowledged", earlier.acknowledged, report.acknowledged),
        ("The impact was contained", earlier.contained, report.contained),
    ):
        if before is not None and now is not None:
            yield (
                f"{called} after {within(now, report.counted)}, against {minutes(before)} then: "
                f"{_moved(before, now)}."
            )


def _moved(before: int, now: int) -> str:
    if before == now:
        return "no change"
    return f"{minutes(abs(now - before))} {'sooner' if now < before else 'later'}"
