"""The one way a state changes in the admin: a form page that calls one operation.

Forms describe; verb pages act. A verb page shows on GET what will happen and changes nothing;
POST asks the permission, makes one call into operations and shows a refusal on its field.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from incidents.admin import form_key
from incidents.admin.forms import NoQuestions, VerbForm
from incidents.models import Person
from incidents.rules.reasons import Reason, Refused

_SENT_BEFORE = (
    "This form was sent before, with other words, and that was done. If you mean this as well, "
    "press the button again."
)


def acting(request: HttpRequest) -> Person:
    """The signed-in person; every admin view has one."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def no_objections(_subject: Any, _actor: Person) -> Sequence[Reason]:
    """The rule of a verb that only its permission limits."""
    return ()


@dataclass(frozen=True)
class Verb:
    """One act on a row: its page, its permission, its operation.

    `call(subject, actor=, at=, **cleaned_data)` decides and writes; `objections(subject, actor)`
    says beforehand why it would be refused, so that the page can show it instead of a dead button.
    A verb on the list (`on_list`) has no subject: `call(actor=, at=, **cleaned_data)` returns
    the new row. `permission` names the standing permission where it is not the verb's own name.
    `shows` is a template that puts the row before the reader: nobody approves what they cannot see.
    Of what is done `elsewhere` the buttons stand on a page of their own: the row offers none.
    """

    name: str
    label: str
    call: Callable[..., Any]
    form: type[VerbForm] = NoQuestions
    explain: str = ""
    icon: str = "bolt"
    on_list: bool = False
    danger: bool = False
    objections: Callable[[Any, Person], Sequence[Reason]] = no_objections
    permission: str = ""
    done: str = ""
    shows: str = ""
    elsewhere: bool = False

    @property
    def message(self) -> str:
        """What is said once it is done."""
        return self.done or f"{self.label}: done."


@dataclass(frozen=True)
class Offer:
    """A verb as one person sees it on one row: where it is, and why not if it is refused."""

    verb: Verb
    url: str
    reasons: tuple[Reason, ...] = ()


class VerbAdmin(ModelAdmin):
    """The admin of a model whose rows are acted on and never deleted."""

    verbs: ClassVar[tuple[Verb, ...]] = ()
    # What to do first, said where the list is empty.
    first_step: ClassVar[str] = ""
    # Where the first step is taken, when that is another list: what it is called, and its model.
    first_links: ClassVar[tuple[tuple[str, str], ...]] = ()
    change_form_outer_before_template = "admin/verb_bar.html"
    list_before_template = "admin/list_verbs.html"

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Nothing is deleted: audit lines and history name it."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The verb pages come first: a row's own address would swallow them."""
        return [self._verb_path(verb) for verb in self.verbs] + super().get_urls()

    def _verb_path(self, verb: Verb) -> URLPattern:
        route = f"verb/{verb.name}/" if verb.on_list else f"<path:object_id>/verb/{verb.name}/"
        view = self.admin_site.admin_view(partial(self.verb_view, verb=verb))
        return path(route, view, name=self._verb_url_name(verb))

    def _verb_url_name(self, verb: Verb) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{verb.name}"

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """The standing permission: `app.verb_model`."""
        action = verb.permission or verb.name
        return request.user.has_perm(f"{self.opts.app_label}.{action}_{self.opts.model_name}")

    def offers(self, request: HttpRequest, obj: models.Model | None) -> list[Offer]:
        """The verbs this person may ever use on this row (or on the list), each with why not now."""
        found = []
        for verb in self.verbs:
            if verb.elsewhere or verb.on_list != (obj is None):
                continue
            if not self.may_ever(request, verb):
                continue
            url = reverse(f"admin:{self._verb_url_name(verb)}", args=[obj.pk] if obj else [])
            reasons = tuple(verb.objections(obj, acting(request))) if obj else ()
            found.append(Offer(verb, url, reasons))
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the acts that need no row."""
        context = {
            # The stock title asks to “select … to view”.
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "offers": self.offers(request, None),
            "first_step": self.first_step,
            "first_links": self._first_links(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def _first_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """What the other lists are called and where they are, for who may see them."""
        return [
            (label, reverse(f"admin:incidents_{model}_changelist"))
            for label, model in self.first_links
            if request.user.has_perm(f"incidents.view_{model}")
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row, with the acts that may be done to it."""
        obj = self.get_object(request, unquote(object_id))
        context = {"offers": self.offers(request, obj) if obj else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def verb_view(
        self, request: HttpRequest, verb: Verb, object_id: str | None = None
    ) -> HttpResponse:
        """The page of one verb: GET asks, POST acts once."""
        subject = self._subject(request, object_id)
        if not self.may_ever(request, verb):
            raise PermissionDenied
        # Asked before the form is: what was done may have left it without its choices.
        if before := form_key.before(request, acting(request)):
            return self._done_already(request, subject, before.location)
        said = (request.POST, request.FILES) if request.method == "POST" else ()
        form = verb.form(*said, subject=subject, actor=acting(request))
        # A link may say beforehand what it is about: which proposal, which suggestion.
        form.initial = {**form.initial, **request.GET.dict()}
        if form.is_bound and form.is_valid():
            done = self._act_once(request, verb, subject, form)
            if done is not None:
                return done
        return self._ask(request, verb, subject, form)

    def _act_once(
        self, request: HttpRequest, verb: Verb, subject: models.Model | None, form: VerbForm
    ) -> HttpResponse | None:
        """The act, at most once a form that bears a key; None where the form says why not."""
        if not form_key.sent(request):
            return self._act(request, verb, subject, form)
        try:
            with form_key.asking(request, acting(request), timezone.now()) as asking:
                if asking.before:
                    return self._done_already(request, subject, asking.before.location)
                done = self._act(request, verb, subject, form)
                if done is not None:
                    asking.keep(form_key.led_to(done))
                return done
        except Refused as refused:
            sent_before = refused.has("key_used_for_another_request")
            form.add_error(None, _SENT_BEFORE if sent_before else str(refused))
            return None

    def _done_already(
        self, request: HttpRequest, subject: models.Model | None, location: str
    ) -> HttpResponse:
        self.message_user(request, "This was done already.", messages.INFO)
        return redirect(location or self._address(subject))

    def _subject(self, request: HttpRequest, object_id: str | None) -> models.Model | None:
        if object_id is None:
            return None
        subject = self.get_object(request, unquote(object_id))
        if subject is None:
            raise Http404
        if not self.has_view_permission(request, subject):
            raise PermissionDenied
        return subject

    def _act(
        self, request: HttpRequest, verb: Verb, subject: models.Model | None, form: VerbForm
    ) -> HttpResponse | None:
        """One call into operations; None when it was refused and the form says why."""
        on = (subject,) if subject else ()
        try:
            result = verb.call(
                *on, actor=acting(request), at=timezone.now(), **form.cleaned_data
            )
        except Refused as refused:
            for reason in refused.reasons:
                field = reason.field.removeprefix("facts.")
                form.add_error(field if field in form.fields else None, reason.message)
            return None
        return self.after_act(request, verb, subject, result)

    def _ask(
        self, request: HttpRequest, verb: Verb, subject: models.Model | None, form: VerbForm
    ) -> HttpResponse:
        """The page with its form; once something was said, the form says what is wrong with it."""
        foreseen = subject is not None and not form.is_bound
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "subtitle": str(subject) if subject else None,
            "verb": verb,
            "form": form,
            "media": self.media + form.media,
            "original": subject,
            "opts": self.opts,
            "back": self._address(subject),
            "reasons": verb.objections(subject, acting(request)) if foreseen else (),
            **self.shown(verb, subject),
        }
        status = 409 if form.is_bound else 200
        return TemplateResponse(request, "admin/verb.html", context, status=status)

    def shown(self, verb: Verb, subject: models.Model | None) -> dict[str, Any]:
        """What the verb's `shows` template needs beside the row; nothing by default."""
        return {}

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: models.Model | None, result: Any
    ) -> HttpResponse:
        """Say that it is done and lead on."""
        self.message_user(request, verb.message)
        return redirect(self.after_verb(verb, subject, result))

    def after_verb(self, verb: Verb, subject: models.Model | None, result: Any) -> str:
        """Where the person is led after the act: the row it was done to, or the new one."""
        made = result if isinstance(result, self.model) else None
        return self._address(subject or made)

    def _address(self, row: models.Model | None) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return (
            reverse(f"{name}_change", args=[row.pk]) if row else reverse(f"{name}_changelist")
        )
