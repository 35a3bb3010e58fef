"""Nudge policies in the admin: read in words, set by one verb, previewed and tried out."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.views.decorators.clickjacking import xframe_options_sameorigin

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.admin.forms import VerbForm
from incidents.admin.matrix_page import Act
from incidents.models import AuditEvent, NudgePolicy, Role
from incidents.operations import policies
from incidents.rules.policy_words import in_words, when, whom
from raci_project.nudging.forms import SetForm, said
from raci_project.nudging.previewing import mail_page, preview_page
from raci_project.nudging.steps import names_of
from raci_project.nudging.trying import try_page

Page = Callable[[Any, HttpRequest, NudgePolicy], HttpResponse]
_WORDS = {"set_nudge_policy": "set it"}


@admin.register(NudgePolicy)
class NudgePolicyAdmin(GovernedAdmin):
    """One row a kind of thing that is owed; all are there from the first day."""

    list_display = ["about", "in_words", "how", "is_active"]
    list_display_links = ["about"]
    search_fields = ["what"]
    ordering = ["what"]
    verbs = (
        Verb("set", "Set the steps", policies.set_policy, SetForm,
             icon="edit_notifications", done="From now on people are reminded like this.",
             explain="It holds at once, for all that is open. Steps that were reached before are "
             "let go: nobody is reminded because of the change itself."),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[NudgePolicy]:
        """With what the list reads: steps in one query, names of roles in another."""
        rows: QuerySet[NudgePolicy] = super().get_queryset(request)
        return rows.select_related("changed_by").prefetch_related("steps")

    @admin.display(description="Of what", ordering="what")
    def about(self, row: NudgePolicy) -> str:
        """What is owed."""
        return _about(row)

    @admin.display(description="When, and whom")
    def in_words(self, row: NudgePolicy) -> str:
        """All steps as one sentence."""
        return in_words(
            policies.read(row, row.steps.all()).ladder.steps,
            names_of(row.what, self.role_names),
        )

    @admin.display(description="How")
    def how(self, row: NudgePolicy) -> str:
        """What is not as usual: mails of their own, which nobody unsubscribes from."""
        said = ["in the digest"] * row.as_digest + [
            "may be unsubscribed from"
        ] * row.is_optional
        return ", ".join(said) or "mails of their own"

    @cached_property
    def role_names(self) -> dict[str, str]:
        """Read once a process would be once too seldom: see `changelist_view`."""
        return dict(Role.objects.values_list("slug", "name"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Names of roles as they are now."""
        self.__dict__.pop("role_names", None)
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Every kind has its row."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read here; set by the verb."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The pages of a policy, before the verbs and the rows."""
        pages: tuple[tuple[str, str, Page], ...] = (
            ("preview/", "preview", preview_page),
            ("preview/mail/", "mail", mail_page),
            ("try/", "try", try_page),
        )
        mine = [
            path(
                f"<slug:what>/{address}",
                self._wrapped(page),
                name=f"incidents_nudgepolicy_{name}",
            )
            for address, name, page in pages
        ]
        return [*mine, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The law in words, its steps, who set it. Never posted to."""
        row = self.readable(request, unquote(object_id))
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        names = names_of(row.what)
        steps = policies.of(row.what).ladder.steps
        context = {
            **self.admin_site.each_context(request),
            "title": _about(row),
            "opts": self.opts,
            "original": row,
            "offers": self.offers(request, row),
            "in_words": in_words(steps, names),
            "steps": [(step, when(step), whom(step.to, names)) for step in steps],
            "acts": _acts(row),
        }
        return TemplateResponse(request, "admin/nudges/page.html", context)

    def readable(self, request: HttpRequest, what: str) -> NudgePolicy:
        """The row, for whoever may read it."""
        row = self.get_object(request, what)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        policy: NudgePolicy = row
        return policy

    def _wrapped(self, page: Page) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, what: str) -> HttpResponse:
            return page(self, request, self.readable(request, what))

        shown = self.admin_site.admin_view(view)
        # The mail alone is shown in a frame, of our own page.
        return xframe_options_sameorigin(shown) if page is mail_page else shown

    def _ask(
        self, request: HttpRequest, verb: Verb, subject: Model | None, form: VerbForm
    ) -> HttpResponse:
        """Its steps as rows; beginning with those of the address, where they were tried out."""
        asked = super()._ask(request, verb, subject, form)
        if isinstance(form, SetForm) and isinstance(asked, TemplateResponse):
            asked.template_name = "admin/nudges/set.html"
            if not form.is_bound and (
                tried := said(request.GET, form.subject, acting(request)).policy
            ):
                form.begin_with(tried)
        return asked


def _about(row: NudgePolicy) -> str:
    name = row.get_what_display()
    return f"{name[:1].upper()}{name[1:]}"


def _acts(row: NudgePolicy) -> list[Act]:
    lines = AuditEvent.objects.filter(
        subject_type="incidents.nudgepolicy", subject_id=row.pk
    ).order_by("-pk")[:20]
    return [
        Act(
            line.actor_name,
            _WORDS.get(line.verb, line.verb),
            line.at,
            line.detail.get("after", ""),
        )
        for line in lines
    ]
