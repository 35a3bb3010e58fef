"""Adds to the admin of game days the after-action report: its page, its copies, its verbs.

Here and not in training, because its improvements stand in the register of reviews.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents import markup
from incidents.admin.base import Verb, acting
from incidents.admin.forms import VerbForm, date_field, person_field
from incidents.admin.verbs import Offer
from incidents.models import Incident, Person
from incidents.rules.reasons import Reason
from raci_project.after_action import improving, reading, words
from raci_project.after_action.markdown import as_markdown
from raci_project.after_action.values import Report
from reviews.models import ActionItem
from reviews.operations import action_item
from training.admin.game_day import GameDayAdmin
from training.models import GameDay
from training.operations import report
from training.rules.after_action import LEGEND

_NAME = "training_gameday_report"
_HOT_WASH = (
    ("strength", "What went well"),
    ("gap", "What did not"),
    ("priority", "The first to change"),
)
_WRITES = ("summarise", "publish_report")
_OF_REPORT = (*_WRITES, "improve")
_NOT_THEIRS = ("no_permission", "not_the_owner")


class SummaryForm(VerbForm):
    """The executive summary."""

    summary = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="For somebody who was not there: what was shown, what was not, what follows. "
        "Markdown. The figures stand beneath it by themselves.",
    )

    def prepare(self) -> None:
        """Begin with what stands there."""
        if isinstance(self.subject, GameDay):
            self.initial["summary"] = self.subject.report_summary


class ImproveForm(VerbForm):
    """One line of the improvement plan."""

    issue = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was seen: a circumstance and never a person.",
    )
    title = forms.CharField(max_length=200, label="Corrective action")
    capability = forms.ChoiceField(
        required=False, help_text="What it is to strengthen; the objectives name them."
    )
    element = forms.ChoiceField(choices=ActionItem.Element.choices, label="Capability element")
    kind = forms.ChoiceField(choices=ActionItem.Kind.choices, initial=ActionItem.Kind.RESPOND)
    owner = person_field(help_text="The one accountable person, who is told at once.")
    due_on = date_field(help_text="It is due when this day ends for its owner.")

    def prepare(self) -> None:
        """Of the capabilities those the exercise was about, and none for what lies beside them."""
        field = self.fields["capability"]
        if isinstance(self.subject, GameDay) and isinstance(field, forms.ChoiceField):
            known = improving.capabilities(self.subject)
            field.choices = [("", "beside the objectives"), *((one, one) for one in known)]


class PublishForm(VerbForm):
    """Consent, why an objective is not rated, and why nothing is to be improved where nothing is."""

    unrated_because = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        label="Why not every objective is rated",
        help_text="Only where one is not: what was rated is fixed. It stands in the report.",
    )

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        label="Why nothing is to be improved",
        help_text="Only where no improvement was added.",
    )


def _not_now(game_day: GameDay, actor: Person) -> tuple[Reason, ...]:
    return report.objections(game_day, actor)


VERBS = (
    Verb("summarise", "Write the summary", report.write, SummaryForm, icon="edit_note",
         objections=_not_now, done="Written.",
         explain="The executive summary of the after-action report."),
    Verb("improve", "Add an improvement", improving.improve, ImproveForm, icon="build",
         objections=improving.objections,
         explain="An action item of the exercise's review, in the one register: reminders go out "
         "until it is finished."),
    Verb("publish_report", "Publish the report", improving.publish, PublishForm, icon="publish",
         objections=_not_now, done="Published.",
         explain="A published report does not change. Improvements may still be added."),
)  # fmt: skip


class ReportedGameDays(GameDayAdmin):
    """Game days with their reports."""

    verbs: ClassVar[tuple[Verb, ...]] = (*GameDayAdmin.verbs, *VERBS)

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """Anybody may come to own a report: the rule asks whether they do."""
        return verb.name in _OF_REPORT or super().may_ever(request, verb)

    def verb_view(
        self, request: HttpRequest, verb: Verb, object_id: str | None = None
    ) -> HttpResponse:
        """Whose report it is not finds no form that would be refused, but whom to ask."""
        if verb.name in _OF_REPORT:
            row, reader = self._subject(request, object_id), acting(request)
            for reason in verb.objections(row, reader):
                if reason.code in _NOT_THEIRS:
                    raise PermissionDenied(reason.message)
        return super().verb_view(request, verb, object_id)

    def offers(self, request: HttpRequest, obj: Any) -> list[Offer]:
        """What is done to a report is offered once there can be one, and to whom it concerns."""
        found = super().offers(request, obj)
        if obj is None:
            return found
        is_over = obj.status == GameDay.Status.COMPLETED
        if not is_over:
            return [one for one in found if one.verb.name not in _OF_REPORT]
        shown = {"improve": request.user.has_perm(action_item.ADD)}
        shown |= dict.fromkeys(_WRITES, _may_draft(obj, acting(request)))
        page = Verb("report", "After-action report", report.write, icon="description")
        return [
            Offer(page, reverse(f"admin:{_NAME}", args=[obj.pk])),
            *(one for one in found if shown.get(one.verb.name, True)),
        ]

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow them."""
        view = self.admin_site.admin_view
        own: list[URLPattern] = [
            path("<path:object_id>/report/", view(self.report_view), name=_NAME),
            path(
                "<path:object_id>/report.md", view(self.markdown_view), name=f"{_NAME}_markdown"
            ),
            path("<path:object_id>/report.html", view(self.html_view), name=f"{_NAME}_html"),
        ]
        return own + super().get_urls()

    def after_verb(self, verb: Verb, subject: Any, result: Any) -> str:
        """What is done to the report leads back to it, a note to the hot wash."""
        if verb.name in _OF_REPORT:
            return reverse(f"admin:{_NAME}", args=[subject.pk])
        return super().after_verb(verb, subject, result)

    def report_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The report; as a draft only to who writes, ran or judged it."""
        game_day, reader = self._shown(request, object_id), acting(request)
        if game_day.status != GameDay.Status.COMPLETED:
            return redirect(self._address(game_day))
        may_read = game_day.reported_at is not None or may_read_draft(game_day, reader)
        found = reading.read(game_day, reader=reader, at=timezone.now()) if may_read else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"After-action report of {game_day}",
            "opts": self.opts,
            "original": game_day,
            "game_day": game_day,
            "offers": [
                one for one in self.offers(request, game_day) if one.verb.name in _OF_REPORT
            ],
            **(spoken(found) if found else {}),
        }
        return TemplateResponse(request, "admin/training/after/report.html", context)

    def markdown_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A copy as Markdown."""
        found = self._copied(request, object_id)
        return _copy(as_markdown(found), "text/markdown", f"{_file(found)}.md")

    def html_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A copy as one file of HTML that fetches nothing."""
        found = self._copied(request, object_id)
        page = render_to_string("admin/training/after/report_alone.html", spoken(found))
        return _copy(page, "text/html", f"{_file(found)}.html")

    def _copied(self, request: HttpRequest, object_id: str) -> Report:
        game_day, reader = self._shown(request, object_id), acting(request)
        if game_day.status != GameDay.Status.COMPLETED:
            raise Http404
        if game_day.reported_at is None and not may_read_draft(game_day, reader):
            raise PermissionDenied
        return reading.read(game_day, reader=reader, at=timezone.now())

    def _shown(self, request: HttpRequest, object_id: str) -> GameDay:
        game_day = self.get_object(request, unquote(object_id))
        if game_day is None:
            raise Http404
        if not self.has_view_permission(request, game_day):
            raise PermissionDenied
        hidden = Incident.objects.hidden_from(acting(request))
        if game_day.incident_id and hidden.filter(pk=game_day.incident_id).exists():
            raise PermissionDenied
        return game_day


def _may_draft(game_day: GameDay, person: Person) -> bool:
    return game_day.report_owner_id == person.pk or person.has_perm(report.REPORT)


def may_read_draft(game_day: GameDay, person: Person) -> bool:
    """Its owner, who may write any report, and who ran or judged the exercise."""
    if _may_draft(game_day, person) or game_day.organiser_id == person.pk:
        return True
    return game_day.staff.filter(person=person).exists()


def spoken(found: Report) -> dict[str, Any]:
    """The report with its sentences, as the templates show it."""
    return {
        "report": found,
        "facts": found.overview,
        "summary": markup.as_html(found.summary) if found.summary else "",
        "opening": words.opening(found),
        "duration": words.duration(found),
        "capabilities_tested": words.listed(found.overview.capabilities),
        "which_minutes": words.which_minutes(found),
        "course": words.course(found),
        "findings": list(words.findings(found)),
        "met": words.met(found),
        "unrated": words.unrated(found),
        "comparison": list(words.comparison(found)),
        "timings": [(one, words.timing(one)) for one in found.timings],
        "capabilities": [(one, words.capability(one)) for one in found.capabilities],
        "washed": [(heading, found.hot_wash.get(kind, ())) for kind, heading in _HOT_WASH],
        "legend": LEGEND.items(),
        "scope": words.listed(found.overview.scope),
    }


def _copy(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file(found: Report) -> str:
    return f"after-action-{found.overview.reference or found.key}"


admin.site.unregister(GameDay)
admin.site.register(GameDay, ReportedGameDays)
