"""How the parts of a matrix are said in words, wherever two of them are compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from incidents.rules.acts import ACTS
from incidents.rules.raci import Activity


@dataclass(frozen=True, slots=True)
class Names:
    """How people call the roles, by slug, and the cases, by kind and value."""

    roles: Mapping[str, str] = field(default_factory=dict)
    cases: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def role(self, slug: str) -> str:
        """The role's name, else its slug."""
        return self.roles.get(slug, slug)

    def case(self, kind: str, value: str) -> str:
        """The case's name, else such as “severity sev1”."""
        return self.cases.get((kind, value), f"{kind} {value}")


def letters_in_words(activity: Activity, roles: Iterable[str], names: Names) -> str:
    """Who has which letter, in column order; that nobody has one is said."""
    held = [
        f"{names.role(role)} {activity.letters[role]}"
        for role in roles
        if role in activity.letters
    ]
    return ", ".join(held) or "nobody has a part in it"


def act_words(code: str) -> str:
    """The act an activity governs, as the list of acts calls it."""
    if not code:
        return "no act"
    return f"“{ACTS[code].label}”" if code in ACTS else f"“{code}”"


def minutes(count: int | None, none: str) -> str:
    """A number of minutes, or what it means that there is none."""
    if count is None:
        return none
    return "1 minute" if count == 1 else f"{count} minutes"


def described(text: str) -> str:
    """What a description says now."""
    return f"Now described: “{text}”." if text else "No longer described."


def because(note: str) -> str:
    """The reason somebody noted, where one did."""
    return f", because: {note}" if note else ""
