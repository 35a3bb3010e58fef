"""Shifts and the offers of them: seen by all, changed by those they concern."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, Verb, acting
from incidents.admin.forms import VerbForm, person_field
from incidents.admin.verbs import Offer
from incidents.models import Person, Shift
from incidents.rules.reasons import Reason
from training.models import Rota, RotaMember, ShiftChange
from training.operations import rota_books, rota_watch, rota_words, shift_changes, shift_deals
from training.operations.rota_turns import hours_in_words
from training.operations.shift_deals import Deal

_NOTHING = "nothing in return"
_DONE = {"offer": "It is offered: nothing changes until they accept."}


class OfferForm(VerbForm):
    """To whom, how much of it, for what, and why."""

    to = forms.ModelChoiceField(Person.objects.none(), label="To", help_text="They are asked.")
    whole_turn = forms.BooleanField(required=False, label="The rest of the turn too")
    other = forms.ModelChoiceField(
        Shift.objects.none(), required=False, label="For this shift of theirs",
        empty_label=_NOTHING,
    )  # fmt: skip
    reason = forms.CharField(required=False, max_length=300, label="Why")

    def prepare(self) -> None:
        """Members of the rotation, and what of theirs could be taken in return."""
        if not isinstance(self.subject, Shift):
            return
        here = RotaMember.objects.filter(rota=self.subject.rota, left_on=None)
        people = Person.objects.filter(pk__in=here.values("person"), is_active=True)
        self.fields["to"].queryset = people.exclude(pk=self.actor.pk)  # type: ignore[attr-defined]
        where, rest = self.actor.time_zone, shift_deals.rest_of_turn(self.subject)
        self.fields["whole_turn"].help_text = (
            f"All of {rota_words.spans(rest, where)}: one question, one answer. In return as many "
            "days of theirs, from the one on that is chosen."
        )
        if len(rest) == 1:
            del self.fields["whole_turn"]
        self._offer_in_return(
            shift_deals.returns(self.subject, self.actor, timezone.now()), where
        )

    def _offer_in_return(self, found: Sequence[Shift], where: str) -> None:
        field = self.fields["other"]
        field.queryset = Shift.objects.filter(pk__in=[each.pk for each in found])  # type: ignore[attr-defined]
        field.help_text = f"By your clock ({where}); without what you could not serve."
        several = len({each.band for each in found}) > 1
        theirs: dict[str, list[tuple[int, str]]] = {}
        for each in found:
            hours = hours_in_words(each.starts_at, each.ends_at, where)
            label = f"{each.band}, {hours}" if several else hours
            theirs.setdefault(str(each.person), []).append((each.pk, label))
        field.choices = [("", _NOTHING), *sorted(theirs.items())]  # type: ignore[attr-defined]


class OverrideForm(VerbForm):
    """Who serves it, and why."""

    person = person_field(
        label="Who serves it", help_text="Qualified, here, and free at the time."
    )
    reason = forms.CharField(
        max_length=300, widget=forms.Textarea(attrs={"rows": 3}), label="Why",
        help_text="Read by whom it concerns.",
    )  # fmt: skip
    through = forms.ModelChoiceField(
        Shift.objects.none(), required=False, label="Through", empty_label="this shift alone",
        help_text="With every day of the turn until then.",
    )  # fmt: skip

    def prepare(self) -> None:
        """What follows of the turn, by the reader's clock; nothing to choose where nothing does."""
        if not isinstance(self.subject, Shift):
            return
        rest = shift_deals.rest_of_turn(self.subject)[1:]
        if not rest:
            del self.fields["through"]
            return
        where, field = self.actor.time_zone, self.fields["through"]
        field.queryset = Shift.objects.filter(pk__in=[each.pk for each in rest])  # type: ignore[attr-defined]
        field.choices = [  # type: ignore[attr-defined]
            ("", "this shift alone"),
            *((each.pk, hours_in_words(each.starts_at, each.ends_at, where)) for each in rest),
        ]


def _not_offered(shift: Shift, actor: Person) -> tuple[Reason, ...]:
    return shift_changes.objections(shift, actor, timezone.now())


def _to_answer(change: ShiftChange, actor: Person) -> tuple[Reason, ...]:
    return shift_changes.not_now(change, actor, is_asker=False)


def _to_withdraw(change: ShiftChange, actor: Person) -> tuple[Reason, ...]:
    return shift_changes.not_now(change, actor, is_asker=True)


class WhoseFilter(admin.SimpleListFilter):
    """What is still to come, unless the reader asks for something else."""

    title = "whose"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Beside what is still to come."""
        return [("mine", "Mine"), ("nobody", "Nobody's"), ("all", "All, over too")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """The first choice is no filter, and shows what is to come."""
        choices = super().choices(changelist)
        yield {**next(choices), "display": "To come"}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Shift]) -> QuerySet[Shift]:
        """The rows of this choice."""
        if self.value() == "all":
            return queryset
        coming = queryset.filter(ends_at__gt=timezone.now())
        if self.value() == "mine":
            me = acting(request)
            return coming.filter(Q(person=me) | Q(shadow=me))
        return coming.filter(person=None) if self.value() == "nobody" else coming


class ChangeInline(ReadOnlyInline):
    """How it came to who has it."""

    model = ShiftChange
    fk_name = "shift"
    fields = ["status", "asked_by", "to", "reason", "asked_at", "answered_at"]
    readonly_fields = fields
    hide_title = True
    verbose_name_plural = "how it changed hands"


class _OnlyVerbs(GovernedAdmin):
    """Rows that nobody types, with verbs whose rights are practice's own."""

    rights: ClassVar[dict[str, str]] = {}

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """A shift is of incidents, who may swap it is said in training."""
        return request.user.has_perm(self.rights[verb.name])

    def has_add_permission(self, request: HttpRequest) -> bool:
        """It is published, or offered."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It changes through its verbs."""
        return False


@admin.register(Shift)
class ShiftAdmin(_OnlyVerbs):
    """Who is on duty when."""

    list_display = ["starts_at", "ends_at", "role", "band", "who", "shadow"]
    list_filter = [WhoseFilter, "role"]
    list_select_related = ["role", "person", "shadow"]
    search_fields = ["person__name", "person__username"]
    ordering = ["starts_at"]
    fields = [
        "role", "band", "starts_at", "ends_at", "who", "shadow", "reason", "board",
        "published_at",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [ChangeInline]
    first_step = (
        "No shift is published. Make a rotation, let people join it, and publish it: then they "
        "stand here, in everybody's calendar, and are asked first in an incident."
    )
    rights = {"offer": shift_changes.SWAP, "override": shift_changes.OVERRIDE}
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("offer", "Offer it to somebody", shift_changes.offer, OfferForm, icon="swap_horiz",
             objections=_not_offered, done=_DONE["offer"],
             explain="It stays yours until they accept."),
        Verb("override", "Put somebody on", shift_changes.override, OverrideForm,
             icon="person_pin", shows="admin/training/rota/whom_to_ask.html",
             explain="For leadership. Everybody concerned hears of it, with the reason."),
    )  # fmt: skip

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Whom to ask first, for it and for the rest of its turn, and why not the others."""
        if verb.name != "override" or not isinstance(subject, Shift):
            return {}
        row = Rota.objects.filter(pk=subject.rota).first()
        if row is None:
            return {"asked": []}
        books = rota_books.read(row, at=timezone.now())
        rest = shift_deals.rest_of_turn(subject)
        return {"asked": rota_watch.whom_to_ask(books, rest)}

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        """What was never offered has not changed hands: no heading over nothing."""
        offered = isinstance(obj, Shift) and obj.changes.exists()
        return list(super().get_inlines(request, obj)) if offered else []

    @admin.display(description="who serves", ordering="person__name")
    def who(self, shift: Shift) -> str:
        """Nobody is said so."""
        return str(shift.person) if shift.person else "NOBODY"

    @admin.display(description="rotation")
    def board(self, shift: Shift) -> SafeString:
        """Its week."""
        url = reverse("admin:training_rota_board", args=[shift.rota])
        return format_html('<a href="{}?week={}">Its week</a>', url, shift.starts_at.date())


@admin.register(ShiftChange)
class ShiftChangeAdmin(_OnlyVerbs):
    """Offers of shifts, answered here."""

    list_display = ["shift", "how_many", "asked_by", "to", "other", "status", "asked_at"]
    list_filter = ["status"]
    list_select_related = [
        "shift__role", "shift__person", "other__role", "other__person", "asked_by", "to",
    ]  # fmt: skip
    search_fields = ["asked_by__name", "to__name"]
    fields = [
        "in_all", "shift", "other", "asked_by", "to", "reason", "status", "asked_at",
        "answered_at",
    ]  # fmt: skip
    readonly_fields = fields
    first_step = "Nobody offered a shift yet: it is done on the page of the shift."
    rights = dict.fromkeys(("accept", "decline", "withdraw"), shift_changes.SWAP)
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("accept", "Accept", shift_changes.accept, icon="check", objections=_to_answer,
             explain="From now on all that was asked in one is yours, and both of you hear so."),
        Verb("decline", "Decline", shift_changes.decline, icon="close", objections=_to_answer,
             explain="All that was asked in one stays with who offered it."),
        Verb("withdraw", "Take it back", shift_changes.withdraw, icon="undo",
             objections=_to_withdraw, explain="No answer is wanted any more."),
    )  # fmt: skip

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """Only what this person may do: who asked takes back, who was asked answers."""
        return [each for each in super().offers(request, obj) if not each.reasons]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShiftChange]:
        """In the list one line an act, however many shifts it is about."""
        rows: QuerySet[ShiftChange] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return shift_deals.in_acts(rows) if is_list else rows

    @admin.display(description="shifts")
    def how_many(self, change: ShiftChange) -> int:
        """Asked in one with it, itself counted."""
        return int(getattr(change, "in_one", 1))

    @admin.display(description="what is asked")
    def in_all(self, change: ShiftChange) -> str:
        """All that was asked in one act, which is answered in one."""
        deal = Deal(list(shift_deals.of_one_act(change)) or [change])
        where = timezone.get_current_timezone_name()
        given = rota_words.spans(deal.shifts, where)
        if not deal.others:
            return given
        return f"{given}; in return {rota_words.spans(deal.others, where)}"
