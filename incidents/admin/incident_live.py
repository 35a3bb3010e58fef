"""The incident page kept up to date without reloading, and the whole timeline one step away.

A browser asks every few seconds with the revision it has seen. Nothing new costs three statements
(session, person, revision) and no body; something new sends every panel, and the browser swaps
those that differ (static/governance/live.js). Without scripts the page is complete as it is.
"""

from http import HTTPStatus
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import Exists
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from incidents.admin import incident_page, incident_timeline
from incidents.admin.base import CappedPaginator, GovernedAdmin, acting
from incidents.models import Incident, Person
from incidents.operations import standing

VIEW = "incidents.view_incident"
ENTRIES_A_PAGE = 200
_TEMPLATES = "admin/incidents/incident"


def may_view(reader: Person) -> Exists:
    """For a filter: whether this person has the standing permission; no statement of its own."""
    return Exists(standing.having(VIEW).filter(pk=reader.pk))


class LivePage(GovernedAdmin):
    """Adds to the admin of incidents what an open page asks for."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow them."""
        own: list[URLPattern] = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"incidents_incident_{name}",
            )
            for name, view in (("live", self.live_view), ("timeline", self.timeline_view))
        ]
        return own + super().get_urls()

    def live_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """204 to who has seen the latest revision, else all panels; 403 and 404 as the page itself."""
        by = {"pk": object_id} if object_id.isdecimal() else {"reference": object_id}
        reader = acting(request)
        seen = Incident.objects.visible_to(reader).filter(may_view(reader), **by)
        revision = seen.values_list("revision", flat=True).first()
        if revision is not None and str(revision) == request.GET.get("seen"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        context = self.panels(request, self.shown_to(request, object_id))
        return TemplateResponse(request, f"{_TEMPLATES}/live.html", context)

    def timeline_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The whole timeline, in pages, newest first; whoever may see the incident may see it."""
        incident = self.shown_to(request, object_id)
        entries = incident.timeline.select_related("author").order_by("-at", "-id")
        pages = CappedPaginator(entries, ENTRIES_A_PAGE)
        shown: Page[Any] = pages.get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Timeline of {incident}",
            "opts": self.opts,
            "original": incident,
            "incident": incident,
            "pages": shown,
            "entries": incident_timeline.ready(shown),
        }
        return TemplateResponse(request, f"{_TEMPLATES}/whole_timeline.html", context)

    def shown_to(self, request: HttpRequest, object_id: str) -> Incident:
        """The incident, read for its page; 404 where it is not the reader's to know of, 403."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        incident = self.get_object(request, unquote(object_id))
        if not isinstance(incident, Incident):
            raise Http404
        return incident

    def panels(self, request: HttpRequest, incident: Incident) -> dict[str, Any]:
        """What the panels show, to this reader, now."""
        offers = self.offers(request, incident)
        return incident_page.page(incident, acting(request), offers, timezone.now())
