"""What a change of letters means for each role, in the words a person would be told it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.rules.matrix_wording import Names
from incidents.rules.raci import Letter

# Each part a letter gives: what is said to whoever gets it, and to whoever loses it.
_PARTS: dict[str, tuple[str, str]] = {
    "accountable": ("now accountable for", "no longer accountable for"),
    "responsible": ("now responsible for", "no longer responsible for"),
    "consulted": ("to be consulted before", "no longer consulted before"),
    "informed": ("to be informed after", "no longer informed after"),
}


@dataclass(frozen=True, slots=True)
class Shift:
    """What one role held and now holds in one activity, in one case ("" is the base)."""

    role: str
    case: str
    activity: str
    was: Letter | None
    now: Letter | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing said to one role, and of which activities; `is_gain` if something is put upon it."""

    words: str
    activities: tuple[str, ...]
    is_gain: bool
    case: str = ""

    @property
    def sentence(self) -> str:
        """As said to the role."""
        listed = ", ".join(f"“{each}”" for each in self.activities)
        where = f"in {self.case}, " if self.case else ""
        return f"{where}{self.words} {listed}"


@dataclass(frozen=True, slots=True)
class RoleReview:
    """Everything that changes for one role."""

    name: str
    duties: tuple[Duty, ...]

    @property
    def sentence(self) -> str:
        """All of it as one sentence."""
        return f"{self.name}: {'; '.join(each.sentence for each in self.duties)}."


def by_role(
    shifts: Iterable[Shift], roles: Sequence[str], names: Names
) -> tuple[RoleReview, ...]:
    """The shifts by role, in the order of the columns; roles without any are left out."""
    told: dict[str, list[Shift]] = {role: [] for role in roles}
    for shift in shifts:
        told[shift.role].append(shift)
    reviews = (RoleReview(names.role(role), _duties(some)) for role, some in told.items())
    return tuple(each for each in reviews if each.duties)


def _duties(shifts: Sequence[Shift]) -> tuple[Duty, ...]:
    """The base first, then case by case; the graver part first, gains before losses."""
    found: list[Duty] = []
    for case in dict.fromkeys(each.case for each in shifts):
        here = [each for each in shifts if each.case == case]
        for part, phrases in _PARTS.items():
            for words, is_gain in zip(phrases, (True, False), strict=True):
                names = tuple(
                    each.activity for each in here if _moved(each, part, is_gain=is_gain)
                )
                if names:
                    found.append(Duty(words, names, is_gain, case))
    return tuple(found)


def _moved(shift: Shift, part: str, *, is_gain: bool) -> bool:
    held, holds = part in _parts(shift.was), part in _parts(shift.now)
    return (holds and not held) if is_gain else (held and not holds)


def _parts(letter: Letter | None) -> frozenset[str]:
    if letter is None:
        return frozenset()
    if letter is Letter.C:
        return frozenset({"consulted"})
    if letter is Letter.I:
        return frozenset({"informed"})
    answers = {"accountable"} if letter.is_accountable else set()
    return frozenset(answers | ({"responsible"} if letter.is_responsible else set()))
