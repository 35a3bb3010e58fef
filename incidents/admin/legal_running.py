"""What the law asks of an incident now: clocks that run or wait, in every zone that counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from incidents.admin import legal_said
from incidents.models import Incident, LegalClock, LegalDecision, Regulator
from incidents.operations import regulators
from incidents.rules.law_pack import Pack
from incidents.rules.legal_clocks import COUNSEL
from incidents.rules.legal_engine import Outcome

URGENT = timedelta(minutes=15)
TAGS = {
    LegalClock.Outcome.MET: "tag-green",
    LegalClock.Outcome.LATE: "tag-red",
    LegalClock.Outcome.STOOD_DOWN: "",
    LegalClock.Outcome.VOID: "",
}


@dataclass(frozen=True, slots=True)
class Running:
    """One clock as a reader sees it; `acts` are open to the reader, by what they are called.

    `starts_when` where its event has not happened; `zones` are the same instant elsewhere.
    """

    row: LegalClock
    recipients: str
    zones: tuple[str, ...]
    starts_when: str
    allowed: str
    basis: str
    notes: str
    reach: tuple[Regulator, ...]
    acts: Mapping[str, str]
    is_urgent: bool
    tag: str

    @property
    def is_low(self) -> bool:
        """Nobody could confirm its number, force or scope."""
        return self.row.confidence == "low"

    @property
    def standing(self) -> str:
        """In which group it stands on the page."""
        if not self.row.is_open:
            return "settled"
        if self.row.kind == COUNSEL:
            return "counsel"
        if self.row.due_at:
            return "due"
        return "pending" if self.row.is_fixed else "no_number"


@dataclass(frozen=True, slots=True)
class Other:
    """A regime without a clock: to be assessed, voluntary, or not yet in force."""

    name: str
    why: str
    is_low: bool
    regime: str


def clocks(
    rows: Iterable[LegalClock],
    *,
    pack: Pack | None,
    places: Sequence[str],
    urls: Mapping[str, str],
    at: datetime,
) -> dict[str, list[Running]]:
    """By standing, each in the order of `rows`; one query for how recipients are reached."""
    shown = list(rows)
    owed = {code for one in shown if one.is_open for code in one.recipients}
    reach = regulators.of(sorted(owed), places) if owed else []
    found: dict[str, list[Running]] = {}
    for row in shown:
        one = _running(
            row, pack, [each for each in reach if each.recipient in row.recipients], urls, at
        )
        found.setdefault(one.standing, []).append(one)
    return found


def _running(
    row: LegalClock,
    pack: Pack | None,
    reach: Sequence[Regulator],
    urls: Mapping[str, str],
    at: datetime,
) -> Running:
    here = timezone.get_current_timezone()
    # Counsel is counted in UTC, which is no zone anybody waits in.
    own = () if row.kind == COUNSEL else (row.zone,)
    zones = (*own, *(each.timezone for each in reach))
    regime = pack.regimes.get(row.regime) if pack else None
    return Running(
        row,
        legal_said.recipients(pack, row.recipients),
        tuple(legal_said.elsewhere(row.due_at, zones, here)) if row.due_at else (),
        row.event if row.clock and not row.started_at else "",
        ", ".join(legal_said.elsewhere(row.permitted_until, own, here))
        if row.permitted_until
        else "",
        regime.legal_basis if regime else "",
        regime.notes if regime else "",
        tuple(reach),
        acts(row, urls),
        is_urgent=row.is_open and row.due_at is not None and row.due_at - at <= URGENT,
        tag=TAGS.get(LegalClock.Outcome(row.outcome), "") if row.outcome else "",
    )


def acts(row: LegalClock, urls: Mapping[str, str]) -> dict[str, str]:
    """The verbs that would settle it, or say that it stands, with this clock chosen."""
    if row.kind == COUNSEL:
        engage = urls.get("engage_counsel", "")
        return {"Engage counsel": engage} if row.is_open and engage else {}
    wanted = {"file_notice": "Record the filing" if row.is_open else "Record a supplement"}
    if row.is_open:
        wanted["stand_down_clock"] = "Stand it down"
        if row.doubted_at:
            wanted["keep_clock"] = "Keep it"
    elif row.outcome in (LegalClock.Outcome.STOOD_DOWN, LegalClock.Outcome.VOID):
        wanted = {}
    return {
        label: f"{urls[verb]}?clock={row.pk}" for verb, label in wanted.items() if verb in urls
    }


def ordered(rows: Iterable[LegalClock]) -> list[LegalClock]:
    """Counsel first, then what is due, the soonest first; then what waits, and what is settled last."""
    return sorted(rows, key=_place)


def _place(row: LegalClock) -> tuple[bool, bool, float, int]:
    due = row.due_at.timestamp() if row.due_at else float("inf")
    return (not row.is_open, row.kind != COUNSEL, due, row.pk)


def others(
    pack: Pack, outcome: Outcome, decisions: Iterable[LegalDecision]
) -> dict[str, list[Other]]:
    """What has no clock, without the regimes under which it was decided not to notify."""
    decided = {one.regime for one in decisions if one.kind == LegalDecision.Kind.NOT_TO_NOTIFY}
    groups = {
        "assess": outcome.assess,
        "voluntary": outcome.voluntary,
        "not_in_force": outcome.not_in_force,
    }
    return {
        group: [_other(pack, one) for one in regimes if one not in decided]
        for group, regimes in groups.items()
    }


def _other(pack: Pack, regime: str) -> Other:
    law = pack.regimes[regime]
    dates = f"from {law.applies_from}" if law.applies_from else ""
    dates += f" until {law.applies_until}" if law.applies_until else ""
    return Other(legal_said.name(pack, regime), dates.strip(), law.confidence == "low", regime)


def url(incident: Incident, page: str = "law") -> str:
    """A page of the law of this incident."""
    return reverse(f"admin:incidents_incident_{page}", args=[incident.pk])
