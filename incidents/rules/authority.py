"""Who may do what to an incident, now.

A standing permission (Django) says may ever; this module says may now, here. One commander has
the final word: leadership does not act in his place but assigns another first. A role nobody
holds never blocks: the commander and the deputy act, and where there is neither, leadership.
An act the pinned matrix decides belongs to the role it makes accountable, to nobody else; who holds
that role may let a named person act (R21: the work is delegated, the accountability is not).
Sources: FEMA ICS (one commander, command is transferred in words), PagerDuty "Different roles".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from incidents.rules.acts import ACTS, Act
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.reasons import NotPermitted, Reason, Refused
from incidents.rules.roles import COMMANDER, DEPUTY, NAMES
from incidents.rules.verbs import ANYBODY, LEADERSHIP, PARTICIPANT, VERBS, VerbLaw

# The acts one role decides, by the verb that performs each: what a matrix permits and forbids.
DECIDED: dict[str, Act] = {act.verb: act for act in ACTS.values() if act.decided}
# What a holder may let a named person do in their place: these, and the decisions of command, which
# stay the commander's whatever a matrix says.
DELEGABLE: dict[str, Act] = DECIDED | {"decide": ACTS["decide"]}
# What goes outside is approved by who answers for it, and drafted by who does the work of it too.
APPROVED: dict[str, Act] = {"approve_update": ACTS["publish_externally"]}
DRAFTED: dict[str, Act] = dict.fromkeys(
    ("draft_update", "redraft_update"), ACTS["publish_externally"]
)


@dataclass(frozen=True, slots=True)
class Mandate:
    """What the matrix says of one act: the role that answers for it, and the line saying so.

    `line` is as people name it, such as “Incident response v2, “Close the incident””.
    `responsible` are the roles that do the work of it; where it only adds these, `role` is empty.
    """

    role: str
    line: str = ""
    responsible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One person before one incident: its state, the roles he holds, the roles anybody holds.

    `is_drafter` is about one update: whether this person drafted any version of the one he would
    approve; then `roles_filled` leaves out what only its drafters hold, as if it were vacant.
    `mandate` is about one act: what the matrix says of it, None where it says nothing. `delegated`
    are the roles whose holder lets this person perform it; they count for what is delegable only.
    """

    state: State
    roles_held: frozenset[str] = frozenset()
    roles_filled: frozenset[str] = frozenset()
    is_leadership: bool = False
    is_drafter: bool = False
    mandate: Mandate | None = None
    delegated: frozenset[str] = frozenset()

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


def who_may(
    verb: str, roles_filled: Iterable[str], mandate: Mandate | None = None
) -> tuple[str, ...]:
    """The role slugs, or "leadership", that may act now; declaring is "anybody"'s."""
    filled = frozenset(roles_filled)
    acting = _acting(_law(verb, mandate), filled)
    if PARTICIPANT in acting:
        return (*sorted(filled), *(who for who in acting if who != PARTICIPANT))
    return acting


def objections(verb: str, circumstances: Circumstances) -> tuple[Reason, ...]:
    """Every reason why this person may not do this now; empty says he may."""
    law = _law(verb, circumstances.mandate)
    found = []
    is_own = verb == "approve_update" and circumstances.is_drafter
    if not is_own and not is_permitted(verb, circumstances):
        found.append(Reason("not_your_role", _why_not(law, circumstances)))
    if law.states and circumstances.state not in law.states:
        found.append(_wrong_state(law, circumstances.state))
    if is_own:
        found.append(_approve_own(law, circumstances))
    return tuple(found)


def is_permitted(verb: str, circumstances: Circumstances) -> bool:
    """Whether it is this person's act, by a role held or delegated, whatever the state."""
    own = _counted_as(circumstances.roles_held)
    if verb in DELEGABLE or verb in APPROVED:
        own |= circumstances.delegated
    if circumstances.is_leadership:
        own |= {LEADERSHIP}
    return not own.isdisjoint(_acting(_law(verb, circumstances.mandate), circumstances.filled))


def require(verb: str, circumstances: Circumstances) -> None:
    """Return only if this person may; NotPermitted tells him nothing but whose act it is."""
    reasons = objections(verb, circumstances)
    personal = tuple(reason for reason in reasons if reason.code == "not_your_role")
    if personal:
        raise NotPermitted(*personal)
    if reasons:
        raise Refused(*reasons)


def _law(verb: str, mandate: Mandate | None) -> VerbLaw:
    """The verb's own row; where the matrix decides, its role takes the place of the row's.

    Then leadership acts only in a vacancy: in place of a holder it would take the decision away.
    A second pair of eyes takes nothing away, so leadership approves all the same.
    """
    law = VERBS[verb]
    if mandate is None:
        return law
    if verb in DRAFTED:
        return replace(law, roles=tuple(dict.fromkeys((*law.roles, *mandate.responsible))))
    if verb in APPROVED:
        return replace(law, roles=(mandate.role,), stand_in=True)
    if verb in DECIDED:
        return replace(law, roles=(mandate.role,), stand_in=True, leadership=False)
    return law


def _acting(law: VerbLaw, filled: frozenset[str]) -> tuple[str, ...]:
    """Whose act this is while these roles are filled, leadership last."""
    holders = tuple(role for role in law.roles if role in _counted_as(filled))
    if not holders and law.stand_in:
        holders = tuple(role for role in (COMMANDER, DEPUTY) if role in filled)
    if law.leadership or (law.stand_in and not holders):
        return (*holders, LEADERSHIP)
    return holders


def _counted_as(roles: frozenset[str]) -> frozenset[str]:
    """These roles and what follows from holding any."""
    return roles | {ANYBODY, PARTICIPANT} if roles else frozenset({ANYBODY})


def _approve_own(law: VerbLaw, circumstances: Circumstances) -> Reason:
    """Whoever wrote any of it is told who else may approve it."""
    who = _either(_acting(law, circumstances.roles_filled))
    message = f"You drafted this update, or a version of it: ask {who} to approve it."
    return Reason("approve_own_update", message)


def _why_not(law: VerbLaw, circumstances: Circumstances) -> str:
    mandate, filled = circumstances.mandate, circumstances.filled
    if mandate is not None and law.verb in APPROVED:
        return _approved_by(law, mandate, filled)
    if mandate is None or law.verb not in DECIDED:
        return _whose_act(law, filled)
    return _by_matrix(law, mandate, filled)


def _approved_by(law: VerbLaw, mandate: Mandate, filled: frozenset[str]) -> str:
    """Who approves what goes outside: who answers for it, or in need a second pair of eyes."""
    says = f"{_says(mandate)} for what goes outside"
    if mandate.role in filled:
        return f"{says}: only they, their delegate or leadership may approve it. Ask them."
    return (
        f"{says}, and nobody holds that role now who did not draft it, so only "
        f"{_either(_acting(law, filled))} may approve it. Ask them, or have somebody assigned."
    )


def _by_matrix(law: VerbLaw, mandate: Mandate, filled: frozenset[str]) -> str:
    """Whose act the matrix makes it, by which of its lines, and what to do."""
    says = _says(mandate)
    if mandate.role in filled:
        return (
            f"{says}: only they or their delegate may do this. Ask them, or have leadership "
            "assign you that role."
        )
    return (
        f"{says} and nobody holds that role now, so only {_either(_acting(law, filled))} may do "
        "this. Ask them, or have somebody assigned."
    )


def _says(mandate: Mandate) -> str:
    matrix = f"The matrix ({mandate.line})" if mandate.line else "The matrix"
    return f"{matrix} makes {title(mandate.role)} accountable"


def title(role: str) -> str:
    """A role in the middle of a sentence; of a role of the company's own, what its slug says."""
    return _TITLES.get(role) or f"the {role.replace('_', ' ').replace('-', ' ')}"


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
