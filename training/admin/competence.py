"""The board of people by role, one person's way to each role, and the acts on evidence."""

import csv
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.models import Incident, Person, Qualification, Role, Team
from incidents.rules.reasons import Reason
from training.admin.competence_forms import QualifyForm, RecordForm, WithdrawForm
from training.models import Evidence
from training.operations import competence, competence_board, evidence
from training.operations.competence_board import PAGE, WHOLE, Board

# How a cell looks: never by its colour alone, each state has a sign and a word.
LEGEND = (
    (competence.QUALIFIED, "●", "qualified"),
    (competence.LAPSING, "◑", "lapses within 60 days"),
    (competence.LAPSED, "○", "lapsed"),
    (competence.LEARNING, "△", "learning"),
)
_SIGNS = {state: (sign, words) for state, sign, words in LEGEND}


def record(*, actor: Person, at: datetime, person: Person, **said: Any) -> Evidence:
    """As the list offers it: there is no row yet."""
    return evidence.record(person, actor=actor, at=at, **said)


def qualify(
    *, person: Person, role: Role, reason: str, actor: Person, at: datetime
) -> Qualification:
    """The same."""
    return competence.qualify(person, role, reason=reason, actor=actor, at=at)


def _withdrawable(row: Evidence, _actor: Person) -> tuple[Reason, ...]:
    return evidence.objections(row)


@admin.register(Evidence)
class EvidenceAdmin(GovernedAdmin):
    """What people have shown; beneath it lie the board and everybody's way to a role."""

    list_display = ["person", "role", "kind", "title", "happened_on", "counts"]
    list_filter = ["kind", "role"]
    list_select_related = ["person", "role"]
    search_fields = ["person__name", "person__username", "title"]
    fields = [
        "person", "role", "kind", "title", "happened_on", "incident", "game_day", "link",
        "recorded_at", "recorded_by", "withdrawn_at", "withdrawn_by", "withdrawn_reason",
    ]  # fmt: skip
    readonly_fields = fields
    first_step = "No evidence yet. It comes with closed incidents and completed exercises."
    verbs = (
        Verb("record", "Record evidence", record, RecordForm, icon="post_add", on_list=True,
             explain="Training attended, incidents shadowed. Exercises and closed incidents write their own."),
        Verb("qualify", "Qualify somebody", qualify, QualifyForm, icon="workspace_premium",
             on_list=True, done="The qualification is granted.",
             shows="admin/training/competence/before_qualifying.html",
             explain="By somebody who holds the role, to somebody who has what it asks for."),
        Verb("withdraw", "Withdraw", evidence.withdraw, WithdrawForm, icon="undo", danger=True,
             objections=_withdrawable, explain="It stays to be read, and no longer counts."),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Before a row's own address, which would swallow them."""
        site = self.admin_site.admin_view
        return [
            path("board/", site(self.board_view), name="training_evidence_board"),
            path("board.csv", site(self.board_file), name="training_evidence_board_file"),
            path("person/<int:pk>/", site(self.person_view), name="training_evidence_person"),
            *super().get_urls(),
        ]

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """Qualifying is granting, which incidents keep; who held a role tells who was there."""
        if verb.name == "record":
            return evidence.may_record(acting(request))
        if verb.name == "qualify":
            return request.user.has_perm("incidents.grant_qualification")
        return super().may_ever(request, verb)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Recorded, not typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is withdrawn, not changed."""
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without that of incidents the reader may not see."""
        hidden = Incident.objects.hidden_from(acting(request))
        return super().get_queryset(request).exclude(incident__in=hidden)

    @admin.display(description="counts", boolean=True)
    def counts(self, row: Evidence) -> bool:
        """Not withdrawn."""
        return row.withdrawn_at is None

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """People by role; changes nothing."""
        found, team = self._board(request), request.GET.get("team", "")
        pages = max(1, -(-found.total // PAGE))
        context = {
            **self.admin_site.each_context(request),
            "title": "Competence",
            "opts": self.opts,
            "found": found,
            "rows": [(row.person, _cells(found, row.cells)) for row in found.rows],
            "by_role": _by_role(found),
            "foot": [_strength(found, role) for role in found.roles],
            "legend": LEGEND,
            "totals": _totals(found),
            "team": team,
            "teams": Team.objects.all(),
            "page": _page_number(request),
            "pages": range(1, pages + 1),
            "may_qualify": request.user.has_perm("incidents.grant_qualification"),
        }
        return TemplateResponse(request, "admin/training/competence/board.html", context)

    def board_file(self, request: HttpRequest) -> HttpResponse:
        """The board as CSV: a line a person, a column a role."""
        found = self._board(request, size=WHOLE)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="competence.csv"'
        sheet = csv.writer(answer)
        sheet.writerow(["person", "username", "team", *(str(role) for role in found.roles)])
        for row in found.rows:
            person, cells = row.person, row.cells
            names = [str(person), person.username, str(person.team or "")]
            said = [
                _in_file(*cells[role.slug]) if role.slug in cells else ""
                for role in found.roles
            ]
            sheet.writerow([_plain(cell) for cell in (*names, *said)])
        return answer

    def person_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One person's way to each role they have, learn, or have shown something for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        person = get_object_or_404(Person.objects.select_related("team"), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Competence of {person}",
            "opts": self.opts,
            "person": person,
            "standings": competence.standings(
                person, reader=acting(request), at=timezone.now()
            ),
            "signs": _SIGNS,
            "qualify_url": reverse("admin:training_evidence_qualify"),
            "record_url": reverse("admin:training_evidence_record"),
            "may_qualify": request.user.has_perm("incidents.grant_qualification")
            and request.user.pk != person.pk,
            "may_record": request.user.pk != person.pk and evidence.may_record(acting(request)),
        }
        return TemplateResponse(request, "admin/training/competence/person.html", context)

    def _board(self, request: HttpRequest, size: int = PAGE) -> Board:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return competence_board.board(
            team=request.GET.get("team", ""), page=_page_number(request), size=size,
            at=timezone.now(),
        )  # fmt: skip


def _in_file(state: str, held: Qualification) -> str:
    return f"{state} until {held.expires_on}" if held.expires_on else state


def _plain(cell: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _page_number(request: HttpRequest) -> int:
    said = request.GET.get("p", "1")
    return max(1, int(said)) if said.isdecimal() and len(said) < 6 else 1


def _cells(found: Board, cells: Any) -> list[tuple[str, str, str, str]]:
    """Per role: the state, its sign, its word and until when."""
    return [
        _cell(cells[role.slug]) if role.slug in cells else ("", "", "", "")
        for role in found.roles
    ]


def _by_role(found: Board) -> list[tuple[Role, list[tuple[Person, str, str, str, str]]]]:
    """The same for a narrow screen: each role with its people, who counts first."""
    order = [state for state, _, _ in LEGEND]
    listed = []
    for role in found.roles:
        there = [
            (row.person, *_cell(row.cells[role.slug]))
            for row in found.rows
            if role.slug in row.cells
        ]
        listed.append((role, sorted(there, key=lambda one: order.index(one[1]))))
    return listed


def _cell(cell: tuple[str, Qualification]) -> tuple[str, str, str, str]:
    state, held = cell
    return (state, *_SIGNS[state], competence.until(held))


def _totals(found: Board) -> list[tuple[str, str, list[int]]]:
    """A line a state: how many people of each role are in it."""
    return [
        (sign, words, [found.counts.get(role.slug, {}).get(state, 0) for role in found.roles])
        for state, sign, words in LEGEND
    ]


def _strength(found: Board, role: Role) -> dict[str, Any]:
    return {"role": role, "strength": found.strengths[role.slug]}
