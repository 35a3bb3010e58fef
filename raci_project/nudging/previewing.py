"""The very mail that a step would send: rendered by what sends it, before anything is sent."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.channels import short
from incidents.channels.letters import as_mail
from incidents.models import Channel, NudgePolicy, OutboxMessage, Person
from incidents.operations import policies, try_out
from incidents.operations.try_out import Owed, Source
from incidents.rules.nudges import Step
from incidents.rules.policy import Policy
from incidents.rules.policy_words import when
from raci_project.nudging.sources import SOURCES

OFFERED = 25  # things to choose from: the ones due first
EXAMPLE = ""
# The mail is data: nothing in it runs, and nothing is fetched, whatever somebody wrote.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

# In a style, and in the two <meta> that mail programs read.
_BOTH_LOOKS = re.compile(r'(color-scheme: |color-schemes?" content=")light dark')


class ChooseForm(forms.Form):
    """Which step, and of which thing."""

    step = forms.ChoiceField(label="Step", widget=forms.Select(attrs={"class": "case-select"}))
    row = forms.ChoiceField(
        label="About", required=False, widget=forms.Select(attrs={"class": "case-select"})
    )

    def __init__(self, data: Any, *, policy: Policy, open_ones: list[Owed]) -> None:
        super().__init__(data)
        steps = [(step.name, when(step)) for step in policy.ladder.steps]
        rows = [(str(owed.row.pk), owed.title) for owed in open_ones]
        self._offer("step", steps)
        self._offer("row", [*rows, (EXAMPLE, "an example")])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field


@dataclass(frozen=True)
class Shown:
    """One recipient's message, as it would leave."""

    letter: OutboxMessage
    person: Person
    channel: str
    is_held: bool
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Previewed:
    """What was chosen, and the letters that come of it."""

    form: ChooseForm
    step: Step | None
    letters: list[OutboxMessage]
    is_example: bool


def preview_page(admin: GovernedAdmin, request: HttpRequest, row: NudgePolicy) -> HttpResponse:
    """A GET, to be linked to: who would get what, by which channel, when; stores nothing."""
    found = _previewed(request, row)
    shown = _shown(found, request.GET)
    chosen = next((one for one in shown if one.is_chosen), None)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Preview: {row.get_what_display()}",
        "opts": admin.opts,
        "original": row,
        "form": found.form,
        "found": found,
        "shown": shown,
        "chosen": chosen,
        "mail": as_mail(chosen.letter) if chosen else None,
        "text": _text(chosen.letter) if chosen else "",
        "mail_url": reverse("admin:incidents_nudgepolicy_mail", args=[row.pk]),
    }
    status = 200 if found.form.is_valid() else 422
    return TemplateResponse(request, "admin/nudges/preview.html", context, status=status)


def mail_page(_admin: GovernedAdmin, request: HttpRequest, row: NudgePolicy) -> HttpResponse:
    """The mail's HTML alone, for the frame of the preview."""
    found = _previewed(request, row)
    chosen = next((one for one in _shown(found, request.GET) if one.is_chosen), None)
    if chosen is None:
        raise Http404
    mail = as_mail(chosen.letter)
    html = next(str(one[0]) for one in mail.alternatives if one[1] == "text/html")
    html = _in_looks(html, "dark" if request.GET.get("looks") == "dark" else "light")
    # The middleware of the site's own policy leaves alone what has one already.
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


def _in_looks(html: str, looks: str) -> str:
    """As a mail program set to light or dark shows it, whatever this browser is set to."""
    html = _BOTH_LOOKS.sub(rf"\g<1>{looks}", html)
    return html.replace("(prefers-color-scheme: dark)", "all" if looks == "dark" else "not all")


def may_read(request: HttpRequest, source: Source) -> None:
    """Whoever may not read the things themselves is not shown them by a detour."""
    opts = source.model._meta
    if not request.user.has_perm(f"{opts.app_label}.view_{opts.model_name}"):
        raise PermissionDenied


def _previewed(request: HttpRequest, row: NudgePolicy) -> Previewed:
    source, reader, at = SOURCES[row.what], acting(request), timezone.now()
    may_read(request, source)
    policy = policies.of(row.what)
    since = at - timedelta(microseconds=1)
    owed = source.owed(reader, since=since, until=at, limit=try_out.MOST_ROWS)
    open_ones = [one for one in owed if one.done_at is None][:OFFERED]
    form = ChooseForm(_said(request, policy, open_ones), policy=policy, open_ones=open_ones)
    if not form.is_valid():
        return Previewed(form, None, [], is_example=False)
    chosen = {str(one.row.pk): one for one in open_ones}.get(form.cleaned_data["row"])
    step = next(one for one in policy.ladder.steps if one.name == form.cleaned_data["step"])
    letters = try_out.preview(source, policy, step, chosen or source.sample(reader, at))
    return Previewed(form, step, letters, is_example=chosen is None)


def _said(request: HttpRequest, policy: Policy, open_ones: list[Owed]) -> QueryDict:
    """What the address says; a bare one means the step on the day, of what is due first."""
    data = request.GET.copy()
    if "step" not in data:
        steps = policy.ladder.steps
        data["step"] = next((one.name for one in steps if not one.offset), steps[0].name)
        data["row"] = str(open_ones[0].row.pk) if open_ones else EXAMPLE
    return data


def _shown(found: Previewed, said: QueryDict) -> list[Shown]:
    wanted = said.get("to", "")
    known = {str(letter.recipient_id) for letter in found.letters}
    shown = []
    for number, letter in enumerate(found.letters):
        letter.pk = 0  # it stands in no table, and links in it lead nowhere
        query = QueryDict(mutable=True)
        query.update(
            {
                "step": found.form.cleaned_data["step"],
                "row": found.form.cleaned_data["row"],
                "to": str(letter.recipient_id),
            }
        )
        if letter.recipient is None:
            continue
        is_chosen = str(letter.recipient_id) == wanted if wanted in known else number == 0
        shown.append(
            Shown(
                letter,
                letter.recipient,
                str(Channel(letter.channel).label),
                letter.status == OutboxMessage.Status.HELD,
                query.urlencode(),
                is_chosen,
            )
        )
    return shown


def _text(letter: OutboxMessage) -> str:
    """As its own channel says it."""
    if letter.channel == Channel.SMS:
        return short.text(letter)
    if letter.channel == Channel.VOICE:
        return short.spoken(letter)
    if letter.channel == Channel.EMAIL:
        return str(as_mail(letter).body)
    return short.chat(letter)
