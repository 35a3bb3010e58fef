"""Fitting: what is said is made so that the outbox, and whatever carries it, can take it."""

LONGEST_BODY = 100_000  # characters
LONGEST_SUBJECT = 250
_CUT = "\n\nThis message was cut off here: it was longer than {most} characters. Read the rest on its page."


def body(text: str) -> str:
    """At most so many characters, with a sentence that says so where some were cut off; no NUL."""
    clean = _storable(text)
    if len(clean) <= LONGEST_BODY:
        return clean
    cut = _CUT.format(most=f"{LONGEST_BODY:,}")
    return clean[: LONGEST_BODY - len(cut)] + cut


def subject(text: str) -> str:
    """One line of at most 250 characters: a line break would begin a new mail header."""
    line = " ".join(_storable(text).split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1].rstrip()}…"


def _storable(text: str) -> str:
    """Without NUL, which PostgreSQL does not take, and halves of characters, which no mail does."""
    return text.replace("\0", "").encode(errors="replace").decode()
