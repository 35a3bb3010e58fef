"""A story drawn from an incident of our own: two clicks, then it is an ordinary story to be edited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from incidents.models import Alert, Customer, FactSaid, Incident, Person, TimelineEntry
from incidents.operations import legal_notes, records, standing, words
from incidents.rules.facts import SEVERITY_FACTS
from incidents.rules.phases import State
from incidents.rules.reasons import Refused
from training.models import ExerciseScenario, Inject
from training.operations import story_writing
from training.operations.shipped_stories import ADD
from training.operations.story_documents import facts_in_words, judge
from training.rules import stories as told
from training.rules.stories import LONGEST, MOST_MINUTES, Story
from training.rules.story_drawing import MODULES, Drawn, Entry, draw, nameless, parts_of

_Source, _Method = TimelineEntry.Source, Inject.Method
_METHODS = {
    _Source.MONITORING: _Method.SCREEN,
    _Source.CHAT: _Method.CHAT,
    _Source.DEPLOYMENT: _Method.SCREEN,
    _Source.HUMAN: _Method.CALL,
}
_SENDERS = {
    _Source.MONITORING: "Monitoring",
    _Source.DEPLOYMENT: "Deployments",
    _Source.CHAT: "Chat",
    _Source.HUMAN: "A colleague",
}
_SOMEBODY, _A_CUSTOMER = "a colleague", "a customer"
_AT_ONCE = timedelta(minutes=1)
_LONG_BEFORE = timedelta(hours=12)  # an older alert belongs to another story


def drawable(person: Person) -> QuerySet[Incident]:
    """Closed real incidents that this person may see, the newest first; private ones never.

    A story is read by every planner: what was kept among few is no matter for a library.
    """
    over = Incident.objects.real().filter(state=State.CLOSED, is_private=False)
    return over.visible_to(person).order_by("-declared_at", "-pk")


@transaction.atomic
def draw_from(
    incident: Incident, *, title: str = "", actor: Person, at: datetime
) -> ExerciseScenario:
    """A new story of what happened there: alerts and notes as injects, acts as expected actions.

    People become their roles and customers “a customer”, wherever they are named. It is a beginning,
    to be edited. Refuses `not_drawable` for what is not closed, an exercise, or private.
    """
    standing.permit_to(actor, ADD)
    if not drawable(actor).filter(pk=incident.pk).exists():
        message = "Only a closed incident that everybody may see becomes a story."
        raise Refused.because("not_drawable", message, "incident")
    names = _names(incident)
    first, later = _facts(incident, at)
    entries = [*_entries(incident, names), *_known(later)]
    drawn = draw(
        _begun(incident, entries, names), later, contained_after=_contained_after(incident)
    )
    title = words.optional(title, "title", longest=120) or nameless(incident.title, names)[:120]
    story = Story(
        slug=free_slug(title),
        title=title,
        duration_minutes=min(max(drawn.minutes, 5), MOST_MINUTES),
        summary="Drawn from an incident of our own. Write here what players may read beforehand.",
        background=f"Drawn from {incident.reference}. What was done then stands as expected action: "
        "judge by the objectives, not by it.",
        scenario=incident.scenario.slug if incident.scenario else "",
        facts=first,
        questions=(
            "What did we do otherwise than then, and was it better?",
            "Which action item of then would have helped today, and is it done?",
        ),
        objectives=drawn.objectives,
        modules=MODULES,
        injects=_fitting(drawn, at),
    )
    row = story_writing.create(story, actor=actor, at=at, drawn_from=incident)
    records.audit("draw_exercisescenario", row, actor=actor, at=at, incident=incident.reference)
    return row


def _entries(incident: Incident, names: Mapping[str, str]) -> list[Entry]:
    found = list(_alerts(incident, names))
    for entry in incident.timeline.order_by("at", "pk"):
        source = _Source(entry.source)
        is_act = source is _Source.ACT
        # What the product did by itself, and that a sealed note was written, is expected of nobody.
        if is_act and (entry.author_id is None or entry.text == legal_notes.ON_TIMELINE):
            continue
        text = nameless(entry.text, names)[:LONGEST].strip()
        if text:
            sender = "" if is_act else _SENDERS[source]
            method = _METHODS.get(source, _Method.CHAT)
            found.append(Entry(entry.at, text, method.value, sender, is_act))
    return found


def _known(later: Sequence[tuple[datetime, Mapping[str, Any]]]) -> Iterator[Entry]:
    """What became known at one instant, as somebody comes to say it."""
    for at, said in groupby(later, key=lambda one: one[0]):
        facts = {name: value for _, each in said for name, value in each.items()}
        text = "It becomes known: " + "; ".join(facts_in_words(facts))
        yield Entry(at, text[:LONGEST], _Method.CHAT.value, "A responder")


def _begun(
    incident: Incident, entries: Sequence[Entry], names: Mapping[str, str]
) -> list[Entry]:
    """With how it began, where nothing came that early: what was wrong, seen from outside."""
    began = incident.detected_at or incident.declared_at
    if any(each.at <= began + _AT_ONCE for each in entries if not each.is_act):
        return list(entries)
    first = Entry(began, nameless(incident.title, names), _Method.ALERT.value, "Monitoring")
    return [first, *entries]


def _alerts(incident: Incident, names: Mapping[str, str]) -> Iterator[Entry]:
    earliest = (incident.detected_at or incident.declared_at) - _LONG_BEFORE
    alerts: QuerySet[Alert] = incident.alerts.filter(detected_at__gte=earliest)
    for alert in alerts.order_by("detected_at", "pk"):
        yield Entry(alert.detected_at, nameless(alert.title, names), "alert", "Monitoring")


def _facts(
    incident: Incident, at: datetime
) -> tuple[dict[str, Any], list[tuple[datetime, dict[str, Any]]]]:
    """What was known when it was declared, and what was said later; what the law knows today."""
    judged = judge(at)
    first: dict[str, Any] = {}
    later: list[tuple[datetime, dict[str, Any]]] = []
    rows = FactSaid.objects.filter(incident=incident, kind=FactSaid.Kind.FACT, is_unknown=False)
    for name, value, said_at in rows.order_by("said_at", "pk").values_list(
        "name", "value", "said_at"
    ):
        fact = {name: value}
        if judged(fact):
            continue
        if said_at > incident.declared_at:
            later.append((said_at, fact))
        elif name in SEVERITY_FACTS:
            first |= fact
    return (first if not judged(first) else {}), later


def _fitting(drawn: Drawn, at: datetime) -> tuple[told.Inject, ...]:
    """The injects, without facts that cannot be said together."""
    judged = judge(at)
    return tuple(
        replace(each, facts={}) if judged(each.facts) else each for each in drawn.injects
    )


def _names(incident: Incident) -> dict[str, str]:
    """Every name there is by what stands for it: the role held there, else “a colleague”."""
    held = dict(
        incident.assignments.order_by("-assigned_at").values_list("person_id", "role__name")
    )
    found: dict[str, str] = {}
    for key, username, name in Person.objects.values_list("pk", "username", "name"):
        role = held.get(key)
        called = f"the {role[:1].lower()}{role[1:]}" if role else _SOMEBODY
        for one in (username, name, *parts_of(name)):
            found.setdefault(one, called)
        if role:  # who took part is meant, however it is written
            found |= {part.lower(): called for part in parts_of(name)}
    for name, contact in Customer.objects.values_list("name", "contact_name"):
        found |= dict.fromkeys((name, name.lower(), contact), _A_CUSTOMER)
        for part in parts_of(contact):
            found.setdefault(part, _A_CUSTOMER)
    found.pop("", None)
    return found


def _contained_after(incident: Incident) -> int | None:
    if incident.contained_at is None:
        return None
    began = incident.detected_at or incident.declared_at
    return max(int((incident.contained_at - began).total_seconds() // 60), 1)


def free_slug(title: str) -> str:
    """What a story of this title is called in addresses, by a number where another has the name."""
    base = slugify(title.replace("_", "-"))[:70].strip("-") or "story"
    taken = set(
        ExerciseScenario.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    )
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbers) if slug not in taken)
