"""The explanation for the file: each regime as it was walked, what was filed, what was decided not to be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from incidents.admin import legal_known, legal_running, legal_said
from incidents.calendars import is_holiday
from incidents.models import FactSaid, Filing, Incident, LegalClock, Person
from incidents.operations import ledger, legal_case, legal_notes
from incidents.operations.legal_case import Reading
from incidents.rules import legal_engine, legal_explanation, legal_words
from incidents.rules.law_pack import Pack, Regime
from incidents.rules.legal_engine import Outcome
from incidents.rules.legal_explanation import Node, Walked, WalkedRule

VIEW_FILING = "incidents.view_filing"
# Why each group is there, in the order of the page. A duty may rest on what is only assumed.
GROUPS = (
    ("duty", "A duty to notify"),
    ("assess", "To be assessed"),
    ("open", "Still open"),
    ("voluntary", "Voluntary"),
    ("not_in_force", "Not in force"),
    ("no", "Does not apply"),
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One regime as the file has it: its tree, and for a duty how each stage was counted."""

    walked: Walked
    regime: Regime
    name: str
    recipients: str
    stages: tuple[tuple[str, str], ...]
    rests_on_assumptions: bool

    @property
    def is_low(self) -> bool:
        """Nobody could confirm its number, force or scope."""
        return self.regime.is_doubtful

    @property
    def trees(self) -> list[tuple[str, Node]]:
        """What made it a duty, and what only has it assessed."""
        found = [("It is a duty if", self.walked.trigger)]
        if self.walked.watch:
            found.append(("It is to be assessed if", self.walked.watch))
        return found


def context(incident: Incident, reader: Person, at: datetime) -> dict[str, Any]:
    """For the page: what was said, filed and decided; the trees where a law is pinned."""
    reading = legal_case.read(incident, at=at)
    may_file = reader.has_perm(VIEW_FILING)
    clocks = _clocks(incident, may_file=may_file)
    found = {
        "incident": incident,
        "reader": reader,
        "at": at,
        "law_pack": incident.law_pack,
        "legal_profile": incident.legal_profile,
        "clocks": legal_running.ordered(clocks),
        "may_see_filings": may_file,
        "register": ledger.decided(incident.legal_decisions.select_related("decided_by")),
        "said": _said(incident, reading.pack if reading else None),
        "notes": legal_notes.notes(incident, reader),
        "notes_count": legal_notes.count(incident),
        "disclaimer": reading.pack.disclaimer if reading else "",
    }
    return {**found, **(_explained(reading) if reading else {"groups": []})}


def _explained(reading: Reading) -> dict[str, Any]:
    pack, case, known = reading.pack, reading.case, reading.known
    outcome = legal_engine.evaluate(pack, case, is_holiday)
    walked = legal_explanation.explain(pack, case, known)
    rules = legal_explanation.explain_counsel(pack, case, known)
    return {
        "known": legal_known.rows(reading),
        "groups": _grouped(reading, outcome, walked),
        "counsel_rules": _asked(rules),
    }


def _asked(rules: Iterable[WalkedRule]) -> list[WalkedRule]:
    """Those that ask for counsel within the hour, as things are counted."""
    return [one for one in rules if one.tree.counted]


def _grouped(
    reading: Reading, outcome: Outcome, walked: Iterable[Walked]
) -> list[tuple[str, str, list[Explained]]]:
    """By how each is counted, as its clocks are; what rests on findings alone and is open, apart."""
    found: dict[str, list[Explained]] = {}
    short = legal_said.names(reading.pack)
    for one in walked:
        found.setdefault(_group(one), []).append(_one(reading, outcome, one, short))
    return [(key, title, found[key]) for key, title in GROUPS if key in found]


def _group(walked: Walked) -> str:
    """What is counted as a duty has clocks; what is counted as none may still be open."""
    if walked.counted_as in ("duty", "assess"):
        return walked.counted_as
    return walked.verdict if walked.verdict == "open" else walked.counted_as


def _one(
    reading: Reading, outcome: Outcome, walked: Walked, short: Mapping[str, str]
) -> Explained:
    regime = reading.pack.regimes[walked.regime]
    stages = _stages(reading, outcome, walked) if walked.counted_as == "duty" else ()
    return Explained(
        walked,
        regime,
        short[regime.id],
        legal_said.recipients(reading.pack, regime.recipients),
        stages,
        rests_on_assumptions=walked.verdict != walked.counted_as,
    )


def _stages(reading: Reading, outcome: Outcome, walked: Walked) -> tuple[tuple[str, str], ...]:
    due = {(one.regime, one.stage): one for one in outcome.due}
    found = []
    for stage in walked.stages:
        if stage.condition and not stage.condition.counted:
            found.append((stage.name, f"Not asked here. {stage.condition.text}"))
            continue
        sentence = legal_explanation.stage_sentence(
            reading.pack, reading.case, walked.regime, stage.stage,
            due.get((walked.regime, stage.stage)),
        )  # fmt: skip
        found.append((stage.name, sentence))
    return tuple(found)


def _clocks(incident: Incident, *, may_file: bool) -> list[LegalClock]:
    """With what was filed, without the files themselves; two queries."""
    filed = Filing.objects.select_related("sent_by", "recorded_by").defer("file")
    filings = filed if may_file else filed.none()
    rows = incident.legal_clocks.select_related("settled_by")
    return list(rows.prefetch_related(Prefetch("filings", queryset=filings)))


def _said(incident: Incident, pack: Pack | None) -> list[dict[str, Any]]:
    """Every answer ever given, the oldest first: who changed their mind, and when."""
    rows = FactSaid.objects.filter(incident=incident).select_related("said_by")
    return [_line(one, pack) for one in rows.order_by("said_at", "id")]


def _line(row: FactSaid, pack: Pack | None) -> dict[str, Any]:
    is_clock = row.kind == FactSaid.Kind.CLOCK
    facts, words = (pack.facts, pack.words) if pack else ({}, {})
    what = (
        f"When: {legal_words.clock_called(row.name)}"
        if is_clock
        else legal_words.called(row.name, facts)
    )
    instant = datetime.fromisoformat(row.value) if is_clock and row.value else None
    return {
        "row": row,
        "what": what[:1].upper() + what[1:],
        "instant": instant,
        "value": "" if is_clock else legal_words.label(row.name, row.value, words),
    }
