"""Incidents of the past as a sheet tells them: every row understood or named with what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from incidents.rules.reasons import Invalid, Reason

REQUIRED = ("source", "id", "title", "start", "resolved")
LONGEST = {"source": 40, "id": 120, "title": 200}
MAX_REASONS = 20

_YES = {"1", "true", "yes"}
_NO = {"", "0", "false", "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastIncident:
    """One closed incident as its source tells it; instants in UTC, None where it is silent."""

    source: str
    external_id: str
    title: str
    impact: str
    components: tuple[str, ...]
    updates: int
    started_at: datetime
    first_public_at: datetime | None
    identified_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What a sheet holds: incidents, and how many rows of planned maintenance were left out."""

    incidents: tuple[PastIncident, ...]
    maintenance: int


def understand(rows: Sequence[Sequence[str]]) -> History:
    """Read a sheet, header first. Refuses with one reason for each row that cannot be used.

    Codes: `missing_column`, `missing_value`, `bad_instant`, `bad_number`, `bad_flag`,
    `value_too_long`, `duplicate_row`.
    """
    header = [name.strip().lower() for name in rows[0]]
    if missing := [name for name in REQUIRED if name not in header]:
        message = f"Row 1 names no column {', '.join(missing)}: add it."
        raise Invalid.because("missing_column", message)
    told = [
        (number, {name: cell.strip() for name, cell in zip(header, row, strict=True)})
        for number, row in enumerate(rows[1:], start=2)
        if any(row)
    ]
    read = [_understood(number, row) for number, row in told]
    reasons = [reason for _, _, wrong in read for reason in wrong]
    reasons += _duplicates(told)
    if reasons:
        raise Invalid(*_few(reasons))
    past = [incident for incident, _, _ in read if incident is not None]
    return History(tuple(past), sum(is_maintenance for _, is_maintenance, _ in read))


def _understood(
    number: int, row: Mapping[str, str]
) -> tuple[PastIncident | None, bool, list[Reason]]:
    """The incident, or whether it is maintenance, or what is wrong with the row."""
    cells = _Cells(number, row)
    if cells.flag("maintenance"):
        return None, True, cells.wrong
    source, external_id, title = (cells.text(name) for name in ("source", "id", "title"))
    started_at, resolved_at = cells.instant("start"), cells.instant("resolved")
    first_public_at, identified_at, mitigated_at = (
        cells.instant(name) for name in ("first_public", "identified", "mitigated")
    )
    updates = cells.count("updates")
    if cells.wrong or started_at is None or resolved_at is None:
        return None, False, cells.wrong
    components = row.get("components", "").split(";")
    incident = PastIncident(
        source=source,
        external_id=external_id,
        title=title,
        impact=row.get("impact", ""),
        components=tuple(name.strip() for name in components if name.strip()),
        updates=updates,
        started_at=started_at,
        first_public_at=first_public_at,
        identified_at=identified_at,
        mitigated_at=mitigated_at,
        resolved_at=resolved_at,
    )
    return incident, False, []


class _Cells:
    """The cells of one row; what cannot be read is collected and not raised."""

    def __init__(self, number: int, row: Mapping[str, str]) -> None:
        self.number = number
        self.row = row
        self.wrong: list[Reason] = []

    def text(self, name: str) -> str:
        """A text that must be there and fit its column."""
        said = self._required(name)
        if len(said) > LONGEST[name]:
            self._complain("value_too_long", name, f"is longer than {LONGEST[name]} characters")
        return said

    def instant(self, name: str) -> datetime | None:
        """An ISO 8601 instant with its offset, in UTC; None where the source is silent."""
        said = self._required(name) if name in REQUIRED else self.row.get(name, "")
        if not said:
            return None
        try:
            read = datetime.fromisoformat(said)
            if read.tzinfo is None:
                raise ValueError("an instant without an offset could be any of 24")
            return read.astimezone(UTC)
        except (ValueError, OverflowError):
            example = "2026-11-23T09:00:00Z"
            self._complain(
                "bad_instant", name, f"“{said[:40]}” is no instant such as {example}"
            )
            return None

    def count(self, name: str) -> int:
        """A whole number, 0 where the source is silent."""
        said = self.row.get(name, "") or "0"
        if not (said.isascii() and said.isdecimal() and len(said) < 10):
            self._complain("bad_number", name, f"“{said[:40]}” is no whole number")
            return 0
        return int(said)

    def flag(self, name: str) -> bool:
        """1 or 0."""
        said = self.row.get(name, "").lower()
        if said not in _YES | _NO:
            self._complain("bad_flag", name, f"“{said[:40]}” is neither 0 nor 1")
        return said in _YES

    def _required(self, name: str) -> str:
        said = self.row[name]
        if not said:
            self._complain("missing_value", name, "is empty")
        return said

    def _complain(self, code: str, name: str, problem: str) -> None:
        self.wrong.append(Reason(code, f"Row {self.number}, {name}: {problem}.", name))


def _duplicates(told: Iterable[tuple[int, Mapping[str, str]]]) -> list[Reason]:
    first: dict[tuple[str, str], int] = {}
    reasons = []
    for number, row in told:
        key = (row["source"], row["id"])
        if all(key) and first.setdefault(key, number) != number:
            message = (
                f"Row {number} tells of the same incident as row {first[key]}: delete one."
            )
            reasons.append(Reason("duplicate_row", message, "id"))
    return reasons


def _few(reasons: list[Reason]) -> list[Reason]:
    """No more than a person reads before mending the sheet."""
    rest = len(reasons) - MAX_REASONS
    if rest <= 0:
        return reasons
    return [*reasons[:MAX_REASONS], Reason("more", f"And {rest} more such cells.")]
