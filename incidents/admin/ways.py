"""Ways in the admin: a small table a purpose, what a person said, and by what they are reached."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold import widgets

from incidents.admin.base import ReadOnlyInline
from incidents.admin.forms import VerbForm
from incidents.models import Channel, ContactWay, Person
from incidents.operations import contacts, ways
from incidents.rules.calling import is_proof
from incidents.rules.reasons import Reason
from incidents.rules.ways import MOST_WAYS, Way

PARTS = ("channel", "address", "wait")

# A way as it is typed: channel, address, minutes.
Typed = tuple[str, str, str]


class WaysWidget(forms.Widget):
    """So many lines of channel, address and minutes to wait; empty lines count for nothing."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The lines, those that are filled first."""
        typed = [*_typed(value or ()), *[("", "", "")] * MOST_WAYS][:MOST_WAYS]
        lines = [self._line(name, number, one) for number, one in enumerate(typed)]
        return render_to_string("admin/incidents/person/ways_field.html", {"lines": lines})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Typed]:
        """Every line that says anything."""
        found = []
        for number in range(MOST_WAYS):
            channel, address, wait = (
                data.get(f"{name}-{number}-{part}", "").strip() for part in PARTS
            )
            if channel or address or wait:
                found.append((channel, address, wait))
        return found

    def id_for_label(self, id_: str) -> str:
        """The first line's channel."""
        return f"{id_}_0_channel"

    def _line(self, name: str, number: int, typed: Typed) -> dict[str, Any]:
        channel, address, wait = typed
        choices = [("", "—"), *((one.value, _offered(one)) for one in ways.CHANNELS)]
        select = widgets.UnfoldAdminSelectWidget(choices=choices)
        text = widgets.UnfoldAdminTextInputWidget()
        minutes = widgets.UnfoldAdminIntegerFieldWidget()
        said = ("Channel", "Address", "Minutes to wait for an answer")
        ids = [
            {"id": f"id_{name}_{number}_{part}", "aria-label": f"{label} of way {number + 1}"}
            for part, label in zip(PARTS, said, strict=True)
        ]
        own = {"maxlength": 254, "placeholder": "as on their page", "autocomplete": "off"}
        wide = {"min": 1, "max": 1440, "placeholder": "never"}
        return {
            "number": number + 1,
            "channel": select.render(f"{name}-{number}-channel", channel, ids[0]),
            "address": text.render(f"{name}-{number}-address", address, ids[1] | own),
            "wait": minutes.render(f"{name}-{number}-wait", wait, ids[2] | wide),
        }


class WaysField(forms.Field):
    """The ways for one purpose, in the order in which they are tried."""

    widget = WaysWidget

    def clean(self, value: Sequence[Typed]) -> tuple[Way, ...]:
        """As the rules know them; what cannot be a way, the rules say."""
        return tuple(_way(*typed) for typed in value)


class WaysForm(VerbForm):
    """For each purpose the ways in their order."""

    page = WaysField(
        required=False,
        label="Pages: something burns",
        help_text="Tried in this order. Without minutes to wait, the next is tried only where "
        "this one could not be delivered.",
    )
    notice = WaysField(
        required=False, label="Notices and reminders", help_text="None: by e-mail."
    )
    digest = WaysField(required=False, label="Digests", help_text="None: by e-mail.")

    def prepare(self) -> None:
        """With what is there; who said nothing yet begins with what happens anyway."""
        if not isinstance(self.subject, Person):
            return
        known = ways.of([self.subject])
        for purpose in self.fields:
            self.initial[purpose] = known.get((self.subject.pk, purpose), ())
        self.initial["page"] = self.initial["page"] or [Way(Channel.EMAIL)]

    def clean(self) -> dict[str, Any]:
        """As the operation takes it: one answer for all purposes."""
        said = {purpose: some for purpose, some in self.cleaned_data.items() if some}
        return {"ways": said}


def _time_field(**options: Any) -> forms.TimeField:
    """A time of day, with the browser's own picker."""
    widget = widgets.UnfoldAdminTextInputWidget(attrs={"type": "time"})
    return forms.TimeField(widget=widget, **options)


class QuietForm(VerbForm):
    """When only pages come through, by the clock on the person's wall."""

    quiet_from = _time_field(required=False, help_text="Both hours, or neither.")
    quiet_until = _time_field(
        required=False, help_text="Before “quiet from” it is the next day."
    )
    holidays = forms.CharField(
        required=False,
        max_length=10,
        help_text="Country, or country and region, such as DE or DE-BY. Empty: none.",
    )
    digest_at = _time_field(label="Digest at", help_text="When the day's digest comes.")

    def prepare(self) -> None:
        """As it is now."""
        for name in self.fields:
            self.initial[name] = getattr(self.subject, name)


def objections(person: Person, actor: Person) -> list[Reason]:
    """Why this actor does not say how the person is reached."""
    reason = ways.not_theirs(person, actor)
    return [reason] if reason else []


def may_ever(request: HttpRequest) -> bool:
    """Whether this person says it of anybody at all."""
    return request.user.has_perm(ways.OWN) or request.user.has_perm(ways.ANYBODY)


class ContactWayInline(ReadOnlyInline):
    """How this person wants to be reached for what, in the order in which it is tried."""

    model = ContactWay
    verbose_name_plural = "ways"
    fields = ["purpose", "channel", "where", "waits", "state"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactWay]:
        """With what was shown to reach them: two queries more, however many ways."""
        rows: QuerySet[ContactWay] = super().get_queryset(request)
        return rows.prefetch_related("person__contact_proofs")

    @admin.display(description="address")
    def where(self, row: ContactWay) -> str:
        """Where it leads, also where it is the person's own."""
        return ways.address_of(row.person, _way_of(row)) or "none known"

    @admin.display(description="then")
    def waits(self, row: ContactWay) -> str:
        """What comes of silence."""
        if row.wait_minutes is None:
            return "the next only if it cannot be delivered"
        return f"after {row.wait_minutes} min without an answer the next"

    @admin.display(description="state")
    def state(self, row: ContactWay) -> str:
        """Whether it is set up here, and was shown to reach them."""
        if not ways.is_set_up(row.channel):
            return "not set up here: passed over"
        return _shown(row.person, ways.address_of(row.person, _way_of(row)))


def reached(person: Person, page_ways: Iterable[ContactWay]) -> str:
    """By which channel a page reaches this person first, and whether that was ever shown."""
    routes = ways.routes(person, [_way_of(row) for row in page_ways])
    if not routes:
        return "nothing reaches them"
    label = Channel(routes[0].channel).label
    return f"{label}, {_shown(person, routes[0].address)}"


def _shown(person: Person, address: str) -> str:
    """Reads `contact_proofs`, which the page has fetched for all its rows."""
    last = contacts.last_proof(person.contact_proofs.all(), address)
    if last is None:
        return "never verified"
    on = f"{last:%Y-%m-%d}"
    return f"verified {on}" if is_proof(last, timezone.now()) else f"last verified {on}"


def _way_of(row: ContactWay) -> Way:
    return Way(row.channel, row.address, row.wait_minutes)


def _typed(value: Iterable[Way | Typed]) -> list[Typed]:
    return [
        (one.channel, one.address, str(one.wait_minutes or "")) if isinstance(one, Way) else one
        for one in value
    ]


def _way(channel: str, address: str, wait: str) -> Way:
    if not channel:
        raise forms.ValidationError("Choose a channel for each address.", "channel_missing")
    if wait and not (wait.isascii() and wait.isdigit() and len(wait) < 6):
        raise forms.ValidationError("Give the minutes to wait as a whole number.", "unfit_wait")
    return Way(channel, address, int(wait) if wait else None)


def _offered(channel: Channel) -> str:
    label = f"{channel.label[:1].upper()}{channel.label[1:]}"
    return label if ways.is_set_up(channel) else f"{label} (not set up here)"
