"""Severity schemes, readable: each level with its criteria in words, escalation and cadence."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from incidents.admin.base import GovernedAdmin
from incidents.models import SeverityLevel, SeverityScheme
from incidents.rules.predicates import in_words


@admin.register(SeverityScheme)
class SeveritySchemeAdmin(GovernedAdmin):
    """Versions of the severity law; approved ones never change."""

    list_display = ["__str__", "status", "maker", "checker", "effective_from"]
    list_filter = ["status"]
    list_select_related = ["maker", "checker"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A version is made from the one in force."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read here."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One panel a level: what puts an incident there, who is told, how often we speak."""
        scheme = self.get_object(request, unquote(object_id))
        if scheme is None:
            raise Http404
        if not self.has_view_permission(request, scheme):
            raise PermissionDenied
        levels = scheme.levels.prefetch_related("criteria", "escalation__role", "cadences")
        context = {
            **self.admin_site.each_context(request),
            "title": str(scheme),
            "opts": self.opts,
            "original": scheme,
            "levels": [(level, _criteria(level)) for level in levels],
        }
        return TemplateResponse(request, "admin/incidents/severityscheme/page.html", context)


def _criteria(level: SeverityLevel) -> list[tuple[str, str]]:
    return [(one.name, in_words(one.predicate)) for one in level.criteria.all()]
