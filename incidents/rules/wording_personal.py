"""W12: personal data has no place in what anybody may read (GDPR Art. 5(1)(c))."""

import re
from collections.abc import Iterator

from incidents.rules.wording_text import Reading, Span, Spot

_SHARED = frozenset(
    [
        "abuse",
        "accounts",
        "admin",
        "billing",
        "care",
        "contact",
        "customercare",
        "customers",
        "customersuccess",
        "dpo",
        "feedback",
        "hello",
        "help",
        "helpdesk",
        "hotline",
        "incidents",
        "info",
        "legal",
        "mail",
        "media",
        "news",
        "noreply",
        "office",
        "operations",
        "ops",
        "postmaster",
        "press",
        "privacy",
        "reply",
        "sales",
        "security",
        "service",
        "servicedesk",
        "status",
        "statuspage",
        "subscribe",
        "support",
        "team",
        "trust",
        "unsubscribe",
        "webmaster",
    ]
)
_ADDRESS = re.compile(r"(?P<box>[\w.+%-]{1,64})@[\w-]{1,63}\.[\w.-]{2,120}")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\d[\d ()/.-]{7,18}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}|0\d{2,4}[ /-]\d{5,9})(?![\w-])"
)
_LINE = re.compile(
    r"\b(?:hotline|helpline|help ?desk|support|call us|toll|switchboard|press)\b", re.IGNORECASE
)
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_NEAR = 60  # characters ahead in which a number is said to be a hotline


def personal_data(reading: Reading) -> Iterator[Spot]:
    """W12: addresses of persons, telephone, card and account numbers, names of colleagues."""
    yield from _addresses(reading)
    for found in _PHONE.finditer(reading.prose):
        ahead = reading.prose[max(0, found.start() - _NEAR) : found.start()]
        if not _LINE.search(ahead):
            yield _spot(Span(*found.span(), found[0]), "a telephone number")
    for found in _DIGITS.finditer(reading.prose):
        if _is_card(re.sub(r"\D", "", found[0])):
            yield _spot(Span(*found.span(), found[0]), "the number of a card")
    for found in _IBAN.finditer(reading.prose):
        if _is_iban(found[0].replace(" ", "")):
            yield _spot(Span(*found.span(), found[0]), "the number of an account")
    for start, end, _ in reading.names(reading.known.people):
        yield _spot(Span(start, end, reading.text[start:end]), "the name of a colleague")


def _addresses(reading: Reading) -> Iterator[Spot]:
    for token in reading.tokens:
        found = _ADDRESS.fullmatch(token.text.removeprefix("mailto:"))
        if found and not _SHARED & set(re.split(r"[.+_-]", found["box"].lower())):
            yield _spot(token, "the address of a person")


def _spot(span: Span, what: str) -> Spot:
    message = f"This is {what}: leave it out, or give one that belongs to a role or a team."
    return Spot(span.start, span.end, message)


def _is_card(digits: str) -> bool:
    """A number of the great issuers that passes Luhn's check (ISO/IEC 7812-1)."""
    known = (digits[0] in "456" and len(digits) == 16) or (
        digits[:2] in ("34", "37") and len(digits) == 15
    )
    doubled = (int(each) * (1 + index % 2) for index, each in enumerate(reversed(digits)))
    return known and sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _is_iban(said: str) -> bool:
    """ISO 13616: the first four characters moved to the end, read in base 36, leave 1 by 97."""
    moved = said[4:] + said[:4]
    return (
        15 <= len(said) <= 34 and int("".join(str(int(each, 36)) for each in moved)) % 97 == 1
    )
