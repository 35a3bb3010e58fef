"""What can be used of an alert, and what is wrong with the rest; nothing of it is lost.

An alert that was turned away would be an incident nobody heard of: only where it comes from and
under which name must be sound, everything else is used as far as it can be.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from incidents.rules import skew
from incidents.rules.facts import CONTRADICTIONS, severity_facts
from incidents.rules.reasons import Invalid, Reason

TITLE_LENGTH = 200
URL_LENGTH = 500
ID_LENGTH = 200
MOST_SERVICES = 100
MOST_FACTS = 100
DEEPEST = 100  # levels of lists and maps within each other
LARGEST = 256 * 1024  # bytes of the payload as JSON
_SOURCE = re.compile(r"[a-z0-9_-]{1,40}")
# What no text of PostgreSQL holds: NUL, and half of a pair of UTF-16.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NAME_LENGTH = 60
_STAND_IN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Said:
    """An alert as its sender put it; any value may be of any type."""

    title: object = ""
    services: object = ()
    facts: object = field(default_factory=dict)
    detected_at: object = None
    url: object = ""


@dataclass(frozen=True, slots=True)
class Usable:
    """What can be used, and what is wrong with the rest."""

    title: str
    services: tuple[str, ...]
    facts: dict[str, Any]
    detected_at: datetime
    url: str
    problems: tuple[Reason, ...]


def usable(said: Said, *, source: str, catalogue: Mapping[str, bool], at: datetime) -> Usable:
    """The alert as far as it can be used; `catalogue` says of each known service if it is active.

    A title too long is cut, a service nobody knows left out, of facts that contradict each other
    neither is believed, and an instant that cannot be counts as now.
    """
    title, of_title = _title(said.title, source)
    named, of_names = names(said.services)
    facts, of_facts = _facts(said.facts)
    detected_at, of_clock = skew.told_at(said.detected_at, at=at)
    url, of_url = _url(said.url)
    known = tuple(slug for slug in named if catalogue.get(slug))
    absent = [_absent(slug, catalogue) for slug in named if not catalogue.get(slug)]
    clock = [of_clock] if of_clock else []
    problems = (*of_title, *of_names, *absent, *of_facts, *clock, *of_url)
    return Usable(title, known, facts, detected_at, url, problems)


def identity(source: object, external_id: object) -> tuple[str, str]:
    """Where it comes from and its name there: what makes it the same alert again. Invalid without.

    A name too long for a column ends in a fingerprint, so that it stays a name of its own.
    """
    origin = source.strip().lower() if isinstance(source, str) else ""
    if not _SOURCE.fullmatch(origin):
        message = "Name the source in up to 40 letters, digits and hyphens, such as grafana."
        raise Invalid.because("source_unusable", message, "source")
    name = str(storable(external_id)).strip() if isinstance(external_id, str | int) else ""
    if not name:
        message = "Give the alert's own name at its source: by it a repetition is known."
        raise Invalid.because("external_id_missing", message, "external_id")
    if len(name) > ID_LENGTH:
        told = hashlib.sha256(name.encode()).hexdigest()
        name = f"{name[: ID_LENGTH - len(told) - 1]}#{told}"
    return origin, name


def payload(raw: object) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    """The payload as a database can keep it, whole; Invalid `payload_too_large`.

    What no database stores, such as a NUL, is replaced by a mark and named.
    """
    kept = storable(raw)
    whole = kept if isinstance(kept, dict) else {"payload": kept}
    if len(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST:
        message = f"Send at most {LARGEST:,} bytes: leave out what nobody will read."
        raise Invalid.because("payload_too_large", message, "payload")
    if kept == raw:
        return whole, ()
    message = "Some of it cannot be stored, such as a NUL character: it was replaced by a mark."
    return whole, (Reason("payload_changed", message, "payload"),)


def storable(value: object, depth: int = 0) -> Any:
    """The same value as JSON of any database holds it; deeper than 100 levels only its end is cut."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(_STAND_IN, value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping | list | tuple):
        return _storable_within(value, depth + 1)
    if value is None or isinstance(value, bool | int | float):
        return value
    return storable(str(value))


def _storable_within(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], depth: int) -> Any:
    if depth > DEEPEST:
        return _STAND_IN
    if isinstance(value, Mapping):
        return {storable(str(name)): storable(each, depth) for name, each in value.items()}
    return [storable(each, depth) for each in value]


def _title(said: object, source: str) -> tuple[str, list[Reason]]:
    title = " ".join(str(storable(said)).split()) if isinstance(said, str) else ""
    if not title:
        message = "It bears no title: look into the payload."
        return f"Alert from {source}", [Reason("title_missing", message, "title")]
    if len(title) <= TITLE_LENGTH:
        return title, []
    message = f"The title has {len(title):,} characters: it was cut at {TITLE_LENGTH}."
    return title[: TITLE_LENGTH - 1] + "…", [Reason("title_too_long", message, "title")]


def names(said: object) -> tuple[tuple[str, ...], list[Reason]]:
    """The slugs of services it names, each once, and what is wrong with the list."""
    if not isinstance(said, list | tuple):
        message = "The services are no list of slugs: look into the payload."
        return (), [Reason("services_unusable", message, "services")]
    good = [storable(each) for each in said if isinstance(each, str) and each]
    named = tuple(dict.fromkeys(good))
    problems = []
    if len(good) < len(said):
        message = "Some of the services are no slugs: look into the payload."
        problems.append(Reason("services_unusable", message, "services"))
    if len(named) > MOST_SERVICES:
        message = f"It names {len(named):,} services: the first {MOST_SERVICES} were looked at."
        problems.append(Reason("too_many_services", message, "services"))
    return named[:MOST_SERVICES], problems


def _absent(slug: str, catalogue: Mapping[str, bool]) -> Reason:
    if slug in catalogue:
        message = f"“{slug}” is retired: name the service that took its place."
        return Reason("inactive_service", message, "services")
    message = f"“{slug[:_NAME_LENGTH]}” is not in the service catalogue."
    return Reason("unknown_service", message, "services")


def _facts(said: object) -> tuple[dict[str, Any], list[Reason]]:
    """The facts that can be so, and what is wrong with the others."""
    if not isinstance(said, Mapping):
        message = "The facts are no map of values by name: look into the payload."
        return {}, [Reason("facts_unusable", message, "facts")]
    good, problems = {}, []
    for name, value in islice(storable(said).items(), MOST_FACTS):
        reason = _not_a_fact(name[:_NAME_LENGTH], value)
        if reason:
            problems.append(reason)
        else:
            good[name] = value
    if len(said) > MOST_FACTS:
        message = f"It gives {len(said):,} facts: the first {MOST_FACTS} were looked at."
        problems.append(Reason("too_many_facts", message, "facts"))
    problems.extend(_contradictions(good))
    return good, problems


def _not_a_fact(name: str, value: object) -> Reason | None:
    try:
        severity_facts({name: value}, {})
    except Invalid as refused:
        return refused.reasons[0]
    return None


def _contradictions(good: dict[str, Any]) -> Iterator[Reason]:
    """Why two of these facts cannot both be so; both are taken out."""
    for pair in CONTRADICTIONS:
        both = pair.one in good and pair.other in good
        if both and pair.clash(good[pair.one], good[pair.other]):
            yield Reason("facts_contradict", pair.message, f"facts.{pair.other}")
            del good[pair.one], good[pair.other]


def _url(said: object) -> tuple[str, Iterable[Reason]]:
    if said in (None, ""):
        return "", ()
    url = str(storable(said)).strip()
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_good = False
    if is_good and len(url) <= URL_LENGTH and url.isprintable() and " " not in url:
        return url, ()
    message = f"Its link is no address of up to {URL_LENGTH} characters that begins with http."
    return "", (Reason("url_unusable", message, "url"),)
