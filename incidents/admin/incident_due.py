"""What is due in an incident, of every kind in one list: the most urgent first, late ones on top."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from incidents.admin import legal_running
from incidents.admin.incident_waiting import NOTICES_SHOWN, Waiting
from incidents.models import CommandCall, Decision, Incident, LegalClock, UpdateClock
from incidents.operations import notices

DUTIES_SHOWN = 5


@dataclass(frozen=True)
class Due:
    """One running clock; `url` is where it is answered, for who may, and `act` what one does there.

    `whose` says who is waited for; `also` is another way to answer it.
    """

    what: str
    due_at: datetime
    whose: str = ""
    act: str = ""
    url: str = ""
    also: str = ""
    also_url: str = ""


def due(
    incident: Incident,
    *,
    updates: list[UpdateClock],
    clocks: list[LegalClock],
    decisions: list[Decision],
    consulting: list[Any],
    waiting: Waiting,
    urls: Mapping[str, str],
    sayable: Mapping[str, str],
) -> list[Due]:
    """All of it, sorted; `urls` are the verbs open to the reader. No query beyond those of `waiting`.

    `sayable` are the audiences for whom words stand ready on this page, and what they say.
    """
    found = [
        *_updates(updates, urls, sayable),
        *_legal(incident, clocks, urls),
        *_notices(incident, waiting, urls),
        *_command(waiting.command_call, urls if waiting.is_called else {}),
        *_calls(waiting),
        *_consultations(consulting),
    ]
    if incident.is_open:
        found += _decisions(decisions, urls)
    return sorted(found, key=lambda one: one.due_at)


def _updates(
    clocks: list[UpdateClock], urls: Mapping[str, str], sayable: Mapping[str, str]
) -> Iterator[Due]:
    draft = urls.get("draft_update", "")
    for clock in clocks:
        if clock.due_at:
            yield Due(
                f"Next {clock.audience} update",
                clock.due_at,
                act="Draft it" if draft else "",
                url=f"{draft}?audience={clock.audience}" if draft else "",
                also=sayable.get(clock.audience, ""),
                also_url=f"#say-{clock.audience}" if clock.audience in sayable else "",
            )


def _legal(
    incident: Incident, clocks: list[LegalClock], urls: Mapping[str, str]
) -> Iterator[Due]:
    """Counsel first of all, then the duties due soonest; the others stand on the page of the law."""
    there = legal_running.url(incident)
    running = [one for one in legal_running.ordered(clocks) if one.is_open and one.due_at]
    for clock in running[:DUTIES_SHOWN]:
        acts = legal_running.acts(clock, urls)
        label, url = next(iter(acts.items()), ("", ""))
        is_doubted = clock.doubted_at is not None
        yield Due(
            clock.title if clock.is_fixed else f"{clock.title} (our own target)",
            clock.due_at or incident.declared_at,
            whose="legal counsel",
            act=label,
            url=url,
            also="In doubt: keep it, or stand it down" if is_doubted else "",
            also_url=there if is_doubted else "",
        )
    for clock in running[DUTIES_SHOWN : DUTIES_SHOWN + 1]:
        more = f"More duties by law: {len(running) - DUTIES_SHOWN}"
        yield Due(more, clock.due_at or incident.declared_at, act="See them", url=there)


def _notices(incident: Incident, waiting: Waiting, urls: Mapping[str, str]) -> Iterator[Due]:
    """What contracts promise customers: written where there is an address, or told and recorded."""
    draft, give = urls.get("draft_update", ""), urls.get("give_notice", "")
    for clock in waiting.notices[:NOTICES_SHOWN]:
        if clock.due_at:
            customer, source = clock.clause.customer, clock.clause.source
            where = f" ({source})" if source else ""
            _, address = notices.contact(clock.clause)
            writes = draft if address else ""
            yield Due(
                f"Notice to {customer}: {clock.clause.title}{where}",
                clock.due_at,
                whose="communications lead" if address else "communications lead, by telephone",
                act="Draft it" if writes else "",
                url=f"{writes}?audience=customers&customer={customer.pk}" if writes else "",
                also="Record it" if give else "",
                also_url=f"{give}?clock={clock.pk}" if give else "",
            )
    for clock in waiting.notices[NOTICES_SHOWN:]:
        if clock.due_at:
            there = reverse("admin:incidents_noticeclock_changelist")
            url = f"{there}?q={incident.reference}&given_at__isempty=1"
            yield Due("More notices to customers", clock.due_at, act="See them", url=url)


def _command(call: CommandCall | None, urls: Mapping[str, str]) -> Iterator[Due]:
    if call is None:
        return
    url = urls.get("answer_call", "")
    yield Due(
        "The commander answers, else the deputy takes over",
        call.due_at,
        whose=str(call.assignment.person),
        act="I am here" if url else "",
        url=url,
    )


def _calls(waiting: Waiting) -> Iterator[Due]:
    for call in waiting.open_calls:
        if call.next_call_at:
            again = "Called again" if call.calls else "Called"
            whose = f"{call.person or 'nobody found'} ({call.role or 'leadership'})"
            yield Due(f"{again} unless answered", call.next_call_at, whose=whose)


def _consultations(consulting: list[Any]) -> Iterator[Due]:
    for one in consulting:
        if not one.is_over:
            missing = (str(each.person) for each in one.advice if each.answered_at is None)
            what = f"“{one.row.activity}” proceeds without an answer"
            yield Due(what, one.row.proceeds_at, whose=", ".join(dict.fromkeys(missing)))


def _decisions(decisions: list[Decision], urls: Mapping[str, str]) -> Iterator[Due]:
    """Each question once, by its last decision: deciding anew answers the clock."""
    decide = urls.get("decide", "")
    for one in {each.question: each for each in decisions}.values():
        if one.revisit_at:
            yield Due(
                f"Decide again: {one.question}",
                one.revisit_at,
                act="Decide" if decide else "",
                url=decide,
            )
