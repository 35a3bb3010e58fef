"""What changed in law from one pack to the next, in words, what could concern us first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from incidents.rules import legal_words
from incidents.rules.law_pack import Deadline, Pack, Regime, Stage
from incidents.rules.legal_arithmetic import counted_from
from incidents.rules.legal_profile import Profile, concerning
from incidents.rules.predicates import Predicate

Kind: TypeAlias = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class LawChange:
    """One regime that came, went or says something else; `lines` say what, one thing a line."""

    regime: str
    kind: Kind
    lines: tuple[str, ...]
    concerns_us: bool
    name: str = ""
    is_doubtful: bool = False  # of low confidence, in either pack


def compare(old: Pack, new: Pack, profile: Profile) -> tuple[LawChange, ...]:
    """Every regime that is not the same in both, those that could concern us first.

    A regime concerns us if it could under either pack: one that went may have bound us.
    """
    ours = concerning(old, profile).keys() | concerning(new, profile).keys()
    names = dict.fromkeys([*new.regimes, *old.regimes])
    found = [
        change for name in names if (change := _change(name, old, new, is_ours=name in ours))
    ]
    return tuple(sorted(found, key=lambda change: not change.concerns_us))


def _change(name: str, old: Pack, new: Pack, *, is_ours: bool) -> LawChange | None:
    was, now = old.regimes.get(name), new.regimes.get(name)
    either = now or was
    if either is None:
        return None
    kind: Kind = "changed"
    if was is None:
        kind, lines = "added", list(_described(either, new))
    elif now is None:
        kind, lines = "removed", [f"Was: {line}" for line in _described(either, old)]
    else:
        lines = list(_regime_lines(was, now, old, new))
    if not lines:
        return None
    is_doubtful = any(each.is_doubtful for each in (was, now) if each)
    return LawChange(name, kind, tuple(lines), is_ours, either.name, is_doubtful)


def _described(regime: Regime, pack: Pack) -> Iterator[str]:
    yield f"{regime.status.replace('_', ' ')}, confidence {regime.confidence}"
    yield f"applies {_span(regime)}"
    yield f"applies if {words_of(regime.trigger, pack)}"
    for stage in regime.stages:
        yield f"{stage.name}: {_asks(stage)}"


# What is compared of a regime: how it is called, and what it says.
_Reads: TypeAlias = Callable[[Regime, Pack], str]
_PARTS: Mapping[str, _Reads] = {
    "Name": lambda regime, _: regime.name,
    "Status": lambda regime, _: regime.status.replace("_", " "),
    "Applies": lambda regime, _: _span(regime),
    "Confidence": lambda regime, _: regime.confidence,
    "Applies if": lambda regime, pack: words_of(regime.trigger, pack),
    "To watch if": lambda regime, pack: (
        words_of(regime.watch, pack) if regime.watch else "never"
    ),
    "Recipients": lambda regime, pack: _recipients(regime.recipients, pack),
    "Jurisdiction": lambda regime, _: legal_words.label("operates_in", regime.jurisdiction),
    "Sectors": lambda regime, _: ", ".join(regime.sectors).replace("_", " "),
    "Counted by": lambda regime, _: f"{regime.computation}, {regime.calendar or 'no'} calendar",
    "Legal basis": lambda regime, _: regime.legal_basis,
    "Source": lambda regime, _: regime.source,
    "Notes": lambda regime, _: regime.notes,
}


def _regime_lines(was: Regime, now: Regime, old: Pack, new: Pack) -> Iterator[str]:
    for called, read in _PARTS.items():
        yield from _line(called, read(was, old), read(now, new))
    before = {stage.id: stage for stage in was.stages}
    after = {stage.id: stage for stage in now.stages}
    for ident in dict.fromkeys([*after, *before]):
        yield from _stage_lines(before.get(ident), after.get(ident), old, new)


def _stage_lines(was: Stage | None, now: Stage | None, old: Pack, new: Pack) -> Iterator[str]:
    if was is None and now is not None:
        yield f"New stage “{now.name}”: {_asks(now)}"
    elif now is None and was is not None:
        yield f"Stage “{was.name}” is gone; it was: {_asks(was)}"
    elif was is not None and now is not None:
        called = f"“{now.name}”"
        yield from _line(f"{called}, name", was.name, now.name)
        yield from _line(f"{called}, period", _asks(was), _asks(now))
        yield from _line(f"{called}, asked if", _condition(was, old), _condition(now, new))
        yield from _line(
            f"{called}, recipients",
            _recipients(was.recipients, old),
            _recipients(now.recipients, new),
        )


def _line(called: str, was: str, now: str) -> Iterator[str]:
    if was != now:
        yield f"{called}: was {was or 'nothing'}; is now {now or 'nothing'}"


def _span(regime: Regime) -> str:
    since = f"from {regime.applies_from}" if regime.applies_from else "from no set day"
    return f"{since} until {regime.applies_until}" if regime.applies_until else since


def _condition(stage: Stage, pack: Pack) -> str:
    return words_of(stage.condition, pack) if stage.condition else "always"


def _recipients(names: Sequence[str], pack: Pack) -> str:
    known = pack.words.get("recipients", {})
    return ", ".join(known.get(name, name.replace("_", " ")) for name in names)


def _asks(stage: Stage) -> str:
    """The period of a stage with all that moves it."""
    parts = [_from(stage.deadline, stage)] if stage.deadline else ["no number in law"]
    if stage.cap:
        waived = ", waived if the clock starts later" if stage.cap.waived_when else ""
        parts.append(f"at most {_from(stage.cap, stage)}{waived}")
    if stage.without_undue_delay:
        parts.append("without undue delay")
    if stage.planning_target:
        parts.append(f"our own target {_from(stage.planning_target, stage)}")
    if stage.rolls:
        parts.append("may move to the next working day")
    return ", ".join(parts)


def _from(deadline: Deadline, stage: Stage) -> str:
    after = f" ({', '.join(stage.after)})" if deadline.clock == "previous_stage" else ""
    return f"{counted_from(deadline)}{after}"


def words_of(predicate: Predicate, pack: Pack, *, negated: bool = False) -> str:
    """A predicate as people read it: "exposure of personal data: yes, certain and (…)"."""
    match predicate:
        case {"all": parts}:
            return _joined(parts, " or " if negated else " and ", pack, negated=negated)
        case {"any": parts}:
            return _joined(parts, " and " if negated else " or ", pack, negated=negated)
        case {"not": inner}:
            return words_of(inner, pack, negated=not negated)
    called = legal_words.called(predicate["field"], pack.facts)
    return f"{called}: {legal_words.demand(predicate, pack.facts, pack.words, negated=negated)}"


def _joined(parts: Sequence[Predicate], word: str, pack: Pack, *, negated: bool) -> str:
    said = [words_of(part, pack, negated=negated) for part in parts]
    return said[0] if len(said) == 1 else f"({word.join(said)})"
