"""W14 and W15: whether it can be read under stress, on a telephone, in a second language.

The grade is Flesch-Kincaid's: J. P. Kincaid et al., Derivation of New Readability Formulas
(Naval Technical Training Command, Research Branch Report 8-75, 1975).
"""

import re
from collections import Counter
from collections.abc import Iterator

from incidents.rules.findings import Level
from incidents.rules.wording_text import Reading, Spot

HARD, TOO_HARD = 14, 18  # grades; see docs/wording.md for what the real updates have
LEAST_WORDS = 40  # the formula says nothing about a line or two
LONG = 30  # words in one sentence
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_VOWELS = re.compile(r"[aeiouy]+")


def hard_to_read(reading: Reading) -> Iterator[Spot]:
    """W14: the whole text needs more schooling than most have at hand in trouble."""
    counted = [
        words for each in reading.sentences if len(words := _WORD.findall(each.text)) > 3
    ]
    total = sum(map(len, counted))
    if total < LEAST_WORDS:
        return
    times = Counter(word.lower() for words in counted for word in words)
    syllables = sum(_syllables(word) * count for word, count in times.items())
    grade = 0.39 * total / len(counted) + 11.8 * syllables / total - 15.59
    if grade > HARD:
        level = Level.WARNING if grade > TOO_HARD else Level.INFORMATION
        message = (
            f"It reads at grade {grade:.1f} (Flesch-Kincaid): shorter sentences and shorter words "
            f"bring it below {HARD}."
        )
        yield Spot(0, 0, message, level)


def long_sentence(reading: Reading) -> Iterator[Spot]:
    """W15: more than thirty words without a full stop."""
    for sentence in reading.sentences:
        if sentence.text.count(" ") < LONG:
            continue
        words = [each for each in sentence.text.split() if any(map(str.isalnum, each))]
        if len(words) > LONG:
            bare = sentence.text.strip()
            start = sentence.start + sentence.text.index(bare)
            message = f"This sentence has {len(words)} words: make two of it."
            yield Spot(start, start + len(bare), message)


def _syllables(word: str) -> int:
    """About how many: groups of vowels, a silent e left out; one at least."""
    count = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(1, count)
