"""Holding statements: text agreed in calm, with named blanks such as {service} to fill later."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

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

_BLANK = re.compile(r"\{([^{}]*)\}")


def blanks(text: str) -> list[str]:
    """The names between braces, each once, in order of appearance."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def check_template(text: str) -> list[Reason]:
    """Why this text cannot be a template; empty if it can. Braces serve blanks only."""
    problems = [_unknown(name) for name in blanks(text) if name not in ALLOWED_BLANKS]
    if set("{}") & set(_BLANK.sub("", text)):
        message = "A brace is open or closed alone: write each blank as {name}."
        problems.append(Reason("brace_unbalanced", message, "text"))
    return problems


def fill(text: str, values: Mapping[str, str | datetime]) -> str:
    """The text with its blanks filled, times in UTC; braces within a value stay as they are.

    Invalid, naming each, if a blank is unknown, missing, empty or of the wrong type. Nothing is
    escaped: that is the business of whoever knows the medium.
    """
    problems = [*check_template(text), *_value_problems(blanks(text), values)]
    if problems:
        raise Invalid(*problems)
    # One pass, and a function for the replacement: a value is never read as a template.
    return _BLANK.sub(lambda found: _said(values[found[1]]), text)


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


def _unknown(name: str, field: str = "text") -> Reason:
    known = ", ".join(f"{{{each}}}" for each in ALLOWED_BLANKS)
    return Reason("blank_unknown", f"There is no blank {{{name}}}; use {known}.", field)


def _said(value: str | datetime) -> str:
    if isinstance(value, str):
        return value
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
