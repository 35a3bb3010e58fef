"""Wording checks: what an update should not say, why, and what to say instead.

The rules are those of the catalogue, W01 to W24. Internal updates are asked only for secrets and
unfilled blanks; a language other than English only what holds in every language.
"""

from collections.abc import Iterable, Iterator

from incidents.rules.findings import Level
from incidents.rules.wording_catalogue import RULES, Rule
from incidents.rules.wording_secrets import masked
from incidents.rules.wording_text import INTERNAL, Known, Reading, Remark, Spot, Words

__all__ = ["AUDIENCES", "RULES", "Known", "Level", "Remark", "Rule", "Words", "check"]

AUDIENCES = ("internal", "public", "customers", "executive", "support")

_SECRETS = "W11"
_NOTHING = Known()


def check(words: Words, known: Known = _NOTHING) -> tuple[Remark, ...]:
    """Every remark, in the order of the text; each says why, and what to say instead."""
    reading = Reading(words, known)
    found = (
        _remark(rule, spot, words.text)
        for rule in RULES
        if _is_asked(rule, words)
        for spot in _once(rule.look(reading))
    )
    return tuple(sorted(found, key=lambda each: (each.start, each.end, each.rule)))


def _is_asked(rule: Rule, words: Words) -> bool:
    if words.audience == INTERNAL and not rule.is_everywhere:
        return False
    return rule.is_neutral or words.language.lower().startswith("en")


def _once(spots: Iterable[Spot]) -> Iterator[Spot]:
    """Of those that overlap, the one that begins first; the longest where they begin together.

    What is about the update as a whole overlaps nothing.
    """
    reached = 0
    for spot in sorted(spots, key=lambda each: (each.start, -each.end)):
        if spot.end == 0 or spot.start >= reached:
            reached = max(reached, spot.end)
            yield spot


def _remark(rule: Rule, spot: Spot, text: str) -> Remark:
    quote = text[spot.start : spot.end]
    if rule.id == _SECRETS:
        quote = masked(quote)
    level = spot.level or rule.levels[0]
    return Remark(rule.id, level, quote, spot.start, spot.end, spot.message)
