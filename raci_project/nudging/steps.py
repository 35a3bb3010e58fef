"""One step of a nudge policy as a row of a form, in numbers and units."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings

from incidents.models import OutboxMessage, Role
from incidents.operations import ways
from incidents.rules.nudges import LEADERSHIP, MANAGER, OWNER, Step
from incidents.rules.policy import Policy
from incidents.rules.policy_check import MOST_STEPS, WITH_ROLES
from incidents.rules.policy_words import OWNERS, UNITS, counted, name_of

BEFORE, AT, AFTER = "before", "at", "after"
BLANK_ROWS = 2
NOT_ROLES = 3  # of the recipients: the owner, the manager, leadership come first
LONGEST = 3650  # of any unit: ten years of days

_UNITS = [(unit, unit) for unit in UNITS]
_WHEN = [("", "no step"), (BEFORE, "before"), (AT, "when due"), (AFTER, "after")]
_PRIORITIES = [
    (OutboxMessage.Priority.NOTICE, "a notice"),
    (OutboxMessage.Priority.PAGE, "a page"),
]


def _select(
    label: str, choices: Sequence[tuple[Any, str]], **options: Any
) -> forms.ChoiceField:
    look = forms.Select(attrs={"class": "case-select"})
    return forms.ChoiceField(label=label, choices=choices, widget=look, **options)


def _number(label: str) -> forms.IntegerField:
    look = forms.NumberInput(attrs={"class": "case-select", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=LONGEST, widget=look
    )


class StepForm(forms.Form):
    """One row: when, again how often, to whom, how. No step is meant while `when` is empty."""

    when = _select("When", _WHEN, required=False)
    amount = _number("How long")
    unit = _select("Unit", _UNITS, required=False)
    every = _number("Again every")
    every_unit = _select("Unit of the repeat", _UNITS, required=False)
    to = forms.MultipleChoiceField(
        label="To", required=False, widget=forms.CheckboxSelectMultiple
    )
    priority = forms.TypedChoiceField(
        label="As",
        choices=_PRIORITIES,
        coerce=int,
        required=False,
        widget=forms.Select(attrs={"class": "case-select"}),
    )
    channel = _select("By", (), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("to", people)
        self._offer("channel", _channels())

    def clean(self) -> dict[str, Any]:
        """Says beside the field what a step lacks."""
        said = self.cleaned_data
        if not said.get("when"):
            return said
        if said["when"] != AT and not said.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "Say how long before or after.")
        if not said.get("to") and "to" not in self.errors:
            self.add_error("to", "Choose at least one.")
        return said

    @property
    def meant(self) -> list[Any]:
        """The boxes of the owner, the manager and leadership."""
        return list(self["to"])[:NOT_ROLES]

    @property
    def roles(self) -> list[Any]:
        """The boxes of the roles of an incident."""
        return list(self["to"])[NOT_ROLES:]

    @property
    def tells_roles(self) -> bool:
        """Whether any of those is ticked."""
        return any(box.data["selected"] for box in self.roles)

    def step(self, names: Mapping[timedelta, str]) -> Step | None:
        """The step this row says, once valid; `names` keeps those of steps there are already."""
        said = self.cleaned_data
        if not said.get("when"):
            return None
        sign = {BEFORE: -1, AT: 0, AFTER: 1}[said["when"]]
        offset = sign * _span(said["amount"] or 0, said["unit"])
        return Step(
            name=names.get(offset) or name_of(offset),
            offset=offset,
            repeat_every=_span(said["every"], said["every_unit"]) if said["every"] else None,
            to=tuple(said["to"]),
            priority=_priority(said["priority"]),
            channel=said["channel"],
        )

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = list(choices)  # type: ignore[attr-defined]  # both are choice fields


def rows_of(policy: Policy, people: Sequence[tuple[str, str]]) -> list[StepForm]:
    """A row a step, and some that are empty."""
    initial = [_initial(step) for step in policy.ladder.steps]
    blank = min(BLANK_ROWS, MOST_STEPS - len(initial))
    return [
        StepForm(prefix=f"steps-{number}", initial=one, people=people)
        for number, one in enumerate([*initial, *({"to": [OWNER]} for _ in range(blank))])
    ]


def people_of(what: str) -> list[tuple[str, str]]:
    """Whom a step of this may tell; one query where roles of an incident may be meant."""
    meant = [
        (OWNER, OWNERS.get(what, "owner")),
        (MANAGER, "their manager"),
        (LEADERSHIP, "leadership"),
    ]
    if what not in WITH_ROLES:
        return meant
    roles = Role.objects.order_by("position", "slug").values_list("slug", "name")
    return [*meant, *roles]


def names_of(what: str, roles: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """How recipients are called in the words of this policy; one query unless `roles` is given."""
    known = dict(Role.objects.values_list("slug", "name")) if roles is None else roles
    return {**known, **({OWNER: OWNERS[what]} if what in OWNERS else {})}


def _channels() -> list[tuple[str, str]]:
    """As each person wants to be reached, or one; those not set up here say so."""
    return [("", "their own way")] + [
        (one.value, str(one.label) if one in settings.CHANNELS else f"{one.label} (not set up)")
        for one in ways.CHANNELS
    ]


def _initial(step: Step) -> dict[str, Any]:
    amount, unit = counted(abs(step.offset))
    every, every_unit = counted(step.repeat_every) if step.repeat_every else (None, "days")
    zero = timedelta()
    return {
        "when": AT if step.offset == zero else BEFORE if step.offset < zero else AFTER,
        "amount": amount or None,
        "unit": unit if amount else "days",
        "every": every,
        "every_unit": every_unit,
        "to": list(step.to),
        "priority": step.priority,
        "channel": step.channel,
    }


def _span(amount: int, unit: str) -> timedelta:
    return timedelta(minutes=amount * UNITS[unit or "days"])


def _priority(said: Any) -> int:
    # 0 is a page, so an empty value is told apart from it by its type.
    return int(OutboxMessage.Priority.NOTICE) if said in ("", None) else int(said)
