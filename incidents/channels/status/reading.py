"""Reading what stands on the status page: public updates of real incidents that are not private."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.channels.status.told import Board, Post, Told
from incidents.models import Audience, Incident, IncidentLink, Service, Update
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.updates import as_published

_COLUMNS = (
    "published_at", "stage", "impact", "text", "language", "services", "promised_next_at",
    "corrects", "incident__reference", "incident__state",
)  # fmt: skip
_ENDED: dict[str, str] = {State.CLOSED: "Over", State.CANCELLED: "Called off"}


def read(at: datetime) -> Board:
    """The page as of this instant; two queries, however many incidents."""
    names, listed = _names()
    grouped: dict[int, list[Update]] = defaultdict(list)
    going_on = set()
    rows = _published().select_related("incident").only(*_COLUMNS)
    for update in rows.annotate(goes_on=Exists(_taken_in())):
        grouped[update.incident_id].append(update)
        if update.goes_on:
            going_on.add(update.incident_id)
    told = (_told(updates, names, goes_on=key in going_on) for key, updates in grouped.items())
    return Board(
        at.astimezone(UTC).date(),
        listed,
        tuple(sorted(told, key=lambda one: one.began_at, reverse=True)),
    )


def _published() -> QuerySet[Update]:
    return Update.objects.filter(
        audience=Audience.PUBLIC,
        status=Update.Status.PUBLISHED,
        incident__kind=Incident.Kind.INCIDENT,
        incident__is_private=False,
    ).order_by("-published_at", "-pk")


def _taken_in() -> QuerySet[IncidentLink]:
    """By what it was merged into, which goes on and has told the public nothing: what it said holds."""
    says_nothing = Q(other__first_public_update_at=None) | Q(other__is_private=True)
    return IncidentLink.objects.filter(
        says_nothing,
        incident=OuterRef("incident"),
        kind=IncidentLink.Kind.DUPLICATE,
        other__state__in=OPEN_STATES,
    )


def _names() -> tuple[Mapping[str, str], tuple[str, ...]]:
    """What customers call each service; and, of those still run, what is listed."""
    rows = Service.objects.exclude(public_name="").order_by("public_name")
    found = list(rows.values_list("slug", "public_name", "is_active"))
    listed = dict.fromkeys(name for _, name, is_active in found if is_active)
    return {slug: name for slug, name, _ in found}, tuple(listed)


def _told(updates: Sequence[Update], names: Mapping[str, str], *, goes_on: bool) -> Told:
    said_at = {update.pk: update.published_at for update in updates}
    corrected_by = {one.corrects_id: one.pk for one in updates if one.corrects_id}
    posts = []
    for update in updates:
        # A service without a public name is none of the public's, whatever its slug.
        named = dict.fromkeys(names.get(one.get("slug", ""), "") for one in update.services)
        posts.append(
            Post(
                key=update.pk,
                at=update.published_at or update.drafted_at,
                stage=update.stage,
                impact=update.impact,
                text=as_published(update.text, said_at.get(update.corrects_id or 0)),
                language=update.language,
                services=tuple(filter(None, named)),
                promised_next_at=update.promised_next_at,
                corrects=update.corrects_id if update.corrects_id in said_at else None,
                corrected_by=corrected_by.get(update.pk),
            )
        )
    incident = updates[0].incident
    ended = "" if goes_on else _ENDED.get(incident.state, "")
    return Told(incident.reference, tuple(posts), ended)
