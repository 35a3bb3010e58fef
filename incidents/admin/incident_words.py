"""What the incident page shows of its words: what is owed to whom, what may be said now, what was said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from incidents.admin.base import GovernedAdmin
from incidents.admin.incident_forms import of_incident
from incidents.admin.update import UpdateAdmin
from incidents.markup import as_html
from incidents.models import Audience, HoldingStatement, Incident, Person, Update, UpdateClock
from incidents.operations import cadence, places, publishing, saying, standing, wording
from incidents.operations.saying import Ready
from incidents.rules.update_adherence import FirstWord
from incidents.rules.verbs import VERBS

Row = TypeVar("Row", bound=Model)
UPDATES_SHOWN = 20
LONGEST_CHECKED = 10_000
_DIGITS = 18
_Purpose, _Status = HoldingStatement.Purpose, Update.Status
# What may be done to words on their way, and how the page calls it.
_ACTS = {
    _Status.DRAFT: {
        "approve_update": "Approve", "return_update": "Send back", "redraft_update": "Rewrite",
    },
    _Status.RETURNED: {"redraft_update": "Rewrite"},
    _Status.APPROVED: {
        "publish_update": "Publish", "return_update": "Send back", "redraft_update": "Rewrite",
    },
}  # fmt: skip
_SAYING = {
    _Purpose.FIRST: "Publish: {}",
    _Purpose.NO_NEWS: "Say there is no news",
    _Purpose.OVER: "Say that it is over",
}


@dataclass(frozen=True)
class Owed:
    """One audience: when it last heard, when it must hear again, and what may be said to it now.

    `say` is None where no words fit; `act` is how its button reads, `draft` where one drafts.
    """

    audience: str
    label: str
    said_at: datetime | None
    due_at: datetime | None
    say: Ready | None
    act: str
    draft: str

    @property
    def is_in_one_click(self) -> bool:
        """Whether the button under the words says them."""
        return self.say is not None and self.say.is_ready


@dataclass(frozen=True)
class Said:
    """One update as the page shows it; `acts` are those open to the reader, by what they are called."""

    row: Update
    html: SafeString
    corrected_at: datetime | None
    reached: Sequence[Any]
    acts: Mapping[str, str]


def context(
    incident: Incident,
    reader: Person,
    *,
    clocks: Sequence[UpdateClock],
    urls: Mapping[str, str],
    at: datetime,
) -> dict[str, Any]:
    """For the page; `clocks` are the running ones, `urls` the verbs open to the reader."""
    rows = incident.updates.select_related(
        "drafted_by", "approved_by", "published_by", "corrects", "customer"
    )
    found = list(rows[: UPDATES_SHOWN + 1])
    late = sum(one.due_at is not None and one.due_at < at for one in clocks)
    return {
        "updates": _said(incident, found[:UPDATES_SHOWN], reader, urls, at),
        "has_more_updates": len(found) > UPDATES_SHOWN,
        "owed": _owed(incident, reader, clocks, _heard(incident, found), urls, at)
        if incident.is_open
        else [],
        "updates_kept": cadence.kept(incident, running_late=late).in_words(),
        "first_word": first_word(incident, at),
    }


def first_word(incident: Incident, at: datetime) -> dict[str, Any] | None:
    """The clock from detection to the first public update; None where nobody knows its beginning."""
    if incident.detected_at is None:
        return None
    minutes = cadence.first_target(incident, Audience.PUBLIC)
    target = None if minutes is None else timedelta(minutes=minutes)
    said_at = incident.first_public_update_at
    if said_at is None and not incident.is_open:
        return None
    clock = FirstWord(incident.detected_at, said_at, target)
    return {
        "since": incident.detected_at,
        "said_at": said_at,
        "minutes": clock.took(at) // timedelta(minutes=1),
        "target_seconds": None if target is None else int(target.total_seconds()),
        "standing": clock.standing(at),
        "verdict": clock.in_words(at),
    }


def _owed(
    incident: Incident,
    reader: Person,
    clocks: Iterable[UpdateClock],
    said: Mapping[str, datetime],
    urls: Mapping[str, str],
    at: datetime,
) -> list[Owed]:
    """Every audience that heard, must hear or may hear: the most urgent first."""
    due = {one.audience: one.due_at for one in clocks}
    may_say = "publish_statement" in urls
    ready = saying.ready(incident, reader, at=at) if may_say else {}
    found = []
    for audience in Audience.values:
        purpose = _purpose(incident, audience in said)
        is_told = _is_told(incident, said.get(audience))
        say = None if is_told else ready.get((audience, purpose))
        if audience in due or audience in said or say:
            found.append(
                Owed(
                    audience,
                    Audience(audience).label,
                    said.get(audience),
                    due.get(audience),
                    say,
                    _SAYING[purpose].format(say.statement if say else ""),
                    _draft(urls, audience, say),
                )
            )
    last = datetime.max.replace(tzinfo=at.tzinfo)
    return sorted(found, key=lambda one: (one.due_at or last, one.said_at is not None))


def _heard(incident: Incident, rows: Sequence[Update]) -> dict[str, datetime]:
    """When each audience last heard; a query only where `rows`, the newest, are not all there are."""
    if len(rows) > UPDATES_SHOWN:
        published = incident.updates.filter(status=_Status.PUBLISHED, customer=None)
        latest = published.order_by().values_list("audience").annotate(Max("published_at"))
        return dict(latest)
    heard: dict[str, datetime] = {}
    for one in rows:
        if one.published_at and one.customer_id is None:
            last = heard.get(one.audience, one.published_at)
            heard[one.audience] = max(last, one.published_at)
    return heard


def _purpose(incident: Incident, was_said: bool) -> HoldingStatement.Purpose:
    if incident.resolved_at is not None:
        return _Purpose.OVER
    return _Purpose.NO_NEWS if was_said else _Purpose.FIRST


def _is_told(incident: Incident, said_at: datetime | None) -> bool:
    """Whether it has heard since the incident was resolved: then there is nothing to repeat."""
    resolved_at = incident.resolved_at
    return bool(said_at and resolved_at and said_at >= resolved_at)


def _draft(urls: Mapping[str, str], audience: str, say: Ready | None) -> str:
    if "draft_update" not in urls:
        return ""
    words = f"&statement={say.statement.pk}" if say else ""
    return f"{urls['draft_update']}?audience={audience}{words}"


def _said(
    incident: Incident,
    rows: Sequence[Update],
    reader: Person,
    urls: Mapping[str, str],
    at: datetime,
) -> list[Said]:
    corrected = {
        one.corrects_id: one.published_at for one in reversed(rows) if one.published_at
    }
    reached = places.reached(rows)
    unsaid = {(row.audience, row.drafted_by) for row in rows if row.status != _Status.PUBLISHED}
    may = {
        (audience, drafter.pk): _may(incident, audience, drafter, reader, at)
        for audience, drafter in unsaid
    }
    found = []
    for row in rows:
        row.incident = incident
        words = as_html(publishing.published_words(row))
        acts = _acts(row, reader, may.get((row.audience, row.drafted_by_id), ()), urls)
        found.append(Said(row, words, corrected.get(row.pk), reached.get(row.pk, ()), acts))
    return found


def _may(
    incident: Incident, audience: str, drafter: Person, reader: Person, at: datetime
) -> Collection[str]:
    """The verbs open to the reader on this drafter's words for this audience; asks nothing.

    Who drafted decides who may approve: a role that only drafters hold stands in nobody's way.
    What stands in the way of one update, such as a consultation, the page of its verb says.
    """
    any_one = Update(incident=incident, audience=audience, drafted_by=drafter)
    verbs = {name for acts in _ACTS.values() for name in acts}
    return {
        verb.name
        for verb in UpdateAdmin.verbs
        if verb.name in verbs
        and not standing.objections(verb.name, incident, reader, update=any_one, at=at)
    }


def _acts(
    row: Update, reader: Person, may: Collection[str], urls: Mapping[str, str]
) -> dict[str, str]:
    """What the reader may do to it, and where."""
    if row.status == _Status.PUBLISHED:
        draft = urls.get("draft_update")
        return {"Correct": f"{draft}?corrects={row.pk}"} if draft else {}
    is_own = row.drafted_by_id == reader.pk
    return {
        label: reverse(f"admin:incidents_update_{verb}", args=[row.pk])
        for verb, label in _ACTS[_Status(row.status)].items()
        if verb in may and not (is_own and verb == "approve_update")
    }


class WordsPage(GovernedAdmin):
    """Adds to the admin of incidents what the draft form asks while somebody writes."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow it."""
        view = self.admin_site.admin_view(require_POST(self.wording_view))
        own: list[URLPattern] = [
            path("<path:object_id>/wording/", view, name="incidents_incident_wording")
        ]
        return own + super().get_urls()

    def wording_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the wording checks say of a text nobody has stored yet; for whoever may draft here."""
        incident = of_incident(self._subject(request, unquote(object_id)))
        if not request.user.has_perm(f"incidents.{VERBS['draft_update'].permission}"):
            raise PermissionDenied
        said = request.POST
        audience, text = said.get("audience", ""), said.get("text", "")[:LONGEST_CHECKED]
        is_asked = bool(text.strip()) and audience in Audience.values
        remarks = is_asked and wording.of_text(
            incident,
            text=text,
            audience=audience,
            statement=_named(HoldingStatement.objects.all(), said.get("statement", "")),
            corrects=_named(incident.updates.all(), said.get("corrects", "")),
            at=timezone.now(),
        )
        context = {"remarks": remarks or (), "is_asked": is_asked}
        return TemplateResponse(request, "admin/incidents/incident/remarks.html", context)


def _named(rows: QuerySet[Row], number: str) -> Row | None:
    """The row with this number; a number nobody can have names none."""
    is_number = number.isdecimal() and len(number) < _DIGITS
    return rows.filter(pk=number).first() if is_number else None
