"""What a person must say for each verb of an incident."""

from typing import Any, cast

from django import forms
from django.db import models
from django.utils import timezone

from incidents.admin.forms import (
    InstantField,
    VerbForm,
    groups_field,
    person_field,
    services_field,
)
from incidents.models import (
    Audience,
    HoldingStatement,
    Incident,
    Role,
    Scenario,
    Service,
)
from incidents.models.calendar import today
from incidents.operations import command
from incidents.operations import statement as statements
from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS, Fact, FactType
from incidents.rules.phases import State, next_state
from incidents.rules.wording import ALLOWED_BLANKS, blanks


def of_incident(subject: models.Model | None) -> Incident:
    """The subject as what it is: these forms belong to verbs of an incident."""
    if not isinstance(subject, Incident):
        raise TypeError("This form needs an incident.")
    return subject


def _field_of(fact: Fact) -> forms.Field:
    """A form field for one typed fact; left empty it is not given."""
    label = fact.name.replace("_", " ").capitalize()
    if fact.type is FactType.BOOL:
        return forms.BooleanField(label=label, required=False, help_text=fact.description)
    if fact.type is FactType.ENUM:
        choices = [
            ("", "not known yet"),
            *((one, one.replace("_", " ")) for one in fact.choices),
        ]
        return forms.ChoiceField(
            label=label, required=False, choices=choices, help_text=fact.description
        )
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=fact.minimum,
        max_value=fact.maximum,
        help_text=fact.description,
    )


class FactsForm(VerbForm):
    """Facts as fields; `cleaned_data["facts"]` holds only those somebody gave."""

    def prepare(self) -> None:
        """One field a fact a person can know; what the catalogue knows is not asked."""
        known = self.subject.facts if isinstance(self.subject, Incident) else {}
        for name, fact in SEVERITY_FACTS.items():
            if name not in DERIVED_FACTS:
                self.fields[name] = _field_of(fact)
                self.initial[name] = known.get(name)

    def clean(self) -> dict[str, Any]:
        """Gather the facts into one value."""
        said = super().clean() or {}
        facts = {name: said.pop(name) for name in SEVERITY_FACTS if name in said}
        known = self.subject.facts if isinstance(self.subject, Incident) else {}
        given = {
            name: value
            for name, value in facts.items()
            if value not in (None, "") and (value is not False or name in known)
        }
        return {**said, "facts": given}


class DeclareForm(FactsForm):
    """The fewest words that open an incident; everything else is computed."""

    title = forms.CharField(
        max_length=200,
        label="What is wrong",
        help_text="As a customer would say it: “Card payments fail”.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    services = services_field(
        label="Affected services",
        help_text="Their owners become domain owners; their tier and dependents count for severity.",
    )
    scenario = forms.ModelChoiceField(
        queryset=Scenario.objects.all(),
        required=False,
        help_text="If it is one we prepared for: its holding statements are offered.",
    )
    detected_at = InstantField(
        required=False, help_text="When it was first noticed. Empty: now. In your time zone."
    )
    is_private = forms.BooleanField(
        required=False,
        label="Private",
        help_text="Seen only by who takes part in it, and by the groups you name.",
    )
    seen_by = groups_field(help_text="Only for a private one.")


class AssignForm(VerbForm):
    """A role, a person and why; the page knows who commanded when it was opened."""

    role = forms.ModelChoiceField(queryset=Role.objects.all())
    person = person_field()
    service = forms.ModelChoiceField(
        queryset=Service.objects.none(),
        required=False,
        help_text="For a domain owner: of which affected service.",
    )
    reason = forms.CharField(
        max_length=300,
        required=False,
        help_text="Kept beside the name; needed for somebody who is not qualified.",
    )
    commander_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Only services this incident affects have an owner in it."""
        choice = cast(forms.ModelChoiceField[Service], self.fields["service"])
        incident = of_incident(self.subject)
        choice.queryset = incident.services.all()
        self.initial["commander_seen"] = command.commander(incident)


class ClassifyForm(VerbForm):
    """The level, and a reason where it differs from the computed one."""

    level_code = forms.ChoiceField(label="Severity")
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="Needed when it differs from the computed level. To decline a proposed level, "
        "choose the one it has and say why.",
    )

    def prepare(self) -> None:
        """The levels of the scheme pinned to this incident."""
        incident = of_incident(self.subject)
        levels = incident.severity_scheme.levels.all() if incident.severity_scheme else []
        choice = cast(forms.ChoiceField, self.fields["level_code"])
        choice.choices = [(level.code, level.name) for level in levels]
        if incident.level:
            self.initial["level_code"] = incident.level.code


class AdvanceForm(VerbForm):
    """Which phase; the page knows, so that two people pressing at once move it once."""

    to = forms.ChoiceField(widget=forms.HiddenInput, choices=[(one, one) for one in State])

    def prepare(self) -> None:
        """The phase that follows the one this person saw."""
        self.initial["to"] = next_state(State(of_incident(self.subject).state))


class InstantForm(VerbForm):
    """When it happened; a time out of order needs a reason."""

    happened_at = InstantField(
        required=False, label="When", help_text="Empty: now. In your time zone."
    )
    reason = forms.CharField(
        required=False, max_length=300, help_text="Needed only when the time is out of order."
    )


class ReasonForm(VerbForm):
    """Why."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class CloseForm(VerbForm):
    """The last word."""

    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Closing note",
        help_text="What was done, in two sentences: the review begins with it.",
    )


class NoteForm(VerbForm):
    """One line of the timeline."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    happened_at = InstantField(required=False, label="When", help_text="Empty: now.")


class StatementField(forms.ModelChoiceField[HoldingStatement]):
    """A statement by audience and title: the same title may stand for several audiences."""

    def label_from_instance(self, obj: HoldingStatement) -> str:
        """Audience first: it must be that of the update."""
        return f"{obj.get_audience_display()}: {obj.title}"


class DraftForm(VerbForm):
    """An update; a holding statement may give the words, its blanks are filled here."""

    audience = forms.ChoiceField(choices=Audience.choices)
    statement = StatementField(
        queryset=HoldingStatement.objects.none(),
        required=False,
        label="Holding statement",
        help_text="Approved words for this scenario. Leave the text empty to use them as they are.",
    )
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text="What is known, who is affected, what to do, when you will write again.",
    )
    promised_next_at = InstantField(
        required=False,
        label="Next update promised at",
        help_text="Empty: by the severity's pace.",
    )

    def prepare(self) -> None:
        """Offer the statements that may be used for this incident, and ask for their blanks."""
        incident, now = of_incident(self.subject), timezone.now()
        self.known = statements.known(incident, now)
        self.offered = [
            statement
            for audience in Audience.values
            for statement in statements.matching(incident, audience, on=today(now))
        ]
        choice = cast(forms.ModelChoiceField[HoldingStatement], self.fields["statement"])
        choice.queryset = HoldingStatement.objects.filter(
            pk__in=[one.pk for one in self.offered]
        )
        for name in self.asked_blanks():
            self.fields[f"blank_{name}"] = self._blank_field(name)

    def asked_blanks(self) -> list[str]:
        """The blanks of the offered statements that the incident cannot fill, each once."""
        named = {name for statement in self.offered for name in blanks(statement.text)}
        return sorted(
            name for name in named & ALLOWED_BLANKS.keys() if not self.known.get(name)
        )

    def _blank_field(self, name: str) -> forms.Field:
        kind = forms.CharField if ALLOWED_BLANKS[name] is str else InstantField
        return kind(
            required=False,
            label=f"{name.replace('_', ' ').capitalize()} (in the statement)",
            help_text=f"Fills the blank {{{name}}} of the statement you chose.",
        )

    def clean(self) -> dict[str, Any]:
        """Only the chosen statement's blanks are passed on; the incident fills what it knows."""
        said = super().clean() or {}
        filled = {name: said.pop(f"blank_{name}", None) for name in self.asked_blanks()}
        chosen = said.get("statement")
        wanted = blanks(chosen.text) if chosen else []
        return {**said, "values": {name: filled[name] for name in wanted if filled.get(name)}}
