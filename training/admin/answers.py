"""Accepting and declining: one page with two buttons, reached from the invitation."""

from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from incidents.admin.forms import VerbForm
from incidents.admin.verbs import Offer, Verb, VerbAdmin, acting
from incidents.models import Person
from training.models import Answer, GameDay
from training.operations import answers, invitations


class AnswerForm(VerbForm):
    """Yes or no, said by which button is pressed, and why."""

    answer = forms.ChoiceField(
        choices=[(Answer.ACCEPTED, "I will come"), (Answer.DECLINED, "I cannot come")],
        widget=forms.HiddenInput,
        error_messages={"required": "Accept, or decline."},
    )
    note = forms.CharField(
        required=False, max_length=300, label="A word to the organiser",
        # Of several lines, so that Enter presses no button: the first one says yes.
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="If you decline: when you could, or who could in your place.",
    )  # fmt: skip


def _objections(game_day: GameDay, actor: Person) -> Any:
    return answers.objections(game_day, actor)


ANSWER = Verb(
    "answer", "Accept or decline", answers.answer_own, AnswerForm, icon="event_available",
    objections=_objections, done="Thank you: your answer is noted.",
)  # fmt: skip


class AnswerPages(VerbAdmin):
    """Adds to the admin of game days the page on which one answers one's own invitation."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow it."""
        view = self.admin_site.admin_view(partial(self.verb_view, verb=ANSWER))
        own = path("<path:object_id>/answer/", view, name=self._verb_url_name(ANSWER))
        return [own, *super().get_urls()]

    def offers(self, request: HttpRequest, obj: models.Model | None) -> list[Offer]:
        """First of all one's own answer, while one is asked."""
        found = super().offers(request, obj)
        if not isinstance(obj, GameDay) or not self.may_ever(request, ANSWER):
            return found
        if answers.objections(obj, acting(request)):
            return found
        return [Offer(ANSWER, invitations.answer_address(obj)), *found]

    def after_verb(self, verb: Verb, subject: models.Model | None, result: Any) -> str:
        """Back to the same page: it says what was answered, and how to change one's mind."""
        if verb is ANSWER and isinstance(subject, GameDay):
            return invitations.answer_address(subject)
        return super().after_verb(verb, subject, result)

    def _ask(
        self, request: HttpRequest, verb: Verb, subject: models.Model | None, form: VerbForm
    ) -> HttpResponse:
        page = super()._ask(request, verb, subject, form)
        if (
            isinstance(page, TemplateResponse)
            and verb is ANSWER
            and isinstance(subject, GameDay)
        ):
            page.template_name = "admin/training/answer.html"
            page.context_data = (page.context_data or {}) | _shown(subject, acting(request))
        return page


def _shown(game_day: GameDay, reader: Person) -> dict[str, Any]:
    seats = answers.own(game_day, reader)
    taking = invitations.parts(game_day).get(reader)
    return {
        "when": invitations.when(game_day.starts_at, reader),
        "part": taking.said() if taking else "",
        "seats": seats,
        "said": min((seat.answer for seat in seats), default=""),
        "why": next((seat.reason for seat in seats if seat.reason), ""),
        "note": next((seat.answer_note for seat in seats if seat.answer_note), ""),
        "reasons": answers.objections(game_day, reader),
        "is_over": game_day.starts_at <= timezone.now(),
    }
