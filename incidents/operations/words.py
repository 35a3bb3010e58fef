"""What people write in an act: there must be some, and no more than fits."""

from incidents.rules.reasons import Invalid

LONGEST = 5000


def required(text: str, field: str, ask: str, *, longest: int = LONGEST) -> str:
    """The text, trimmed. Invalid: `…_missing` (with what to do), `…_too_long`, `…_unusable`."""
    text = text.strip()
    if not text:
        raise Invalid.because(f"{field}_missing", ask, field)
    return optional(text, field, longest=longest)


def optional(text: str, field: str, *, longest: int = LONGEST) -> str:
    """The text, trimmed; it may be empty."""
    text = text.strip()
    if len(text) > longest:
        message = f"Use at most {longest:,} characters; these are {len(text):,}."
        raise Invalid.because(f"{field}_too_long", message, field)
    # PostgreSQL stores no NUL; SQLite would, and the two must agree.
    if "\0" in text:
        raise Invalid.because(f"{field}_unusable", "Leave out the NUL characters.", field)
    return text
