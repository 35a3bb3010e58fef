"""What one answer of the interview would do: which duties it starts or ends, what it adds to one."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from incidents.rules import legal_answers
from incidents.rules.law_pack import Pack
from incidents.rules.legal_knowledge import COUNTS, PLACES, Leaf, Tree, View
from incidents.rules.legal_standing import Reading, as_counted, reading, standing

_Names: TypeAlias = tuple[str, ...]


class Turn(NamedTuple):
    """What an answer does to one regime."""

    regime: str
    starts: bool
    ends: bool
    adds: _Names


class Effect:
    """What an answer starts and ends; kept for answers that every regime reads alike."""

    def __init__(self, pack: Pack, view: View, name: str) -> None:
        self.view, self.name = view, name
        read = (reading(regime) for regime in pack.regimes.values())
        about = ((each, leaves_on(own_leaves(each.trees()), name)) for each in read)
        self.readers = [(each, leaves) for each, leaves in about if leaves]
        self.before = {each.regime.id: standing(each, view).verdict for each, _ in self.readers}
        self.counted = as_counted(view)
        self.kept: dict[Any, Turn] = {}

    def of(self, value: Any) -> tuple[_Names, _Names, _Names]:
        """The regimes this answer would start, those it would end, and the stages it would add."""
        view = self.view.with_fact(self.name, value)
        counted = as_counted(view)
        turns = []
        for read, leaves in self.readers:
            key = (read.regime.id, *(leaf.truth(view) for leaf in leaves))
            if key not in self.kept:
                self.kept[key] = self._turn(read, view, counted)
            turns.append(self.kept[key])
        starts = tuple(turn.regime for turn in turns if turn.starts)
        ends = tuple(turn.regime for turn in turns if turn.ends)
        return starts, ends, tuple(each for turn in turns for each in turn.adds)

    def _turn(self, read: Reading, view: View, counted: View) -> Turn:
        name = read.regime.id
        before, after = self.before[name], standing(read, view).verdict
        is_duty = standing(read, counted).verdict == "duty"
        added = [
            f"{name}/{stage.id}"
            for stage, condition in read.stages
            if condition and condition.truth(counted) and not condition.truth(self.counted)
        ]
        return Turn(
            name,
            is_duty and before != "duty",
            after == "no" and before == "open",
            tuple(added) if is_duty and before == "duty" else (),
        )


def own_leaves(trees: Iterable[Tree]) -> tuple[Leaf, ...]:
    """Every leaf of these trees."""
    return tuple(leaf for each in trees for leaf in each.leaves())


def leaves_on(leaves: Sequence[Leaf], name: str) -> list[Leaf]:
    """Those whose answer this fact can change: counts follow from where the people are, too."""
    base = name.partition(".")[0]
    with_places = name == PLACES
    return [
        leaf
        for leaf in leaves
        if leaf.name == base
        or legal_answers.reads(leaf, name)
        or (with_places and (leaf.name == COUNTS or leaf.field.startswith("derived.")))
    ]
