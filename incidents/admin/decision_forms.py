"""What a person says to decide, to propose a decision, and to decline what was proposed."""

from typing import Any, cast

from django import forms

from incidents.admin.forms import InstantField, VerbForm, person_field
from incidents.admin.incident_forms import of_incident
from incidents.models import Incident, Proposal, Topic
from incidents.operations import decision, proposal
from incidents.operations.decision import Input

_LONGEST = proposal.QUESTION_LENGTH


class ProposalField(forms.ModelChoiceField[Proposal]):
    """A proposal by its question and who made it."""

    def label_from_instance(self, obj: Proposal) -> str:
        """Who proposes counts as much as what."""
        return f"{obj.question} ({obj.proposed_by})"

    def offer(self, incident: Incident) -> list[Proposal]:
        """Only what waits for an answer here may be chosen; returns it."""
        waiting = proposal.waiting_for_answer(incident)
        keys = [one.pk for one in waiting]
        self.queryset = Proposal.objects.filter(pk__in=keys).select_related("proposed_by")
        return waiting


class DecideForm(VerbForm):
    """A decision, its question, who was heard, and when to look at it again."""

    proposal = ProposalField(
        queryset=Proposal.objects.none(),
        required=False,
        label="Answers",
        help_text="What was proposed and waits for an answer; who proposed it is told.",
    )
    question = forms.CharField(
        max_length=_LONGEST, required=False, help_text="Empty: as it was proposed."
    )
    decision = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    topic = forms.ChoiceField(
        required=False,
        label="About",
        choices=[("", "As proposed, else anything else"), *Topic.choices],
    )
    advisor = person_field(
        required=False,
        label="Also heard",
        help_text="Somebody who said something that counted; what was answered when consulted is kept by itself.",
    )
    advice = forms.CharField(
        required=False, label="What they said", widget=forms.Textarea(attrs={"rows": 2})
    )
    revisit_at = InstantField(
        required=False,
        label="Look at it again at",
        help_text="Whoever commands then is told. In your time zone.",
    )

    def prepare(self) -> None:
        """What waits for an answer, and what those consulted have said."""
        incident = of_incident(self.subject)
        self.proposals = cast(ProposalField, self.fields["proposal"]).offer(incident)
        asked = decision.advice_before(incident)
        self.consulted = [*asked.advice.select_related("person", "role")] if asked else []

    def clean(self) -> dict[str, Any]:
        """The one heard besides becomes an input: a person and their words, both or neither."""
        said = super().clean() or {}
        person, words = said.pop("advisor", None), said.pop("advice", "")
        if bool(person) != bool(words):
            field = "advice" if person else "advisor"
            self.add_error(field, "Give the person and what they said, or neither.")
            return said
        return {**said, "inputs": [self._input(person, words)] if person else []}

    def _input(self, person: Any, words: str) -> Input:
        held = of_incident(self.subject).assignments.open().filter(person=person)
        return Input(person.username, held.values_list("role", flat=True).first() or "", words)


class ProposeForm(VerbForm):
    """What the commander should decide, and why."""

    topic = forms.ChoiceField(label="About", choices=Topic.choices)
    question = forms.CharField(
        max_length=_LONGEST, widget=forms.TextInput(attrs={"autofocus": True})
    )
    text = forms.CharField(
        label="What you propose, and why", widget=forms.Textarea(attrs={"rows": 4})
    )

    def prepare(self) -> None:
        """Most proposals are about what to do next."""
        self.initial["topic"] = Topic.OPERATIONS


class DeclineProposalForm(VerbForm):
    """Which proposal, and why not."""

    proposal = ProposalField(queryset=Proposal.objects.none())
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Who proposed it reads it."
    )

    def prepare(self) -> None:
        """Only what waits for an answer; where it is one, that one."""
        offered = cast(ProposalField, self.fields["proposal"])
        self.proposals = offered.offer(of_incident(self.subject))
        if len(self.proposals) == 1:
            self.initial["proposal"] = self.proposals[0].pk
