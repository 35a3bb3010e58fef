"""What is asked to draft, edit, approve and withdraw a severity scheme; its document as YAML."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from django import forms
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.documents import MAX_BYTES, read_document, write_document
from incidents.models import SeverityScheme
from incidents.operations import scheme
from incidents.rules.calling import CHANNELS
from incidents.rules.facts import SEVERITY_FACTS, Fact
from incidents.rules.operators import OPERATORS
from incidents.rules.reasons import Refused


class YamlField(forms.CharField):
    """A document typed as YAML, cleaned to its data; a fault names its line."""

    def __init__(self, **options: Any) -> None:
        look = {"rows": 30, "spellcheck": "false", "class": "document"}
        options.setdefault("widget", forms.Textarea(attrs=look))
        super().__init__(strip=False, **options)

    def clean(self, value: Any) -> Any:
        """The data."""
        return _read(super().clean(value))


class YamlFileField(forms.FileField):
    """The same from a file; None where none was chosen."""

    # The theme's own file widget hides the focus from whoever uses a keyboard.
    widget = forms.FileInput(attrs={"accept": ".yaml,.yml,.json", "class": "plain-file"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The data; one byte more than allowed is enough to refuse."""
        file = super().clean(data, initial)
        return _read(file.read(MAX_BYTES + 1)) if file else None


class DocumentForm(VerbForm):
    """The whole scheme as one document, beginning with what it says now."""

    document = YamlField(
        label="The scheme",
        required=False,
        help_text="All levels together, as YAML. What is wrong is said above, and nothing is lost.",
    )
    file = YamlFileField(
        label="Or a file",
        required=False,
        help_text=f"Replaces the text above; at most {MAX_BYTES // 1024} KiB, in UTF-8.",
    )

    def prepare(self) -> None:
        """The draft itself; where there is none yet, what the next one begins with."""
        drafted = self.subject
        if isinstance(drafted, SeverityScheme):
            self.initial["document"] = as_yaml(scheme.as_document(drafted))
        else:
            self.initial["document"] = as_yaml(scheme.next_document(timezone.now()))

    def clean(self) -> dict[str, Any]:
        """The file, where one was chosen, in place of the text."""
        said = dict(self.cleaned_data)
        file = said.pop("file", None)
        if file is not None:
            # The text is not used: what may be wrong with it is no fault.
            self.errors.pop("document", None)
            said["document"] = file
        return said


class DraftForm(DocumentForm):
    """The same, and why there is to be a new version."""

    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What changes, and for whom. The checker reads it.",
    )
    field_order = ["note", "document", "file"]


class ApproveForm(VerbForm):
    """From when it is law."""

    effective_from = InstantField(
        required=False,
        label="In force from",
        help_text="In your own time zone. Leave both empty to put it in force at once.",
    )


class WithdrawForm(VerbForm):
    """Why it is taken back."""

    reason = forms.CharField(widget=forms.Textarea)


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as leadership reads and edits it, below an explanation of every word."""
    return write_document(document, _explanation())


def _read(content: str | bytes) -> Any:
    try:
        return read_document(content)
    except Refused as refused:
        raise forms.ValidationError([each.message for each in refused.reasons]) from refused


def _explanation() -> list[str]:
    names = scheme.known()
    said = [
        "All severity levels, the highest first. An incident has the highest level of which one "
        "criterion holds; no criterion: the lowest, which therefore has none.",
        "",
        "review_due_days: days from closing to a published review; null: none is owed.",
        "public_update_required: whether policy asks for a public update.",
        "escalation: a role, and the minutes from declaration within which it is told; or {within, "
        f"channel ({', '.join(CHANNELS)}), repeat_minutes, repeats, next}}: called again until "
        "somebody answers, then the role next in line, at last leadership.",
        f"  roles: {', '.join(names.roles)}",
        f"cadences: for {', '.join(names.audiences)}, in minutes. until_minutes and "
        "then_every_minutes, both or neither: when the pace changes, and to what.",
        "predicate: {field, operator, value}, or all: [..], any: [..], not: ..",
        f"  operators: {', '.join(OPERATORS)}",
        "  fields:",
        *(f"    {_fact(fact)}" for fact in SEVERITY_FACTS.values()),
        "",
    ]
    return [
        line for text in said for line in wrap(text, 80, subsequent_indent="      ") or [""]
    ]


def _fact(fact: Fact) -> str:
    kind = " | ".join(fact.choices) or fact.type.value
    return f"{fact.name} ({kind}): {fact.description}"
