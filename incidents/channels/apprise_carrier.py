"""Chats, text messages, calls and pagers through Apprise: one URL a channel, one message a call.

Apprise says only yes or no, and the reason in its log; it also says yes where it dropped the
recipient and asked nobody. So we listen while it works, and refuse what it drops.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from urllib.parse import quote, unquote

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from django.conf import settings

from incidents.channels import short
from incidents.channels.answers import AgainError, failure
from incidents.channels.carrying import AwayError, RefusedError
from incidents.models import Channel, OutboxMessage
from incidents.operations.records import one_line

ADDRESS, KEY = "{address}", "{key}"
# One failure may be that message's fault; two in a row are the provider's.
BREAKS_TO_GIVE_UP = 2
CONNECT_TIMEOUT = 5.0  # seconds
_STATUS = re.compile(r"\berror=(\d{3,5})\b")
_LONGEST_SECRET_KEPT = 3  # characters: shorter parts of a URL are words, not secrets
_SAID_ROOM = 200

# No pictures, which a client would fetch from a stranger; nothing is kept on the disk.
_ASSET = AppriseAsset(
    app_id="Incident governance",
    app_desc="Incident governance",
    app_url="",
    image_url_mask="",
    image_url_logo="",
    async_mode=False,
    secure_logging=True,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What goes to the provider: where, how it is marked, what it says."""

    url: str
    kind: NotifyType
    title: str
    text: str


class AppriseCarrier:
    """One channel by the URL its setting gives, in which {address} is the recipient's own."""

    def __init__(self, channel: str, template: str) -> None:
        self.channel, self.template = channel, template
        self.breaks = 0

    @property
    def answers(self) -> bool:
        """False once two calls in a row failed for no fault of the message."""
        return self.breaks < BREAKS_TO_GIVE_UP

    def prepare(self, message: OutboxMessage) -> Notice:
        """The row as this channel says it."""
        kind = NotifyType.WARNING
        if message.priority == OutboxMessage.Priority.PAGE:
            kind = NotifyType.FAILURE
        title, text = _words(message)
        return Notice(url_for(self.template, message), kind, title, text)

    def hand_over(self, prepared: Notice) -> None:
        """Return when the provider accepted it; the reason never holds a secret of the URL."""
        with listening() as said:
            plugin = load(prepared.url)
            if plugin is None or said or not getattr(plugin, "targets", [True]):
                raise RefusedError(self._reason(said, "the address does not fit the channel"))
            if not self._accepts(plugin, prepared):
                error = _failure(self._reason(said, "the provider did not accept it"), said)
                self.breaks += isinstance(error, AgainError)
                raise error
        self.breaks = 0

    def _accepts(self, plugin: Any, notice: Notice) -> bool:
        plugin.socket_connect_timeout = CONNECT_TIMEOUT
        plugin.socket_read_timeout = float(settings.EMAIL_TIMEOUT)
        plugin.redirects = False
        try:
            return bool(
                plugin.notify(
                    title=notice.title,
                    body=notice.text,
                    notify_type=notice.kind,
                    body_format=NotifyFormat.TEXT,
                )
            )
        except (
            Exception
        ) as error:  # a plugin that cannot read an answer; its words may hold a URL
            self.breaks += 1
            name = type(error).__name__
            raise AgainError(f"{self.channel}: no answer that can be read: {name}") from None

    def _reason(self, said: list[str], otherwise: str) -> str:
        return f"{self.channel}: {masked(' '.join(said), self.template) or otherwise}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Each call has a connection of its own: there is nothing to hang up."""


def url_for(template: str, message: OutboxMessage) -> str:
    """The URL of this recipient; whatever the address holds, it stays within its place."""
    if not message.address.strip():
        raise RefusedError("the recipient has no address for this channel")
    key = sha256(message.dedupe_key.encode()).hexdigest()[:32]
    filled = template.replace(KEY, key)
    return filled.replace(ADDRESS, quote(message.address.strip(), safe=""))


def load(url: str) -> Any:
    """The plugin of Apprise that serves this URL; None where there is none."""
    return Apprise.instantiate(url, asset=_ASSET, suppress_exceptions=True)


@contextmanager
def listening() -> Iterator[list[str]]:
    """What Apprise warns of in this thread meanwhile."""
    ear = _Ear()
    logger = logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield ear.lines
    finally:
        logger.removeHandler(ear)


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread, self.lines = threading.get_ident(), list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:
            self.lines.append(record.getMessage())


def masked(said: str, template: str) -> str:
    """One line of what Apprise said, without any part of the URL but its scheme."""
    said = one_line(said)
    rest = template.partition("://")[2].replace(ADDRESS, "").replace(KEY, "")
    quoted = re.split(r"[/@:?&=#]+", rest)
    parts = {*quoted, *map(unquote, quoted)}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > _LONGEST_SECRET_KEPT:
            said = re.sub(re.escape(part), "…", said, flags=re.IGNORECASE)
    return short.cut(said, _SAID_ROOM)


def _words(message: OutboxMessage) -> tuple[str, str]:
    if message.channel == Channel.SMS:
        return "", short.text(message)
    if message.channel == Channel.VOICE:
        return "", short.spoken(message)
    return short.unpinged(one_line(message.subject)), short.chat(message)


def _failure(reason: str, said: list[str]) -> Exception:
    """Apprise gives a status as error=404; without one it reached nobody, or does not say."""
    words = " ".join(said)
    if found := _STATUS.search(words):
        return failure(int(found[1]), reason)
    if "onnection error" in words:
        return AwayError(reason)
    return AgainError(reason)
