"""What changed in law for us: any two versions of the pack side by side, what concerns us first."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin
from incidents.admin.law_pack_page import changes_between
from incidents.models import LawPack
from incidents.operations import law_files
from incidents.operations.law import law_pack_in_force, legal_profile_in_force

MOST_LISTED = 200  # versions to choose from, the newest first
_KEY = 2**63 - 1  # beyond this SQLite knows no number


def compare_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """Any two versions; without an address the pack in force and the one before it."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    at = timezone.now()
    rows = LawPack.objects.defer("document").order_by("-number")
    versions = list(rows[:MOST_LISTED])
    after = _asked(request, "b") or law_pack_in_force(at) or (versions[0] if versions else None)
    before = _asked(request, "a") or (after and _before(after))
    context = {
        **admin.admin_site.each_context(request),
        "title": "What changed in law for us",
        "opts": admin.opts,
        "versions": versions,
        "before": before,
        "after": after,
        "changes": changes_between(before, after, at) if after else (),
        "disclaimer": law_files.pack_of(after).disclaimer if after else "",
        "law_profile": legal_profile_in_force(at),
    }
    return TemplateResponse(request, "admin/incidents/lawpack/compare.html", context)


def _before(after: LawPack) -> LawPack | None:
    """What was law before it; else the version with the number before."""
    rows = LawPack.objects.defer("document").exclude(pk=after.pk)
    if after.effective_from:
        law = rows.in_force(after.effective_from)
        if law:
            return law
    return rows.filter(number__lt=after.number).order_by("-number").first()


def _asked(request: HttpRequest, name: str) -> LawPack | None:
    """The version an address names; 404 if there is none such."""
    said = request.GET.get(name, "")
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or int(said) > _KEY:
        raise Http404
    found = LawPack.objects.defer("document").filter(pk=said).first()
    if found is None:
        raise Http404
    return found
