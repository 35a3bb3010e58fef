"""Acts through the API while the web processes are killed: answered is promised, wholly or not at all."""

import json
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from tests.chaos.installation import Installation

MESSAGES_AN_ACT = 4  # two hear of their role, and both are called
AT_ONCE = 3
TRY_AGAIN_AFTER = 0.3  # seconds
GIVE_UP_AFTER = 60.0
# Every third that is not answered is never asked again: who asked has died as well.
ABANDON_EVERY = 3
_OWN = "SELECT i.title, m.dedupe_key, extract(epoch from m.due_at) FROM incidents_incident i LEFT JOIN incidents_outboxmessage m ON m.topic = i.reference"


@dataclass(frozen=True, slots=True)
class Act:
    """One declaration: answered, and how often it was asked for."""

    title: str
    is_answered: bool
    asked: int


class Caller:
    """Declares incidents as a program would, each under a key of its own."""

    def __init__(self, port: int, token: str, service: str) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v1/incidents"
        self.token, self.service = token, service

    def declare(self, number: int) -> Act:
        """Ask until it is answered; some are given up after the first silence."""
        title, began = f"Checkout fails for customer {number}", time.monotonic()
        asked = 0
        while time.monotonic() < began + GIVE_UP_AFTER:
            asked += 1
            if self._ask(title, f"act-{number}"):
                return Act(title, is_answered=True, asked=asked)
            if number % ABANDON_EVERY == 0:
                break
            time.sleep(TRY_AGAIN_AFTER)
        return Act(title, is_answered=False, asked=asked)

    def _ask(self, title: str, key: str) -> bool:
        facts = {"customers_affected": 2000}
        body = {"title": title, "services": [self.service], "facts": facts}
        head = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        asked = urllib.request.Request(self.url, json.dumps(body).encode(), head)
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return bool(answer.status == 201)
        except (OSError, HTTPException):  # refused, broken off, or an error of its own
            return False


def declare_all(caller: Caller, count: int) -> Iterator[Act]:
    """So many acts, a few at once; each as soon as it and those before it have ended."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(caller.declare, range(count))


def promised(
    installation: Installation, acts: Sequence[Act]
) -> tuple[Mapping[str, float], list[str]]:
    """The keys of what answered acts promised, and what is wrong with any act."""
    messages: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    incidents: Counter[str] = Counter()
    for title, key, due_at in installation.ask(_OWN):
        messages[title] += [(key, due_at)] if key else []
    for (title,) in installation.ask("SELECT title FROM incidents_incident"):
        incidents[title] += 1
    owed = {
        key: float(due) for act in acts if act.is_answered for key, due in messages[act.title]
    }
    return owed, [problem for act in acts for problem in _wrong(act, incidents, messages)]


def _wrong(
    act: Act, incidents: Mapping[str, int], messages: Mapping[str, Sequence[object]]
) -> Sequence[str]:
    found, said = incidents[act.title], len(messages[act.title])
    if act.is_answered and found != 1:
        return [f"{act.title}: answered, and opened {found} times"]
    if found > 1 or said != found * MESSAGES_AN_ACT:
        return [f"{act.title}: opened {found} times, {said} messages"]
    return []
