"""What is asked to begin a draft of a matrix."""

from django import forms
from django.utils import timezone

from incidents.admin.forms import VerbForm
from incidents.operations.drafts import MAX_NAME
from incidents.operations.law import matrix_in_force

STARTING_NAME = "Incident response"


class NewDraftForm(VerbForm):
    """From what it begins, and of which matrix it is the next version."""

    origin = forms.ChoiceField(label="Begin with")
    matrix_name = forms.CharField(
        max_length=MAX_NAME,
        help_text="The name of a matrix you have makes its next version; a new one begins at v1.",
    )
    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What changes, and for whom.",
    )

    def prepare(self) -> None:
        """The version in force comes first, where there is one."""
        law = matrix_in_force(timezone.now())
        choices = [
            ("starting", "The starting matrix: ten activities a phase"),
            ("blank", "A blank grid"),
        ]
        if law is not None:
            choices.insert(0, ("law", f"What is in force: {law}"))
        origin = self.fields["origin"]
        if isinstance(origin, forms.ChoiceField):
            origin.choices = choices
        self.fields["matrix_name"].initial = law.matrix.name if law else STARTING_NAME


class CopyForm(VerbForm):
    """Why there is to be another version."""

    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What changes, and for whom.",
    )
