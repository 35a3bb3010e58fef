"""Facts tried against one version of the criteria: what fires, what does not, and what comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.admin.forms import services_field
from incidents.admin.incident_forms import FactsForm
from incidents.admin.severity_page import standing_context
from incidents.models import SeverityScheme
from incidents.operations import severity
from incidents.operations.law import levels, scheme_in_force
from incidents.operations.severity import Judgement
from incidents.rules.facts import TEN_YEARS
from incidents.rules.reasons import Refused
from incidents.rules.severity import Examined, Level, examine


class TryForm(FactsForm):
    """Services and facts as they would be known of an incident; everything may be left open."""

    services = services_field(
        required=False,
        label="Affected services",
        help_text="Their tier, whether they earn money, and what depends on them count.",
    )
    minutes = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=TEN_YEARS,
        label="Minutes of impact",
        help_text="Of an incident they are counted, never typed. Empty: it has just begun.",
    )


@dataclass(frozen=True)
class LevelShown:
    """One level with every one of its criteria; `is_it` where it is the level that comes out."""

    level: Level
    criteria: tuple[Examined, ...]
    is_it: bool


def try_page(
    admin: GovernedAdmin, request: HttpRequest, scheme: SeverityScheme
) -> HttpResponse:
    """A GET, to be linked to: what this version says of the facts in the address; stores nothing."""
    form = TryForm(request.GET or None, subject=None, actor=acting(request))
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Try facts: {scheme}",
        "opts": admin.opts,
        "original": scheme,
        "form": form,
        "media": admin.media + form.media,
        **standing_context(scheme, timezone.now()),
    }
    found = _judged(form, scheme)
    if found:
        context |= _outcome(form, scheme, found)
    status = 422 if form.is_bound and not found else 200
    template = "admin/incidents/severityscheme/try.html"
    return TemplateResponse(request, template, context, status=status)


def _judged(form: TryForm, scheme: SeverityScheme) -> Judgement | None:
    """What this version says; where the facts cannot be, the form says why on their fields."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return _judge(form, scheme)
    except Refused as refused:
        for reason in refused.reasons:
            field = reason.field.removeprefix("facts.")
            form.add_error(field if field in form.fields else None, reason.message)
        return None


def _judge(form: TryForm, scheme: SeverityScheme) -> Judgement:
    said = form.cleaned_data
    services, minutes = list(said["services"]), said["minutes"] or 0
    return severity.judge(scheme, services, said["facts"], minutes=minutes)


def _outcome(form: TryForm, scheme: SeverityScheme, found: Judgement) -> dict[str, Any]:
    law = scheme_in_force(timezone.now())
    is_other = law is not None and law.pk != scheme.pk
    return {
        "found": found.level,
        "reasons": found.classification.reasons,
        "examined": list(_examined(scheme, found)),
        "by_law": _judge(form, law).level if law and is_other else None,
    }


def _examined(scheme: SeverityScheme, found: Judgement) -> Iterator[LevelShown]:
    """All levels, those below the one that came out too: what else would have held."""
    for code, law in levels(scheme).items():
        criteria = examine(law.rule, found.facts)
        yield LevelShown(law.rule, criteria, is_it=code == found.level.code)
