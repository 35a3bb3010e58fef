"""The acts and pages by which versions of a matrix are reviewed, wired into their admin."""

from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import mark_safe

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.forms import VerbForm
from incidents.admin.matrix_as_of import as_of_page
from incidents.admin.matrix_case import case_context, case_said, spoken_names
from incidents.admin.matrix_compare import compare_page, compare_url, shown_before_approval
from incidents.admin.matrix_consequence import consequence_page, is_foreseeable
from incidents.admin.matrix_forms import SubmitForm
from incidents.admin.verbs import Offer
from incidents.models import EmergencyChange, MatrixVersion, Person
from incidents.models.governed import LAW, VersionStatus
from incidents.operations import law, matrix_review
from incidents.rules.reasons import Reason

# Beside the standing of an emergency change that nobody has decided yet.
UNAPPROVED = mark_safe(' <span class="tag tag-amber">approval owed</span>')


class EnactForm(SubmitForm):
    """Why it cannot wait, and why in spite of the warnings where there are any."""

    reason = forms.CharField(
        label="Why it cannot wait",
        widget=forms.Textarea,
        help_text="Every leader reads it at once, and the auditor later.",
    )
    field_order = ("reason", "warnings_reason")


class DeclineForm(VerbForm):
    """Why the emergency change was not right."""

    reason = forms.CharField(label="Why it is declined", widget=forms.Textarea)


class ConfirmForm(VerbForm):
    """What was looked at."""

    note = forms.CharField(
        required=False,
        label="What you looked at",
        widget=forms.Textarea,
        help_text="Whom you asked, which incidents you read again.",
    )


def _objections(act: str, version: MatrixVersion, person: Person) -> tuple[Reason, ...]:
    judged = getattr(version, "judged", None)
    return matrix_review.objections(act, version, person, at=timezone.now(), judged=judged)


VERBS = (
    Verb(
        "enact",
        "Enact as emergency",
        matrix_review.enact,
        EnactForm,
        icon="emergency",
        danger=True,
        explain="Makes it the law at once, before anybody checked it. All leaders are told now. "
        "Another leader must approve or decline it within the time the organisation has set.",
        objections=partial(_objections, "enact"),
        done="It is in force as an emergency change, and the leaders are told.",
        shows="admin/shown/matrix.html",
    ),
    Verb(
        "decline",
        "Decline",
        matrix_review.decline,
        DeclineForm,
        icon="undo",
        danger=True,
        permission="approve",
        explain="The version before is law again at once. Incidents declared under this one stay "
        "under it. All leaders are told.",
        objections=partial(_objections, "decline"),
        done="It is declined: the version before is law again.",
        shows="admin/shown/matrix.html",
    ),
    Verb(
        "confirm",
        "Confirm it is still right",
        matrix_review.confirm,
        ConfirmForm,
        icon="fact_check",
        explain="Keeps that you looked at it today and found it right. Nothing else changes.",
        objections=partial(_objections, "confirm"),
        done="It is kept that you confirmed it.",
    ),
)
# Verbs that would be nonsense on most versions are offered where they could be meant.
_FITTING = {
    "enact": (VersionStatus.DRAFT, VersionStatus.SUBMITTED),
    "decline": (VersionStatus.EMERGENCY,),
    "confirm": LAW,
}


def fitting(offers: list[Offer], version: MatrixVersion) -> list[Offer]:
    """The offers without those that cannot be meant of a version that stands where this one does."""
    return [
        each
        for each in offers
        if each.verb.name not in _FITTING or version.status in _FITTING[each.verb.name]
    ]


def pages(admin: GovernedAdmin) -> list[URLPattern]:
    """The addresses of the review: to compare, to look back, to look ahead."""
    name = "incidents_matrixversion_{}".format
    wrap = admin.admin_site.admin_view
    return [
        path("compare/", wrap(partial(compare_page, admin)), name=name("compare")),
        path("as-of/", wrap(partial(as_of_page, admin)), name=name("as_of")),
        path(
            "<int:pk>/consequence/",
            wrap(partial(consequence_page, admin)),
            name=name("consequence"),
        ),
    ]


def shown(verb: Verb, version: MatrixVersion, at: datetime) -> dict[str, Any]:
    """What the page of a verb puts before whoever decides."""
    decides = verb.name in ("approve", "enact", "decline")
    return shown_before_approval(version, at) if decides else {}


def version_review(
    request: HttpRequest, version: MatrixVersion, at: datetime
) -> dict[str, Any]:
    """What the page of a version shows of its review; a constant number of queries."""
    changes = EmergencyChange.objects.select_related("enacted_by", "decided_by")
    emergency = changes.filter(version=version).first()
    case = case_said(request.GET.dict())
    return {
        "emergency": emergency,
        "is_owed": emergency is not None and emergency.decided_at is None,
        "is_overdue": emergency is not None
        and emergency.decided_at is None
        and emergency.due_at is not None
        and emergency.due_at < at,
        "confirmations": list(version.confirmations.select_related("confirmed_by")[:5]),
        "compare_url": compare_url(matrix_review.predecessor(version, at=at), version),
        "is_foreseeable": is_foreseeable(version, at),
        **case_context(law.grid(version), case, spoken_names(at)),
    }
