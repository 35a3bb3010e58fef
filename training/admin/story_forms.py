"""What must be said to write, import, draw and copy stories."""

import json
from typing import Any

from django import forms
from django.utils.text import slugify

from incidents.admin.forms import VerbForm
from incidents.documents import MAX_BYTES, read_document
from incidents.models import Incident, Role
from incidents.rules.acts import ACTS
from incidents.rules.reasons import Refused
from training.models import ExerciseScenario, Inject, Objective, ScenarioModule
from training.operations import stories

_ROWS = forms.Textarea(attrs={"rows": 3})


class ImportForm(VerbForm):
    """A file, or the same pasted: YAML or JSON."""

    file = forms.FileField(required=False, label="File", help_text="YAML or JSON, up to 1 MiB.")
    document = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 14}), label="Or its text"
    )

    def clean(self) -> dict[str, Any]:
        """Read once; what cannot be read is named, and what was typed stays."""
        said = super().clean() or {}
        upload, text = said.get("file"), said.get("document", "")
        if upload is not None and upload.size > MAX_BYTES:
            raise forms.ValidationError("The file is too large: give one of at most 1 MiB.")
        content = upload.read() if upload is not None else text
        if not content:
            raise forms.ValidationError("Choose a file, or paste the text.")
        try:
            return {"document": read_document(content)}
        except Refused as refused:
            raise forms.ValidationError(
                [reason.message for reason in refused.reasons]
            ) from refused


class DrawForm(VerbForm):
    """From which incident of our own."""

    incident = forms.CharField(
        max_length=20, help_text="Reference of a closed incident, such as INC-12."
    )
    title = forms.CharField(
        max_length=120, required=False, help_text="Empty: as the incident's."
    )

    def prepare(self) -> None:
        """Name the newest that can be drawn from."""
        newest = stories.drawable(self.actor)[:5]
        named = ", ".join(f"{one.reference} {one.title[:40]}" for one in newest)
        if named:
            self.fields["incident"].help_text += f" The newest: {named}."

    def clean_incident(self) -> Incident:
        """The incident of that reference, as far as it can be drawn from."""
        said = self.cleaned_data["incident"].strip()
        found = stories.drawable(self.actor).filter(reference__iexact=said).first()
        if found is None:
            raise forms.ValidationError(f"{said} is no closed incident that everybody may see.")
        return found


class CopyForm(VerbForm):
    """What the copy is called."""

    title = forms.CharField(max_length=120)

    def clean(self) -> dict[str, Any]:
        """Its slug follows from the title."""
        said = super().clean() or {}
        return {**said, "slug": slugify(said.get("title", ""))[:80]}


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
        choices=[(act.code, act.label) for act in ACTS.values()],
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
        if isinstance(self.subject, Objective | Inject):
            self.initial.update({name: getattr(self.subject, name) for name in names})


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
    facts = forms.CharField(
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
                self.initial["facts"] = json.dumps(self.subject.facts, ensure_ascii=False)

    def clean_facts(self) -> dict[str, Any]:
        """JSON into facts."""
        said = self.cleaned_data["facts"].strip()
        try:
            facts = json.loads(said) if said else {}
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from error
        if not isinstance(facts, dict):
            raise forms.ValidationError('Write facts by name: {"customers_affected": 40}.')
        return facts
