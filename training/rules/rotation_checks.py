"""What a rotation may be set to: every reason at once, each by its field."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from incidents.rules.reasons import Reason

# Field: from, to, and what it counts.
LIMITS = {
    "run_days": (1, 28, "days"),
    "ahead_days": (7, 365, "days"),
    "gap_days": (1, 365, "days"),
    "rest_hours": (0, 72, "hours"),
    "most_percent": (10, 100, "per cent"),
    "night_percent": (100, 500, "per cent"),
}
LABEL_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Settings:
    """How a rotation runs, as somebody typed it."""

    starts_on: date
    ends_on: date | None = None
    run_days: int = 7
    ahead_days: int = 56
    gap_days: int = 28
    rest_hours: int = 11
    most_percent: int = 40
    night_percent: int = 150
    with_shadows: bool = True


def settings_reasons(wanted: Settings) -> Iterator[Reason]:
    """Numbers out of range, an end before the start, gaps that would be told before they are known."""
    for name, (least, greatest, unit) in LIMITS.items():
        if not least <= getattr(wanted, name) <= greatest:
            message = f"Between {least} and {greatest} {unit}."
            yield Reason("out_of_range", message, name)
    if wanted.ends_on is not None and wanted.ends_on <= wanted.starts_on:
        message = "It would end before it begins: choose a later day, or none."
        yield Reason("ends_before_start", message, "ends_on")
    if wanted.gap_days > wanted.ahead_days:
        message = (
            f"Shifts are published {wanted.ahead_days} days ahead, so a gap is not known earlier: "
            "choose fewer days, or publish further ahead."
        )
        yield Reason("gap_before_publishing", message, "gap_days")


def band_reasons(label: str, time_zone: str, known_zones: Collection[str]) -> Iterator[Reason]:
    """A band without a name, or in a zone nobody knows. From nine to nine is around the clock."""
    if not label:
        yield Reason("label_missing", "Name the band, such as Day or Asia.", "label")
    elif len(label) > LABEL_LENGTH:
        message = f"Use at most {LABEL_LENGTH} characters."
        yield Reason("label_too_long", message, "label")
    if time_zone not in known_zones:
        message = (
            f"“{time_zone}” is not an IANA time zone. Use a name such as Europe/Berlin or UTC."
        )
        yield Reason("unknown_time_zone", message, "time_zone")
