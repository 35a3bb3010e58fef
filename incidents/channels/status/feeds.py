"""What programs read of the status page: Atom (RFC 4287), RSS 2.0, and everything as JSON."""

import json
import re
from datetime import UTC, datetime, time
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

from django.conf import settings

from incidents.channels.status.told import Board, Post, Told

MOST = 50  # posts in a feed
ATOM = "http://www.w3.org/2005/Atom"
# What no document of XML 1.0 may contain, escaped or not.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def url(path: str = "") -> str:
    """The public address of a file of the status page."""
    return f"{settings.STATUS_URL}/{path}"


def atom(board: Board) -> str:
    """One entry a post, the newest first; its id never changes."""
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _add(feed, "title", _title())
    _add(feed, "id", url())
    _add(feed, "link", href=url(), rel="alternate", type="text/html")
    _add(feed, "link", href=url("feed.atom"), rel="self", type="application/atom+xml")
    _add(feed, "updated", _updated(board).isoformat())
    _add(_add(feed, "author"), "name", settings.ORGANISATION_NAME)
    for told, post in board.posts(MOST):
        entry = _add(feed, "entry", **{"xml:lang": post.language})
        _add(entry, "title", _headline(told, post))
        _add(entry, "id", _address(told, post))
        _add(entry, "link", href=_address(told, post), rel="alternate", type="text/html")
        _add(entry, "published", post.at.isoformat())
        _add(entry, "updated", post.at.isoformat())
        _add(entry, "content", post.html, type="html")
    return _document(feed)


def rss(board: Board) -> str:
    """The same, for readers that know nothing newer."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = _add(root, "channel")
    _add(channel, "title", _title())
    _add(channel, "link", url())
    _add(
        channel, "description", f"Incidents of {settings.ORGANISATION_NAME}, as they are told."
    )
    _add(channel, "language", "en")
    _add(channel, "lastBuildDate", format_datetime(_updated(board), usegmt=True))
    _add(channel, "ttl", "1")
    own = {"href": url("feed.rss"), "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, "atom:link", own)
    for told, post in board.posts(MOST):
        item = _add(channel, "item")
        _add(item, "title", _headline(told, post))
        _add(item, "link", _address(told, post))
        _add(item, "guid", _address(told, post), isPermaLink="true")
        _add(item, "pubDate", format_datetime(post.at.astimezone(UTC), usegmt=True))
        _add(item, "description", post.html)
    return _document(root)


def as_json(board: Board) -> str:
    """Services, and the incidents of the first page with everything said; docs/publishing.md."""
    said = {
        "page": {
            "name": settings.ORGANISATION_NAME,
            "url": url(),
            "updated_at": _updated(board).isoformat(),
        },
        "status": {"impact": board.impact, "description": board.overall},
        "services": [
            {"name": line.name, "impact": line.impact, "description": line.impact_name}
            for line in board.services
        ],
        "incidents": [_incident(told) for told in board.recent],
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _incident(told: Told) -> dict[str, Any]:
    return {
        "reference": told.reference,
        "title": told.title,
        "url": url(f"incidents/{told.slug}.html"),
        "is_open": told.is_open,
        "stage": told.newest.stage,
        "impact": told.impact,
        "worst_impact": told.worst,
        "services": list(told.services),
        "began_at": told.began_at.isoformat(),
        "updates": [_post(post) for post in told.posts],
    }


def _post(post: Post) -> dict[str, Any]:
    promised = post.promised_next_at
    return {
        "id": post.key,
        "at": post.at.isoformat(),
        "stage": post.stage,
        "impact": post.impact,
        "services": list(post.services),
        "language": post.language,
        "text": post.text,
        "html": post.html,
        "corrects": post.corrects,
        "corrected_by": post.corrected_by,
        "next_update_at": promised.isoformat() if promised else None,
    }


def _title() -> str:
    return f"{settings.ORGANISATION_NAME} status"


def _headline(told: Told, post: Post) -> str:
    return f"{told.title} ({'correction' if post.corrects else post.stage})"


def _address(told: Told, post: Post) -> str:
    return url(f"incidents/{told.slug}.html#update-{post.key}")


def _updated(board: Board) -> datetime:
    """The last word; where none was ever said, the beginning of the day."""
    return board.updated_at or datetime.combine(board.today, time.min, UTC)


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    clean = {name: _IMPOSSIBLE.sub("", value) for name, value in attributes.items()}
    child = ET.SubElement(parent, tag, clean)
    child.text = _IMPOSSIBLE.sub("", text) or None
    return child


def _document(root: ET.Element) -> str:
    ET.indent(root, " ")
    written = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}\n'
