"""A message where there is little room: as a text, spoken on the phone, in a chat."""

import re

from django.conf import settings

from incidents.channels.site import address
from incidents.models import Channel, OutboxMessage
from incidents.operations import acknowledging
from incidents.operations.records import one_line
from incidents.rules.roles import NAMES

# Characters. A text of 300 is two of the network's own with the usual letters.
TEXT_ROOM = 300
LONGEST_PAGE = 150  # a longer one would leave no room to say what it is about
# What the strictest service of its kind takes, less the title.
CHAT_ROOM = 1500
PAGER_ROOM = 700

_MENTION = re.compile(r"@(?=everyone|here|channel)|(?<=<)(?=[!@#])", re.IGNORECASE)
_INVISIBLE = "\N{ZERO WIDTH SPACE}"


def text(message: OutboxMessage) -> str:
    """As a text message: what it is about, where to act, what to reply; at most 300 characters.

    There is room for one link: where no reply comes in, the one that acknowledges.
    """
    reply = _reply(message)
    page = address(message.link if reply else acknowledging.link(message) or message.link)
    parts = (page if len(page) <= LONGEST_PAGE else "", reply)
    tail = "".join(f" {part}" for part in parts if part)
    return f"{cut(one_line(message.subject), TEXT_ROOM - len(tail))}{tail}"


def spoken(message: OutboxMessage) -> str:
    """As it is read out on a call: no links, which nobody can note down; at most 300 characters."""
    said = f"{settings.ORGANISATION_NAME} incident governance. {one_line(message.subject)}."
    return cut(f"{said} {one_line(message.body)}", TEXT_ROOM)


def chat(message: OutboxMessage) -> str:
    """Below the subject in a chat or a pager: the body, where to act, why one is told."""
    room = PAGER_ROOM if message.channel in (Channel.PAGERDUTY, Channel.OPSGENIE) else CHAT_ROOM
    page, acknowledge = address(message.link), address(acknowledging.link(message))
    parts = [
        cut(unpinged(message.body.strip()), room),
        f"Acknowledge: {acknowledge}" if acknowledge else "",
        _reply(message),
        f"Open it: {page}" if page else "",
        f"You are told as {NAMES.get(message.role, message.role)}." if message.role else "",
    ]
    return "\n\n".join(part for part in parts if part)


def unpinged(said: str) -> str:
    """What somebody wrote must not call a whole chat room together."""
    return _MENTION.sub(lambda found: found[0] + _INVISIBLE, said)


def cut(said: str, room: int) -> str:
    """At most `room` characters, at the end of a word where there is one; … says it goes on."""
    if len(said) <= room:
        return said
    kept = said[: max(room - 1, 0)]
    is_within_a_word = not said[len(kept)].isspace()
    if is_within_a_word and " " in kept[room // 2 :]:
        kept = kept.rsplit(None, 1)[0]
    return kept + "…"


def _reply(message: OutboxMessage) -> str:
    """Where replies come in, and nowhere else, they are asked for."""
    if not message.code or not settings.REPLY_SECRET:
        return ""
    return f"Reply {message.code} to confirm that you have it."
