"""W16 to W20: what was said before, and what is said now; a correction may say otherwise."""

import re
from collections.abc import Iterator

from incidents.rules.wording_text import Folded, Reading, Spot, Words, phrases

_STAGES = ("investigating", "identified", "monitoring", "resolved")
_IMPACTS = ("none", "degraded", "partial", "major")
_AGAIN = phrases("""
    again
    returned
    recurr?(?:ed|ing|ence)
    re-?occurr?(?:ed|ing|ence)
    re-?opened
    re-?opening
    re-?emerged
    resurfaced
    came back
    has come back
    relapse
    correction
    earlier we said
    contrary to
    did not hold
    was not effective
    new issue
    separate issue
""")
_IS_OVER = phrases("""
    (?:this|the) (?:incident|issue|outage|problem) (?:has been|is|was) (?:now |fully )?(?:resolved|mitigated|fixed|over)
    all (?:services|systems) (?:are|have) (?:fully |now )?(?:operational|recovered|restored|back to normal)
""")
_GOES_ON = phrases("""
    (?:is|are) still (?:\\w{2,14} ){0,2}?(?:failing|down|unavailable|degraded|slow|affected|seeing|experiencing|investigating)
    still failing
    (?:remain|remains) (?:unavailable|down|degraded|affected)
    continu(?:e|es|ing) to (?:fail|see errors|experience)
    (?:is|are) (?:currently )?(?:unavailable|down|failing)
""")
_START = Folded(
    r"\b(?:since|began|begun|started|starting|beginning|between|from|start(?: time)?:?)\b"
    r"(?P<day>[^\n.;()]{0,30}?)(?<![\d:-])(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)"
    r"(?![\d%])(?::\d\d)?(?: ?(?P<half>[ap]\.?m\b))?(?: ?\(?(?P<zone>[A-Z][A-Za-z]{1,3}T|UTC|GMT|US/Pacific)\b)?"
)
_BETTER = Folded(
    r"\b(?:mitigat|resol|recover|restor|fixed|improv|normal|updates?\b|maintenance|modified|created)"
)
_SHARE = Folded(
    r"(?P<number>\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|percent|per cent) of (?:all |the |our |total )?(?P<what>[a-z]{3,20})"
)
_CHANGED = phrases("""
    now
    less than
    increased?
    increasing
    decreased?
    decreasing
    reduced
    reducing
    lowered
    rising
    falling
    risen
    fallen
    dropped
    down to
    up to
    recovered
    improved
    peak
    peaked
    no longer
    so far
    remaining
""")
_WHAT = r"(?:data|information|messages?|payments?|orders?|transactions?|credentials|passwords?)"
_HARM = r"(?:lost|loss|stolen|leaked|exposed|compromised|accessed|deleted|affected|corrupted|impacted)"
_DENIED = Folded(
    rf"\bno (?:\w{{2,14}} ){{0,2}}?(?P<what>{_WHAT})\s(?:\w{{2,10}} ){{0,3}}?(?P<harm>{_HARM})\b"
)
_ADMITTED = Folded(
    rf"(?<!no )(?<!\w)(?P<what>{_WHAT}) (?:was|were|has been|have been|may have been|might have been|could have been)"
    rf" (?P<harm>{_HARM})\b"
)


def went_back(reading: Reading) -> Iterator[Spot]:
    """W16: a stage behind one reached before, or impact that was gone, and no word about it."""
    words, earlier = reading.words, reading.known.earlier
    if not earlier or reading.known.is_correction or _AGAIN.search(reading.prose):
        return
    said = _stage_back(words, earlier) or _impact_back(words, earlier)
    if said:
        yield Spot(0, 0, f"{said}: say that it came back, or make this a correction.")
    elif found := _goes_on(reading, earlier[-1]):
        message = (
            "The update before said that it is over: say that it came back, or correct it."
        )
        yield Spot(*found.span(), message)


def other_start(reading: Reading) -> Iterator[Spot]:
    """W17: since when is told once, or corrected."""
    now = list(_starts(reading.prose))
    if reading.known.is_correction or not now:
        return
    for words in reversed(reading.known.earlier):
        before = [time for time, _ in _starts(words.text)]
        if not before:
            continue
        if not any(_same(time, other) for time, _ in now for other in before):
            time, found = now[0]
            message = (
                f"Earlier it was said to have begun at {_clock(before[0])}, now at "
                f"{_clock(time)}: make this a correction that says so, or use the same time."
            )
            yield Spot(*found.span(), message)
        return


def other_share(reading: Reading) -> Iterator[Spot]:
    """W18: a share that changed is said to have changed."""
    if reading.known.is_correction or _CHANGED.search(reading.prose):
        return
    before = {
        found["what"].lower(): found["number"]
        for words in reading.known.earlier
        for found in _SHARE.finditer(words.text)
    }
    for found in _SHARE.finditer(reading.prose):
        was = before.get(found["what"].lower())
        if was and was != found["number"]:
            message = f"Earlier it was {was} % of {found['what']}: say that it changed."
            yield Spot(*found.span(), message)


def service_gone(reading: Reading) -> Iterator[Spot]:
    """W19: a service named before has not recovered because nobody names it any more."""
    words, earlier = reading.words, reading.known.earlier
    if not earlier or not words.services or words.stage == "resolved":
        return
    now, said = {each.casefold() for each in words.services}, reading.prose.casefold()
    for name in earlier[-1].services:
        if name.casefold() not in now and name.casefold() not in said:
            message = f"The update before named {name}: say what it is like now."
            yield Spot(0, 0, message)


def denied_before(reading: Reading) -> Iterator[Spot]:
    """W20: that nothing was lost, and that something was, are not both so."""
    if reading.known.is_correction:
        return
    for now, before, said in (
        (_ADMITTED, _DENIED, "was not so"),
        (_DENIED, _ADMITTED, "was so"),
    ):
        told = {
            _topic(found)
            for words in reading.known.earlier
            for found in before.finditer(words.text)
        }
        for found in now.finditer(reading.prose):
            if _topic(found) in told:
                message = f"Earlier it was said that this {said}: correct it, and say so."
                yield Spot(*found.span(), message)


def _stage_back(words: Words, earlier: tuple[Words, ...]) -> str:
    reached = [each.stage for each in earlier if each.stage in _STAGES]
    furthest = max(reached, key=_STAGES.index, default="")
    if words.stage in _STAGES and furthest and _rank(words.stage) < _rank(furthest):
        return f"An earlier update was “{furthest}”, this one is “{words.stage}”"
    return ""


def _rank(stage: str) -> int:
    return _STAGES.index(stage)


def _impact_back(words: Words, earlier: tuple[Words, ...]) -> str:
    ranks = [_IMPACTS.index(each.impact) for each in earlier if each.impact in _IMPACTS]
    if words.impact not in _IMPACTS or not ranks:
        return ""
    now, last = _IMPACTS.index(words.impact), ranks[-1]
    if last < now <= max(ranks):
        return f"The impact had shrunk to “{_IMPACTS[last]}” and is “{words.impact}” now"
    return ""


def _goes_on(reading: Reading, before: Words) -> re.Match[str] | None:
    is_over = before.stage == "resolved" or bool(
        not before.stage and _IS_OVER.search(before.text)
    )
    return _GOES_ON.search(reading.prose) if is_over else None


Time = tuple[int, int, str]


def _starts(text: str) -> Iterator[tuple[Time, re.Match[str]]]:
    for found in _START.finditer(text):
        if _BETTER.search(text[max(0, found.start() - 40) : found.end()]):
            continue  # since when it is better
        hour, half = int(found["hour"]), (found["half"] or "").lower()[:1]
        hour = hour % 12 + 12 * (half == "p") if half else hour
        yield (hour, int(found["minute"]), (found["zone"] or "").upper()), found


def _same(one: Time, other: Time) -> bool:
    """The same, or not to be compared: the clocks of two zones."""
    return one[:2] == other[:2] or bool(one[2] and other[2] and one[2] != other[2])


def _clock(time: Time) -> str:
    return f"{time[0]:02}:{time[1]:02} {time[2]}".strip()


def _topic(found: re.Match[str]) -> tuple[str, str]:
    what, harm = found["what"].lower().rstrip("s"), found["harm"].lower()
    return what, "lost" if harm == "loss" else harm
