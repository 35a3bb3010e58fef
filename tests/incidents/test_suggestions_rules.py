"""What an open incident lacks, each once: a holder who is gone, a role nobody holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.candidates import Service
from incidents.rules.plan import Need
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    DEPUTY,
    DOMAIN_OWNER,
    RESPONDER,
    SCRIBE,
)
from incidents.rules.suggestions import Held, Lack, lacks

PAYMENTS = Service("payments", "Payments", "ada", "platform")
LEDGER = Service("ledger", "Ledger", "ada", "platform")
SEARCH = Service("search", "Search", "ben", "platform")
AWAY = "Ben is away"


def found(needs=(), held=(), unfilled=(), was_deputy=()) -> list[Lack]:
    return lacks([Need(*one) for one in needs], list(held), unfilled, was_deputy)


def test_an_incident_whose_roles_are_held_lacks_nothing() -> None:
    held = [Held(1, COMMANDER, "Ada"), Held(2, SCRIBE, "Ben")]
    assert found([(COMMANDER, "one"), (SCRIBE, "law")], held) == []


def test_a_holder_who_is_gone_is_named_with_his_place() -> None:
    [lack] = found([(SCRIBE, "law")], [Held(2, SCRIBE, "Ben", None, AWAY)])
    assert (lack.key, lack.why, lack.instead_of) == ((SCRIBE, None), AWAY, 2)


def test_where_another_does_the_same_nobody_is_missing() -> None:
    gone = Held(1, RESPONDER, "Ben", None, AWAY)
    assert found([], [gone, Held(2, RESPONDER, "Cleo")]) == []
    assert len(found([], [gone, Held(2, SCRIBE, "Cleo")])) == 1


def test_an_owner_of_another_service_stands_for_nobody() -> None:
    gone = Held(1, DOMAIN_OWNER, "Ben", SEARCH, AWAY)
    assert len(found([], [gone, Held(2, DOMAIN_OWNER, "Ada", PAYMENTS)])) == 1
    assert found([], [gone, Held(2, DOMAIN_OWNER, "Cleo", SEARCH)]) == []


def test_a_role_that_is_needed_now_and_held_by_nobody_is_lacking() -> None:
    [lack] = found([(SCRIBE, "In the matrix.")], [Held(1, COMMANDER, "Ada")])
    assert lack.why == "It is needed now, and nobody holds it. In the matrix."
    assert not lack.if_found


def test_a_gap_known_before_is_worth_a_word_only_if_somebody_is_found() -> None:
    [lack] = found([(SCRIBE, "law")], unfilled=[(SCRIBE, None)])
    assert lack.if_found
    [other] = found([(SCRIBE, "law")], unfilled=[(SCRIBE, "payments")])
    assert not other.if_found


def test_one_owner_answers_for_all_his_services_and_a_new_owner_is_lacking() -> None:
    held = [Held(1, DOMAIN_OWNER, "Ada", PAYMENTS)]
    assert found([(DOMAIN_OWNER, "Affected", LEDGER)], held) == []
    [lack] = found([(DOMAIN_OWNER, "Affected", SEARCH)], held)
    assert lack.key == (DOMAIN_OWNER, "search")
    assert found([(DOMAIN_OWNER, "No service is named")], []) == []


@pytest.mark.parametrize(
    ("held", "is_lacking"),
    [
        ([Held(1, COMMANDER, "Ben")], True),
        ([Held(1, COMMANDER, "Ben"), Held(2, DEPUTY, "Cleo")], False),
        ([Held(1, COMMANDER, "Ada")], False),
    ],
)
def test_a_deputy_who_took_command_is_to_be_replaced(
    held: list[Held], is_lacking: bool
) -> None:
    keys = [lack.key for lack in found([], held, was_deputy=["Ben"])]
    assert keys == ([(DEPUTY, None)] if is_lacking else [])


roles = st.sampled_from([COMMANDER, COMMUNICATIONS, DEPUTY, RESPONDER, SCRIBE])
holders = st.lists(
    st.builds(
        Held,
        key=st.integers(1, 9),
        role=roles,
        person=st.sampled_from(["Ada", "Ben"]),
        service=st.none(),
        trouble=st.sampled_from(["", AWAY]),
    )
)
needs = st.lists(st.builds(Need, role=roles, why=st.just("law")), unique=True)


@given(
    needs, holders, st.lists(st.tuples(roles, st.none())), st.lists(st.sampled_from(["Ben"]))
)
def test_each_lack_has_its_own_key_and_no_role_well_held_is_lacking(
    needs: list[Need], held: list[Held], unfilled: list, was_deputy: list[str]
) -> None:
    missing = lacks(needs, held, unfilled, was_deputy)
    keys = [lack.key for lack in missing]
    assert len(keys) == len(set(keys))
    well = {one.role for one in held if not one.trouble}
    assert well.isdisjoint(role for role, _ in keys)
    assert {need.role for need in needs} - {one.role for one in held} <= {r for r, _ in keys}
