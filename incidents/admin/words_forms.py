"""What a person must say to draft an update, and to say words approved in calm."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.admin.incident_forms import of_incident
from incidents.models import Audience, Customer, HoldingStatement, Incident, Update
from incidents.operations import cadence, notices, saying, verifying
from incidents.operations import statement as statements
from incidents.rules import wording
from incidents.rules.updates import impact_of, stage_of
from incidents.rules.wording import ALLOWED_BLANKS, blanks

_NEXT = "next_update"  # the blank that is a promise
_AS_IT_STANDS = "As the incident stands: {}"


class StatementField(forms.ModelChoiceField[HoldingStatement]):
    """A statement by audience and title: the same title may stand for several audiences."""

    def label_from_instance(self, obj: HoldingStatement) -> str:
        """Audience first: it must be that of the update."""
        return f"{obj.get_audience_display()}: {obj.title}"


class UpdateField(forms.ModelChoiceField[Update]):
    """A published update by audience and when it was said."""

    def label_from_instance(self, obj: Update) -> str:
        """Long enough to know it again."""
        said = timezone.localtime(obj.published_at)
        return f"{obj.get_audience_display()} update of {said:%d %b, %H:%M}: {obj.text[:60]}"


class DraftForm(VerbForm):
    """Words of one's own or those of a statement, and what they rest on."""

    audience = forms.ChoiceField(choices=Audience.choices)
    customer = forms.ModelChoiceField(
        queryset=Customer.objects.none(),
        required=False,
        empty_label="All customers of the affected services",
        help_text="Only of an update to customers: the one it speaks to.",
    )
    statement = StatementField(
        queryset=HoldingStatement.objects.none(),
        required=False,
        empty_label="None: words of your own",
        help_text="Its words are used where the text below is empty.",
    )
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
        help_text="What is known, who is affected, what to do, when you will write again.",
    )
    promised_next_at = InstantField(
        required=False,
        label="Next update promised at",
        help_text="Empty: by the severity's pace.",
    )
    stage = forms.ChoiceField(required=False)
    impact = forms.ChoiceField(required=False)
    facts = forms.MultipleChoiceField(
        required=False,
        label="Rests on",
        widget=forms.CheckboxSelectMultiple,
        help_text="Whoever approves it sees which of these somebody verified.",
    )
    corrects = UpdateField(
        queryset=Update.objects.none(),
        required=False,
        empty_label="Nothing: it is a new word",
        help_text="It says at its head which update it corrects; that one stays as it is.",
    )

    class Media:
        js = ("governance/words.js",)

    def prepare(self) -> None:
        """What there is to choose from in this incident, and the blanks nobody filled."""
        incident, now = of_incident(self.subject), timezone.now()
        self.known = statements.known(incident, now)
        self.offered = statements.fitting(incident, at=now)
        self.notices = notices.open_of(incident)
        self._choose("statement", HoldingStatement.objects.filter(
            pk__in=[one.pk for one in self.offered]
        ))  # fmt: skip
        self._choose("customer", Customer.objects.filter(is_active=True).order_by("name"))
        said = incident.updates.filter(status=Update.Status.PUBLISHED)
        self._choose("corrects", said.order_by("-published_at"))
        self._choose_how_far(incident)
        self._choose_facts(incident)
        for name in self.asked_blanks():
            self.fields[f"blank_{name}"] = self._blank_field(name)

    def _choose(self, name: str, rows: QuerySet[Any]) -> None:
        cast(forms.ModelChoiceField[Any], self.fields[name]).queryset = rows

    def _choose_how_far(self, incident: Incident) -> None:
        stage = stage_of(
            contained_at=incident.contained_at,
            mitigated_at=incident.mitigated_at,
            resolved_at=incident.resolved_at,
        )
        impact = Update.Impact(impact_of(incident.facts, stage)).label
        for name, now, known in (
            ("stage", stage, Update.Stage.choices), ("impact", impact, Update.Impact.choices),
        ):  # fmt: skip
            cast(forms.ChoiceField, self.fields[name]).choices = [
                ("", _AS_IT_STANDS.format(now)), *known,
            ]  # fmt: skip

    def _choose_facts(self, incident: Incident) -> None:
        """Each recorded fact with its value, and whether somebody verified it."""
        firm = verifying.verified(incident)
        choices = [
            (
                name,
                f"{verifying.label(name).capitalize()}: {verifying.said(value)} "
                f"({'verified' if name in firm else 'not verified'})",
            )
            for name, value in sorted(incident.facts.items())
        ]
        cast(forms.MultipleChoiceField, self.fields["facts"]).choices = choices
        if not choices:
            del self.fields["facts"]

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """What a link says beforehand: a statement brings its words, a correction its audience."""
        given = super().get_initial_for_field(field, field_name)
        of = {
            "text": self._words,
            "promised_next_at": self._promise,
            "audience": self._readers,
        }.get(field_name)
        return of() if of and not given else given

    def _words(self) -> str:
        chosen = self._linked(self.offered, "statement")
        if not chosen:
            return ""
        incident, now = of_incident(self.subject), timezone.now()
        return statements.offer(chosen, incident, knows=self.known, at=now).text

    def _promise(self) -> datetime | None:
        chosen = self._linked(self.offered, "statement")
        if not chosen or _NEXT not in blanks(chosen.text):
            return None
        return self._next_by_pace(chosen.audience)

    @property
    def corrected(self) -> Update | None:
        """What the link or the reader chose to correct: its words stand beside the new ones."""
        choice, wanted = cast(UpdateField, self.fields["corrects"]), self["corrects"].value()
        rows = choice.queryset if wanted and choice.queryset else ()
        return next((one for one in rows if str(one.pk) == str(wanted)), None)

    def _readers(self) -> str:
        corrected = self.corrected
        return corrected.audience if corrected else ""

    def _next_by_pace(self, audience: str) -> datetime | None:
        return cadence.next_after(of_incident(self.subject), audience, at=timezone.now())

    def _linked(self, rows: Any, name: str) -> Any:
        wanted = str(self.initial.get(name, ""))
        return wanted and next((one for one in rows if str(one.pk) == wanted), None)

    def asked_blanks(self) -> list[str]:
        """The blanks of the offered statements that the incident cannot fill, each once."""
        named = {name for statement in self.offered for name in blanks(statement.text)}
        asked = (named & ALLOWED_BLANKS.keys()) - {_NEXT}
        return sorted(name for name in asked if not self.known.get(name))

    def _blank_field(self, name: str) -> forms.Field:
        kind = forms.CharField if ALLOWED_BLANKS[name] is str else InstantField
        return kind(
            required=False,
            label=f"{name.replace('_', ' ').capitalize()} (in the statement)",
            help_text=f"Fills the blank {{{name}}} of the statement you chose.",
        )

    def clean(self) -> dict[str, Any]:
        """Blanks left in the text are filled too; the incident fills what it knows."""
        said = super().clean() or {}
        filled = {name: said.pop(f"blank_{name}", None) for name in self.asked_blanks()}
        given = {name: value for name, value in filled.items() if value}
        chosen, text = said.get("statement"), said.get("text", "")
        wanted = blanks(text or (chosen.text if chosen else ""))
        if chosen and _NEXT in wanted:
            # What the words promise is promised.
            promised = said.get("promised_next_at") or self._next_by_pace(chosen.audience)
            said["promised_next_at"] = promised
            given |= {_NEXT: promised} if promised else {}
        if chosen and text:
            said["text"] = self._without_blanks(text, given)
        return {**said, "values": {name: given[name] for name in wanted if name in given}}

    def _without_blanks(self, text: str, given: dict[str, Any]) -> str:
        text, missing = wording.fill_known(text, {**self.known, **given})
        left = [name for name in missing if name in ALLOWED_BLANKS]
        if left:
            named = ", ".join(f"{{{name}}}" for name in left)
            self.add_error("text", f"Fill in {named}, or write the sentence without.")
        return text


class SayForm(VerbForm):
    """Which words approved in calm; the page shows them as they would be said now."""

    statement = StatementField(
        queryset=HoldingStatement.objects.none(), empty_label="Choose whose words"
    )
    link = forms.CharField(
        required=False, max_length=500, help_text="Fills the blank {link}, where there is one."
    )
    promised_next_at = InstantField(
        required=False,
        label="Next update promised at",
        help_text="Empty: by the severity's pace.",
    )
    # A button beneath the words sends along when it showed which; nobody types these.
    shown_at = forms.DateTimeField(required=False)
    seen = forms.CharField(required=False, max_length=64)
    _BY_BUTTON = ("shown_at", "seen")

    def prepare(self) -> None:
        """Those that fit, by audience, the closest first; no news only for those who heard some."""
        incident, self.at = of_incident(self.subject), timezone.now()
        told = incident.updates.filter(status=Update.Status.PUBLISHED, customer=None)
        heard = set(told.order_by().values_list("audience", flat=True))
        fitting = [
            one
            for one in statements.fitting(incident, at=self.at)
            if one.audience in heard or one.purpose != HoldingStatement.Purpose.NO_NEWS
        ]
        fitting.sort(key=lambda one: Audience.values.index(one.audience))
        self.ready = [saying.as_said(incident, one, self.actor, at=self.at) for one in fitting]
        rows = HoldingStatement.objects.filter(pk__in=[one.statement.pk for one in self.ready])
        cast(StatementField, self.fields["statement"]).queryset = rows

    def __iter__(self) -> Any:
        """What the button says is not asked again."""
        return (field for field in super().__iter__() if field.name not in self._BY_BUTTON)

    def clean(self) -> dict[str, Any]:
        """The address goes where the words have its blank."""
        said = super().clean() or {}
        link = said.pop("link", "")
        return {**said, "values": {"link": link} if link else {}}
