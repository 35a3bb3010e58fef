"""Two reports of one trouble become one incident; two troubles in one become two."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents.models.alert import Alert
from incidents.models.broadcast import NoticeClock
from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.legal import LegalClock
from incidents.models.links import IncidentLink
from incidents.models.people import Person
from incidents.operations import (
    cadence,
    composing,
    declaration,
    escalation,
    legal,
    legal_case,
    legal_merging,
    lifecycle,
    linking,
    moves,
    notices,
    reaching,
    records,
    severity,
    standing,
    timeline,
    words,
)
from incidents.operations.escalation import Told
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import DOMAIN_OWNER

Kind = IncidentLink.Kind


@transaction.atomic
def merge(
    incident: Incident, *, into: Incident, reason: str, actor: Person, at: datetime
) -> Incident:
    """It was the same trouble: it ends without a review, and the other goes on with what it knew.

    The other gets its services, its alerts and the facts it did not know; a severity that follows
    from them is proposed there; what is owed by law and by contract keeps its earlier hour, and
    who was told of it hears again when it was promised. Its timeline stays where it is. Invalid:
    itself, or one this person may not see. Refuses what is over (`other_is_over`), was itself
    merged (`other_was_merged`), an exercise with a real one, and a private one into one that is not.
    """
    linking.lock_both(incident, into)
    moves.begin("merge", incident, actor)
    linking.refuse_itself(incident, into, "into")
    linking.require_seen(into, actor, "into")
    _refuse_target(incident, into)
    reason = words.required(reason, "reason", "Write how you know that both are the same.")
    told, clocks, owed = _concerned(incident), _running(incident), _notices(incident)
    withdrawn = lifecycle.call_off(
        incident, f"{standing.MERGED} {into.reference}", actor=actor, at=at
    )
    linking.keep(incident, Kind.DUPLICATE, into, reason, actor=actor, at=at)
    _no_chain(incident, into)
    added = _take_over(incident, into, clocks, reason, actor=actor, at=at)
    notices.take_over(into, owed, actor=actor, at=at)
    cadence.start_clocks(into, actor=actor, at=at)
    said = f"Merged into {into.reference}: {reason}"
    _tell(incident, f"merged into {into.reference}", said, told, actor=actor, at=at)
    records.audit(
        "take_in", into, actor=actor, at=at,
        duplicate=incident.reference, services=[each.slug for each in added],
    )  # fmt: skip
    records.audit(
        "merge", incident, actor=actor, at=at,
        into=into.reference, reason=reason, pages_withdrawn=withdrawn,
    )  # fmt: skip
    return incident


@transaction.atomic
def split(
    incident: Incident,
    *,
    title: str,
    services: Sequence[Service],
    reason: str,
    actor: Person,
    at: datetime,
) -> Incident:
    """Some of its services have a trouble of their own: declare it, and return what was declared.

    It begins with the facts known so far, detected when this one was, as private as this one; both
    are judged anew. Invalid: no service, one that is not affected here, or all of them.
    """
    moves.begin("split", incident, actor)
    reason = words.required(reason, "reason", "Write why they are two troubles.")
    going = _going(incident, services)
    made = declaration.declare(
        title=title,
        services=going,
        facts=legal_case.sayable(incident.facts, at=at),
        detected_at=incident.detected_at,
        detected_by=f"split from {incident.reference}",
        impact_started_at=incident.impact_started_at,
        kind=incident.kind,
        scenario=incident.scenario,
        occasion=f"split from {incident.reference}",
        is_private=incident.is_private,
        seen_by=list(incident.seen_by.all()) if incident.is_private else (),
        actor=actor,
        at=at,
    )
    before = list(incident.services.all())
    incident.services.remove(*going)
    linking.keep(made, Kind.SPLIT, incident, reason, actor=actor, at=at)
    names = ", ".join(each.name for each in going)
    timeline.record(made, f"Split from {incident.reference}: {reason}", at=at, author=actor)
    told = escalation.participants(incident)
    said = f"Split off as {made.reference}: {names}. {reason}"
    _tell(incident, f"{made.reference} was split off", said, told, actor=actor, at=at)
    proposed = severity.judge_anew(incident, at=at)
    followed = legal.follow(incident, was=legal.Was(services=before), actor=actor, at=at)
    records.audit(
        "split", incident, actor=actor, at=at,
        made=made.reference, services=[each.slug for each in going], reason=reason,
        proposed=proposed and proposed.code, **followed.detail(),
    )  # fmt: skip
    return made


def _refuse_target(incident: Incident, into: Incident) -> None:
    linking.refuse_mixing(incident, into, "into")
    if final := linking.duplicate_of(into):
        message = f"{into.reference} was merged into {final.reference}: merge into that one."
        raise Refused.because("other_was_merged", message, "into")
    if not into.is_open:
        message = f"{into.reference} is {into.state}: reopen it first, or relate the two."
        raise Refused.because("other_is_over", message, "into")
    if not linking.may_name(into, incident):
        message = (
            f"{into.reference} is seen by everybody and would tell of this one: make it private, or "
            "show this one to everybody."
        )
        raise Refused.because("private_into_open", message, "into")


def _concerned(incident: Incident) -> list[Told]:
    """Who runs it, and who owns what it affects; an exercise bothers nobody but its players."""
    told = escalation.participants(incident)
    if incident.kind == Incident.Kind.EXERCISE:
        return told
    owned = incident.services.select_related("owner")
    return [*told, *((each.owner, DOMAIN_OWNER) for each in owned)]


def _running(incident: Incident) -> list[LegalClock]:
    """What its law asks for, as it stands before its clocks stop."""
    return list(incident.legal_clocks.order_by("id"))


def _notices(incident: Incident) -> list[NoticeClock]:
    """What contracts promise because of it, given or still owed, as it stands before it ends."""
    return list(
        incident.notice_clocks.exclude(due_at=None).select_related("given_by", "update")
    )


def _no_chain(incident: Incident, into: Incident) -> None:
    """What was merged into the duplicate is a duplicate of what it is merged into."""
    incident.linked_from.filter(kind=Kind.DUPLICATE).update(other=into)


def _take_over(
    incident: Incident,
    into: Incident,
    clocks: Sequence[LegalClock],
    reason: str,
    *,
    actor: Person,
    at: datetime,
) -> list[Service]:
    """The other goes on with the services, alerts, facts and legal clocks; the new services."""
    here = set(into.services.values_list("pk", flat=True))
    added = [each for each in incident.services.all() if each.pk not in here]
    into.services.add(*added)
    Alert.objects.filter(incident=incident).update(incident=into)
    names = ", ".join(each.name for each in added)
    besides = f"\nAffected as well: {names}." if names else ""
    said = f"{incident.reference} “{incident.title}” was merged into this: {reason}{besides}"
    what = f"{incident.reference} was merged into it"
    _tell(into, what, said, escalation.participants(into), actor=actor, at=at)
    legal_merging.take_over(into, incident, clocks, actor=actor, at=at)
    return added


def _tell(
    incident: Incident,
    what: str,
    said: str,
    told: Sequence[Told],
    *,
    actor: Person,
    at: datetime,
) -> None:
    """On its timeline, and to these people except whoever did it."""
    entry = timeline.record(incident, said, at=at, author=actor)
    composing.compose(
        escalation.about(
            incident, reaching.others(told, actor), key=f"linked:{entry.pk}", kind="linked",
            subject=what, body=said,
        ),
        at=at,
    )  # fmt: skip


def _going(incident: Incident, services: Sequence[Service]) -> list[Service]:
    """The services that go, as they are affected here; at least one goes and one stays."""
    here = {each.pk: each for each in incident.services.all()}
    going = [here[each.pk] for each in dict.fromkeys(services) if each.pk in here]
    strangers = [each for each in services if each.pk not in here]
    if strangers:
        message = "{} is not affected here: choose from the affected services."
        raise Invalid(
            *(Reason("not_affected", message.format(e.name), "services") for e in strangers)
        )
    if not going:
        message = "Choose the services that have a trouble of their own."
        raise Invalid.because("services_missing", message, "services")
    if len(going) == len(here):
        message = "At least one service stays: choose fewer, or go on with this incident."
        raise Invalid.because("none_would_stay", message, "services")
    return going
