"""What the pages of an update show: its words, what the checks say of them, who hears them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.markup import as_html
from incidents.models import Update
from incidents.operations import approving, publishing, verifying
from incidents.rules.wording_checks import Remark


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text, and what the checks say of it, if anything."""

    text: str
    remark: Remark | None = None


def context(update: Update, *, is_last: bool = False, at: datetime) -> dict[str, Any]:
    """For the templates; `is_last`: the page that publishes it says to whom it goes."""
    is_out = update.status == Update.Status.PUBLISHED
    case = None if is_out else approving.case_of(update, at=at)
    return {
        "words": as_html(publishing.published_words(update)),
        "case": case,
        "remarks": case.remarks if case else update.findings,
        "grounds": case.grounds if case else verifying.rests_on(update),
        "pieces": list(pieces(update.text, case.remarks)) if case and case.remarks else (),
        "goes_to": publishing.goes_to(update) if is_last else (),
    }


def pieces(text: str, remarks: Sequence[Remark]) -> Iterator[Piece]:
    """The text in order, what the checks remark on set apart; of two that overlap the first."""
    done = 0
    for one in sorted(remarks, key=lambda one: (one.start, -one.end)):
        if not done <= one.start < one.end <= len(text):
            continue
        if one.start > done:
            yield Piece(text[done : one.start])
        yield Piece(text[one.start : one.end], one)
        done = one.end
    if done < len(text):
        yield Piece(text[done:])
