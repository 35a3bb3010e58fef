"""The acts of the incident page: the big button, the others by what they are about, who may what."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from incidents.admin.verbs import Offer

# What each act is about; anything not named here stands in the last group.
_GROUPS = {
    "Command": (
        "acknowledge", "assign", "hand_over", "accept_command", "decline_command",
        "withdraw_hand_over", "call_commander", "answer_call", "accept_suggestion",
        "dismiss_suggestion", "delegate", "escalate",
    ),
    "Severity and facts": ("classify", "record_facts", "verify_facts", "set_services"),
    "Words": (
        "publish_statement", "draft_update", "redraft_update", "return_update",
        "approve_update", "publish_update", "give_notice", "note",
    ),
    "Law": (
        "engage_counsel", "file_notice", "stand_down_clock", "keep_clock",
        "decide_not_to_notify", "write_legal_note",
    ),
    "Decisions": (
        "decide", "propose", "decline_proposal", "consult", "advise", "perform", "explain",
    ),
    "Structure": ("relate", "split", "merge", "set_privacy"),
    "Progress and end": (
        "advance", "contain", "mitigate", "resolve", "close", "reopen", "cancel",
    ),
}  # fmt: skip
_LAST = "More"
T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """The acts about one matter: those open to the reader, and those refused, each with why."""

    name: str
    open: tuple[Offer, ...]
    refused: tuple[Offer, ...]


@dataclass(frozen=True)
class Big:
    """How the big button is worded and where it leads, where the verb's own label says too little."""

    label: str
    query: str = ""


def context(
    offers: Iterable[Offer],
    *,
    sensible: Sequence[str],
    worded: dict[str, Big],
    hidden: Collection[str],
) -> dict[str, Any]:
    """For the page: one big button at most, the first of `sensible` that is open to the reader."""
    shown = [one for one in offers if one.verb.name not in hidden]
    open_now = {one.verb.name: one for one in shown if not one.reasons}
    big = next((open_now[name] for name in sensible if name in open_now), None)
    rest = [one for one in shown if one is not big]
    return {
        "big": _worded(big, worded) if big else None,
        "offers": [one for one in rest if not one.reasons],
        "refused": [one for one in rest if one.reasons],
        "groups": _groups(rest),
        "urls": {name: one.url for name, one in open_now.items()},
    }


def _worded(big: Offer, worded: dict[str, Big]) -> Offer:
    said = worded.get(big.verb.name)
    if said is None:
        return big
    return replace(big, verb=replace(big.verb, label=said.label), url=big.url + said.query)


def grouped(rows: Iterable[T], verb: Callable[[T], str]) -> dict[str, list[T]]:
    """Rows about verbs by what these are about, in the order of the page; no empty group."""
    found: dict[str, list[T]] = {name: [] for name in (*_GROUPS, _LAST)}
    for row in rows:
        name = next((name for name, verbs in _GROUPS.items() if verb(row) in verbs), _LAST)
        found[name].append(row)
    return {name: these for name, these in found.items() if these}


def _groups(offers: Sequence[Offer]) -> list[Group]:
    return [
        Group(
            name,
            tuple(one for one in these if not one.reasons),
            tuple(one for one in these if one.reasons),
        )
        for name, these in grouped(offers, lambda one: one.verb.name).items()
    ]
