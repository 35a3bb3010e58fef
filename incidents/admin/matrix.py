"""RACI matrices in the admin: the list of versions, each on a page, moved by verbs only."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.matrix_edit_forms import CopyForm, NewDraftForm
from incidents.admin.matrix_editor import EDITOR
from incidents.admin.matrix_export import download
from incidents.admin.matrix_forms import ApproveForm, SubmitForm, UploadForm, WithdrawForm
from incidents.admin.matrix_import import mapping_page, upload_page
from incidents.admin.matrix_page import version_context
from incidents.admin.matrix_people import people_page
from incidents.admin.matrix_review import UNAPPROVED, fitting, pages, shown, version_review
from incidents.admin.matrix_review import VERBS as REVIEW_VERBS
from incidents.admin.version import VersionAdmin
from incidents.admin.wall_chart import wall_chart_page
from incidents.models import Matrix, MatrixVersion, Person
from incidents.models.governed import GovernedVersion, VersionStatus
from incidents.operations import matrix, matrix_edit, matrix_import
from incidents.operations.law import matrix_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, version: MatrixVersion, person: Person) -> tuple[Reason, ...]:
    judged = getattr(version, "judged", None)
    return matrix.objections(act, version, person, at=timezone.now(), judged=judged)


@admin.register(Matrix)
class MatrixAdmin(GovernedAdmin):
    """Matrices by name; what they say stands in their versions."""

    list_display = ["name", "slug", "description"]
    search_fields = ["name", "slug"]
    readonly_fields = ["slug"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The first import under a name makes it."""
        return False


@admin.register(MatrixVersion)
class MatrixVersionAdmin(VersionAdmin):
    """Versions of the law: imported, submitted, approved by another person, superseded."""

    list_filter = ["status", "matrix"]
    list_select_related = ["matrix", "maker", "checker"]
    search_fields = ["matrix__name", "note"]
    list_before_template = "admin/matrix/list.html"
    page_template = "admin/matrix/version.html"
    verbs = (
        Verb(
            "import",
            "Import a matrix",
            matrix_import.import_rows,
            UploadForm,
            icon="upload_file",
            on_list=True,
        ),
        Verb(
            "draft",
            "New draft",
            matrix_edit.start_from,
            NewDraftForm,
            explain="Opens in the grid editor. Nothing is law until another leader approves it.",
            icon="edit_note",
            on_list=True,
        ),
        Verb(
            "edit",
            "Edit",
            matrix_edit.edit,
            icon="grid_on",
            permission="draft",
            objections=partial(_objections, "write"),
        ),
        Verb(
            "copy",
            "New draft from it",
            matrix_edit.copy,
            CopyForm,
            explain="The next version, which says the same until you edit it.",
            icon="content_copy",
            permission="draft",
        ),
        Verb(
            "submit",
            "Submit",
            matrix.submit,
            SubmitForm,
            explain="Hands it to another leader, who approves it or withdraws it.",
            icon="outgoing_mail",
            objections=partial(_objections, "submit"),
        ),
        Verb(
            "approve",
            "Approve",
            matrix.approve,
            ApproveForm,
            explain="Makes it the law from the instant you give, for every incident declared "
            "from then on. An approved version never changes.",
            icon="done_all",
            objections=partial(_objections, "approve"),
            shows="admin/shown/matrix.html",
        ),
        Verb(
            "withdraw",
            "Withdraw",
            matrix.withdraw,
            WithdrawForm,
            explain="It will never be law. The version, its history and your reason are kept.",
            icon="block",
            danger=True,
            objections=partial(_objections, "withdraw"),
        ),
        *REVIEW_VERBS,
    )

    def in_force(self, at: datetime) -> MatrixVersion | None:
        """The version that is law."""
        return matrix_in_force(at)

    @admin.display(description="Version", ordering="matrix__name")
    def name(self, row: GovernedVersion) -> str:
        """The matrix and its number."""
        return str(row)

    @admin.display(description="Standing", ordering="status")
    def stands(self, row: Any) -> SafeString:
        """With what is owed where it took effect unapproved."""
        owed = UNAPPROVED if row.status == VersionStatus.EMERGENCY else ""
        return format_html("{}{}", super().stands(row), owed)

    def get_urls(self) -> list[URLPattern]:
        """The second step of the import and the downloads, before the verbs and the rows."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "import/<int:upload_id>/",
                wrap(partial(mapping_page, self)),
                name="incidents_matrixversion_map",
            ),
            path(
                "<int:pk>/export/<str:form>.<str:suffix>",
                wrap(self.export_view),
                name="incidents_matrixversion_export",
            ),
            *(
                path(
                    f"<int:pk>/edit/{address}",
                    wrap(partial(view, self)),
                    name=f"incidents_matrixversion_{name}",
                )
                for address, name, view in EDITOR
            ),
            path(
                "<int:pk>/wall-chart/",
                wrap(self.wall_chart_view),
                name="incidents_matrixversion_wall_chart",
            ),
            *pages(self),
            path(
                "<int:pk>/people/",
                wrap(partial(people_page, self)),
                name="incidents_matrixversion_people",
            ),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, row: Any, at: datetime) -> dict[str, Any]:
        """The grid, what the checks find, and what became of it."""
        # Every act and the findings themselves ask what the checks find: once is enough.
        row.judged = matrix.judge(row, at=at)  # read by _objections alone
        return {
            "offers": fitting(self.offers(request, row), row),
            "may_export": request.user.has_perm("incidents.export_matrixversion"),
            **version_context(row, row.judged, at),
            **version_review(request, row, at),
        }

    def verb_view(
        self, request: HttpRequest, verb: Verb, object_id: str | None = None
    ) -> HttpResponse:
        """The import takes two pages of its own; every other verb has the usual one."""
        if verb.name == "import":
            return upload_page(self, request)
        if verb.name == "edit":
            if not self.may_ever(request, verb):
                raise PermissionDenied
            version = self.readable(request, unquote(object_id or ""))
            return redirect("admin:incidents_matrixversion_editor", version.pk)
        return super().verb_view(request, verb, object_id)

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Whoever decides on a version sees what it changes."""
        return (
            shown(verb, subject, timezone.now()) if isinstance(subject, MatrixVersion) else {}
        )

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """A new draft opens in the editor."""
        if verb.name in ("draft", "copy"):
            return reverse("admin:incidents_matrixversion_editor", args=[result.pk])
        return super().after_verb(verb, subject, result)

    def export_view(
        self, request: HttpRequest, pk: int, form: str, suffix: str
    ) -> HttpResponse:
        """The version as a file."""
        version = self.readable(request, str(pk))
        if not request.user.has_perm("incidents.export_matrixversion"):
            raise PermissionDenied
        file = download(version, form, suffix)
        if file is None:
            raise Http404
        return file

    def wall_chart_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The version on one sheet, to be printed."""
        return wall_chart_page(self.readable(request, str(pk)), request)
