"""What a row of a spreadsheet says of an activity beside its letters: act, minutes, words, key."""

from collections.abc import Mapping

from incidents.rules.acts import ACTS
from incidents.rules.matrix_document import MAX_KEY, MINUTES
from incidents.rules.raci import Activity, Letter, Place

# By its code or by its label, in any case.
_CODES = {said.casefold(): act.code for act in ACTS.values() for said in (act.code, act.label)}


def code_of(said: str) -> str:
    """The act somebody means, which `objection` had nothing against."""
    return _CODES[said.casefold()]


def objection(column: str, said: str) -> str | None:
    """Why this cannot stand in this column, as a sentence; None where it can."""
    if column == "act" and said.casefold() not in _CODES:
        return f"“{said[:40]}” is no act: use one of {', '.join(ACTS)}, or leave it empty."
    if column == "key" and len(said) > MAX_KEY:
        return f"A key has at most {MAX_KEY} characters: shorten it, or leave it empty."
    if (most := MINUTES.get(column)) is not None:
        is_number = said.isascii() and said.isdigit() and len(said) <= 9
        if not is_number or int(said) > most:
            return f"“{said[:40]}” is no number of minutes: write whole minutes, 0 to {most:,}."
    return None


def activity(place: Place, letters: dict[str, Letter], said: Mapping[str, str]) -> Activity:
    """The activity of this place, from the text of its columns."""
    return Activity(
        *place,
        letters,
        act=said.get("act", ""),
        proceed_after=_minutes(said.get("proceed_after")),
        within=_minutes(said.get("within")),
        description=said.get("description", ""),
        key=said.get("key", ""),
    )


def _minutes(said: str | None) -> int | None:
    return None if said is None else int(said)
