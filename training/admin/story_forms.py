"""What must be said to write, import, draw and copy stories."""

from typing import Any

from django import forms
from django.forms.fields import InvalidJSONInput
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget

from incidents.admin.forms import VerbForm
from incidents.documents import MAX_PACK_BYTES, read_document
from incidents.models import Incident, Role
from incidents.rules.reasons import Refused
from incidents.rules.said import unstorable
from training.models import ExerciseScenario, Inject, Objective, ScenarioModule
from training.operations import stories, story_documents
from training.operations.story_drawing import free_slug

CHOOSE = "— choose —"
OFFERED = 300  # a list longer than that is no choice any more
_ROWS = forms.Textarea(attrs={"rows": 3})


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """The list as lines; what was typed as it was typed."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines that say something."""
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]


class FactsField(forms.JSONField):
    """Facts by name, as JSON; however broken it is, it is refused and stays as it was typed."""

    def prepare_value(self, value: Any) -> Any:
        """No facts are no text."""
        return "" if value is None else super().prepare_value(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed, as it was where it is refused: too deep, a number of 5,000 digits."""
        try:
            said = super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)
        return InvalidJSONInput(data) if unstorable({"facts": said}) else said

    def to_python(self, value: Any) -> Any:
        """Values by name that a database keeps."""
        try:
            facts = super().to_python(value) or {}
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("This is not JSON that anybody reads.") from error
        if not isinstance(facts, dict):
            raise forms.ValidationError('Write facts by name: {"customers_affected": 40}.')
        if reasons := unstorable({"facts": facts}):
            raise forms.ValidationError([reason.message for reason in reasons])
        return facts


class StoryForm(forms.ModelForm[ExerciseScenario]):
    """What all of a story begins with; its facts can be said under the law."""

    facts = FactsField(
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text="What the exercise begins with, as JSON by the names of facts: "
        '{"customers_affected": 1200, "functionality_lost": "major"}.',
    )
    questions = LinesField(required=False, help_text="For the hot wash, one a line.")
    sources = LinesField(required=False, help_text="Addresses, one a line.")

    class Meta:
        model = ExerciseScenario
        fields = [
            "slug", "title", "kind", "summary", "background", "scenario", "facts",
            "duration_minutes", "twist", "questions", "organisation", "sources",
        ]  # fmt: skip

    def clean_facts(self) -> dict[str, Any]:
        """Only facts the law knows, said while the author is still here."""
        facts: dict[str, Any] = self.cleaned_data["facts"] or {}
        if reasons := story_documents.judge(timezone.now())(facts):
            raise forms.ValidationError([reason.message for reason in reasons])
        return facts

    def clean(self) -> dict[str, Any]:
        """Not while it is being played."""
        said = super().clean() or {}
        if self.instance.pk and (reasons := stories.objections(self.instance)):
            raise forms.ValidationError([reason.message for reason in reasons])
        return said


class ImportForm(VerbForm):
    """A file, or the same pasted: YAML or JSON."""

    # The theme's own file widget hides the focus from whoever uses a keyboard.
    file = forms.FileField(
        required=False,
        label="A file",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json", "class": "plain-file"}),
        help_text=f"One story as its page offers it, or several below “stories:”; at most "
        f"{MAX_PACK_BYTES // 1024} KiB, in UTF-8.",
    )
    document = forms.CharField(
        required=False,
        strip=False,
        label="Or its text",
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "document"}),
        help_text="What is wrong is said above by its path, and nothing is lost.",
    )

    def clean(self) -> dict[str, Any]:
        """Read once; what cannot be read is named by its line, and what was typed stays."""
        said = super().clean() or {}
        upload, text = said.get("file"), said.get("document", "")
        # One byte more than allowed is enough to refuse.
        content = upload.read(MAX_PACK_BYTES + 1) if upload is not None else text
        if not content.strip():
            raise forms.ValidationError("Choose a file, or paste the text.")
        try:
            return {"document": read_document(content, MAX_PACK_BYTES)}
        except Refused as refused:
            raise forms.ValidationError(
                [reason.message for reason in refused.reasons]
            ) from refused


class DrawForm(VerbForm):
    """From which incident of our own."""

    incident = forms.ModelChoiceField(
        Incident.objects.none(),
        error_messages={"invalid_choice": "Only a closed incident that everybody may see."},
    )
    title = forms.CharField(
        max_length=120, required=False, help_text="Empty: the incident's, without its names."
    )

    def prepare(self) -> None:
        """Those that can be drawn from, the newest first; a link may name an older one."""
        field: Any = self.fields["incident"]
        field.queryset = stories.drawable(self.actor)
        newest = list(field.queryset[:OFFERED])
        field.choices = [
            ("", CHOOSE if newest else "— no incident is closed yet —"),
            *((one.pk, f"{one.reference} {one.title}") for one in newest),
        ]
        field.help_text = (
            f"Closed, and not private; the newest {OFFERED}, if there are as many."
        )


class CopyForm(VerbForm):
    """What the copy is called."""

    title = forms.CharField(max_length=120)

    def clean(self) -> dict[str, Any]:
        """Its slug follows from the title."""
        said = super().clean() or {}
        return {**said, "slug": free_slug(said.get("title", ""))}


class ModulesForm(VerbForm):
    """The parts of the story, one a line."""

    titles = forms.CharField(widget=_ROWS, help_text="One a line, in their order.")

    def prepare(self) -> None:
        """As they are."""
        if isinstance(self.subject, ExerciseScenario):
            self.initial["titles"] = "\n".join(str(one) for one in self.subject.modules.all())

    def clean_titles(self) -> list[str]:
        """Lines into titles."""
        lines = self.cleaned_data["titles"].splitlines()
        return [line.strip() for line in lines if line.strip()]


class _PartForm(VerbForm):
    """What objectives and injects share: the activities they test."""

    activities = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What of the matrix it tests.",
    )

    @property
    def story(self) -> ExerciseScenario:
        """The story it belongs to."""
        if isinstance(self.subject, Objective | Inject):
            return self.subject.exercise_scenario
        if isinstance(self.subject, ExerciseScenario):
            return self.subject
        raise TypeError("A part is written on the page of its story.")

    def begin(self, *names: str) -> None:
        """With what the part says now, if there is one."""
        named: list[str] = []
        if isinstance(self.subject, Objective | Inject):
            self.initial.update({name: getattr(self.subject, name) for name in names})
            named = self.subject.activities
        known = story_documents.activity_names(timezone.now())
        # What the matrix had once stays chosen until somebody takes it away.
        choices = {**known, **{one: one for one in named if one not in known}}
        self.fields["activities"].choices = list(choices.items())  # type: ignore[attr-defined]


class ObjectiveForm(_PartForm):
    """One thing it is to show, measurably."""

    capability = forms.CharField(max_length=80, help_text="Such as Command or Communication.")
    text = forms.CharField(widget=_ROWS, label="What is to be shown")
    target = forms.CharField(
        max_length=200, required=False, help_text="Such as “within 15 minutes”."
    )
    role = forms.ModelChoiceField(Role.objects.active(), required=False)
    field_order = ["capability", "text", "target", "role", "activities"]

    def prepare(self) -> None:
        """As it is."""
        self.begin("capability", "text", "target", "role", "activities")


class InjectForm(_PartForm):
    """One thing fed to the players."""

    field_order = [
        "title", "offset_minutes", "kind", "trigger", "method", "sender", "to_role", "module",
        "text", "expected_action", "observer_focus", "background", "facts", "is_gate",
        "objectives", "activities",
    ]  # fmt: skip
    title = forms.CharField(max_length=120, required=False)
    offset_minutes = forms.IntegerField(min_value=0, label="T + minutes")
    kind = forms.ChoiceField(choices=Inject.Kind.choices)
    trigger = forms.CharField(max_length=200, required=False, help_text="Of a contingency.")
    method = forms.ChoiceField(choices=Inject.Method.choices)
    sender = forms.CharField(max_length=80, required=False)
    to_role = forms.ModelChoiceField(
        Role.objects.active(), required=False, help_text="None: everybody."
    )
    module = forms.ModelChoiceField(ScenarioModule.objects.none(), required=False)
    text = forms.CharField(widget=_ROWS)
    expected_action = forms.CharField(widget=_ROWS, required=False)
    observer_focus = forms.CharField(widget=_ROWS, required=False)
    background = forms.CharField(widget=_ROWS, required=False)
    is_gate = forms.BooleanField(required=False, label="The clock waits for a decision")
    facts = FactsField(
        widget=_ROWS, required=False, help_text="Facts it says to the incident, as JSON."
    )
    objectives = forms.ModelMultipleChoiceField(
        Objective.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        """Choices of this story; as it is."""
        story = self.story
        self.fields["module"].queryset = story.modules.all()  # type: ignore[attr-defined]
        self.fields["objectives"].queryset = story.objectives.filter(retired_at=None)  # type: ignore[attr-defined]
        self.begin(
            "title", "offset_minutes", "kind", "trigger", "method", "sender", "to_role", "module",
            "text", "expected_action", "observer_focus", "background", "is_gate", "activities",
        )  # fmt: skip
        if isinstance(self.subject, Inject):
            self.initial["objectives"] = list(self.subject.objectives.all())
            if self.subject.facts:
                self.initial["facts"] = self.subject.facts
