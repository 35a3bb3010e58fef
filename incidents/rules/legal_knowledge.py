"""What is known of an incident, and what a predicate says before all of it is: yes, no or open.

Three-valued logic after Kleene: a leaf is open while nobody has given its fact, a default is
never taken for a finding. A count in one place rests on whether anybody there is affected at
all; where that is ruled out the count is nought without being asked for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from incidents.rules.legal_facts import with_countries
from incidents.rules.operators import OPERATORS
from incidents.rules.predicates import Predicate

PLACES = "affected_jurisdictions"
COUNTS = "persons_affected_by_jurisdiction"
MAX_US_STATE = "derived.max_us_state_persons"
SHORTEST_HOURS = "derived.shortest_fixed_hours"
US_STATE = "US-"
_NO_DATA = frozenset({"none", "non_personal_confidential", "personal_data"})
_CODES = frozenset({PLACES, "operates_in"})

Truth: TypeAlias = bool | None  # None: open


@dataclass(frozen=True, slots=True)
class Known:
    """What a person or an approved profile said, and what was asked and nobody knows.

    A fact in both is a finding: somebody found out. Counts by place are known place by place.
    """

    findings: Mapping[str, Any]
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """Facts as a predicate reads them: of those not `given` a leaf is open.

    `is_total` takes every value as it stands, as the engine does. `hours` are the shortest
    period in hours that runs for certain, and the shortest that may run.
    """

    facts: Mapping[str, Any]
    given: Collection[str]
    is_total: bool = False
    hours: tuple[int | None, int | None] = (None, None)

    def with_fact(self, name: str, value: Any) -> "View":
        """The same, had somebody said this; `name` may be one count of a map."""
        base, dot, key = name.partition(".")
        if dot:
            before = self.facts.get(base) if base in self.given else None
            value = {**(before or {}), key: value}
        facts = {**self.facts, base: closed(base, value)}
        return View(facts, {*self.given, base}, self.is_total, self.hours)


def closed(name: str, value: Any) -> Any:
    """The value with what it implies: California lies in the US, health data is personal data."""
    if name in _CODES and isinstance(value, list | tuple):
        return with_countries(map(str, value))
    if name == "data_categories" and isinstance(value, list | tuple):
        is_personal = any(each not in _NO_DATA for each in value)
        return list(dict.fromkeys(["personal_data", *value])) if is_personal else list(value)
    return value


class Tree(Protocol):
    """A predicate made ready to be asked many times."""

    def truth(self, view: View) -> Truth:
        """Yes, no or open."""

    def open_on(self, view: View) -> Iterator[str]:
        """What to ask, where it is open: names of facts, or one count such as "persons….JP"."""

    def leaves(self) -> Iterator["Leaf"]:
        """Every leaf, in the order written."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One demand on one fact."""

    field: str
    operator: str
    expected: Any
    name: str
    test: Callable[[Any, Any], bool]

    def truth(self, view: View) -> Truth:
        """Open while nobody has given the fact."""
        if self.name in view.given or view.is_total:
            return self.of(view.facts.get(self.name))
        return None

    def of(self, value: Any) -> bool:
        """What it says of this value; of what is not known it says no."""
        return value is not None and self.test(value, self.expected)

    def open_on(self, view: View) -> Iterator[str]:
        """The fact itself."""
        yield self.name

    def leaves(self) -> Iterator["Leaf"]:
        """Itself."""
        yield self


class Count(Leaf):
    """A demand on one count of a map."""

    __slots__ = ()

    def truth(self, view: View) -> Truth:
        """Nought where nobody is affected; open where somebody may be and nobody counted."""
        key = self.field.partition(".")[2]
        counts = view.facts.get(self.name) or {}
        is_given = self.name in view.given
        if view.is_total or (is_given and key in counts):
            return self.of(counts.get(key, 0))
        if self.name != COUNTS:
            return self.of(0) if is_given else None
        is_nobody_there = PLACES in view.given and key not in view.facts[PLACES]
        return self.of(0) if is_nobody_there else None

    def open_on(self, view: View) -> Iterator[str]:
        """Where the people are, before how many of them are there."""
        yield PLACES if self.name == COUNTS and PLACES not in view.given else self.field


class MostInOneState(Leaf):
    """A demand on the largest count of one US state."""

    __slots__ = ()

    def truth(self, view: View) -> Truth:
        """Decided early where the counts given are enough for it."""
        counts = view.facts.get(COUNTS) or {} if COUNTS in view.given or view.is_total else {}
        most = max((n for key, n in counts.items() if key.startswith(US_STATE)), default=0)
        so_far = self.of(most)
        if view.is_total or not any(self.open_on(view)):
            return so_far
        # More counts can only make the largest larger.
        is_final = so_far if self.operator in ("gt", "gte") else not so_far
        return so_far if is_final and self.operator in _COMPARISONS else None

    def open_on(self, view: View) -> Iterator[str]:
        """The affected states nobody has counted."""
        if PLACES not in view.given:
            yield PLACES
            return
        counts = view.facts.get(COUNTS) or {} if COUNTS in view.given else {}
        for code in view.facts[PLACES]:
            if code.startswith(US_STATE) and code not in counts:
                yield f"{COUNTS}.{code}"


class ShortestHours(Leaf):
    """A demand on the shortest period that runs; what it rests on, the regimes ask themselves."""

    __slots__ = ()

    def truth(self, view: View) -> Truth:
        """Between what runs for certain and what may run."""
        certain, possible = view.hours
        sure, may = self.of(certain), self.of(possible)
        is_settled = certain == possible or (self.operator in ("lt", "lte") and sure)
        return sure if is_settled or (sure is may and self.operator in _COMPARISONS) else None

    def open_on(self, view: View) -> Iterator[str]:
        """Nothing of its own."""
        yield from ()


_COMPARISONS = frozenset({"gt", "gte", "lt", "lte"})


@dataclass(frozen=True, slots=True)
class Parts:
    """Several predicates of which all must hold, or any one."""

    parts: tuple[Tree, ...]
    decides: bool  # one part of this truth settles it: any by a yes, all by a no

    def truth(self, view: View) -> Truth:
        """Settled by one part that decides, else open if any part is."""
        outcome: Truth = not self.decides
        for part in self.parts:
            found = part.truth(view)
            if found is self.decides:
                return found
            if found is None:
                outcome = None
        return outcome

    def open_on(self, view: View) -> Iterator[str]:
        """What its open parts rest on."""
        for part in self.parts:
            if part.truth(view) is None:
                yield from part.open_on(view)

    def leaves(self) -> Iterator[Leaf]:
        """Those of its parts."""
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True, slots=True)
class Denied:
    """A predicate that must not hold."""

    inner: Tree

    def truth(self, view: View) -> Truth:
        """The opposite; open stays open."""
        found = self.inner.truth(view)
        return None if found is None else not found

    def open_on(self, view: View) -> Iterator[str]:
        """What the inner one rests on."""
        yield from self.inner.open_on(view)

    def leaves(self) -> Iterator[Leaf]:
        """Those of the inner one."""
        yield from self.inner.leaves()


def tree(predicate: Predicate) -> Tree:
    """A valid predicate made ready."""
    match predicate:
        case {"all": list() | tuple() as parts}:
            return Parts(tuple(map(tree, parts)), decides=False)
        case {"any": list() | tuple() as parts}:
            return Parts(tuple(map(tree, parts)), decides=True)
        case {"not": inner}:
            return Denied(tree(inner))
    return _leaf(predicate)


def _leaf(predicate: Predicate) -> Leaf:
    path, operator = predicate["field"], predicate["operator"]
    special: Mapping[str, type[Leaf]] = {
        MAX_US_STATE: MostInOneState,
        SHORTEST_HOURS: ShortestHours,
    }
    kind = special.get(path) or (Count if "." in path else Leaf)
    name = path.partition(".")[0]
    return kind(path, operator, predicate.get("value"), name, OPERATORS[operator].test)
