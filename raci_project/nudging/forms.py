"""The form of a nudge policy: rows of steps, each in numbers and units, read into rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from incidents.admin.forms import VerbForm
from incidents.models import NudgePolicy, Person
from incidents.operations import policies, ways
from incidents.rules.nudges import Ladder, Step
from incidents.rules.policy import Policy
from incidents.rules.policy_check import MOST_STEPS, Proposed, check
from incidents.rules.reasons import Reason
from raci_project.nudging.steps import LONGEST, StepForm, people_of, rows_of

# What the rules call a part of a step, and the field that says it.
_OF_A_ROW = {"offset": "when", "repeat_every": "every", "name": "when"}
_MEND = "Mend what is marked in the steps."


class SetForm(VerbForm):
    """How people are reminded of one thing: whether, along which steps, how, and until when."""

    is_active = forms.BooleanField(
        label="Active",
        required=False,
        help_text="While it is not, nobody is reminded of this.",
    )
    as_digest = forms.BooleanField(
        label="In the day's digest",
        required=False,
        help_text="Notices come together, once a day; pages come by themselves.",
    )
    is_optional = forms.BooleanField(
        label="May be unsubscribed from",
        required=False,
        help_text="By a link in the mail; pages always come.",
    )
    gives_up_after_days = forms.IntegerField(
        label="Gives up after days",
        required=False,
        min_value=0,
        max_value=LONGEST,
        help_text="Counted from the due instant; empty: until it is done.",
    )

    subject: NudgePolicy

    def prepare(self) -> None:
        """As the policy stands."""
        self.stored = policies.of(self.subject.what)
        self.people = people_of(self.subject.what)
        self._by_number: dict[int, StepForm] = {}
        self.rows = self._rows_said() if self.is_bound else rows_of(self.stored, self.people)
        self.initial = {
            "is_active": self.subject.is_active,
            "as_digest": self.subject.as_digest,
            "is_optional": self.subject.is_optional,
            "gives_up_after_days": self.subject.gives_up_after_days,
        }

    def clean(self) -> dict[str, Any]:
        """The steps in order of time, each row saying what is wrong with it."""
        said = self.cleaned_data
        # Every row is asked, so that all errors are shown together.
        if False in [row.is_valid() for row in self.rows]:
            raise forms.ValidationError(_MEND, code="steps")
        names = {step.offset: step.name for step in self.stored.ladder.steps}
        said["steps"] = self._in_order(names)
        for reason in check(self._proposed(said)):
            self._say(reason)
        return said

    def _proposed(self, said: Mapping[str, Any]) -> Proposed:
        return Proposed(
            what=self.subject.what,
            steps=said["steps"],
            roles=[slug for slug, _ in self.people],
            channels=ways.CHANNELS,
            is_active=said["is_active"],
            as_digest=said["as_digest"],
            is_optional=said["is_optional"],
            gives_up_after_days=said.get("gives_up_after_days"),
        )

    def policy(self) -> Policy:
        """What the valid form says, as the rules take it."""
        said = self.cleaned_data
        days = said["gives_up_after_days"]
        return Policy(
            what=self.subject.what,
            is_active=said["is_active"],
            ladder=Ladder(tuple(said["steps"])),
            as_digest=said["as_digest"],
            is_optional=said["is_optional"],
            gives_up_after=None if days is None else timedelta(days=days),
            changed_at=self.stored.changed_at,
        )

    def begin_with(self, policy: Policy) -> None:
        """Show this instead of what is stored: what was tried out, and is to be set now."""
        self.rows = rows_of(policy, self.people)
        self.initial = {
            "is_active": policy.is_active,
            "as_digest": policy.as_digest,
            "is_optional": policy.is_optional,
            "gives_up_after_days": policy.gives_up_after and policy.gives_up_after.days,
        }

    def _rows_said(self) -> list[StepForm]:
        known = (f"steps-{number}" for number in range(MOST_STEPS))
        return [
            StepForm(self.data, prefix=prefix, people=self.people)
            for prefix in known
            if f"{prefix}-when" in self.data
        ]

    def _in_order(self, names: Mapping[timedelta, str]) -> list[Step]:
        rows = [(row, step) for row in self.rows if (step := row.step(names))]
        rows.sort(key=lambda one: one[1].offset)
        return [self._placed(row, number, step) for number, (row, step) in enumerate(rows)]

    def _placed(self, row: StepForm, number: int, step: Step) -> Step:
        """Remembers which row says the step of this number: reasons name it so."""
        self._by_number[number] = row
        return step

    def _say(self, reason: Reason) -> None:
        """On the field it is about, in the row of its step."""
        field, _, rest = reason.field.partition(".")
        number, _, name = rest.partition(".")
        if number.isdecimal():
            self._by_number[int(number)].add_error(_OF_A_ROW.get(name, name), reason.message)
            if not self.has_error(NON_FIELD_ERRORS, "steps"):
                self.add_error(None, forms.ValidationError(_MEND, code="steps"))
            return
        self.add_error(field if field in self.fields else None, reason.message)


@dataclass(frozen=True)
class Said:
    """A form of unsaved steps from an address, and the policy it says, if it is one."""

    form: SetForm
    policy: Policy | None


def said(data: Any, row: NudgePolicy, actor: Person) -> Said:
    """What an address says of this policy's steps; nothing where it says none."""
    if "steps-0-when" not in data:
        return Said(SetForm(subject=row, actor=actor), None)
    form = SetForm(data, subject=row, actor=actor)
    return Said(form, form.policy() if form.is_valid() else None)
