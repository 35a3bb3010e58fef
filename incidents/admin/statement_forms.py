"""Forms of holding statements: the words, the signature of counsel, the approval."""

from typing import Any

from django import forms

from incidents.admin.forms import VerbForm, date_field
from incidents.models import Audience, HoldingStatement, Scenario
from incidents.operations import agreeing
from incidents.rules.wording import ALLOWED_BLANKS

BLANKS = ", ".join(f"{{{name}}}" for name in ALLOWED_BLANKS)
_EFFECTIVE = "First day on which it may be used."
_REVIEW = "By when somebody looks at it again."
_EXPIRES = "First day on which it may no longer be used."
_STANDS = "Empty: as the draft says"
_FROM_APPROVAL = "Empty: from its approval on."


def _words(rows: int, **options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **options)


class WriteForm(VerbForm):
    """The words, and for whom and when they are meant."""

    title = forms.CharField(max_length=120)
    scenario = forms.ModelChoiceField(
        Scenario.objects.all(), required=False, help_text="Empty: for any."
    )
    severity = forms.SlugField(
        max_length=20,
        required=False,
        help_text="Code of a level, such as sev1. Empty: for any.",
    )
    audience = forms.ChoiceField(choices=Audience.choices)
    language = forms.CharField(max_length=10, initial="en")
    purpose = forms.ChoiceField(
        choices=HoldingStatement.Purpose.choices, initial=HoldingStatement.Purpose.FIRST
    )
    text = _words(6, help_text=f"Blanks that may be filled: {BLANKS}.")
    forbidden = _words(
        3,
        required=False,
        label="Must not be claimed",
        help_text="One phrase a line: updates about this scenario are checked for them.",
    )
    effective_from = date_field(required=False, help_text=f"{_EFFECTIVE} {_FROM_APPROVAL}")
    review_on = date_field(required=False, help_text=_REVIEW)
    expires_on = date_field(required=False, help_text=_EXPIRES)

    def prepare(self) -> None:
        """What stands there now."""
        if isinstance(self.subject, HoldingStatement):
            self.initial.update({name: getattr(self.subject, name) for name in self.fields})


class ReviseForm(WriteForm):
    """The next version: of the same audience, language, scenario and purpose, and with new days."""

    scenario = audience = language = purpose = None  # type: ignore[assignment]

    def prepare(self) -> None:
        """The words as they stand; the days were those of the version before."""
        super().prepare()
        for name in ("effective_from", "review_on", "expires_on"):
            self.initial.pop(name, None)


class SeenForm(VerbForm):
    """`seen` is what the person has read: words changed meanwhile are not agreed to unread."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        """The fingerprint of what the page shows."""
        if isinstance(self.subject, HoldingStatement):
            self.initial["seen"] = agreeing.fingerprint(self.subject)


class ClearForm(SeenForm):
    """What counsel wants kept beside the signature."""

    note = _words(3, required=False, help_text="On what condition, after which advice.")


class ApproveForm(SeenForm):
    """From when until when the words may be used, and why they may in spite of what is said."""

    effective_from = date_field(
        required=False, help_text=f"{_EFFECTIVE} {_STANDS}, else from now on."
    )
    review_on = date_field(required=False, help_text=f"{_REVIEW} {_STANDS}.")
    expires_on = date_field(required=False, help_text=f"{_EXPIRES} {_STANDS}.")
    note = _words(
        2,
        required=False,
        label="Why it may stand",
        help_text="Needed only where the wording checks warn.",
    )
    emergency_reason = forms.CharField(
        required=False,
        help_text="Needed only while an incident of this scenario is open.",
    )


class RetireForm(VerbForm):
    """Why the words may no longer be used."""

    reason = _words(3)
