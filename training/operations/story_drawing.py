"""A story drawn from an incident of our own: its timeline as injects, its people as roles."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from incidents.models import Customer, Incident, Person, TimelineEntry
from incidents.operations import records, standing
from incidents.rules.candidates import name_of
from incidents.rules.phases import State
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from training.models import ExerciseScenario
from training.operations import story_writing
from training.operations.story_documents import judge
from training.rules.stories import MOST_MINUTES, Inject, Objective, Story

ADD = "training.add_exercisescenario"
MOST_DRAWN = 30  # injects: what is left out is in the incident's own timeline
_MINUTE = timedelta(minutes=1)
_OURS = (TimelineEntry.Source.ACT,)  # what our own people did is what players are to do
_METHODS = {
    TimelineEntry.Source.MONITORING: "alert",
    TimelineEntry.Source.DEPLOYMENT: "screen",
    TimelineEntry.Source.CHAT: "chat",
}
_OBJECTIVES = (
    Objective(
        number=1, capability="Command", role=COMMANDER, target="within 10 minutes of the first inject",
        text="Declare it and put one person in command",
        activities=("declare", "assign_commander", "set_severity"),
    ),
    Objective(
        number=2, capability="Communication", role=COMMUNICATIONS, target="at the cadence of its level",
        text="Tell colleagues and the public what is known, and when the next word comes",
        activities=("first_internal_update", "publish_externally"),
    ),
    Objective(
        number=3, capability="Recovery", target="faster than the last time",
        text="Contain the impact and restore normal service",
        activities=("contain", "mitigate", "resolve"),
    ),
)  # fmt: skip


def drawable(person: Person) -> QuerySet[Incident]:
    """Real incidents that are over and this person may see, the newest first; private ones never."""
    over = Incident.objects.real().filter(state=State.CLOSED, is_private=False)
    return over.visible_to(person).order_by("-declared_at")


@transaction.atomic
def draw_from(
    incident: Incident, *, title: str = "", actor: Person, at: datetime
) -> ExerciseScenario:
    """A story of what happened there: injects by the minute, names of people and customers left out.

    What our people did becomes what is expected after the inject before it. It is a beginning, to
    be edited. Refuses `not_drawable` for what is not over, private, or not to be seen.
    """
    standing.permit_to(actor, ADD)
    if not drawable(actor).filter(pk=incident.pk).exists():
        message = "Only a closed incident that everybody may see becomes a story."
        raise Refused.because("not_drawable", message, "incident")
    called = title.strip() or f"Again: {incident.title}"
    hide = _Hidden(incident)
    story = Story(
        slug=_free_slug(called),
        title=hide(called)[:120],
        summary=f"Something like {incident.reference} happens again.",
        background=f"Drawn from {incident.reference}. {_how_it_went(incident)}",
        scenario=incident.scenario.slug if incident.scenario else "",
        facts=_facts(incident, at),
        objectives=_OBJECTIVES,
        modules=("Share what is known", "Respond", "Recover"),
        duration_minutes=120,
        injects=_injects(incident, hide),
    )
    row = story_writing.create(story, actor=actor, at=at, drawn_from=incident)
    records.audit("draw_exercisescenario", row, actor=actor, at=at, incident=incident.reference)
    return row


class _Hidden:
    """Puts roles in the place of people, and a word in that of customers."""

    def __init__(self, incident: Incident) -> None:
        roles: dict[int, str] = {}
        for person, role in incident.assignments.values_list("person_id", "role_id"):
            roles.setdefault(person, name_of(role))
        people = Person.objects.values_list("pk", "name", "username")
        words: dict[str, str] = {}
        for pk, name, username in people:
            for each in (name, username):
                if len(each) > 2:
                    words[each] = roles.get(pk, "somebody")
        for customer in Customer.objects.values_list("name", flat=True):
            words[customer] = "a customer"
        self.words = {each.casefold(): instead for each, instead in words.items()}
        longest = sorted(self.words, key=len, reverse=True)
        self.pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest))})(?!\w)", re.I)

    def __call__(self, text: str) -> str:
        if not self.words:
            return text
        return self.pattern.sub(lambda match: self.words[match[0].casefold()], text)


def _free_slug(title: str) -> str:
    base = slugify(title)[:70] or "story"
    taken = set(
        ExerciseScenario.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    )
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbers) if slug not in taken)


def _facts(incident: Incident, at: datetime) -> Mapping[str, object]:
    """What was known in the end, as far as the law in force knows such facts."""
    judged = judge(at)
    known = {name: value for name, value in incident.facts.items() if not judged({name: value})}
    return known if not judged(known) else {}


def _how_it_went(incident: Incident) -> str:
    instants = (
        ("contained", incident.contained_at),
        ("resolved", incident.resolved_at),
    )
    said = [f"{what} after {_minute(incident, at)} minutes" for what, at in instants if at]
    return f"Then it was {', '.join(said)}." if said else ""


def _injects(incident: Incident, hide: _Hidden) -> tuple[Inject, ...]:
    entries = list(incident.timeline.order_by("at", "id"))
    told = [each for each in entries if each.source not in _OURS][:MOST_DRAWN]
    if not told:
        return _supporting([_inject(1, 0, hide(incident.title), "alert", "Declare it.")])
    return _supporting(
        _inject(
            number,
            _minute(incident, entry.at),
            hide(entry.text),
            _METHODS.get(TimelineEntry.Source(entry.source), "chat"),
            _expected(entries, entry, told[number] if number < len(told) else None, hide),
        )
        for number, entry in enumerate(told, start=1)
    )


def _supporting(injects: Iterable[Inject]) -> tuple[Inject, ...]:
    """The last one also shows what no other does: an objective without an inject shows nothing."""
    *rest, last = injects
    shown = {number for each in (*rest, last) for number in each.objectives}
    missing = [each.number for each in _OBJECTIVES if each.number not in shown]
    return (*rest, replace(last, objectives=tuple(sorted((*last.objectives, *missing)))))


def _inject(number: int, minute: int, text: str, method: str, expected: str) -> Inject:
    module = 1 if minute < 15 else 2 if minute < 60 else 3
    return Inject(
        number=number, minute=minute, text=text[:5000], method=method, module=module,
        expected_action=expected, objectives=(module,),
    )  # fmt: skip


def _expected(
    entries: Sequence[TimelineEntry],
    entry: TimelineEntry,
    following: TimelineEntry | None,
    hide: _Hidden,
) -> str:
    done = [each.text for each in _after(entries, entry, following) if each.source in _OURS]
    if not done:
        return "Take note of it, and decide whether it changes anything."
    return hide(f"Then it was: {'; '.join(done[:3])}")[:5000]


def _after(
    entries: Iterable[TimelineEntry], entry: TimelineEntry, following: TimelineEntry | None
) -> Iterable[TimelineEntry]:
    return (
        each
        for each in entries
        if each.at >= entry.at and (following is None or each.at < following.at)
    )


def _minute(incident: Incident, at: datetime) -> int:
    began = incident.detected_at or incident.declared_at
    return min(MOST_MINUTES, max(0, (at - began) // _MINUTE))
