"""One answer of the interview: read from the page as it was pressed, kept by one operation."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.admin.incident_forms import of_incident
from incidents.admin.verbs import Verb
from incidents.models import Incident
from incidents.operations import facts, law
from incidents.rules.facts import Fact, FactType
from incidents.rules.law_pack import Pack
from incidents.rules.legal_answers import fact_of
from incidents.rules.legal_facts import parse_instants
from incidents.rules.reasons import Invalid

ANSWER = "answer_question"
_LONGEST_SOURCE = 300
_NAMED = 3  # clocks
_NONE = ("none",)  # of a list: it stands alone, and the first thing named takes it away


class AnswerForm(VerbForm):
    """A fact or the instant of a clock, by name, as one of several buttons or a field gave it.

    `value` is JSON, as the buttons carry it, once for each thing ticked, and `none` says that it is
    none of these; `number`, `others` and `when` are typed. `unknown` says that nobody knows yet,
    which is an answer.
    """

    kind = forms.ChoiceField(choices=[("fact", "fact"), ("clock", "clock")])
    name = forms.CharField(max_length=120)
    number = forms.IntegerField(required=False, min_value=0, label="How many")
    others = forms.CharField(required=False, max_length=300, label="Others")
    when = InstantField(required=False, label="When")
    is_now = forms.BooleanField(required=False)
    unknown = forms.BooleanField(required=False)
    source = forms.CharField(
        required=False, max_length=_LONGEST_SOURCE, label="How do we know?"
    )

    def prepare(self) -> None:
        """What a button said needs no day and time beside it, which may stand there half typed."""
        if any(self.data.get(each) for each in ("value", "is_now", "unknown")):
            del self.fields["when"]

    def clean(self) -> dict[str, Any]:
        """What `record_facts` takes: facts, clocks, unknown and source."""
        said = super().clean() or {}
        found = law.law_of(of_incident(self.subject))
        name = said.get("name", "")
        if found is None:
            self.add_error(None, "No law is pinned to this incident: there is nothing to ask.")
        if self.errors or found is None:
            return said
        answer = {"facts": {}, "clocks": {}, "unknown": (), "source": said["source"]}
        if said["unknown"]:
            return {**answer, "unknown": (name,)}
        if said["kind"] == "clock":
            return {**answer, "clocks": self._instant(name, said)}
        told = self._fact(name, found[0], said)
        return {**answer, "facts": told, "source": said["source"] or self._range(told, name)}

    def _instant(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        given = self.data.get("value")
        if said["is_now"]:
            return {name: timezone.now()}
        if said.get("when"):
            return {name: said["when"]}
        if given:
            try:
                return parse_instants({name: given}, "clocks")
            except Invalid as refused:
                self.add_error(None, " ".join(reason.message for reason in refused.reasons))
                return {}
        self.add_error("when", "Say when it was, or press one of the buttons.")
        return {}

    def _fact(self, name: str, pack: Pack, said: dict[str, Any]) -> dict[str, Any]:
        base, dot, place = name.partition(".")
        if base not in pack.facts:
            # The operation refuses it, and says what is known.
            return {name: None}
        value = self._value(fact_of(name, pack.facts), said)
        if value is None:
            self.add_error(None, "Choose an answer, or press “Nobody knows yet”.")
        elif dot:
            before = _incident(self).facts.get(base)
            counts = before if isinstance(before, dict) else {}
            return {base: {**counts, place: value}}
        return {base: value}

    def _range(self, told: dict[str, Any], name: str) -> str:
        """That a number was pressed and not typed: it stands for a range, and says so."""
        value = told.get(name.partition(".")[0])
        if isinstance(value, dict):
            value = value.get(name.partition(".")[2])
        if not self._pressed() or isinstance(value, bool) or not isinstance(value, int):
            return ""
        return f"Chosen as a range, for which {value:,} stands."

    def _value(self, fact: Fact, said: dict[str, Any]) -> Any:
        pressed = self._pressed()
        if fact.type is FactType.LIST:
            return self._members(pressed, said["others"])
        if said["number"] is not None:
            return said["number"]
        return pressed[0] if pressed else None

    def _members(self, pressed: list[Any], others: str) -> list[Any] | None:
        """Everything ticked and typed, or that it is none of these; None where nothing was said."""
        if "none" in self.data:
            none = _json(self.data["none"])
            return none if isinstance(none, list) else [none]
        members = [
            each for one in pressed for each in (one if isinstance(one, list) else [one])
        ]
        typed = others.replace(",", " ").replace(";", " ").split()
        members += [each.upper() for each in typed]
        found = [each for nth, each in enumerate(members) if each not in members[:nth]]
        if len(found) > 1:
            found = [each for each in found if each not in _NONE]
        return found or None

    def _pressed(self) -> list[Any]:
        values = self.data.getlist("value") if hasattr(self.data, "getlist") else []
        return [_json(one) for one in values]


def _json(text: str) -> Any:
    """What a button carries; what is no JSON is what it says, and refused as such."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _incident(form: VerbForm) -> Incident:
    return of_incident(form.subject)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an answer started, and how many duties it put in doubt."""

    started: tuple[str, ...]
    doubted: int

    def __str__(self) -> str:
        found = "Kept."
        if self.started:
            named = "; ".join(self.started[:_NAMED])
            more = len(self.started) - _NAMED
            found += f" Started: {named}{f' and {more} more' if more > 0 else ''}."
        if self.doubted:
            found += f" Doubted now: {self.doubted}; counsel stands down or keeps."
        return found


def _answer(incident: Incident, **said: Any) -> Kept:
    before = _clocks(incident)
    facts.record_facts(incident, **said)
    after = _clocks(incident)
    started = tuple(title for kind, (title, _) in after.items() if kind not in before)
    doubted = [kind for kind, (_, doubt) in after.items() if doubt]
    new = [kind for kind in doubted if not before.get(kind, ("", None))[1]]
    return Kept(started, len(new))


def _clocks(incident: Incident) -> dict[str, tuple[str, datetime | None]]:
    rows = incident.legal_clocks.order_by("due_at", "pk")
    said = rows.values_list("kind", "title", "doubted_at")
    return {kind: (title, doubted_at) for kind, title, doubted_at in said}


VERB = Verb(ANSWER, "Answer", _answer, AnswerForm, permission="record_facts")
