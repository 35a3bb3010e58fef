"""Which services an incident affects, as people come to know it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.timeline import TimelineEntry
from incidents.operations import (
    composing,
    escalation,
    legal,
    moves,
    notices,
    records,
    severity,
    timeline,
)
from incidents.operations.composing import Message
from incidents.operations.escalation import Told
from incidents.operations.services import named
from incidents.rules.reasons import Refused
from incidents.rules.roles import DOMAIN_OWNER


@transaction.atomic
def set_services(
    incident: Incident, *, services: Sequence[Service], actor: Person, at: datetime
) -> Incident:
    """These services are affected, and no others; severity is judged anew.

    The owners of those that are new hear of it; what contracts promise to whoever uses them runs,
    and so does what the law asks for by the data they hold. Invalid: one that is not in the
    catalogue, or retired and not affected so far. Refuses `services_unchanged`.
    """
    moves.begin("set_services", incident, actor)
    before = {each.pk: each for each in incident.services.select_related("owner")}
    wanted = {each.pk: each for each in named(services, already=before)}
    added = [each for key, each in wanted.items() if key not in before]
    removed = [each for key, each in before.items() if key not in wanted]
    if not added and not removed:
        message = "Exactly these services are affected already: name what is to change."
        raise Refused.because("services_unchanged", message, "services")
    incident.services.set(wanted.values())
    entry = timeline.record(incident, _said(added, removed), at=at, author=actor)
    composing.compose(_told(incident, added, entry), at=at)
    if added:
        notices.start_clocks(incident, actor=actor, at=at)
    proposed = severity.judge_anew(incident, at=at)
    followed = legal.follow(
        incident, was=legal.Was(services=list(before.values())), actor=actor, at=at
    )
    records.audit(
        "set_services", incident, actor=actor, at=at,
        added=[each.slug for each in added], removed=[each.slug for each in removed],
        proposed=proposed and proposed.code, **followed.detail(),
    )  # fmt: skip
    return incident


def _said(added: Iterable[Service], removed: Iterable[Service]) -> str:
    new, gone = (", ".join(each.name for each in some) for some in (added, removed))
    both = (f"{new} affected as well" if new else "", f"{gone} not affected" if gone else "")
    return f"Services: {'; '.join(filter(None, both))}"


def _told(
    incident: Incident, added: Iterable[Service], entry: TimelineEntry
) -> Iterator[Message]:
    """The owners of what is affected now; an exercise bothers nobody but its players."""
    if incident.kind == Incident.Kind.EXERCISE:
        return
    owned: dict[Person, list[str]] = {}
    for service in added:
        owned.setdefault(service.owner, []).append(service.name)
    for owner, names in owned.items():
        told: list[Told] = [(owner, DOMAIN_OWNER)]
        yield from escalation.about(
            incident, told, key=f"affected:{entry.pk}", kind="service-affected",
            subject=f"your {', '.join(names)} is affected",
            body=f"It affects what you own: {', '.join(names)}. Join it, or say whom to ask.",
            priority=escalation.PAGE,
        )  # fmt: skip
