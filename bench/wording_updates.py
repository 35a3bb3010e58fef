"""The real public updates, each vendor's file read into one shape, an incident's in their order."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from incidents.rules.wording_checks import Words

_STAGES = {
    "investigating": "investigating",
    "investigation": "investigating",
    "identified": "identified",
    "monitoring": "monitoring",
    "resolved": "resolved",
    "completed": "resolved",
    "postmortem": "resolved",
}
_TAG = re.compile(r"<[^>]{1,300}>")
_MESSAGE = re.compile(r"<strong>(\w[\w ]{1,20})</strong> - (.*?)</p>", re.DOTALL)
_HEADING = re.compile(r"^\[([^\]\n]{1,60})\][ \t]*$", re.MULTILINE)


class Said(NamedTuple):
    """One update: where it is from, its incident, its number in it from 0, and its words."""

    source: str
    incident: str
    number: int
    words: Words


def incidents(data: Path) -> Iterator[list[Said]]:
    """Every incident of every source that keeps the words of its updates."""
    for source, read in _READERS.items():
        for incident, updates in read(data):
            yield [
                Said(source, incident, number, words)
                for number, words in enumerate(each for each in updates if each.text.strip())
            ]


def _statuspage(name: str) -> Any:
    def read(data: Path) -> Iterator[tuple[str, list[Words]]]:
        told = json.loads((data / name).read_text())
        for one in told["incidents"]:
            services = tuple(each["name"] for each in one.get("components") or [])
            updates = list(reversed(one["incident_updates"]))  # the newest stand first
            yield (
                one["id"],
                [
                    _words(
                        each["body"],
                        each.get("created_at") or each["display_at"],
                        each["status"],
                        services,
                    )
                    for each in updates
                ],
            )

    return read


def _github(data: Path) -> Iterator[tuple[str, list[Words]]]:
    """The JSON lines: the same as its Atom feed and its Statuspage export, and more complete."""
    for line in (data / "githubstatus" / "incidents.jsonl").read_text().splitlines():
        one = json.loads(line)
        services = ("GitHub", *(one.get("components") or ()))
        yield (
            one["id"],
            [
                _words(each["message"], each["at"], each["status"], services)
                for each in one["updates"]
            ],
        )


def _feed(data: Path) -> Iterator[tuple[str, list[Words]]]:
    """The Atom feed, which holds the year after the JSON lines."""
    feed = ElementTree.parse(data / "githubstatus" / "github-status-history.atom")
    for entry in feed.iterfind("{*}entry"):
        name = (entry.findtext("{*}id") or "").rsplit("/", 1)[-1]
        at = entry.findtext("{*}published") or ""
        told = _MESSAGE.findall(entry.findtext("{*}content") or "")
        yield (
            name,
            [_words(_plain(text), at, stage, ("GitHub",)) for stage, text in reversed(told)],
        )


def _cloudir(data: Path) -> Iterator[tuple[str, list[Words]]]:
    """What it keeps of Atlassian's page; GitHub's is above, and Azure's are no updates."""
    told = json.loads((data / "cloudir-bench" / "atlassian.json").read_text())
    for name, one in told.items():
        updates = one["updates"].split("\n\n")
        yield name, [_words(each.split(": ", 1)[-1], "", "") for each in updates]


def _google(data: Path) -> Iterator[tuple[str, list[Words]]]:
    told = json.loads((data / "google-cloud" / "incidents.json").read_text())
    for one in told:
        products = ("Google Cloud", *(each["title"] for each in one["affected_products"] or []))
        updates = sorted(one["updates"], key=lambda each: (each["when"], each["created"]))
        yield (
            one["id"],
            [
                _words(
                    each["text"],
                    each["when"],
                    "resolved" if each["status"] == "AVAILABLE" else "",
                    products,
                )
                for each in updates
            ],
        )


def _yandex(data: Path) -> Iterator[tuple[str, list[Words]]]:
    told = json.loads((data / "yandex-cloud" / "incidents.json").read_text())
    for one in told["items"]:
        services = tuple(each["name"] for each in one["services"])
        comments = sorted(one["comments"], key=lambda each: each["createdAt"])
        yield (
            str(one["id"]),
            [
                _words(_plain(each["content"]), each["createdAt"], each["type"], services, "ru")
                for each in comments
            ],
        )


def _jenkins(data: Path) -> Iterator[tuple[str, list[Words]]]:
    """One file an incident, its newest message first under headings in brackets."""
    for path in sorted((data / "cstate-jenkins").glob("*.md")):
        _, front, body = path.read_text().split("---", 2)
        begun = re.search(r"^date: (\S+)", front, re.MULTILINE)
        pieces = _HEADING.split(body)
        messages = [pieces[0], *pieces[2::2]]
        at = begun[1] if begun else ""
        yield path.stem, [_words(each.strip(), at, "") for each in reversed(messages)]


def _peerio(data: Path) -> Iterator[tuple[str, list[Words]]]:
    told = json.loads((data / "peerio-outages" / "outages.json").read_text())
    for number, one in enumerate(told):
        yield (
            str(number),
            [_words(each["what"], each.get("at", ""), "") for each in one["timeline"]],
        )


def _words(
    text: str, at: str, stage: str, services: tuple[str, ...] = (), language: str = "en"
) -> Words:
    return Words(
        text=text or "",
        audience="public",
        at=_instant(at),
        language=language,
        stage=_STAGES.get(stage.lower(), ""),
        services=services,
    )


def _instant(said: str) -> datetime:
    try:
        return datetime.fromisoformat(said.replace("-00:00", "+00:00"))
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)


def _plain(content: str) -> str:
    return html.unescape(_TAG.sub(" ", content))


_READERS = {
    "githubstatus": _github,
    "githubstatus-feed": _feed,
    "statuspage-v2": _statuspage("statuspage-v2/claude_incidents.json"),
    "google-cloud": _google,
    "cloudir-bench": _cloudir,
    "cstate-jenkins": _jenkins,
    "yandex-cloud": _yandex,
    "peerio-outages": _peerio,
}
