"""The hot wash of a game day on one page, to be projected: what is asked, what was said, a form."""

from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from incidents.admin.base import Verb, acting
from incidents.admin.forms import VerbForm
from incidents.admin.verbs import VerbAdmin
from incidents.models import Person
from training.models import GameDay, HotWashNote
from training.operations import debrief
from training.rules import after_action

Kind = HotWashNote.Kind
_SCALE = [(1, "1 not at all"), (2, "2"), (3, "3"), (4, "4"), (5, "5 entirely")]
_HEADINGS = (
    (Kind.STRENGTH, "What went well", "Nothing yet. What would you do the same way again?"),
    (Kind.GAP, "What did not", "Nothing yet. Where did it stop, and what was missing?"),
    (Kind.PRIORITY, "The first three to change", "Nothing yet. Agree on three, no more."),
)


class NoteForm(VerbForm):
    """One thing said."""

    kind = forms.ChoiceField(choices=Kind.choices)
    text = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What is said",
        help_text="Circumstances, not persons: what made it easy, or hard.",
    )


class FeedbackForm(VerbForm):
    """How ready, before and after."""

    ready_before = forms.TypedChoiceField(
        choices=_SCALE, coerce=int, label="How ready for your role were you before it?"
    )
    ready_after = forms.TypedChoiceField(
        choices=_SCALE, coerce=int, label="How ready are you now?"
    )
    comment = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What helped, what would have. The report shows it without your name.",
    )

    def prepare(self) -> None:
        """Begin with what this person said before."""
        if not isinstance(self.subject, GameDay):
            return
        said = self.subject.feedback.filter(person=self.actor).first()
        for name in self.fields if said else ():
            self.initial[name] = getattr(said, name)


def _not_now(game_day: GameDay, actor: Person) -> Any:
    return debrief.objections(game_day, actor)


VERBS = (
    Verb("note", "Add to the hot wash", debrief.note, NoteForm, icon="sticky_note_2",
         objections=_not_now, elsewhere=True, done="Noted.",
         explain="Straight after it, by players and those who ran it alike. Blameless."),
    Verb("feedback", "Give feedback", debrief.feedback, FeedbackForm, icon="thumbs_up_down",
         objections=_not_now, elsewhere=True, done="Thank you.",
         explain="Two numbers and a sentence. Said anew, it replaces what you said before."),
)  # fmt: skip


NAMES = frozenset(verb.name for verb in VERBS)


class DebriefPages(VerbAdmin):
    """Adds to the admin of game days the page of the hot wash."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow it."""
        view = self.admin_site.admin_view(self.hot_wash_view)
        own = path(
            "<path:object_id>/hot-wash/", view, name="training_gameday_hot_wash"
        )  # fmt: skip
        return [own, *super().get_urls()]

    def verb_view(
        self, request: HttpRequest, verb: Verb, object_id: str | None = None
    ) -> HttpResponse:
        """To who took no part the forms say so instead of opening."""
        if verb.name in NAMES:
            row = self._subject(request, object_id)
            if isinstance(row, GameDay) and (reason := debrief.outsider(row, acting(request))):
                raise PermissionDenied(reason.message)
        return super().verb_view(request, verb, object_id)

    def after_verb(self, verb: Verb, subject: Any, result: Any) -> str:
        """Who said something goes on listening."""
        if verb.name in NAMES:
            return hot_wash_address(subject)
        return super().after_verb(verb, subject, result)

    def hot_wash_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who may see the game day may see it; what the story asks, players only once it is told."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **_page(row, acting(request)),
            "title": f"Hot wash of {row}",
            "opts": self.opts,
            "original": row,
        }
        return TemplateResponse(request, "admin/training/after/hot_wash.html", context)


def hot_wash_address(game_day: GameDay) -> str:
    """Where its hot wash is."""
    return reverse("admin:training_gameday_hot_wash", args=[game_day.pk])


def _page(game_day: GameDay, reader: Person) -> dict[str, Any]:
    notes = list(game_day.hot_wash.all())
    said = list(game_day.feedback.values_list("ready_before", "ready_after"))
    may_read = debrief.may_read(game_day, reader)
    return {
        "game_day": game_day,
        "questions": game_day.exercise_scenario.questions if may_read else (),
        "may_read": may_read,
        "groups": [
            (kind, heading, [one for one in notes if one.kind == kind], empty)
            for kind, heading, empty in _HEADINGS
        ],
        "kinds": Kind.choices,
        "readiness": after_action.readiness(said),
        "reasons": debrief.objections(game_day, reader),
    }
