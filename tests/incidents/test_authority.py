"""Who may do what to an incident, now: each refusal by its code beside the success it mirrors."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.authority import (
    APPROVED,
    DECIDED,
    DELEGABLE,
    DRAFTED,
    Circumstances,
    Mandate,
    is_permitted,
    objections,
    require,
    who_may,
)
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY, NAMES, SCRIBE
from incidents.rules.verbs import ANYBODY, LEADERSHIP, VERBS

READING_ORDER = (
    "declare acknowledge assign hand_over accept_command decline_command withdraw_hand_over "
    "call_commander answer_call accept_suggestion dismiss_suggestion classify advance decide "
    "propose decline_proposal escalate contain mitigate resolve close reopen cancel merge split "
    "relate set_privacy set_services record_facts engage_counsel file_notice stand_down_clock "
    "keep_clock decide_not_to_notify write_legal_note draft_update approve_update "
    "publish_update redraft_update return_update publish_statement verify_facts give_notice "
    "delegate consult advise perform explain note"
)

# What only a holder can give away needs a holder; what needs a lawyer is no layman's in a vacancy.
NEEDS_A_HOLDER = {
    "hand_over",
    "withdraw_hand_over",
    "delegate",
    "stand_down_clock",
    "keep_clock",
    "decide_not_to_notify",
    "write_legal_note",
}

some_roles = st.frozensets(st.sampled_from(sorted(NAMES)))
any_circumstances = st.builds(
    Circumstances,
    state=st.sampled_from(State),
    roles_held=some_roles,
    roles_filled=some_roles,
    is_leadership=st.booleans(),
    is_drafter=st.booleans(),
    mandate=st.none() | st.builds(Mandate, st.sampled_from(sorted(NAMES))),
    delegated=some_roles,
)


def before(
    state: State, *held: str, others: tuple[str, ...] = (), leadership: bool = False
) -> Circumstances:
    """A person holding some roles, while others hold others."""
    return Circumstances(state, frozenset(held), frozenset((*held, *others)), leadership)


def codes(verb: str, circumstances: Circumstances) -> list[str]:
    return [reason.code for reason in objections(verb, circumstances)]


def sentence(verb: str, circumstances: Circumstances) -> str:
    return " ".join(reason.message for reason in objections(verb, circumstances))


def states_open_to(verb: str, *held: str) -> set[State]:
    return {state for state in State if not objections(verb, before(state, *held))}


def test_the_verbs_stand_in_reading_order_each_with_a_promise() -> None:
    assert " ".join(VERBS) == READING_ORDER
    assert all(law.promise.endswith(".") and law.label for law in VERBS.values())


def test_a_verb_names_its_permission_and_its_address() -> None:
    law = VERBS["hand_over"]
    assert (law.permission, law.path) == ("hand_over_incident", "hand-over")


def test_the_commander_acknowledges_and_somebody_else_does_not() -> None:
    assert codes("acknowledge", before(State.DETECTION, COMMANDER)) == []
    other = before(State.DETECTION, SCRIBE, others=(COMMANDER,))
    assert codes("acknowledge", other) == ["not_your_role"]


def test_a_holder_counts_as_filling_his_role_even_if_the_list_forgot_him() -> None:
    assert codes("contain", Circumstances(State.TRIAGE, frozenset({COMMANDER}))) == []
    assert codes("contain", Circumstances(State.TRIAGE)) == ["not_your_role"]


def test_a_refusal_says_who_commands_and_what_to_do_next() -> None:
    assert sentence("contain", before(State.TRIAGE, others=(COMMANDER,))) == (
        "Only the incident commander may do this; command is held by somebody else. "
        "Ask for a hand-over or have leadership assign you."
    )


def test_the_deputy_stands_in_only_while_nobody_commands() -> None:
    assert codes("decide", before(State.TRIAGE, DEPUTY)) == []
    commanded = before(State.TRIAGE, DEPUTY, others=(COMMANDER,))
    assert codes("decide", commanded) == ["not_your_role"]


def test_leadership_stands_in_only_while_there_is_neither_commander_nor_deputy() -> None:
    assert codes("resolve", before(State.MITIGATION, leadership=True)) == []
    for holder in (COMMANDER, DEPUTY):
        held = before(State.MITIGATION, others=(holder,), leadership=True)
        assert codes("resolve", held) == ["not_your_role"]


def test_a_refusal_in_a_vacancy_names_who_stands_in() -> None:
    vacant = before(State.TRIAGE, SCRIBE)
    assert sentence("decide", vacant).startswith(
        "Nobody is the incident commander now, so only leadership may do this."
    )
    deputed = before(State.TRIAGE, SCRIBE, others=(DEPUTY,))
    assert "so only the deputy commander may" in sentence("decide", deputed)


def test_leadership_assigns_over_a_commander_but_does_not_act_for_him() -> None:
    commanded = before(State.TRIAGE, others=(COMMANDER,), leadership=True)
    assert codes("assign", commanded) == []
    assert codes("classify", commanded) == ["not_your_role"]


def test_nobody_hands_over_a_command_that_nobody_holds() -> None:
    assert codes("hand_over", before(State.TRIAGE, COMMANDER)) == []
    vacant = before(State.TRIAGE, DEPUTY, leadership=True)
    assert codes("hand_over", vacant) == ["not_your_role"]
    assert sentence("hand_over", vacant) == (
        "Nobody is the incident commander now. Have leadership assign one."
    )


@pytest.mark.parametrize(
    ("verb", "states"),
    [
        ("acknowledge", {State.DETECTION}),
        ("advance", {State.TRIAGE, State.MITIGATION}),
        ("assign", set(OPEN_STATES)),
        ("hand_over", set(OPEN_STATES)),
        ("classify", set(OPEN_STATES)),
        ("escalate", set(OPEN_STATES)),
        ("decide", set(OPEN_STATES)),
        ("contain", {State.TRIAGE, State.MITIGATION, State.RESOLUTION}),
        ("mitigate", {State.TRIAGE, State.MITIGATION, State.RESOLUTION}),
        ("resolve", {State.TRIAGE, State.MITIGATION, State.RESOLUTION}),
        ("close", {State.RESOLUTION}),
        ("cancel", {State.DETECTION, State.TRIAGE}),
        ("reopen", {State.CLOSED}),
        ("record_facts", set(OPEN_STATES)),
        ("draft_update", set(OPEN_STATES)),
        ("approve_update", set(OPEN_STATES)),
        ("publish_update", {*OPEN_STATES, State.CLOSED}),
        ("note", set(OPEN_STATES)),
    ],
)
def test_the_commander_may_use_a_verb_in_its_states_and_no_other(
    verb: str, states: set[State]
) -> None:
    assert states_open_to(verb, COMMANDER) == states
    refused = {
        state for state in State if codes(verb, before(state, COMMANDER)) == ["wrong_state"]
    }
    assert refused == set(State) - states


def test_a_refused_state_says_what_to_do_instead() -> None:
    assert sentence("close", before(State.MITIGATION, COMMANDER)) == (
        "Close: not in state mitigation, only in resolution. Resolve it first."
    )
    assert "Acknowledge it first." in sentence("contain", before(State.DETECTION, COMMANDER))
    assert "Reopen it first." in sentence("note", before(State.CLOSED, COMMANDER))
    assert "Reopen it first." in sentence("cancel", before(State.CLOSED, COMMANDER))
    assert "It is open already." in sentence("reopen", before(State.TRIAGE, COMMANDER))


@pytest.mark.parametrize(
    ("verb", "state"), [("cancel", State.TRIAGE), ("reopen", State.CLOSED)]
)
def test_leadership_cancels_and_reopens_beside_a_commander(verb: str, state: State) -> None:
    assert codes(verb, before(state, others=(COMMANDER,), leadership=True)) == []
    assert codes(verb, before(state, SCRIBE, others=(COMMANDER,))) == ["not_your_role"]


@pytest.mark.parametrize("verb", ["record_facts", "note", "approve_update"])
def test_any_participant_or_leadership_may_and_a_bystander_may_not(verb: str) -> None:
    assert codes(verb, before(State.TRIAGE, SCRIBE)) == []
    assert codes(verb, before(State.TRIAGE, others=(SCRIBE,), leadership=True)) == []
    bystander = before(State.TRIAGE, others=(SCRIBE,))
    assert codes(verb, bystander) == ["not_your_role"]
    assert "somebody with a role in this incident or leadership" in sentence(verb, bystander)


def test_counsel_or_leadership_records_a_filing_even_after_closing() -> None:
    assert states_open_to("file_notice", COUNSEL) == {*OPEN_STATES, State.CLOSED}
    assert codes("file_notice", before(State.CLOSED, others=(COUNSEL,), leadership=True)) == []
    for others in ((COUNSEL,), ()):
        commander = before(State.TRIAGE, COMMANDER, others=others)
        assert codes("file_notice", commander) == ["not_your_role"]


@pytest.mark.parametrize("verb", ["draft_update", "publish_update"])
def test_communications_commander_and_deputy_speak_and_a_scribe_does_not(verb: str) -> None:
    speakers = (COMMUNICATIONS, COMMANDER, DEPUTY)
    for speaker in speakers:
        assert codes(verb, before(State.TRIAGE, speaker, others=speakers)) == []
    assert codes(verb, before(State.TRIAGE, SCRIBE, others=speakers)) == ["not_your_role"]


def test_leadership_speaks_only_while_no_speaker_is_there() -> None:
    assert codes("publish_update", before(State.CLOSED, leadership=True)) == []
    voiced = before(State.CLOSED, others=(COMMUNICATIONS,), leadership=True)
    assert codes("publish_update", voiced) == ["not_your_role"]


def test_the_drafter_never_approves_his_own_update_not_even_as_leadership() -> None:
    held = frozenset({COMMANDER})
    other = Circumstances(State.TRIAGE, held, held, is_leadership=True)
    drafter = Circumstances(State.TRIAGE, held, held, is_leadership=True, is_drafter=True)
    assert codes("approve_update", other) == []
    assert codes("approve_update", drafter) == ["approve_own_update"]
    assert codes("publish_update", drafter) == []


def test_anybody_may_declare() -> None:
    assert codes("declare", before(State.DETECTION)) == []
    assert who_may("declare", ()) == (ANYBODY,)


def test_requiring_is_silent_for_who_may_and_refuses_with_the_reason() -> None:
    require("close", before(State.RESOLUTION, COMMANDER))
    with pytest.raises(Refused) as refused:
        require("close", before(State.TRIAGE, COMMANDER))
    assert refused.value.has("wrong_state")
    assert not isinstance(refused.value, NotPermitted)


def test_permission_is_refused_before_the_state_is_spoken_of() -> None:
    stranger = before(State.TRIAGE, others=(COMMANDER,))
    assert codes("close", stranger) == ["not_your_role", "wrong_state"]
    with pytest.raises(NotPermitted) as refused:
        require("close", stranger)
    assert [reason.code for reason in refused.value.reasons] == ["not_your_role"]


@pytest.mark.parametrize(
    ("verb", "filled", "who"),
    [
        ("contain", {COMMANDER, DEPUTY}, (COMMANDER,)),
        ("contain", {DEPUTY, SCRIBE}, (DEPUTY,)),
        ("contain", {SCRIBE}, (LEADERSHIP,)),
        ("assign", {COMMANDER}, (COMMANDER, LEADERSHIP)),
        ("assign", {DEPUTY}, (DEPUTY, LEADERSHIP)),
        ("assign", set(), (LEADERSHIP,)),
        ("hand_over", {DEPUTY}, ()),
        ("draft_update", {DEPUTY, COMMUNICATIONS}, (COMMUNICATIONS, DEPUTY)),
        ("file_notice", {COMMANDER}, (LEADERSHIP,)),
        ("note", {SCRIBE, COMMANDER}, (COMMANDER, SCRIBE, LEADERSHIP)),
        ("note", set(), (LEADERSHIP,)),
    ],
)
def test_who_may_names_the_roles_that_may_act_now(
    verb: str, filled: set[str], who: tuple[str, ...]
) -> None:
    assert who_may(verb, filled) == who


@given(st.sampled_from(sorted(VERBS)), any_circumstances)
def test_every_objection_is_a_sentence_and_no_verb_is_without_an_answer(
    verb: str, circumstances: Circumstances
) -> None:
    for reason in objections(verb, circumstances):
        assert reason.message.endswith(".")
        assert "_" not in reason.message


@given(st.sampled_from(sorted(VERBS)), any_circumstances)
def test_a_person_may_exactly_when_one_of_who_may_is_his(
    verb: str, circumstances: Circumstances
) -> None:
    own = {ANYBODY} | circumstances.roles_held
    if circumstances.is_leadership:
        own |= {LEADERSHIP}
    if verb in DELEGABLE or verb in APPROVED:
        own |= circumstances.delegated
    who = who_may(verb, circumstances.filled, circumstances.mandate)
    assert is_permitted(verb, circumstances) == bool(own.intersection(who))
    # Whoever drafted it hears that, whatever role he holds.
    is_own = verb == "approve_update" and circumstances.is_drafter
    assert ("approve_own_update" in codes(verb, circumstances)) == is_own
    is_his = bool(own.intersection(who)) or is_own
    assert ("not_your_role" not in codes(verb, circumstances)) == is_his


@given(st.sampled_from(sorted(VERBS)), any_circumstances)
def test_who_may_names_nobody_but_holders_leadership_and_anybody(
    verb: str, circumstances: Circumstances
) -> None:
    named = set(who_may(verb, circumstances.filled, circumstances.mandate))
    assert named <= circumstances.filled | {ANYBODY, LEADERSHIP}


@given(
    st.sampled_from(sorted(set(VERBS) - NEEDS_A_HOLDER)),
    some_roles,
    st.none() | st.builds(Mandate, st.sampled_from(sorted(NAMES))),
)
def test_no_vacancy_leaves_a_verb_to_nobody(
    verb: str, filled: frozenset[str], mandate: Mandate | None
) -> None:
    assert who_may(verb, filled, mandate)


# --- what the matrix decides

LINE = "Incident response v2, “Close the incident”"


def ruled(
    role: str,
    *held: str,
    others: tuple[str, ...] = (),
    leadership: bool = False,
    delegated: tuple[str, ...] = (),
) -> Circumstances:
    """Before an incident in resolution whose matrix gives the act to this role."""
    return Circumstances(
        State.RESOLUTION,
        frozenset(held),
        frozenset((*held, *others)),
        leadership,
        mandate=Mandate(role, LINE),
        delegated=frozenset(delegated),
    )


def test_four_verbs_are_decided_by_one_role() -> None:
    assert {verb: act.code for verb, act in DECIDED.items()} == {
        "classify": "set_severity",
        "publish_update": "publish_externally",
        "file_notice": "notify_authority",
        "close": "stand_down",
    }


@pytest.mark.parametrize("verb", DECIDED)
def test_the_matrix_gives_an_act_to_one_role_and_takes_it_from_all_others(verb: str) -> None:
    assert codes(verb, ruled(SCRIBE, SCRIBE, others=(COMMANDER,))) == []
    for other in (COMMANDER, DEPUTY, COMMUNICATIONS, COUNSEL):
        assert codes(verb, ruled(SCRIBE, other, others=(SCRIBE,))) == ["not_your_role"]
    leader = ruled(SCRIBE, others=(SCRIBE,), leadership=True)
    assert codes(verb, leader) == ["not_your_role"]
    assert who_may(verb, {SCRIBE, COMMANDER, DEPUTY}, Mandate(SCRIBE)) == (SCRIBE,)


@pytest.mark.parametrize("verb", DECIDED)
def test_while_nobody_is_accountable_command_then_leadership_decides(verb: str) -> None:
    assert codes(verb, ruled(SCRIBE, COMMANDER, others=(COMMUNICATIONS,))) == []
    assert codes(verb, ruled(SCRIBE, DEPUTY, others=(COMMANDER,))) == []
    assert codes(verb, ruled(SCRIBE, leadership=True, others=(COMMUNICATIONS,))) == []
    for command in (COMMANDER, DEPUTY):
        commanded = ruled(SCRIBE, leadership=True, others=(command,))
        assert codes(verb, commanded) == ["not_your_role"]
    assert codes(verb, ruled(SCRIBE, COMMUNICATIONS, others=(COMMANDER,))) == ["not_your_role"]


def test_what_goes_outside_is_approved_by_who_answers_for_it_and_by_leadership() -> None:
    assert codes("approve_update", ruled(SCRIBE, SCRIBE, others=(COMMANDER,))) == []
    for other in (COMMANDER, DEPUTY, COMMUNICATIONS):
        refused = ruled(SCRIBE, other, others=(SCRIBE,))
        assert codes("approve_update", refused) == ["not_your_role"]
    leader = ruled(SCRIBE, others=(SCRIBE,), leadership=True)
    assert codes("approve_update", leader) == []
    delegate = ruled(SCRIBE, others=(SCRIBE,), delegated=(SCRIBE,))
    assert codes("approve_update", delegate) == []


def test_where_only_a_drafter_answers_for_it_command_approves() -> None:
    # What only drafters hold is left out of what is filled.
    assert codes("approve_update", ruled(COMMUNICATIONS, COMMANDER, others=(SCRIBE,))) == []
    deputy = ruled(COMMUNICATIONS, DEPUTY, others=(SCRIBE,))
    assert codes("approve_update", deputy) == []
    scribe = ruled(COMMUNICATIONS, SCRIBE, others=(COMMANDER,))
    assert codes("approve_update", scribe) == ["not_your_role"]
    assert "only the incident commander or leadership may approve it" in sentence(
        "approve_update", scribe
    )


def test_a_drafter_is_told_who_else_may_approve() -> None:
    own = Circumstances(
        State.TRIAGE, frozenset({COMMUNICATIONS}), frozenset({COMMANDER, SCRIBE}),
        is_drafter=True, mandate=Mandate(COMMUNICATIONS),
    )  # fmt: skip
    assert codes("approve_update", own) == ["approve_own_update"]
    assert sentence("approve_update", own) == (
        "You drafted this update, or a version of it: ask the incident commander or leadership "
        "to approve it."
    )


@pytest.mark.parametrize("verb", DRAFTED)
def test_who_does_the_work_of_publishing_drafts_beside_who_speaks(verb: str) -> None:
    works = Mandate("", responsible=(SCRIBE,))
    for held in (SCRIBE, COMMUNICATIONS, COMMANDER, DEPUTY):
        now = before(State.TRIAGE, held, others=(COMMUNICATIONS, COMMANDER))
        assert codes(verb, replace(now, mandate=works)) == []
    counsel = before(State.TRIAGE, COUNSEL, others=(SCRIBE, COMMUNICATIONS))
    assert codes(verb, replace(counsel, mandate=works)) == ["not_your_role"]
    scribe = before(State.TRIAGE, SCRIBE, others=(COMMUNICATIONS,))
    assert codes(verb, scribe) == ["not_your_role"]


@pytest.mark.parametrize("verb", DECIDED)
def test_a_delegate_decides_for_the_role_it_was_given_for_and_no_other(verb: str) -> None:
    held = {"others": (COMMANDER, COUNSEL)}
    assert codes(verb, ruled(COMMANDER, delegated=(COMMANDER,), **held)) == []
    assert codes(verb, ruled(COMMANDER, SCRIBE, delegated=(COUNSEL,), **held)) == [
        "not_your_role"
    ]


def test_a_delegate_of_the_commander_decides_and_does_nothing_else_of_command() -> None:
    delegate = before(State.TRIAGE, SCRIBE, others=(COMMANDER,))
    delegate = replace(delegate, delegated=frozenset({COMMANDER}))
    assert codes("decide", delegate) == []
    for verb in ("contain", "escalate", "assign", "hand_over", "decline_proposal"):
        assert codes(verb, delegate) == ["not_your_role"]


def test_a_matrix_never_takes_decisions_from_the_commander() -> None:
    commander = replace(before(State.TRIAGE, COMMANDER), mandate=Mandate(SCRIBE))
    assert codes("decide", commander) == []
    scribe = replace(before(State.TRIAGE, SCRIBE, others=(COMMANDER,)), mandate=Mandate(SCRIBE))
    assert codes("decide", scribe) == ["not_your_role"]


def test_a_delegate_is_no_participant_by_that_alone() -> None:
    assert codes("note", ruled(COMMANDER, others=(COMMANDER,), delegated=(COMMANDER,))) == [
        "not_your_role"
    ]


def test_a_refusal_names_the_line_of_the_matrix_and_what_to_do() -> None:
    assert sentence("close", ruled(COMMANDER, DEPUTY, others=(COMMANDER,))) == (
        "The matrix (Incident response v2, “Close the incident”) makes the incident commander "
        "accountable: only they or their delegate may do this. Ask them, or have leadership "
        "assign you that role."
    )
    assert sentence("close", ruled(COMMANDER, SCRIBE, others=(DEPUTY,))) == (
        "The matrix (Incident response v2, “Close the incident”) makes the incident commander "
        "accountable and nobody holds that role now, so only the deputy commander may do this. "
        "Ask them, or have somebody assigned."
    )
    assert "so only leadership may do" in sentence("close", ruled(COMMANDER, SCRIBE))


def test_a_role_of_the_companys_own_is_named_by_its_slug() -> None:
    words = sentence("close", ruled("head_of-operations", others=("head_of-operations",)))
    assert "makes the head of operations accountable" in words
