"""Holding statements: text agreed in calm, with named blanks such as {service} to fill later."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from incidents.rules.reasons import Invalid, Reason

ALLOWED_BLANKS: Mapping[str, type] = {
    "company": str,
    "impact": str,
    "link": str,
    "next_update": datetime,
    "reference": str,
    "service": str,
    "severity": str,
    "time": datetime,
    "workaround": str,
}
# What may be said in them nobody has read before: their words need a second person.
FREE_BLANKS = ("impact", "workaround")
LONGEST_FREE = 300
_LONGEST_NAME = 120
_LONGEST_PHRASE = 200

_BLANK = re.compile(r"\{([^{}]*)\}")


def blanks(text: str) -> list[str]:
    """The names between braces, each once, in order of appearance."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def free_blanks(text: str) -> list[str]:
    """Those of its blanks that carry free text, in order of appearance."""
    return [name for name in blanks(text) if name in FREE_BLANKS]


def check_template(text: str) -> list[Reason]:
    """Why this text cannot be a template; empty if it can. Braces serve blanks only."""
    problems = [_unknown(name) for name in blanks(text) if name not in ALLOWED_BLANKS]
    if set("{}") & set(_BLANK.sub("", text)):
        message = "A brace is open or closed alone: write each blank as {name}."
        problems.append(Reason("brace_unbalanced", message, "text"))
    return problems


def fill(text: str, values: Mapping[str, str | datetime]) -> str:
    """The text with its blanks filled, times in UTC; braces within a value stay as they are.

    Invalid, naming each, if a blank is unknown, missing, empty or cannot stand in its place. Nothing
    is escaped: that is the business of whoever knows the medium.
    """
    problems = [*check_template(text), *_value_problems(blanks(text), values)]
    if problems:
        raise Invalid(*problems)
    # One pass, and a function for the replacement: a value is never read as a template.
    return _BLANK.sub(lambda found: _said(values[found[1]]), text)


def fill_known(text: str, values: Mapping[str, str | datetime]) -> tuple[str, tuple[str, ...]]:
    """The text as far as these values fill it, and the blanks that stay open."""
    problems = {problem.field for problem in _value_problems(blanks(text), values)}
    missing = tuple(name for name in blanks(text) if name in problems or name not in values)
    said = _BLANK.sub(
        lambda found: found[0] if found[1] in missing else _said(values[found[1]]), text
    )
    return said, missing


def check_services(said: str, called: Collection[str]) -> list[Reason]:
    """Why this cannot be the {service} of an incident; `called` are its services' names."""
    if not called:
        return [_too_long("service", said, _LONGEST_NAME)] if len(said) > _LONGEST_NAME else []
    strange = [name.strip() for name in said.split(",") if name.strip() not in called]
    if not strange or said in called:
        return []
    message = (
        f"“{', '.join(strange)}” is no service of this incident: name {', '.join(called)}, or "
        "leave it out."
    )
    return [Reason("service_not_affected", message, "service")]


def phrases(forbidden: str) -> list[str]:
    """The phrases that must not be claimed, one a line: trimmed, each once whatever its case."""
    found: dict[str, str] = {}
    for line in forbidden.splitlines():
        if phrase := " ".join(line.split()):
            found.setdefault(phrase.casefold(), phrase)
    return list(found.values())


def check_phrases(forbidden: str) -> list[Reason]:
    """Why these cannot be kept as phrases that must not be claimed."""
    if all(len(phrase) <= _LONGEST_PHRASE for phrase in phrases(forbidden)):
        return []
    message = f"Give one phrase a line, each of at most {_LONGEST_PHRASE} characters."
    return [Reason("phrase_too_long", message, "forbidden")]


def check_dates(
    effective_from: date | None, review_on: date | None, expires_on: date | None
) -> list[Reason]:
    """Why these days cannot follow each other: in effect, looked at again, expired."""
    order = (
        ("review_on", effective_from, review_on, "It is looked at again once it is in effect"),
        ("expires_on", effective_from, expires_on, "It expires after it took effect"),
        ("expires_on", review_on, expires_on, "It is looked at again before it expires"),
    )
    return [
        Reason("dates_out_of_order", f"{why}: choose another day.", field)
        for field, earlier, later, why in order
        if earlier
        and later
        and (later <= earlier if field == "expires_on" else later < earlier)
    ]


def _value_problems(names: Iterable[str], values: Mapping[str, object]) -> Iterable[Reason]:
    yield from (_unknown(name, name) for name in values if name not in ALLOWED_BLANKS)
    for name in names:
        value, wanted = values.get(name), ALLOWED_BLANKS.get(name)
        if wanted is None:
            continue  # the template itself is at fault, and said so
        if value is None or value == "":
            yield Reason("blank_missing", f"Fill in {{{name}}} before this is used.", name)
        elif not isinstance(value, wanted):
            kind = "a time" if wanted is datetime else "a text"
            yield Reason("blank_has_wrong_type", f"{{{name}}} must be {kind}.", name)
        elif isinstance(value, str):
            yield from _text_problems(name, value)


def _text_problems(name: str, value: str) -> Iterable[Reason]:
    if name == "link":
        if not _is_link(value):
            message = "Give one address that begins with https:// and nothing beside it."
            yield Reason("blank_is_no_link", message, name)
        return
    if len(value.splitlines()) > 1:
        yield Reason("blank_has_line_break", f"Fill {{{name}}} with a single line.", name)
    if name in FREE_BLANKS and set("{}") & set(value):
        yield Reason("blank_has_brace", f"Leave the braces out of {{{name}}}.", name)
    # A list of names is as long as it is; who knows the services checks each.
    longest = LONGEST_FREE if name in FREE_BLANKS else _LONGEST_NAME
    if name != "service" and len(value) > longest:
        yield _too_long(name, value, longest)


def _too_long(name: str, value: str, longest: int) -> Reason:
    message = f"Use at most {longest} characters in {{{name}}}; these are {len(value)}."
    return Reason("blank_too_long", message, name)


def _is_link(value: str) -> bool:
    """An https address on its own: of a host, without a user, a space or a control character."""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:  # such as a bracket left open
        return False
    # urlsplit leaves line breaks and tabs out without a word.
    is_plain = (
        value.isascii() and value.isprintable() and not set(value) & set(" <>\"'`{}|\\^()")
    )
    return parts.scheme == "https" and bool(host) and is_plain and "@" not in parts.netloc


def _unknown(name: str, field: str = "text") -> Reason:
    known = ", ".join(f"{{{each}}}" for each in ALLOWED_BLANKS)
    return Reason("blank_unknown", f"There is no blank {{{name}}}; use {known}.", field)


def _said(value: str | datetime) -> str:
    if isinstance(value, str):
        return value
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
