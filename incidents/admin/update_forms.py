"""What a person must say to rewrite, send back or approve an update, and to verify facts."""

from typing import Any, cast

from django import forms
from django.db import models
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.models import Incident, Update
from incidents.operations import approving, verifying

_LINES = forms.Textarea(attrs={"rows": 3})


def of_update(subject: models.Model | None) -> Update:
    """The subject as what it is: these forms belong to verbs of an update."""
    if not isinstance(subject, Update):
        raise TypeError("This form needs an update.")
    return subject


class ApproveForm(VerbForm):
    """Nothing, or why it can be said in spite of what stands against it; and what was read."""

    note = forms.CharField(
        widget=_LINES,
        label="Why it can be said all the same",
        help_text="Kept with the update: for each fact that is not firm and each warning above.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """A reason is asked for only where something wants one, and where one helps."""
        update = of_update(self.subject)
        self.initial["seen"] = approving.fingerprint(update)
        case = approving.case_of(update, at=timezone.now())
        if case.forbidding or not case.wants_reason:
            del self.fields["note"]


class SendBackForm(VerbForm):
    """What is wrong with the words."""

    reason = forms.CharField(
        widget=_LINES,
        help_text="What is wrong, and what would do: whoever drafted it is told.",
    )


class RedraftForm(VerbForm):
    """The update as it stands, to be changed."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 8}))
    promised_next_at = InstantField(
        required=False,
        label="Next update promised at",
        help_text="Empty: by the severity's pace.",
    )
    stage = forms.ChoiceField(choices=Update.Stage.choices)
    impact = forms.ChoiceField(choices=Update.Impact.choices)
    facts = forms.MultipleChoiceField(
        required=False,
        label="Rests on",
        widget=forms.CheckboxSelectMultiple,
        help_text="With the values they have now; whoever approves sees which are verified.",
    )

    def prepare(self) -> None:
        """As it reads now; a promise whose time has come is to be made anew."""
        update = of_update(self.subject)
        promised_at = update.promised_next_at
        self.initial = {
            "text": update.text,
            "promised_next_at": promised_at
            if promised_at and promised_at > timezone.now()
            else None,
            "stage": update.stage,
            "impact": update.impact,
            "facts": [one["name"] for one in update.facts],
        }
        choose_facts(self, "facts", update.incident)


class VerifyForm(VerbForm):
    """Which recorded facts are known to be so, and how."""

    names = forms.MultipleChoiceField(
        label="Facts", widget=forms.CheckboxSelectMultiple, required=False
    )
    source = forms.CharField(
        max_length=300,
        label="How it is known",
        help_text="A dashboard, a log, who confirmed it.",
    )

    def prepare(self) -> None:
        """Of what is recorded; what is verified stands there as such."""
        incident = cast(Incident, self.subject)
        choose_facts(self, "names", incident)
        if "names" not in self.fields:
            self.fields["source"].help_text = "No fact is recorded here: record one first."

    def clean(self) -> dict[str, Any]:
        """Without a recorded fact there is none to name."""
        return {"names": [], **(super().clean() or {})}


def choose_facts(form: forms.Form, name: str, incident: Incident) -> None:
    """Let the field choose among the recorded facts; without any there is no field."""
    firm = verifying.verified(incident)
    choices = [
        (fact, fact_line(fact, value, firm)) for fact, value in sorted(incident.facts.items())
    ]
    cast(forms.MultipleChoiceField, form.fields[name]).choices = choices
    if not choices:
        del form.fields[name]


def fact_line(name: str, value: object, firm: Any) -> str:
    """A fact with its value, and whether somebody verified it."""
    standing = "verified" if name in firm else "not verified"
    return f"{verifying.label(name).capitalize()}: {verifying.said(value)} ({standing})"
