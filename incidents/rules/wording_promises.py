"""W01, W02 and W22: when it will be over is not promised; when we speak next is."""

import re
from collections.abc import Iterator

from incidents.rules.findings import Level
from incidents.rules.wording_text import PUBLIC, Folded, Reading, Span, Spot, phrases

_RECOVERY = phrases("""
    fix
    fixed
    resolved
    resolve
    resolution
    restored
    restore
    restoration
    recover
    recovered
    recovery
    repaired
    mitigated
    mitigation
    back online
    back up
    back to normal
    available again
    working again
    work again
    be available
    be operational
    be over
    resume
    resumed
    finish
    finished
    caught up
    improvements?
    complete
    completed
    completion
    return to normal
    end
""")
_NEAR = 90  # characters before and after a time in which its promise stands
_SURE = phrases("""
    will
    we'll
    it'll
    shall
    going to
    promise
    guarantee
    no later than
    at the latest
""")
_HEDGED = phrases("""
    expect
    expected
    expects
    expecting
    should
    anticipate
    anticipated
    estimate
    estimated
    hope
    hopefully
    aim
    aiming
    plan to
    likely
    may
    might
""")
_NUMBER = r"(?:\d{1,3}|an?|one|two|three|four|five|six|few|a few|several|a couple of)"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?)"
_TIME = Folded(
    rf"""\b(?:
        (?:within|in)\ (?:the\ )?(?:next\ )?(?:about\ |approximately\ |around\ |roughly\ )?
            {_NUMBER}(?:\ ?(?:-|to)\ ?\d{{1,3}})?\ ?(?:more\ )?(?:business\ )?{_UNIT}
      | (?:within|in)\ the\ (?:next\ )?(?:hour|day|morning|afternoon|evening|week)
      | (?:by|before|until|around|at)\ (?:about\ |approximately\ )?
            (?:\d{{1,2}}[:.]\d\d|\d{{1,2}}\ ?(?:am|pm|a\.m\.|p\.m\.|o'clock|UTC|GMT|CET))
      | (?:by|before)\ (?:the\ )?(?:end\ of|close\ of|tomorrow|tonight|noon|midnight
            |today|monday|tuesday|wednesday|thursday|friday|saturday|sunday)
      | (?:completion|resolution)(?:\ (?:time|is|of))?[:\ ]\ ?\d{{1,2}}
      | tomorrow | later\ today | tonight | this\ (?:afternoon|evening|morning)
    )\b""",
    re.VERBOSE,
)
_MODAL = phrases("""
    will
    we'll
    shall
    should
    going to
    plan to
    aim to
    hope to
    expect to
""")
_TELLING = Folded(
    r" (?:\w{2,12} ){0,2}?"
    r"(?:provide|share|post|communicate|inform|notify|update|let|report|publish)\b"
)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_MONTH = r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})"
_ESTIMATE = Folded(
    r"\bETA\b(?: (?:for|of|on) (?:[\w.-]{1,20} ){1,5}?)?"
    r"(?: ?(?:is|-|:|=|~|currently|now|about|within|in|by|around)){0,5}+ ?"
    r"(?:~?\d[\d:.]{0,7}(?: ?(?:m|h|d|min|minutes?|hours?|days?)\b)?"
    rf"|EOB|EOD|end of|tomorrow|today|{_DAY}|{_MONTH} \d{{1,2}})"
)
_VAGUE = phrases("""
    shortly
    very soon
    soon(?! as)
    momentarily
    imminently
    any minute
    any moment
    in no time
""")
_SPEAKING = phrases("""
    update
    updates
    updated
    information
    details
    provide
    share
    post
    report
    analysis
    root cause
    summary
    communicate
    inform
    let you know
    notify
    notified
    news
    RCA
    review
    reassess
    check
""")
_WHEN = (
    r"(?:(?:by|at|in|within|before|around|until) (?:about |approximately )?"
    r"(?:the |next |\{|\d|an? |one |two |few |tomorrow|today|noon|midnight|end |eod"
    rf"|{_DAY})|every |hourly|tomorrow|daily|later today|today at)"
)
_NEXT = Folded(
    r"\bnext updates?\b"
    r"|\b(?:updates?|information|details|news|back|again|inform\w{0,5}|report|post)"
    rf" (?:[\w,]{{1,20}} ){{0,5}}?{_WHEN}"
)
_OVER = phrases("""
    resolved
    completed
    is over
    up and running
    back up
    finished
    ended
    fixed
    solved
    is done
    fully recovered
    fully restored
    healthy
    back to normal
    returned to normal
    operating normally
    now operational
    no longer
""")


def recovery_at_a_time(reading: Reading) -> Iterator[Spot]:
    """W01: an error where it is promised, a warning where it is only expected."""
    for sentence in reading.sentences:
        for found in _ESTIMATE.finditer(sentence.text):
            yield _too_soon(sentence, found.start(), found.end(), Level.WARNING)
        for time in _TIME.finditer(sentence.text):
            if promise := _promise(sentence, time):
                start, said, is_sure = promise
                level = Level.ERROR if is_sure else Level.WARNING
                yield _too_soon(sentence, start, start + len(said), level)
                break


def recovery_soon(reading: Reading) -> Iterator[Spot]:
    """W02: a promise without a time is still one."""
    for sentence in reading.sentences:
        for time in _VAGUE.finditer(sentence.text):
            if _promise(sentence, time):
                said = sentence.text[time.start() : time.end()]
                message = (
                    f"“{said}” promises what nobody knows: say what is done now, and when the next "
                    "update comes."
                )
                yield Spot(sentence.start + time.start(), sentence.start + time.end(), message)
                break


def no_next_update(reading: Reading) -> Iterator[Spot]:
    """W22: whoever reads wants to know when to look again."""
    if reading.words.audience != PUBLIC or reading.words.stage == "resolved":
        return
    if _NEXT.search(reading.text) or (not reading.words.stage and _OVER.search(reading.text)):
        return
    yield Spot(0, 0, "Say when the next update comes, so that nobody has to ask.")


def _too_soon(sentence: Span, start: int, end: int, level: Level) -> Spot:
    message = (
        f"“{sentence.text[start:end]}” promises when it will be over, and nobody knows: say what is "
        "done now, and when the next update comes."
    )
    return Spot(sentence.start + start, sentence.start + end, message, level)


def _promise(sentence: Span, time: re.Match[str]) -> tuple[int, str, bool] | None:
    """Where the promise that this time belongs to begins, its words, and whether it is sure.

    None where the time belongs to speaking (“an update by 14:00”), or to what is over.
    """
    first = max(0, time.start() - _NEAR)
    text = sentence.text[first : time.end() + _NEAR]
    when = (time.start() - first, time.end() - first)
    near = [each.span() for each in _RECOVERY.finditer(text)]
    if not near:
        return None
    what = min(near, key=lambda each: _gap(each, when))
    spoken = min((_gap(each.span(), when) for each in _SPEAKING.finditer(text)), default=_NEAR)
    if spoken <= _gap(what, when):
        return None
    ahead = text[: max(what[0], when[0])]
    modals = [*_MODAL.finditer(text[: when[0]])]
    if modals and _TELLING.match(text[modals[-1].end() :]):
        return None
    hedges = [each.start() for each in _HEDGED.finditer(ahead)]
    sure = [each.start() for each in _SURE.finditer(ahead)]
    if not hedges and not sure:
        return None
    start, end = min(what[0], when[0], max(hedges + sure)), max(what[1], when[1])
    return first + start, text[start:end], not hedges


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)
