"""W13, W23 and W24: phrases that say nothing, shouting, and blanks nobody filled."""

import re
from collections.abc import Iterator

from incidents.rules.findings import Level
from incidents.rules.wording_text import Reading, Spot, phrases

_POLITE = phrases("""
    (?:apologi[sz]e|apologies|sorry) (?:\\w{2,12} ){0,3}?for (?:\\w{2,12} ){0,3}?inconveniences?
    any inconveniences?
    (?:thank you|thanks|appreciate) (?:\\w{2,12} ){0,2}?your (?:continued )?patience
    bear with us
    working (?:hard|diligently|tirelessly|around the clock)
""")
_HOLLOW = phrases("""
    (?:take|takes|taking) (?:\\w{2,14} ){1,5}?(?:very |extremely )?seriously
    valued (?:customers?|users?|clients?|partners?)
    (?:is|are) (?:very |extremely )?important to us
    (?:our|a|the) (?:top|highest|number one|utmost) priority
    we understand (?:how|the) (?:\\w{2,14} ){0,2}?(?:frustrat\\w{2,6}|importan\\w{1,4}|disruptive|critical)
    your (?:trust|business) means
    out of an abundance of caution
    unforeseen circumstances
""")
_CAPITALS = re.compile(r"\b[A-Z]{4,30}(?:[ ,]{1,3}[A-Z]{2,30}){0,20}\b")
_BANG = re.compile(r"!+(?!\[)")  # but not an image in Markdown
# What is quoted, a list of choices, or part of an address is written so on purpose.
_BLANK = re.compile(r"(?<![/\w$\"'`-])\{[A-Za-z][A-Za-z _-]{1,40}\}(?![/\"'`])")
_PLACEHOLDER = re.compile(
    r"\[(?:insert|add|fill|enter|name of|service|time|date|link|tbd|tba|todo|xx)[^\]\n]{0,60}\](?!\()"
    r"|<(?:insert|service|time|date|link|name)[^<>\n]{0,60}>"
    r"|\b(?:TODO|FIXME|lorem ipsum)\b|\bXX+:XX+\b",
    re.IGNORECASE,
)


def empty_empathy(reading: Reading) -> Iterator[Spot]:
    """W13: information where it is only worn, a warning where it is hollow."""
    for pattern, level in ((_POLITE, Level.INFORMATION), (_HOLLOW, Level.WARNING)):
        for found in pattern.finditer(reading.prose):
            message = (
                f"“{reading.quote(found)}” is a phrase everybody has read before: say what customers cannot "
                "do, and what we do about it."
            )
            yield Spot(*found.span(), message, level)


def shouting(reading: Reading) -> Iterator[Spot]:
    """W23: three words in capitals, or an exclamation mark."""
    for found in _BANG.finditer(reading.prose):
        yield Spot(*found.span(), "Leave out the exclamation mark: calm words are believed.")
    for found in _CAPITALS.finditer(reading.prose):
        if len(found[0].split()) >= 3 and not _is_heading(reading.prose, found.start()):
            yield Spot(*found.span(), f"“{found[0]}” shouts: write it in small letters.")


def unfilled(reading: Reading) -> Iterator[Spot]:
    """W24: a blank or a placeholder nobody filled."""
    for pattern in (_BLANK, _PLACEHOLDER):
        for found in pattern.finditer(reading.text):
            yield Spot(
                *found.span(), f"Fill in “{found[0]}”, or write the sentence without it."
            )


def _is_heading(text: str, start: int) -> bool:
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("#")
