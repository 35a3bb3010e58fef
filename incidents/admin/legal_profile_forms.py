"""What a legal profile asks: where we are, as whom, under which contracts; in words, not in codes."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone

from incidents.admin.forms import VerbForm
from incidents.admin.legal_profile_fields import (
    Boxes,
    PlacesField,
    explained,
    grouped,
    plain,
    spaced,
)
from incidents.admin.severity_forms import ApproveForm, WithdrawForm
from incidents.models import LegalProfile
from incidents.operations import legal_profile
from incidents.operations.legal_profile import WHY_LONGEST, Switch
from incidents.rules import legal_places
from incidents.rules import legal_profile as rules

__all__ = ["ApproveForm", "DraftForm", "SwitchForm", "WithdrawForm", "WriteForm"]

NONE = "none_of_these"
_THREE = (("", "not looked into"), ("yes", "yes"), ("no", "no"))


class WriteForm(VerbForm):
    """All that a profile says, beginning with what it says now. Left open is not said: no default."""

    operates_in = PlacesField(
        required=False,
        label="Where we operate",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where we are established, or offer what we do: codes or names, with commas "
        "between, such as DE, California, GB. EU means every country of the EEA.",
    )
    data_roles = forms.MultipleChoiceField(
        required=False,
        label="Whose personal data we hold",
        widget=Boxes("Whose personal data we hold"),
        help_text="Nothing ticked: not said, so both are reckoned with.",
    )
    entity_types = forms.MultipleChoiceField(
        required=False,
        label="What we are by law",
        widget=Boxes("What we are by law"),
        help_text="All that apply; “business” for no regulated status. Nothing ticked: not said, "
        "so nothing is ruled out.",
    )
    sectors = forms.MultipleChoiceField(
        required=False,
        label="Our sectors",
        widget=Boxes("Our sectors"),
        help_text="Nothing ticked: not said, so no sector is ruled out.",
    )
    contract_clause_types = forms.MultipleChoiceField(
        required=False,
        label="What our contracts promise",
        widget=Boxes("What our contracts promise"),
        help_text="What each customer was promised, with hours and contact, stands under "
        "Contract clauses.",
    )
    gdpr_establishment_processing = forms.ChoiceField(
        required=False,
        choices=_THREE,
        label="Personal data is handled for an office of ours in the EEA",
    )
    uk_establishment_processing = forms.ChoiceField(
        required=False,
        choices=_THREE,
        label="Personal data is handled for an office of ours in the United Kingdom",
    )
    large_scale_processing = forms.ChoiceField(
        required=False,
        choices=_THREE,
        label="We handle personal data on a large scale (Brazil)",
    )
    il_database_security_level = forms.ChoiceField(
        required=False, label="Security level of our databases in Israel"
    )
    clock_timezone = forms.ChoiceField(
        required=False,
        label="Time zone we count in",
        help_text="Periods in days end at midnight there.",
    )
    holiday_calendar = PlacesField(
        required=False,
        label="Whose public holidays count",
        help_text="One country of the EU: the law lets some last days move to the next working "
        "day there.",
    )

    field_order = [
        "note",
        "operates_in",
        "clock_timezone",
        "holiday_calendar",
        "gdpr_establishment_processing",
        "uk_establishment_processing",
        "large_scale_processing",
        "il_database_security_level",
    ]

    def prepare(self) -> None:
        """The choices of the law pack, and what the profile says so far."""
        pack, _ = legal_profile.pack_for(timezone.now())
        words = pack.words
        self._offer("data_roles", plain(pack, "data_roles"))
        self._offer("entity_types", grouped(words["entity_types"]))
        self._offer("sectors", [(each, spaced(each)) for each in rules.sectors(pack)])
        promised = explained(words["contract_clause_types"])
        self._offer("contract_clause_types", [*promised, (NONE, "none of these")])
        levels = plain(pack, "il_database_security_level")
        self._offer("il_database_security_level", [("", "not looked into"), *levels])
        zones = [(each, each) for each in sorted(available_timezones()) if "/" in each]
        self._offer("clock_timezone", [("", "not said"), ("UTC", "UTC"), *zones])
        for name in [*self.fields]:
            if name in rules.PROFILE_FACTS and name not in pack.facts:
                del self.fields[name]
        self._begin(self._document())

    def _offer(self, name: str, choices: Iterable[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _document(self) -> Mapping[str, Any]:
        """The draft itself; where there is none yet, what the next one begins with."""
        if isinstance(self.subject, LegalProfile):
            return self.subject.document
        return legal_profile.next_document(timezone.now())

    def _begin(self, document: Mapping[str, Any]) -> None:
        facts = document.get("facts") or {}
        for name, value in facts.items():
            self.initial[name] = _shown(name, value)
        self.initial["sectors"] = document.get("sectors") or []

    def clean(self) -> dict[str, Any]:
        """The document: what was said, with the regimes switched by hand as they were."""
        said = dict(self.cleaned_data)
        if len(said.get("holiday_calendar") or ()) > 1:
            self.add_error("holiday_calendar", "Name one country.")
        clauses = said.get("contract_clause_types") or []
        if NONE in clauses and len(clauses) > 1:
            message = "None of these, beside some of them: take one of the two away."
            self.add_error("contract_clause_types", message)
        facts = {
            name: _value(name, said[name])
            for name in rules.PROFILE_FACTS
            if name in self.fields and said.get(name)
        }
        before = self._document()
        document = {
            "facts": facts,
            "sectors": said.get("sectors") or [],
            "off": before.get("off") or {},
            "on": before.get("on") or {},
        }
        return {"document": document, **({"note": said["note"]} if "note" in said else {})}


class DraftForm(WriteForm):
    """The same, and why there is to be a new version."""

    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What changes, and why. The checker reads it.",
    )


class SwitchForm(VerbForm):
    """One regime, how it is to stand, and why."""

    regime = forms.ChoiceField(label="Regime")
    to = forms.ChoiceField(
        label="It is",
        choices=[
            (Switch.OFF, "switched off: it never concerns us"),
            (Switch.ON, "switched on: it could concern us, whatever the facts say"),
            (Switch.FOLLOWS, "as the facts above say"),
        ],
    )
    reason = forms.CharField(
        required=False,
        max_length=WHY_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed to switch it by hand: whoever audits this reads it.",
    )

    def prepare(self) -> None:
        """Every regime of the pack, by place."""
        pack, _ = legal_profile.pack_for(timezone.now())
        rows: dict[str, list[tuple[str, str]]] = {}
        for regime in pack.regimes.values():
            place = legal_places.name(regime.jurisdiction)
            rows.setdefault(place, []).append((regime.id, regime.name))
        field = self.fields["regime"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "choose one"), *sorted(rows.items())]


def _shown(name: str, value: Any) -> Any:
    """What the form begins with."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "operates_in":
        return ", ".join(value)
    return (value or [NONE]) if name == "contract_clause_types" else value


def _value(name: str, said: Any) -> Any:
    """What the document holds."""
    if said in ("yes", "no"):
        return said == "yes"
    if name == "holiday_calendar":
        return said[0]
    return [each for each in said if each != NONE] if isinstance(said, list) else said
