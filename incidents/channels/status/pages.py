"""The pages of the status page: each stands alone, without scripts and without anything fetched."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from incidents.channels.site import address
from incidents.channels.status.told import DAYS, Board, Told

SUBSCRIBE = "/subscribe/"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file to be: made anew only where what it is about differs; None: every time."""

    name: str
    text: Callable[[], str]
    about: Hashable = None


def pages(board: Board) -> Iterator[Sheet]:
    """Every page by the name of its file: the first, each month, and each incident."""
    yield Sheet(
        "index.html", partial(_page, "index", board=board, days=board.days, of_days=DAYS)
    )
    yield Sheet("history.html", partial(_page, "history", months=_months(board)))
    for month, incidents in board.months.items():
        on = _first(month)
        text = partial(_page, "month", up="../", on=on, incidents=incidents)
        yield Sheet(f"history/{month}.html", text, incidents)
    for one in board.incidents:
        text = partial(_page, "incident", up="../", incident=one)
        yield Sheet(f"incidents/{one.slug}.html", text, one)


def _page(name: str, *, up: str = "", **more: Any) -> str:
    """`up` leads to the folder of the first page: links are relative, wherever the files lie."""
    context = {
        "organisation": settings.ORGANISATION_NAME,
        "subscribe": address(SUBSCRIBE),
        "up": up,
        "style": style(),
        "policy": _policy(),
        **more,
    }
    return render_to_string(f"status/{name}.html", context)


def _months(board: Board) -> list[tuple[str, datetime, tuple[Told, ...]]]:
    return [(month, _first(month), some) for month, some in board.months.items()]


def _first(month: str) -> datetime:
    return datetime.fromisoformat(f"{month}-01T00:00:00+00:00")


@cache
def style() -> SafeString:
    """The one style sheet, which stands in every page."""
    return SafeString(render_to_string("status/style.css"))


@cache
def _policy() -> str:
    """What a browser may do here, wherever the page is served from: show it, in this style."""
    digest = b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return escape(
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
