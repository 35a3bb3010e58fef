"""What holds of every standard, whatever was shown, and of every role, whoever holds it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from incidents.rules.roles import NAMES
from training.models import Proof
from training.rules.competence import (
    COUNTS_AS,
    SHIPPED,
    Asked,
    Holder,
    Shown,
    Standard,
    judge,
    strength,
)

TODAY = date(2026, 7, 13)
DAY = timedelta(days=1)
KINDS = tuple(Proof.values)
days = some.integers(-40, 1200).map(lambda ago: TODAY - ago * DAY)
titles = some.sampled_from(("", "Incident command", "incident COMMAND", "First aid"))
shown = some.lists(
    some.builds(Shown, kind=some.sampled_from(KINDS), on=days, title=titles), max_size=12
)
asked = some.builds(
    Asked,
    kind=some.sampled_from(KINDS),
    count=some.integers(1, 4),
    within_days=some.none() | some.integers(1, 900),
    title=titles,
)
standards = some.builds(Standard, asked=some.lists(asked, max_size=5).map(tuple))
holders = some.lists(
    some.builds(
        Holder,
        person=some.uuids().map(str),
        team=some.sampled_from(("platform", "ledger", "")),
        awake=some.frozensets(some.integers(0, 23)),
        expires_on=some.none() | some.integers(1, 200).map(lambda ahead: TODAY + ahead * DAY),
    ),
    max_size=8,
)


@given(standards, shown, some.builds(Shown, kind=some.sampled_from(KINDS), on=days))
def test_one_more_proof_never_takes_anything_away(standard, there, more):
    before, after = (judge(standard, proofs, TODAY) for proofs in (there, [*there, more]))
    assert all(one.found <= other.found for one, other in zip(before, after, strict=True))


@given(standards, shown)
def test_every_thing_asked_for_is_judged_by_its_own_proofs_alone(standard, there):
    met = judge(standard, there, TODAY)
    assert tuple(one.asked for one in met) == standard.asked
    for one in met:
        kinds = {one.asked.kind, *COUNTS_AS.get(one.asked.kind, ())}
        assert one.found <= sum(proof.kind in kinds for proof in there)
        assert one.is_met == (one.missing == 0)
        assert (one.last is None) == (one.found == 0)
        assert one.last is None or one.last <= TODAY


@given(standards, shown, some.integers(0, 900))
def test_what_is_there_ages_and_never_grows_by_waiting(standard, there, later):
    past = [proof for proof in there if proof.on <= TODAY]
    now, then = judge(standard, past, TODAY), judge(standard, past, TODAY + later * DAY)
    assert all(one.found >= other.found for one, other in zip(now, then, strict=True))


@given(shown)
def test_the_order_in_which_things_were_shown_does_not_matter(there):
    for standard in SHIPPED.values():
        assert judge(standard, there, TODAY) == judge(standard, there[::-1], TODAY)


@given(holders, some.integers(0, 6))
def test_a_role_that_loses_as_many_as_it_may_is_still_staffed(people, wanted):
    found = strength("commander", people, wanted, TODAY)
    assert found.in_ninety_days <= found.holders == len(people)
    for losses, least in ((found.until_nobody, 1), (found.until_short, wanted)):
        if losses:
            assert len(people) - losses == least


@given(holders)
def test_hours_survive_every_loss_of_as_many_as_may_go(people):
    found = strength("commander", people, 1, TODAY)
    alone = set()
    for hour in range(24):
        awake = [one.person for one in people if hour in one.awake]
        assert (hour in found.uncovered) == (not awake)
        assert not awake or found.until_unattended < len(awake)
        alone |= set(awake) if len(awake) == 1 else set()
    assert set(found.single) == alone


def test_what_ships_asks_for_what_exists():
    assert set(SHIPPED) <= set(NAMES)
    for standard in SHIPPED.values():
        assert {one.kind for one in standard.asked} <= set(KINDS)
        assert all(one.count > 0 for one in standard.asked)
