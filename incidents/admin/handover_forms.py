"""What is asked when command is offered, taken, declined or taken back, with the briefing beside."""

from typing import Any

from django import forms

from incidents.admin.forms import VerbForm, person_field
from incidents.admin.incident_forms import ReasonForm, of_incident
from incidents.operations import handover

# The verbs whose pages show the offer that stands.
ON_OFFER = ("accept_command", "decline_command", "withdraw_hand_over")


def _words(rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **options)


class OnOffer(VerbForm):
    """Shows the offer of command that stands, and asks nothing."""

    def prepare(self) -> None:
        """The offer, for the page; None where none stands any more."""
        self.offer = handover.open_offer(of_incident(self.subject))


class HandOverForm(OnOffer):
    """To whom command is offered, and the briefing: what the incident knows of it is filled in."""

    to = person_field(
        label="New commander", help_text="You command until they accept the offer."
    )
    note = _words(
        4, label="Status", help_text="Where we stand, what was tried, what comes next."
    )
    decisions = _words(
        required=False, label="Decisions that hold", help_text="Empty: those of the incident."
    )
    next_update = _words(
        2, required=False, label="Next update", help_text="Empty: by the running clocks."
    )
    open_questions = _words(
        required=False, label="Open questions", help_text="What nobody knows yet. Empty: none."
    )

    def prepare(self) -> None:
        """What the incident knows stands there already."""
        super().prepare()
        known = handover.briefing(of_incident(self.subject))
        self.initial.update(decisions=known.decisions, next_update=known.next_update)


class DeclineForm(OnOffer, ReasonForm):
    """Why not."""


class WithdrawForm(OnOffer):
    """Why the offer is taken back, if somebody wants to know."""

    reason = _words(2, required=False)
