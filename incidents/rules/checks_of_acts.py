"""R04, R10, R22, R24, R34: what an activity is about, told by its act or else by its name."""

import re
from collections.abc import Iterator

from incidents.rules.activity_verbs import VERBS
from incidents.rules.acts import ACTS, MANDATORY, recognise, spoken_of
from incidents.rules.findings import Matter, Spot
from incidents.rules.matrix_names import fold
from incidents.rules.raci import Activity
from incidents.rules.roles import RoleKind

_SECOND_PAIR_OF_EYES = re.compile(
    r"\b(approv\w*|sign(s|ed|ing)?[ -]?off|publish\w*|publication|clos(e|es|ed|ing|ure)|notif\w*)\b",
    re.IGNORECASE,
)
_TIMED_PHASES = frozenset(
    {"detection", "detect", "declare", "contain", "containment", "communicate", "communication"}
)
_TIMED_NAMES = re.compile(
    r"\b(declar(e|es|ing|ation)|contain(s|ing|ment)?|first (internal |public )?update)\b",
    re.IGNORECASE,
)
_PROCEED_AFTER = re.compile(r"\bproceeds? after \d+ ?(m|min|minutes?)\b", re.IGNORECASE)
_TECHNICAL_ACTS = frozenset({"contain", "mitigate", "resolve"})
_OWN_WORK = "{} approves its own work: give the R to another role."


def own_approval_governed(matter: Matter) -> Iterator[Spot]:
    """R04, warning: an act that needs a second person, done and decided by one role (RAM; SoD)."""
    for activity, role in _alone(matter):
        if needs_approval(activity):
            yield Spot(_OWN_WORK.format(matter.name(role)), activity, role)


def own_work_approved(matter: Matter) -> Iterator[Spot]:
    """R04, information: its name sounds like an approval, its only R is its A (ServiceNow, SoD)."""
    for activity, role in _alone(matter):
        if not needs_approval(activity) and _SECOND_PAIR_OF_EYES.search(activity.name):
            yield Spot(_OWN_WORK.format(matter.name(role)), activity, role)


def _alone(matter: Matter) -> Iterator[tuple[Activity, str]]:
    """The activities one role both does and answers for, with that role."""
    for activity in matter.grid.activities:
        if len(activity.responsible) == 1 and activity.responsible == activity.accountable:
            yield activity, activity.responsible[0]


def needs_approval(activity: Activity) -> bool:
    """Whether it governs an act at which a second person looks."""
    return activity.act in ACTS and ACTS[activity.act].approval


def consulted_against_the_clock(matter: Matter) -> Iterator[Spot]:
    """R10, warning: a C before an act with a time target (PagerDuty: first post in 5 minutes)."""
    for activity in matter.grid.activities:
        if not _runs_against_the_clock(activity) or _proceeds(activity):
            continue
        for role in activity.consulted:
            yield Spot(
                f"{matter.name(role)} is asked first though time is short: make it an I, or say "
                "after how many minutes the act proceeds without an answer.",
                activity,
                role,
            )


def _runs_against_the_clock(activity: Activity) -> bool:
    if activity.act in ACTS:
        return ACTS[activity.act].timed
    return fold(activity.phase) in _TIMED_PHASES or bool(_TIMED_NAMES.search(activity.name))


def _proceeds(activity: Activity) -> bool:
    return activity.proceed_after is not None or bool(_PROCEED_AFTER.search(activity.name))


def accountable_from_afar(matter: Matter) -> Iterator[Spot]:
    """R22, warning: no executive A on technical work: decide near the action (R. Smith, RACI)."""
    for activity in matter.grid.activities:
        for role in activity.accountable:
            is_afar = matter.kind(role) is RoleKind.EXECUTIVE
            if is_afar and _is_technical(matter, activity):
                yield Spot(
                    f"{matter.name(role)} is accountable for technical work: give the A to a "
                    "role nearer to it, and an I here.",
                    activity,
                    role,
                )


def _is_technical(matter: Matter, activity: Activity) -> bool:
    if (activity.act or recognise(activity.name)) in _TECHNICAL_ACTS:
        return True
    kinds = {matter.kind(role) for role in activity.responsible}
    return kinds == {RoleKind.TECHNICAL}


def governs_too_little(matter: Matter) -> Iterator[Spot]:
    """R24, error: a matrix that governs acts governs all that must be (DORA Art. 17(3)(c))."""
    bound = _bound(matter)
    for code in MANDATORY if bound else ():
        if code not in bound:
            yield Spot(
                f"No activity governs “{ACTS[code].label}”: add one, or choose this act for the "
                "activity that does it."
            )


def speaks_of_too_little(matter: Matter) -> Iterator[Spot]:
    """R24, warning: what every plan must say, missing by name (DORA Art. 17(3)(c); PagerDuty)."""
    if _bound(matter) or not matter.grid.activities:
        return
    spoken = {act for activity in matter.grid.activities for act in spoken_of(activity.name)}
    for code in MANDATORY:
        if code not in spoken:
            yield Spot(f"No activity sounds like “{ACTS[code].label}”: add one.")


def governs_nothing(matter: Matter) -> Iterator[Spot]:
    """R24, information: without acts a matrix is only read (DORA Art. 17(3)(c))."""
    if matter.grid.activities and not _bound(matter):
        yield Spot(
            "It binds no act: it informs, but neither permits nor routes. Choose for each "
            "activity the act that it governs."
        )


def _bound(matter: Matter) -> frozenset[str]:
    return frozenset(each.act for each in matter.grid.activities if each.act)


def names_used_twice(matter: Matter) -> Iterator[Spot]:
    """R34, information: activity names are not repeated (geratools)."""
    first: dict[str, Activity] = {}
    for activity in matter.grid.activities:
        earlier = first.setdefault(fold(activity.name), activity)
        if earlier is not activity:
            yield Spot(
                f"The name stands already in phase {earlier.phase}: "
                "merge the two, or say in the names how they differ.",
                activity,
            )


def begins_without_a_verb(matter: Matter) -> Iterator[Spot]:
    """R34, information: activity names begin with a verb (geratools)."""
    for activity in matter.grid.activities:
        first = fold(activity.name).split(" ", 1)[0]
        if first not in VERBS:
            yield Spot(
                f"“{activity.name.split()[0]}” is not known as a verb: begin with what is done, "
                "as in “Declare the incident”.",
                activity,
            )
