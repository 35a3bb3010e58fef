"""The year's plan: asked for here, looked at, changed by hand, published."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.admin.verbs import Offer
from incidents.models import Person
from incidents.rules.reasons import Reason
from training.admin import year_plan_forms as forms
from training.models import YearPlan
from training.operations import year_moves, year_plan, year_reading

_TEMPLATES = "admin/training/yearplan"
# Done from the exercise or seat they are about, and not offered above.
_INSIDE = {"move", "put", "take_out", "tell", "pin", "unpin"}


def _not_due(verb: str) -> Any:
    """The rule of one verb as its page asks it."""

    def objections(plan: YearPlan, _actor: Person) -> tuple[Reason, ...]:
        return year_plan.objections(verb, plan)

    return objections


@admin.register(YearPlan)
class YearPlanAdmin(GovernedAdmin):
    """A plan is made, never typed; every change is an act."""

    list_display = ["year", "status", "as_planned", "objective", "bound", "made_by", "made_at"]
    list_filter = ["status"]
    list_select_related = ["made_by"]
    search_fields = ["year", "made_by__name"]
    fields = ["year", "status", "outcome", "made_by", "made_at"]
    readonly_fields = fields
    first_step = (
        "No year is planned yet. Plan one: the planner proposes dates, stories and people for every "
        "role, you change what you know better, and publishing it invites everybody."
    )
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("make", "Plan a year", year_plan.make, forms.MakeForm, icon="calendar_add_on",
             on_list=True, permission="plan", done="Asked for: the planner thinks about it now.",
             explain="Four exercises by default. Nobody is invited before you publish the plan."),
        Verb("ask", "Plan the rest anew", year_plan.ask, icon="autorenew", permission="plan",
             objections=_not_due("ask"), done="Asked for: the planner thinks about it now.",
             explain="What is pinned, agreed or held stays; declined seats are filled by others."),
        Verb("publish", "Publish and invite", year_plan.publish, icon="send",
             objections=_not_due("publish"), done="Published: everybody is invited.",
             explain="Every exercise proposed is planned, and everybody in it invited by calendar."),
        Verb("stop", "Stop the planner", year_plan.stop, icon="stop_circle", permission="plan",
             objections=_not_due("stop"), explain="What it found so far is let go."),
        Verb("withdraw", "Withdraw", year_plan.withdraw, forms.WithdrawForm, icon="event_busy",
             danger=True, permission="publish", objections=_not_due("withdraw"),
             explain="Its exercises to come are cancelled; who was invited hears why."),
        Verb("move", "Change the date", year_moves.move, forms.MoveForm, permission="plan",
             objections=_not_due("ask"), explain="It is kept when the rest is planned anew."),
        Verb("put", "Put somebody in a seat", year_moves.put, forms.PutForm, permission="plan",
             objections=_not_due("ask"), explain="They are kept there when the rest is planned anew."),
        Verb("take_out", "Take somebody out", year_moves.take_out, forms.TakeOutForm,
             permission="plan", objections=_not_due("ask"),
             explain="Planning anew does not bring them back into this exercise."),
        Verb("tell", "Change the story", year_moves.tell, forms.TellForm, permission="plan",
             objections=_not_due("ask"), explain="It is kept when the rest is planned anew."),
        Verb("pin", "Pin", year_moves.pin, forms.PinForm, permission="plan",
             objections=_not_due("ask"), done="Pinned: planning anew leaves it alone."),
        Verb("unpin", "Unpin", year_moves.unpin, forms.PinForm, permission="plan",
             objections=_not_due("ask"), done="Unpinned: planning anew may change it."),
    )  # fmt: skip

    @admin.display(description="as it was planned", ordering="outcome")
    def as_planned(self, plan: YearPlan) -> str:
        """What the planner said; the page of the plan says what was changed by hand since."""
        return plan.get_outcome_display()

    def get_urls(self) -> list[URLPattern]:
        """The answer to an open page stands before a row's own address."""
        view = self.admin_site.admin_view(self.live_view)
        own = path("<path:object_id>/live/", view, name="training_yearplan_live")
        return [own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A plan is asked for, not typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It changes through its verbs."""
        return False

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """Without what is done from an exercise; the planner is stopped only while it thinks."""
        return [
            one
            for one in super().offers(request, obj)
            if one.verb.name not in _INSIDE and not (one.verb.name == "stop" and one.reasons)
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The year at a glance, in place of a form."""
        plan = self._seen(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **self._context(request, plan),
            "title": str(plan),
            "opts": self.opts,
            "original": plan,
            "live": reverse("admin:training_yearplan_live", args=[plan.pk]),
            **(extra_context or {}),
        }
        return TemplateResponse(request, f"{_TEMPLATES}/plan.html", context)

    def live_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The panels anew for an open page, or nothing where nothing changed."""
        plan = self._seen(request, object_id)
        if year_reading.revision(plan) == request.GET.get("seen"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        context = self._context(request, plan)
        return TemplateResponse(request, f"{_TEMPLATES}/live.html", context)

    def _seen(self, request: HttpRequest, object_id: str) -> YearPlan:
        plan = self.get_object(request, unquote(object_id))
        if not isinstance(plan, YearPlan):
            raise Http404
        if not self.has_view_permission(request, plan):
            raise PermissionDenied
        return plan

    def _context(self, request: HttpRequest, plan: YearPlan) -> dict[str, Any]:
        may_plan = request.user.has_perm(year_plan.PLAN)
        year = year_reading.look(plan, reader=acting(request), at=timezone.now())
        return {
            "year": year,
            "plan": plan,
            "seen": year_reading.revision(plan),
            "is_over": not year.is_waiting,
            "offers": self.offers(request, plan),
            "may_move": may_plan and not year_plan.objections("ask", plan),
            "may_recast": request.user.has_perm("training.change_gameday"),
            "may_add": request.user.has_perm("training.add_gameday"),
            "urls": {
                name: reverse(f"admin:training_yearplan_{name}", args=[plan.pk])
                for name in (*_INSIDE, "ask")
            },
        }
