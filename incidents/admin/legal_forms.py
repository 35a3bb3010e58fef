"""What a person says to engage counsel, to record a filing, and to end a legal clock or keep it."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.admin.incident_forms import of_incident
from incidents.models import Incident, LegalClock, Person, Qualification
from incidents.models.calendar import today
from incidents.operations import counsel, filing, law, legal_notes, not_notifying
from incidents.operations.filing import Attachment
from incidents.rules.law_pack import Regime
from incidents.rules.legal import MAX_FILE
from incidents.rules.legal_clocks import COUNSEL as COUNSEL_CLOCK
from incidents.rules.roles import COUNSEL

_NOT_OWED = (LegalClock.Outcome.STOOD_DOWN, LegalClock.Outcome.VOID)


def duties(incident: Incident) -> QuerySet[LegalClock]:
    """The clocks of its duties, those still open first, the soonest of these first."""
    rows = incident.legal_clocks.exclude(kind=COUNSEL_CLOCK)
    return rows.order_by(
        F("settled_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "pk"
    )


class ClockField(forms.ModelChoiceField[LegalClock]):
    """A duty in the pack's words; the incident is that of the page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(LegalClock.objects.none(), **options)

    def label_from_instance(self, obj: LegalClock) -> str:
        """What is owed; of what was filed before, that this would be a supplement."""
        return obj.title if obj.is_open else f"{obj.title} (filed: this is a supplement)"


class _AboutAClock(VerbForm):
    """One of the clocks of this incident, each shown beside with when it is due."""

    clock = ClockField(label="Which duty")
    nothing = "No duty runs here: there is nothing to choose."

    def rows(self, incident: Incident) -> QuerySet[LegalClock]:
        """Those that may be chosen."""
        return duties(incident).filter(settled_at=None)

    def prepare(self) -> None:
        """Where there is one, it is that one."""
        choice = cast(ClockField, self.fields["clock"])
        choice.queryset = self.rows(of_incident(self.subject))
        self.now = timezone.now()
        self.choices = list(choice.queryset)
        if len(self.choices) == 1:
            self.initial["clock"] = self.choices[0].pk
        if not self.choices:
            choice.help_text = self.nothing

    @property
    def shown(self) -> list[LegalClock]:
        """The one it is about, where that is known; else all of them."""
        chosen = str(self.data.get("clock") or self.initial.get("clock") or "")
        return [one for one in self.choices if str(one.pk) == chosen] or self.choices


class EngageCounselForm(VerbForm):
    """Who of counsel was reached, how, and when."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label="Who of counsel",
        help_text="Those qualified as counsel, and who holds the role here.",
    )
    how = forms.CharField(
        label="How they were reached",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="“By telephone; she reads the facts and calls back.” After the hour: why so late.",
    )
    engaged_at = InstantField(
        required=False, label="When", help_text="Empty: now. In your time zone."
    )

    def prepare(self) -> None:
        """Who holds the role here is meant, else the reader where that is counsel."""
        incident = of_incident(self.subject)
        here = {
            one.person_id for one in incident.assignments.all()
            if one.role_id == COUNSEL and one.ended_at is None
        }  # fmt: skip
        choice = cast(forms.ModelChoiceField[Person], self.fields["person"])
        choice.queryset = _able(here)
        if len(here) == 1:
            self.initial["person"] = here.pop()
        elif choice.queryset.filter(pk=self.actor.pk).exists():
            self.initial["person"] = self.actor.pk
        self.now = timezone.now()
        self.shown = list(incident.legal_clocks.filter(kind=COUNSEL_CLOCK))


def _able(here: set[int]) -> QuerySet[Person]:
    """The active people qualified as counsel today, and those who are counsel here."""
    able = Qualification.objects.valid(today(timezone.now())).filter(role=COUNSEL)
    found = Person.objects.filter(is_active=True)
    return found.filter(Q(pk__in=here) | Q(pk__in=able.values("person"))).order_by("name")


class FileNoticeForm(_AboutAClock):
    """What was sent, to whom and when, with its evidence."""

    sent_at = InstantField(label="Sent when", help_text="In your time zone.")
    recipient = forms.CharField(
        required=False, max_length=200, label="To whom", help_text="The authority or people."
    )
    reference = forms.CharField(
        required=False,
        max_length=120,
        label="Their reference",
        help_text="As their portal or answer gave it.",
    )
    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it said, who signed it, what follows.",
    )
    late_reason = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why it was late",
        help_text="Only where it was: the law wants the reason with the filing.",
    )
    attachment = forms.FileField(
        required=False,
        allow_empty_file=True,  # the operation says what is wrong with it
        label="What was sent, or the receipt",
        help_text="One file, at most 5 MiB. Its checksum is kept with it.",
    )

    def rows(self, incident: Incident) -> QuerySet[LegalClock]:
        """What is owed, and what was filed: a supplement is filed under the same duty."""
        return duties(incident).exclude(outcome__in=_NOT_OWED)

    def prepare(self) -> None:
        """Most are recorded as they are sent."""
        super().prepare()
        self.initial["sent_at"] = self.now

    def clean_attachment(self) -> Attachment | None:
        """Read only where it may be kept."""
        sent = self.cleaned_data["attachment"]
        if sent is None:
            return None
        # Read only where the form comes back refused: no browser keeps a file over that.
        field = self["attachment"]
        field.help_text = f"Choose the file again: it was not kept. {field.help_text}"
        if (sent.size or 0) > MAX_FILE:
            raise forms.ValidationError("At most 5 MiB: send a smaller file or the receipt.")
        return Attachment(sent.name or "", sent.content_type or "", sent.read())


class StandDownForm(_AboutAClock):
    """Which duty is none after all, and why."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="As an auditor will read it. It stands in the register with the facts of now.",
    )


class KeepForm(StandDownForm):
    """Which doubted duty stands all the same, and why."""

    nothing = "The facts call for every duty that runs here: there is nothing to keep."

    def rows(self, incident: Incident) -> QuerySet[LegalClock]:
        """Only those the facts do not call for any more."""
        return super().rows(incident).exclude(doubted_at=None)


class DecideNotToNotifyForm(VerbForm):
    """Under which law nobody is notified, and why."""

    regime = forms.ChoiceField(label="Under which law")
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Effects, what was done, why no notice is owed: GDPR art. 33(5) wants it kept.",
    )

    def prepare(self) -> None:
        """The laws pinned to it, those of its clocks first."""
        incident = of_incident(self.subject)
        found = law.law_of(incident)
        here = dict.fromkeys(incident.legal_clocks.values_list("regime", flat=True))
        names = {one.id: _named(one) for one in found[0].regimes.values()} if found else {}
        choice = cast(forms.ChoiceField, self.fields["regime"])
        choice.choices = [("", "---------"), *_grouped(names, list(here))]


def _named(regime: Regime) -> str:
    return f"{regime.name} (low confidence)" if regime.is_doubtful else regime.name


def _grouped(names: dict[str, str], here: list[str]) -> Iterator[tuple[str, Any]]:
    running = [(one, names[one]) for one in here if one in names]
    if running:
        yield "With a clock here", running
    others = [(one, name) for one, name in names.items() if one not in here]
    if others:
        yield "Others that could concern us", others


class LegalNoteForm(VerbForm):
    """Words that counsel, privacy and command read, and nobody else."""

    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Seen by counsel, privacy officer and commander of this incident only. The "
        "others see that there is a note.",
    )


_CLOCKS = "admin/shown/legal_clocks.html"
# Operation, form, icon, and what is put before the reader; the rest is the law's.
DESIGN: dict[str, tuple[Any, Any, str, str]] = {
    "engage_counsel": (counsel.engage_counsel, EngageCounselForm, "contact_emergency", _CLOCKS),
    "file_notice": (filing.file_notice, FileNoticeForm, "outgoing_mail", _CLOCKS),
    "stand_down_clock": (
        not_notifying.stand_down_clock, StandDownForm, "timer_off", _CLOCKS,
    ),
    "keep_clock": (not_notifying.keep_clock, KeepForm, "timer", _CLOCKS),
    "decide_not_to_notify": (
        not_notifying.decide_not_to_notify, DecideNotToNotifyForm, "notifications_off", "",
    ),
    "write_legal_note": (legal_notes.write_legal_note, LegalNoteForm, "lock", ""),
}  # fmt: skip
