"""Outlets: what carries a channel, left alone while its provider is away, and never too fast."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models.outbox import Outlet
from incidents.models.people import Channel, Person
from incidents.operations import records, standing
from incidents.rules import backoff, rate
from incidents.rules.rate import Bucket
from incidents.rules.reasons import Invalid, Reason, Refused

SET = "incidents.set_outlet"
FASTEST = 100_000  # messages a minute
# Statuspage takes one request a second of one key; a message asks twice, and posts.
_AT_FIRST: Mapping[str, int] = {Channel.ATLASSIAN.value: 20}
_ERROR_LENGTH = 300


def locked(channel: str) -> Outlet:
    """The outlet of this channel, locked until the transaction ends; made where it is new."""
    rows = Outlet.objects.select_for_update()
    as_new = {"rate_per_minute": _AT_FIRST.get(channel)}
    return rows.filter(pk=channel).first() or rows.get_or_create(as_new, pk=channel)[0]


def is_paused(outlet: Outlet, at: datetime) -> bool:
    """Whether nothing goes by it now."""
    return outlet.paused_until is not None and outlet.paused_until > at


def room(outlet: Outlet, limit: int, at: datetime) -> int:
    """How many messages, `limit` at most, its rate allows at this instant."""
    if outlet.rate_per_minute is None:
        return limit
    return min(limit, rate.room(_bucket(outlet, outlet.rate_per_minute, at)))


def take(outlet: Outlet, count: int, at: datetime) -> None:
    """Note that so many go now; the outlet is locked. Nothing to note where no rate is set."""
    if outlet.rate_per_minute is None or not count:
        return
    bucket = rate.taken(_bucket(outlet, outlet.rate_per_minute, at), count)
    Outlet.objects.filter(pk=outlet.pk).update(tokens=bucket.tokens, tokens_at=bucket.at)


def _bucket(outlet: Outlet, per_minute: int, at: datetime) -> Bucket:
    return rate.filled(Bucket(outlet.tokens, outlet.tokens_at), per_minute, at)


@transaction.atomic
def pause(channel: str, *, error: str, at: datetime) -> None:
    """Its provider is away: leave the whole channel alone for a while, longer each time.

    Who finds it paused already changes nothing: two workers that hang together count once.
    """
    outlet = locked(channel)
    if is_paused(outlet, at):
        return
    outlet.failures = min(outlet.failures + 1, backoff.MAX_ATTEMPTS)
    outlet.paused_until = at + backoff.of_provider(channel, outlet.failures)
    outlet.last_error = records.one_line(error)[:_ERROR_LENGTH]
    outlet.save(update_fields=["failures", "paused_until", "last_error"])


def answered(channel: str) -> None:
    """Its provider accepted something: what went wrong before is over."""
    Outlet.objects.filter(pk=channel, failures__gt=0).update(**_SOUND)


_SOUND = {"failures": 0, "paused_until": None, "last_error": ""}


@transaction.atomic
def set_rate(
    outlet: Outlet, *, rate_per_minute: int | None, actor: Person, at: datetime
) -> Outlet:
    """From now on at most so many messages in any minute go by it; None: as fast as it takes them.

    Invalid `rate_out_of_range` outside of 1 to 100,000.
    """
    standing.permit_to(actor, SET)
    if rate_per_minute is not None and not 1 <= rate_per_minute <= FASTEST:
        raise Invalid.because(
            "rate_out_of_range",
            f"Choose from 1 to {FASTEST:,} messages a minute, or leave it empty for no limit.",
            "rate_per_minute",
        )
    found = locked(outlet.pk)
    before, found.rate_per_minute, found.tokens_at = (
        found.rate_per_minute,
        rate_per_minute,
        None,
    )
    found.save(update_fields=["rate_per_minute", "tokens_at"])
    records.audit("set_rate", found, actor=actor, at=at, before=before, after=rate_per_minute)
    return found


@transaction.atomic
def resume(outlet: Outlet, *, actor: Person, at: datetime) -> Outlet:
    """Try the channel again at once, as if its provider had never been away.

    Refuses `not_paused`.
    """
    standing.permit_to(actor, SET)
    found = locked(outlet.pk)
    if reasons := unpaused(found, at):
        raise Refused(*reasons)
    until, error = found.paused_until, found.last_error
    Outlet.objects.filter(pk=found.pk).update(**_SOUND)
    records.audit("resume", found, actor=actor, at=at, paused_until=until, last_error=error)
    found.refresh_from_db()
    return found


def unpaused(outlet: Outlet, at: datetime) -> list[Reason]:
    """Why there is nothing to resume; empty while it is paused."""
    if is_paused(outlet, at):
        return []
    return [Reason("not_paused", f"{outlet} is not paused: what is due leaves by itself.")]


def begin(*, using: str = "default", **_kwargs: Any) -> None:
    """A row for every channel, so that its rate can be set before anything went by it."""
    rows = [
        Outlet(channel=channel, rate_per_minute=_AT_FIRST.get(channel))
        for channel in Channel.values
    ]
    Outlet.objects.using(using).bulk_create(rows, ignore_conflicts=True)
