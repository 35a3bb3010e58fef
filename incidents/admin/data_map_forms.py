"""How a data holding and a regulator are typed: words to choose from, codes and counts as text."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incidents.admin.forms import VerbForm
from incidents.models import DataHolding, Regulator
from incidents.models.people import validate_time_zone
from incidents.operations import data_map, regulators
from incidents.rules.data_map import read_counts, read_places, said_counts
from incidents.rules.reasons import Reason


class VerifyForm(VerbForm):
    """What was found on the way."""

    note = forms.CharField(
        required=False,
        label="What you found",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whom you asked, where you looked. Correct the row first if it was wrong.",
    )


class HoldingForm(forms.ModelForm[DataHolding]):
    """Categories in the words of the law, places as codes, counts as "DE: 12000"."""

    class Meta:
        help_texts = {
            "title": "What it is, such as: customer accounts, support tickets.",
            "data_role": "Controller: we decide what happens with it. Processor: we hold it for others.",
        }

    data_categories = forms.MultipleChoiceField(
        label="Kinds of data",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    jurisdictions = forms.CharField(
        label="Where these people live",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="Codes with commas between them, such as DE, FR, US-CA.",
    )
    persons = forms.CharField(
        label="How many people",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One place a line, such as DE: 12000. Leave out what nobody knows.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "data_categories" not in self.fields:  # who may only look is shown no form
            return
        choice = cast(forms.MultipleChoiceField, self.fields["data_categories"])
        choice.choices = _offered(
            data_map.categories(at=timezone.now()), self.instance.data_categories
        )
        if self.instance.pk:
            self.initial["jurisdictions"] = ", ".join(self.instance.jurisdictions)
            self.initial["persons"] = said_counts(self.instance.persons)

    def clean_jurisdictions(self) -> list[str]:
        """The codes, sorted."""
        return read_places(self.cleaned_data["jurisdictions"])

    def clean_persons(self) -> dict[str, int]:
        """The counts by code."""
        counts, wrong = read_counts(self.cleaned_data["persons"])
        if wrong:
            raise forms.ValidationError([reason.message for reason in wrong])
        return counts

    def clean(self) -> dict[str, Any]:
        """What does not fit together is said at the field to change."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        said["data_categories"] = sorted(said.get("data_categories", ()))
        names = ("data_categories", "jurisdictions", "persons")
        row = DataHolding(**{name: said[name] for name in names if name in said})
        _complain(self, data_map.problems(row, at=timezone.now()))
        return said


class RegulatorForm(forms.ModelForm[Regulator]):
    """Whom the law names, in its words, and how they are reached."""

    class Meta:
        labels = {"our_reference": "Our account there", "hours": "When somebody answers"}
        help_texts = {
            "address": "Of the portal, the mailbox or the office; what is pressed or written to.",
            "phone": "With country code: +49 …",
            "hours": "By their clock, such as: Mon to Fri, 9 to 17; the form at any hour.",
            "our_reference": "Account or registration number; never a password.",
        }

    recipient = forms.ChoiceField(
        label="Is told as",
        widget=UnfoldAdminSelectWidget,
        help_text="As the law pack names it.",
    )
    jurisdiction = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Code of its country or part of one, where the law names several: DE, DE-BE.",
    )
    timezone = forms.CharField(
        label="Time zone",
        initial="UTC",
        widget=UnfoldAdminTextInputWidget,
        validators=[validate_time_zone],
        help_text="IANA name, such as Europe/Berlin.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "recipient" not in self.fields:
            return
        kept = [self.instance.recipient] if self.instance.recipient else []
        choice = cast(forms.ChoiceField, self.fields["recipient"])
        choice.choices = _offered(regulators.recipients(at=timezone.now()), kept)

    def clean_jurisdiction(self) -> str:
        """As codes are written."""
        return str(self.cleaned_data["jurisdiction"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        """What does not fit together is said at the field to change."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        names = ("recipient", "jurisdiction", "address", "phone")
        row = Regulator(**{name: said[name] for name in names if name in said})
        _complain(self, regulators.problems(row, at=timezone.now()))
        return said


def _offered(words: Mapping[str, str], kept: Iterable[str]) -> list[tuple[str, str]]:
    """The choices, and those that were made under another law and still stand."""
    return [*words.items(), *((code, code) for code in kept if code not in words)]


def _complain(form: forms.ModelForm[Any], reasons: Iterable[Reason]) -> None:
    """Each reason at its field, unless something was wrong there before."""
    wrong = set(form.errors)
    for reason in reasons:
        if reason.field not in wrong:
            form.add_error(reason.field, reason.message)
