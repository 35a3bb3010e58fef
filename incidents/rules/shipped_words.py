"""What one shipped holding statement consists of."""

from dataclasses import dataclass

ANY = ""  # instead of a scenario: for any


@dataclass(frozen=True, slots=True)
class Shipped:
    """Words for one scenario and one audience, in English, for any severity.

    `forbidden` are the phrases that must not be claimed before somebody verified them.
    """

    title: str
    scenario: str
    audience: str
    text: str
    purpose: str = "first"
    forbidden: tuple[str, ...] = ()
