"""Who may do what to an incident, now.

A standing permission (Django) says may ever; this module says may now, here. One commander has
the final word: leadership does not act in his place but assigns another first. A role nobody
holds never blocks: the deputy, then leadership acts.
Sources: FEMA ICS (one commander, command is transferred in words), PagerDuty "Different roles".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.reasons import NotPermitted, Reason, Refused
from incidents.rules.roles import COMMANDER, DEPUTY, NAMES
from incidents.rules.verbs import ANYBODY, LEADERSHIP, PARTICIPANT, VERBS, VerbLaw


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One person before one incident: its state, the roles he holds, the roles anybody holds.

    `is_drafter` is about one update: whether this person drafted the one he would approve.
    """

    state: State
    roles_held: frozenset[str] = frozenset()
    roles_filled: frozenset[str] = frozenset()
    is_leadership: bool = False
    is_drafter: bool = False

    @property
    def filled(self) -> frozenset[str]:
        """The roles somebody holds, this person included."""
        return self.roles_filled | self.roles_held


_TITLES = {
    **{role: f"the {name.lower()}" for role, name in NAMES.items()},
    PARTICIPANT: "somebody with a role in this incident",
    LEADERSHIP: "leadership",
}

# What to do instead, first by the verb in an open incident, then by the state it stands in.
_INSTEAD = {
    "acknowledge": "It was acknowledged already.",
    "advance": "Detection ends by acknowledging, resolution by closing.",
    "cancel": "Resolve and close it instead.",
    "close": "Resolve it first.",
    "reopen": "It is open already.",
}
_FIRST = {
    State.DETECTION: "Acknowledge it first.",
    State.CLOSED: "Reopen it first.",
    State.CANCELLED: "Declare a new incident instead.",
}


def who_may(verb: str, roles_filled: Iterable[str]) -> tuple[str, ...]:
    """The role slugs, or "leadership", that may act now; declaring is "anybody"'s."""
    filled = frozenset(roles_filled)
    acting = _acting(VERBS[verb], filled)
    if PARTICIPANT in acting:
        return (*sorted(filled), *(who for who in acting if who != PARTICIPANT))
    return acting


def objections(verb: str, circumstances: Circumstances) -> tuple[Reason, ...]:
    """Every reason why this person may not do this now; empty says he may."""
    law = VERBS[verb]
    found = []
    if not _is_permitted(law, circumstances):
        found.append(Reason("not_your_role", _whose_act(law, circumstances.filled)))
    if law.states and circumstances.state not in law.states:
        found.append(_wrong_state(law, circumstances.state))
    if verb == "approve_update" and circumstances.is_drafter:
        found.append(_APPROVE_OWN)
    return tuple(found)


def require(verb: str, circumstances: Circumstances) -> None:
    """Return only if this person may; NotPermitted tells him nothing but whose act it is."""
    reasons = objections(verb, circumstances)
    personal = tuple(reason for reason in reasons if reason.code == "not_your_role")
    if personal:
        raise NotPermitted(*personal)
    if reasons:
        raise Refused(*reasons)


def next_sensible(
    state: State,
    *,
    has_commander: bool,
    contained: bool,
    mitigated: bool,
    resolved: bool = True,
) -> str | None:
    """The one big button, or None when the incident is over.

    `resolved` matters only to an incident that was advanced into resolution by hand.
    """
    if state not in OPEN_STATES:
        return None
    if not has_commander:
        return "assign"
    if state in (State.DETECTION, State.TRIAGE):
        return "acknowledge" if state is State.DETECTION else "advance"
    is_normal = state is State.RESOLUTION and resolved
    steps = (("contain", contained), ("mitigate", mitigated), ("resolve", is_normal))
    return next((verb for verb, done in steps if not done), "close")


def _acting(law: VerbLaw, filled: frozenset[str]) -> tuple[str, ...]:
    """Whose act this is while these roles are filled, leadership last."""
    holders = tuple(role for role in law.roles if role in _counted_as(filled))
    if not holders and law.stand_in and DEPUTY in filled:
        holders = (DEPUTY,)
    if law.leadership or (law.stand_in and not holders):
        return (*holders, LEADERSHIP)
    return holders


def _counted_as(roles: frozenset[str]) -> frozenset[str]:
    """These roles and what follows from holding any."""
    return roles | {ANYBODY, PARTICIPANT} if roles else frozenset({ANYBODY})


def _is_permitted(law: VerbLaw, circumstances: Circumstances) -> bool:
    own = _counted_as(circumstances.roles_held)
    if circumstances.is_leadership:
        own |= {LEADERSHIP}
    return not own.isdisjoint(_acting(law, circumstances.filled))


_APPROVE_OWN = Reason(
    "approve_own_update",
    "You drafted this update: ask another person with a role in this incident to approve it.",
)


def _whose_act(law: VerbLaw, filled: frozenset[str]) -> str:
    """A sentence naming who may act, and the way to become one of them."""
    acting = _acting(law, filled)
    if acting == (COMMANDER,):
        return (
            "Only the incident commander may do this; command is held by somebody else. "
            "Ask for a hand-over or have leadership assign you."
        )
    if not acting:
        return f"Nobody is {_either(law.roles)} now. Have leadership assign one."
    who = _either(acting)
    vacant = law.stand_in and set(law.roles).isdisjoint(acting)
    only = f"Nobody is {_either(law.roles)} now, so only" if vacant else "Only"
    return f"{only} {who} may do this. Ask them, or have leadership assign you a role."


def _wrong_state(law: VerbLaw, state: State) -> Reason:
    hint = (_INSTEAD.get(law.verb) if state in OPEN_STATES else None) or _FIRST[state]
    when = _either(law.states)
    return Reason("wrong_state", f"{law.label}: not in state {state}, only in {when}. {hint}")


def _either(words: Iterable[str]) -> str:
    """The words as people name alternatives: a, b or c."""
    *others, last = (_TITLES.get(word, word) for word in words)
    return f"{', '.join(others)} or {last}" if others else last
