"""The coverage map of practice: the matrix as it hangs on the wall, and when each cell was exercised."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from incidents.admin.base import acting
from training.operations import coverage
from training.operations.coverage import Coverage
from training.rules.practice_coverage import Age

SHOWN = 6  # stories to come next
# What a cell looks like: never by its colour alone, each age has a sign and a word.
LEGEND = (
    (Age.NEVER, "○", "never exercised"),
    (Age.OLD, "◔", "more than 12 months ago"),
    (Age.AGEING, "◑", "6 to 12 months ago"),
    (Age.RECENT, "●", "within 6 months"),
)


class CoveragePage(ModelAdmin):
    """Adds to the admin of game days the coverage map."""

    def get_urls(self) -> list[URLPattern]:
        """Before a row's own address, which would swallow it."""
        view = self.admin_site.admin_view(self.coverage_view)
        own = path("coverage/", view, name="training_gameday_coverage")
        return [own, *super().get_urls()]

    def coverage_view(self, request: HttpRequest) -> HttpResponse:
        """Who may see game days may see it; changes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reader, at = acting(request), timezone.now()
        found = coverage.look(at=at, reader=reader)
        context = {
            **self.admin_site.each_context(request),
            **_page(found),
            "title": "Coverage of practice",
            "opts": self.opts,
            "at": at,
            "may_plan": request.user.has_perm("training.add_gameday"),
            "plan_url": reverse("admin:training_gameday_plan"),
        }
        return TemplateResponse(request, "admin/training/after/coverage.html", context)


def _page(found: Coverage) -> dict[str, Any]:
    return {
        "found": found,
        "legend": [(age.value, sign, words, found.ages.get(age, 0)) for age, sign, words in LEGEND],
        "signs": {age.value: (sign, words) for age, sign, words in LEGEND},
        "share": round(100 * found.within_a_year / found.cells) if found.cells else None,
        "lists": (
            ("services", "Services", found.services,
             "No service yet: add those an incident could hit."),
            ("statements", "Holding statements", found.statements,
             "No statement is approved: approve the words for each scenario first."),
            ("duties", "Duties to notify", found.duties,
             "No law pack is in force: draft the one that ships, or import one."),
        ),
        "next": found.next[:SHOWN],
    }  # fmt: skip
