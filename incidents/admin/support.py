"""“What may I say?”: the page for whoever has a customer on the telephone."""

from functools import partial
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents.admin.base import GovernedAdmin
from incidents.admin.verbs import acting
from incidents.markup import as_html
from incidents.models import HoldingStatement, Incident
from incidents.models.calendar import today
from incidents.operations import support
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.wording import blanks

_LONGEST_QUERY = 100
_LONGEST_KEY = 18  # digits of a key of the database
# Of one incident so many words stand open; the others are a click away.
OPEN_WORDS = 2


def pages(admin: GovernedAdmin) -> list[URLPattern]:
    """The page, and where a copy is counted."""
    wrap = admin.admin_site.admin_view
    return [
        path(
            "say/",
            wrap(partial(say_page, admin)),
            name="incidents_holdingstatement_say",
        ),
        path(
            "say/copied/",
            wrap(require_POST(copied)),
            name="incidents_holdingstatement_copied",
        ),
    ]


def say_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """What was published of open incidents, the words for them, and all words to be searched."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    at = timezone.now()
    query = request.GET.get("q", "").replace("\0", "")[:_LONGEST_QUERY].strip()
    running = support.sayable(acting(request), at=at)
    rows = list(support.usable(today(at), query))
    context = {
        **admin.admin_site.each_context(request),
        "title": "What may I say?",
        "opts": admin.opts,
        "running": [
            {
                "it": each,
                "first": each.offers[:OPEN_WORDS],
                "more": each.offers[OPEN_WORDS:],
                "published_html": as_html(each.published.text) if each.published else "",
            }
            for each in running
        ],
        "groups": [
            (str(scenario or "Any scenario"), [(row, blanks(row.text)) for row in some])
            for scenario, some in groupby(rows, key=lambda row: row.scenario)
        ],
        "query": query,
        "count": len(rows),
        "may_draft": request.user.has_perm("incidents.add_holdingstatement"),
    }
    return TemplateResponse(request, "admin/statements/say.html", context)


def copied(request: HttpRequest) -> HttpResponse:
    """Count one copy; the page has copied by then, whatever is answered here."""
    row = HoldingStatement.objects.filter(pk=_number(request, "statement")).first()
    if row is None:
        raise Http404
    incident, person = None, acting(request)
    if request.POST.get("incident"):
        seen = Incident.objects.visible_to(person)
        incident = seen.filter(pk=_number(request, "incident")).first()
        if incident is None:
            raise Http404
    try:
        support.copied(row, incident=incident, actor=person, at=timezone.now())
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        return JsonResponse({"message": str(refused)}, status=409)
    return HttpResponse(status=204)


def _number(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    if not said.isdecimal() or len(said) > _LONGEST_KEY:
        raise Http404
    return int(said)
