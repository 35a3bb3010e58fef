"""The bare references: what somebody would write in an afternoon with Django alone."""

from pathlib import Path
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.backends.django import DjangoTemplates
from django.template.response import TemplateResponse
from django.urls import include, path

from incidents.models import Assignment, Incident, Person
from incidents.rules.roles import COMMANDER

# Our theme replaces the admin's templates: the bare admin must be rendered with Django's own.
STOCK = DjangoTemplates(
    {
        "NAME": "stock",
        "DIRS": [Path(admin.__file__).parent / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
)
TABLE = STOCK.from_string(
    """<!doctype html><title>Incidents</title><table>
    {% for one in rows %}<tr><td><a href="{{ one.pk }}">{{ one.title }}</a> {{ one.reference }}
    <td>{{ one.level.name }}<td>{{ one.get_state_display }}
    <td>{% for held in one.commanders %}{{ held.person }}{% endfor %}<td>{{ one.declared_at }}
    {% endfor %}</table>"""
)
INCIDENT = STOCK.from_string(
    """<!doctype html><title>{{ one }}</title><h1>{{ one.title }}</h1>
    <p>{{ one.reference }} {{ one.level.name }} {{ one.get_state_display }} {{ one.declared_by }}
    {{ one.matrix_version }} {{ one.declared_at }} {{ one.closed_at }}
    <ul>{% for each in services %}<li>{{ each }} {{ each.owner }}{% endfor %}</ul>
    <ul>{% for each in held %}<li>{{ each.role }} {{ each.person }} {{ each.reason }}{% endfor %}</ul>
    <ul>{% for each in timeline %}<li>{{ each.at }} {{ each.author }} {{ each.text }}{% endfor %}</ul>
    <ul>{% for each in updates %}<li>{{ each.text }}{% endfor %}</ul>"""
)


def _with_commander() -> QuerySet[Incident]:
    held = Assignment.objects.filter(role=COMMANDER, ended_at=None).select_related("person")
    return Incident.objects.select_related("level", "computed_level").prefetch_related(
        Prefetch("assignments", queryset=held, to_attr="commanders")
    )


def incidents_json(request: HttpRequest) -> HttpResponse:
    """The fifty newest with the columns of the API's list; nobody is asked who they are."""
    rows = _with_commander().prefetch_related("services").order_by("-declared_at", "-id")[:50]
    return JsonResponse({"items": [_item(row) for row in rows], "next": None})


def _item(row: Incident) -> dict[str, Any]:
    commanders: list[Assignment] = getattr(row, "commanders", [])
    return {
        "reference": row.reference,
        "title": row.title,
        "kind": row.kind,
        "state": row.state,
        "phase": row.state,
        "severity": {
            "code": row.level and row.level.code,
            "computed": row.computed_level and row.computed_level.code,
            "reasons": row.severity_reasons,
        },
        "services": [service.slug for service in row.services.all()],
        "commander": commanders[0].person.username if commanders else None,
        "detected_at": row.detected_at,
        "declared_at": row.declared_at,
        "closed_at": row.closed_at,
    }


def incidents_table(request: HttpRequest) -> HttpResponse:
    """The columns of the admin's list as a table without any furniture."""
    return HttpResponse(TABLE.render({"rows": _with_commander()[:25]}, request))


def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident with what it owns, without acts, clocks or why."""
    one = Incident.objects.select_related("level", "declared_by", "matrix_version__matrix").get(
        pk=pk
    )
    context = {
        "one": one,
        "services": one.services.select_related("owner"),
        "held": one.assignments.select_related("role", "person"),
        "timeline": one.timeline.select_related("author")[:100],
        "updates": one.updates.all(),
    }
    return HttpResponse(INCIDENT.render(context, request))


class StockAdmin(admin.ModelAdmin[Incident]):
    """Django's own list with our columns, filters and search; the commanders in one query."""

    list_display = ["title", "reference", "level", "state", "commander", "declared_at"]
    list_filter = ["state", "kind", "level__code"]
    list_select_related = ["level__scheme"]
    list_per_page = 25
    search_fields = ["reference", "title"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """Without it each row would cost a query."""
        return _with_commander()

    def commander(self, row: Incident) -> Person | None:
        """Who has the command now."""
        commanders: list[Assignment] = getattr(row, "commanders", [])
        return commanders[0].person if commanders else None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The stock page, in the stock dress."""
        page = super().changelist_view(request, extra_context)
        if not isinstance(page, TemplateResponse):
            return page
        template = STOCK.get_template("admin/change_list.html")
        return HttpResponse(template.render(page.context_data, request))


site = admin.AdminSite("bare")
site.register(Incident, StockAdmin)

urlpatterns = [
    path("bare/incidents.json", incidents_json),
    path("bare/incidents", incidents_table),
    path("bare/incidents/<int:pk>", incident),
    path("bare/admin/", site.urls),
    path("", include("raci_project.urls")),
]
