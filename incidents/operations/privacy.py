"""Privacy: an incident seen only by who takes part in it and by the groups that were named."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.private import seers
from incidents.models.records import AuditEvent
from incidents.operations import (
    composing,
    escalation,
    outbox,
    reaching,
    records,
    standing,
    status_page,
    timeline,
    words,
)
from incidents.rules.reasons import Invalid, Refused

WITHHELD = "private incident"
SURPRISE = "an exercise you play in"
# By kind of subject, the keys of rows whose audit lines would spoil an exercise for this person.
Secret = Callable[[Person], Mapping[str, Set[str]]]
_secrets: list[Secret] = []
# Where a row that an audit line is about finds its incident.
_WAYS = (
    ("incident", "incident"),
    ("review", "review__incident"),
    ("drawn_from", "drawn_from"),
    ("exercise_scenario", "exercise_scenario__drawn_from"),
)


@transaction.atomic
def set_privacy(
    incident: Incident,
    *,
    is_private: bool,
    groups: Sequence[Group] = (),
    reason: str,
    actor: Person,
    at: datetime,
) -> Incident:
    """Show it only to who takes part and to these groups, or to everybody again.

    Messages that wait for somebody who sees it no more are withdrawn; they are told nothing.
    Refuses `privacy_unchanged`, and `you_would_not_see_it` to whoever shuts himself out.
    """
    standing.lock(incident)
    standing.require("set_privacy", incident, actor)
    because = words.required(reason, "reason", "Write why: it is kept on the timeline.")
    check(groups, is_private=is_private)
    _refuse_same(incident, groups, is_private=is_private)
    _write(incident, groups, is_private=is_private)
    _keep_in(incident, actor)
    status_page.ask_about(incident, at=at)
    withdrawn = (
        outbox.shut_out(topic=incident.reference, keep=seers(incident)) if is_private else 0
    )
    said = f"{_whom(groups, is_private=is_private)}: {because}"
    timeline.record(incident, said, at=at, author=actor)
    told = reaching.others(escalation.participants(incident), actor)
    composing.compose(
        escalation.about(
            incident, told, key=f"privacy:{incident.pk}:{at.isoformat()}", kind="privacy",
            subject="who sees it changed", body=said,
        ),
        at=at,
    )  # fmt: skip
    records.audit(
        "set_privacy", incident, actor=actor, at=at, is_private=is_private,
        groups=[group.name for group in groups], reason=because, withdrawn=withdrawn,
    )  # fmt: skip
    return incident


def begin(incident: Incident, groups: Sequence[Group]) -> None:
    """Private from its declaration on, within the transaction of that act."""
    _write(incident, groups, is_private=True)


def check(groups: Sequence[Group], *, is_private: bool) -> None:
    """Invalid `groups_of_an_open_incident`: what everybody sees needs no group."""
    if groups and not is_private:
        message = (
            "Everybody sees an incident that is not private: name no group, or make it so."
        )
        raise Invalid.because("groups_of_an_open_incident", message, "groups")


def keeps_back(secret: Secret) -> None:
    """Ask this as well, whenever audit lines are read; once, however often it is said."""
    if secret not in _secrets:
        _secrets.append(secret)


def withhold(events: Iterable[AuditEvent], person: Person) -> list[AuditEvent]:
    """These lines, with subject and detail withheld where this person may not see the incident.

    So are those that would tell a player what awaits them. The line itself stays, so that nobody
    can miss that something was done. The rows are changed in memory only; one query a kind of
    subject, none where nothing is hidden from this person, and one a secret.
    """
    lines = list(events)
    hidden = set(Incident.objects.hidden_from(person).values_list("pk", flat=True))
    _cover(lines, WITHHELD, _hidden_subjects(lines, hidden) if hidden else {})
    for secret in _secrets:
        _cover(lines, SURPRISE, secret(person))
    return lines


def _cover(lines: Iterable[AuditEvent], instead: str, subjects: Mapping[str, Set[str]]) -> None:
    for line in lines:
        if line.subject_id in subjects.get(line.subject_type, ()):
            line.subject, line.detail = instead, {}


def _hidden_subjects(lines: Iterable[AuditEvent], hidden: set[int]) -> dict[str, set[str]]:
    """By kind of subject, the keys of those that belong to a hidden incident."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        by_kind[line.subject_type].add(line.subject_id)
    found = {Incident._meta.label_lower: {str(key) for key in hidden}}
    for kind, keys in by_kind.items():
        if kind in found:  # an incident has a review, too, but need not
            continue
        app, _, name = kind.partition(".")
        held = ContentType.objects.filter(app_label=app, model=name).first()
        model = held.model_class() if held else None
        if model is not None and (ways := tuple(_ways(model))):
            theirs = [models.Q(**{f"{path}__in": hidden}) for path in ways]
            rows = model._default_manager.filter(reduce(or_, theirs), pk__in=keys)
            found[kind] = {str(key) for key in rows.values_list("pk", flat=True)}
    return found


def _ways(model: type[models.Model]) -> Iterator[str]:
    """The paths from a row of this kind to an incident; none where it has nothing to do with any."""
    for field, path in _WAYS:
        try:
            model._meta.get_field(field)
        except FieldDoesNotExist:
            continue
        yield path


def _refuse_same(incident: Incident, groups: Sequence[Group], *, is_private: bool) -> None:
    before = set(incident.seen_by.values_list("pk", flat=True))
    if incident.is_private == is_private and before == {group.pk for group in groups}:
        message = "It is seen by exactly these already: change whom, or leave it."
        raise Refused.because("privacy_unchanged", message)


def _write(incident: Incident, groups: Sequence[Group], *, is_private: bool) -> None:
    incident.is_private = is_private
    incident.save(update_fields=["is_private"])
    incident.seen_by.set(groups)


def _keep_in(incident: Incident, actor: Person) -> None:
    if Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
        return
    message = (
        "You would not see it yourself: name a group of yours, or take a role in it first."
    )
    raise Refused.because("you_would_not_see_it", message, "groups")


def _whom(groups: Sequence[Group], *, is_private: bool) -> str:
    if not is_private:
        return "Seen by everybody again"
    names = ", ".join(group.name for group in groups)
    return f"Private, seen by who takes part{' and by ' + names if names else ''}"
