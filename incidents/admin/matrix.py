"""RACI matrices in the admin: the list of versions, each on a page, moved by verbs only."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Model, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.matrix_edit_forms import CopyForm, NewDraftForm
from incidents.admin.matrix_editor import EDITOR
from incidents.admin.matrix_export import download
from incidents.admin.matrix_forms import ApproveForm, SubmitForm, UploadForm, WithdrawForm
from incidents.admin.matrix_import import mapping_page, upload_page
from incidents.admin.matrix_page import STANDING_TAGS, version_context
from incidents.admin.matrix_people import people_page
from incidents.admin.matrix_review import UNAPPROVED, fitting, pages, shown, version_review
from incidents.admin.matrix_review import VERBS as REVIEW_VERBS
from incidents.admin.wall_chart import wall_chart_page
from incidents.models import Matrix, MatrixVersion, Person
from incidents.models.governed import VersionStatus
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
class MatrixVersionAdmin(GovernedAdmin):
    """Versions of the law: imported, submitted, approved by another person, superseded."""

    list_display = ["name", "stands", "maker", "checker", "effective_from"]
    list_filter = ["status", "matrix"]
    list_select_related = ["matrix", "maker", "checker"]
    search_fields = ["matrix__name", "note"]
    list_before_template = "admin/matrix/list.html"
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatrixVersion]:
        """Each row knows which version is in force, so that a list asks it once."""
        law = matrix_in_force(timezone.now())
        rows: QuerySet[MatrixVersion] = super().get_queryset(request)
        return rows.annotate(
            law=Value(law.pk if law else None, output_field=BigIntegerField(null=True))
        )

    @admin.display(description="Version", ordering="matrix__name")
    def name(self, version: MatrixVersion) -> str:
        """The matrix and its number."""
        return str(version)

    @admin.display(description="Standing", ordering="status")
    def stands(self, version: Any) -> str:
        """Draft, submitted, approved, in force, superseded or withdrawn."""
        law = version if version.law == version.pk else None
        standing = version.standing(timezone.now(), law)
        owed = UNAPPROVED if version.status == VersionStatus.EMERGENCY else ""
        return format_html(
            '<span class="tag {}">{}</span>{}', STANDING_TAGS.get(standing, ""), standing, owed
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A version is made by an import."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read here; moved by verbs."""
        return False

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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; an empty one says how to begin."""
        context = {"is_empty": not MatrixVersion.objects.exists(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The version to read, with the acts that may be done to it. It is never posted to."""
        version = self._readable(request, unquote(object_id))
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        # Every act and the findings themselves ask what the checks find: once is enough.
        judged = matrix.judge(version, at=timezone.now())
        version.judged = judged  # type: ignore[attr-defined]  # read by _objections alone
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "opts": self.opts,
            "original": version,
            "offers": fitting(self.offers(request, version), version),
            "may_export": request.user.has_perm("incidents.export_matrixversion"),
            **version_context(version, judged, timezone.now()),
            **version_review(request, version, timezone.now()),
        }
        return TemplateResponse(request, "admin/matrix/version.html", context)

    def verb_view(
        self, request: HttpRequest, verb: Verb, object_id: str | None = None
    ) -> HttpResponse:
        """The import takes two pages of its own; every other verb has the usual one."""
        if verb.name == "import":
            return upload_page(self, request)
        if verb.name == "edit":
            if not self.may_ever(request, verb):
                raise PermissionDenied
            version = self._readable(request, unquote(object_id or ""))
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
        version = self._readable(request, str(pk))
        if not request.user.has_perm("incidents.export_matrixversion"):
            raise PermissionDenied
        file = download(version, form, suffix)
        if file is None:
            raise Http404
        return file

    def wall_chart_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The version on one sheet, to be printed."""
        return wall_chart_page(self._readable(request, str(pk)), request)

    def _readable(self, request: HttpRequest, pk: str) -> MatrixVersion:
        version = self.get_object(request, pk)
        if version is None:
            raise Http404
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        return version
