"""What waits for a person in an incident: an offer of command, calls, suggestions, proposals."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from incidents.models import (
    Alert,
    CommandCall,
    EscalationCall,
    HandOver,
    Incident,
    IncidentLink,
    NoticeClock,
    Person,
    Proposal,
    Suggestion,
)
from incidents.operations import notices

NOTICES_SHOWN = 5
_OPEN_CALL = EscalationCall.Ended.OPEN
_ROWS: dict[str, QuerySet[Any]] = {
    "has_hand_over": HandOver.objects.filter(incident=OuterRef("pk"), outcome=""),
    "has_command_call": CommandCall.objects.filter(
        assignment__incident=OuterRef("pk"), outcome=""
    ),
    "has_calls": EscalationCall.objects.filter(incident=OuterRef("pk")),
    "has_suggestions": Suggestion.objects.filter(incident=OuterRef("pk"), outcome=""),
    "has_proposals": Proposal.objects.filter(incident=OuterRef("pk")),
    "has_links": IncidentLink.objects.filter(incident=OuterRef("pk")),
    "has_links_here": IncidentLink.objects.filter(other=OuterRef("pk")),
    "has_notices": NoticeClock.objects.filter(incident=OuterRef("pk")),
    "has_alerts": Alert.objects.filter(incident=OuterRef("pk")),
}


def with_what_there_is(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Each says of what few incidents have whether it has any: without, its page asks nothing more."""
    return rows.annotate(**{name: Exists(found) for name, found in _ROWS.items()})


@dataclass(frozen=True)
class Link:
    """One incident this one hangs together with, in words that begin with this one."""

    how: str
    other: Incident
    reason: str


@dataclass
class Waiting:
    """All that waits in one incident, as one reader sees it; each part costs a query where it is."""

    incident: Incident
    reader: Person

    def _there(self, name: str, rows: Callable[[], QuerySet[Any]]) -> list[Any]:
        """Of what there is none, not even the question is put together."""
        return list(rows()) if getattr(self.incident, name, True) else []

    @cached_property
    def hand_over(self) -> HandOver | None:
        """The offer of command that nobody has answered."""
        rows = self.incident.hand_overs.filter
        found = self._there(
            "has_hand_over", lambda: rows(outcome="").select_related("giver", "to")
        )
        return next(iter(found), None)

    @property
    def is_offered(self) -> bool:
        """Whether command is offered to the reader."""
        return self.hand_over is not None and self.hand_over.to_id == self.reader.pk

    @cached_property
    def command_call(self) -> CommandCall | None:
        """The commander was called and has not answered."""
        rows = CommandCall.objects.select_related("asked_by", "assignment__person").filter
        found = self._there(
            "has_command_call", lambda: rows(assignment__incident=self.incident, outcome="")
        )
        return next(iter(found), None)

    @cached_property
    def calls(self) -> list[EscalationCall]:
        """Everybody called or to be called, those still waited for first."""
        found = self._there(
            "has_calls", lambda: self.incident.calls.select_related("person", "step", "role")
        )
        return sorted(found, key=lambda one: one.ended != _OPEN_CALL)

    @cached_property
    def open_calls(self) -> list[EscalationCall]:
        """Those somebody has yet to answer."""
        return [one for one in self.calls if one.ended == _OPEN_CALL]

    @cached_property
    def is_called(self) -> bool:
        """Whether the reader is called and has not answered."""
        commands = self.command_call is not None and (
            self.command_call.assignment.person_id == self.reader.pk
        )
        return commands or any(
            one.person_id == self.reader.pk and one.calls for one in self.open_calls
        )

    @cached_property
    def suggestions(self) -> list[Suggestion]:
        """Changes of roles that nobody has decided on."""
        rows = self.incident.suggestions.select_related(
            "role", "service", "person", "instead_of__person"
        )
        return self._there("has_suggestions", lambda: rows.filter(outcome=""))

    @cached_property
    def proposals(self) -> list[Proposal]:
        """What was proposed and neither decided nor declined."""
        rows = self.incident.proposals.select_related("proposed_by")
        return self._there(
            "has_proposals", lambda: rows.filter(declined_at=None, decision=None)
        )

    @cached_property
    def links(self) -> list[Link]:
        """Both ways, of the incidents the reader may see."""
        seen = partial(Incident.objects.visible_to, self.reader)
        out = self._there(
            "has_links",
            lambda: self.incident.links.filter(other__in=seen()).select_related("other"),
        )
        back = self._there(
            "has_links_here",
            lambda: self.incident.linked_from.filter(incident__in=seen()).select_related(
                "incident"
            ),
        )
        return [
            *(Link(f"This {one.get_kind_display()}", one.other, one.reason) for one in out),
            *(
                Link(_BACK[IncidentLink.Kind(one.kind)], one.incident, one.reason)
                for one in back
            ),
        ]

    @cached_property
    def alerts(self) -> list[Alert]:
        """The alerts it came from, the first first."""
        rows = self.incident.alerts.select_related("decided_by")
        return self._there("has_alerts", lambda: rows.order_by("detected_at", "id"))

    @cached_property
    def notices(self) -> list[NoticeClock]:
        """What contracts still want told, the soonest first; one more than a page shows."""
        rows = self.incident.notice_clocks.all()
        return self._there("has_notices", lambda: notices.still_open(rows)[: NOTICES_SHOWN + 1])

    @cached_property
    def notices_given(self) -> list[NoticeClock]:
        """The notices told last."""
        rows = self.incident.notice_clocks.select_related("clause__customer", "given_by")
        told = rows.filter(given_at__isnull=False).order_by("-given_at", "-id")
        return self._there("has_notices", lambda: told[:NOTICES_SHOWN])

    def not_here(self) -> set[str]:
        """The verbs that have nothing to be done to: no button for them."""
        found = set()
        if not self.is_offered:
            found |= {"accept_command", "decline_command"}
        if self.hand_over is None:
            found.add("withdraw_hand_over")
        if not self.is_called:
            found.add("answer_call")
        if not self.suggestions:
            found |= {"accept_suggestion", "dismiss_suggestion"}
        if not self.proposals:
            found.add("decline_proposal")
        if not self.notices:
            found.add("give_notice")
        return found


_BACK = {
    IncidentLink.Kind.DUPLICATE: "Its duplicate is",
    IncidentLink.Kind.SPLIT: "Split from this was",
    IncidentLink.Kind.CAUSED: "This caused",
    IncidentLink.Kind.RELATED: "This is related to",
}
