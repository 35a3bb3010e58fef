"""Two versions of a matrix side by side: what changed, for whom, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin
from incidents.admin.matrix_case import spoken_names
from incidents.admin.matrix_page import STANDING_TAGS
from incidents.models import EmergencyChange, MatrixVersion
from incidents.operations import law, matrix_review
from incidents.rules.matrix_diff import Diff, compare
from incidents.rules.matrix_wording import Names
from incidents.rules.raci import Grid

MOST_LISTED = 200  # versions to choose from, the newest first
_NOTHING = Grid((), ())
_KEY = 2**63 - 1  # beyond this SQLite knows no number


@dataclass(frozen=True)
class Side:
    """One of the two versions: who stands behind it, and why."""

    version: MatrixVersion
    standing: str
    tag: str
    emergency: EmergencyChange | None


def compare_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """Any two versions; without an address the law in force and what it replaced."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    at = timezone.now()
    known = MatrixVersion.objects.select_related("matrix").order_by("-created_at", "-pk")
    after = _asked(request, "b") or law.matrix_in_force(at) or known.first()
    before = _asked(request, "a") or (after and matrix_review.predecessor(after, at=at))
    context = {
        **admin.admin_site.each_context(request),
        "title": "Compare two versions",
        "opts": admin.opts,
        "versions": list(known[:MOST_LISTED]),
        **(compare_context(before, after, at) if after else {}),
    }
    return TemplateResponse(request, "admin/matrix/compare.html", context)


def compare_context(
    before: MatrixVersion | None, after: MatrixVersion, at: datetime
) -> dict[str, Any]:
    """The review of what changed; a constant number of queries."""
    in_force = law.matrix_in_force(at)
    return {
        "before": side(before, in_force, at) if before else None,
        "after": side(after, in_force, at),
        "diff": diff_of(before, after, spoken_names(at)),
    }


def shown_before_approval(version: MatrixVersion, at: datetime) -> dict[str, Any]:
    """What a checker sees: the diff against the law, and where it is read in full."""
    before = matrix_review.predecessor(version, at=at)
    return {
        "before": before,
        "diff": diff_of(before, version, spoken_names(at)),
        "compare_url": compare_url(before, version),
        "emergency": EmergencyChange.objects.filter(version=version)
        .select_related("enacted_by")
        .first(),
    }


def diff_of(before: MatrixVersion | None, after: MatrixVersion, names: Names) -> Diff:
    """What the second says otherwise; without a first everything is new."""
    return compare(law.grid(before) if before else _NOTHING, law.grid(after), names)


def compare_url(before: MatrixVersion | None, after: MatrixVersion) -> str:
    """The address of the page on which these two are compared."""
    address = reverse("admin:incidents_matrixversion_compare")
    first = f"a={before.pk}&" if before else ""
    return f"{address}?{first}b={after.pk}"


def side(version: MatrixVersion, in_force: MatrixVersion | None, at: datetime) -> Side:
    """Who stands behind a version, and how it stands."""
    standing = version.standing(at, in_force)
    return Side(
        version, standing, STANDING_TAGS.get(standing, ""), getattr(version, "emergency", None)
    )


def _asked(request: HttpRequest, name: str) -> MatrixVersion | None:
    """The version an address names; 404 if there is none such."""
    said = request.GET.get(name, "")
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or int(said) > _KEY:
        raise Http404
    rows = MatrixVersion.objects.select_related(
        "matrix", "maker", "checker", "emergency__enacted_by", "emergency__decided_by"
    )
    found = rows.filter(pk=said).first()
    if found is None:
        raise Http404
    return found
