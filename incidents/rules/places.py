"""Places: what cannot be one, and what a published update is called where strangers read it."""

import re
from collections.abc import Collection, Iterator, Sequence

from incidents.rules import ways
from incidents.rules.reasons import Reason
from incidents.rules.updates import RESOLVED

ATLASSIAN, PUBLIC = "atlassian", "public"
# What a status page says of what it has no name for.
OUR_SERVICE = "Our service"
MOST_NAMED = 3
# Of what works, and is looked at all the same, the stage is said.
_IMPACTS = {
    "degraded": "degraded performance",
    "partial": "partial outage",
    "major": "major outage",
}
# As Statuspage shows it under "Manage account": letters and digits, nothing that leads elsewhere.
_PAGE = re.compile(r"[A-Za-z0-9]{8,40}")


def title(names: Sequence[str], stage: str, impact: str) -> str:
    """“Card payments: partial outage”: in public words alone, never the incident's own title."""
    what = ", ".join(names[:MOST_NAMED]) or OUR_SERVICE
    more = len(names) - MOST_NAMED
    what = f"{what} and {more} more" if more > 0 else what
    return f"{what}: {RESOLVED if stage == RESOLVED else _IMPACTS.get(impact, stage)}"


def objections(
    audience: str, channel: str, address: str, *, hosts: Collection[str] = ()
) -> Iterator[Reason]:
    """Every reason why an audience cannot be spoken to there; each names its field.

    `hosts`: where webhooks may go.
    """
    if channel != ATLASSIAN:
        if why := ways.unfit(channel, address, hosts):
            yield Reason("unfit_address", why, "address")
        return
    if audience != PUBLIC:
        message = "Everybody reads a page of Statuspage: choose the audience “public” for it."
        yield Reason("statuspage_is_public", message, "audience")
    if not _PAGE.fullmatch(address):
        message = "Give the page ID of Statuspage: letters and digits, such as kctbh9vrtdwd."
        yield Reason("unfit_address", message, "address")
