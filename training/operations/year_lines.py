"""Who does what in a year's exercises: one line a person, roles abbreviated."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidents.models import Person, Role
from training.models import GameDay
from training.operations.year_problem import Asked

_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One person's year: what they do in each exercise, abbreviated and in full."""

    person: Person
    cells: tuple[tuple[str, str], ...]
    parts: int
    before: int = 0


def lines(days: Sequence[GameDay], marks: Mapping[str, str], asked: Asked | None) -> list[Line]:
    """Everybody with a part, those who do most first."""
    cells: dict[Person, dict[int, list[tuple[str, str]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    parts: dict[Person, int] = defaultdict(int)
    for day in days:
        for part in day.roles.all():
            mark = f"({marks[part.role_id]})" if part.is_shadow else marks[part.role_id]
            words = f"learns {part.role}" if part.is_shadow else f"plays {part.role}"
            cells[part.person][day.pk].append((mark, words))
            parts[part.person] += 1
        for duty in day.staff.all():
            words = f"helps as {duty.get_duty_display()}"
            cells[duty.person][day.pk].append(
                (_initials(duty.get_duty_display()).lower(), words)
            )
    loads = asked.problem.people if asked else {}
    found = [
        Line(
            person,
            tuple(_joined(mine.get(day.pk, ())) for day in days),
            parts[person],
            loads[person.username].load if person.username in loads else 0,
        )
        for person, mine in cells.items()
    ]
    return sorted(found, key=lambda one: (-one.parts, str(one.person)))


def _joined(marks: Iterable[tuple[str, str]]) -> tuple[str, str]:
    rows = list(marks)
    return " ".join(mark for mark, _ in rows), "; ".join(words for _, words in rows)


def short(roles: Iterable[Role]) -> dict[str, str]:
    """Abbreviations of the roles' names, no two alike."""
    found: dict[str, str] = {}
    for role in roles:
        base = _initials(role.name)
        if len(base) < 2 or base in found.values():
            base = role.name[:2].title()
        mark, number = base, 2
        while mark in found.values():
            mark, number = f"{base}{number}", number + 1
        found[role.slug] = mark
    return defaultdict(lambda: "?", found)


def _initials(words: str) -> str:
    return "".join(word[0] for word in _WORDS.findall(words)).upper()
