"""Delegations: who gives what to whom, how long it holds, and what falls with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.models import Delegation, Person
from incidents.operations import standing, update
from incidents.operations.delegation import delegate, end_delegation, running
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DOMAIN_OWNER,
    SCRIBE,
)
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    MINUTE,
    Scene,
    again,
    command_passes,
    hold,
    last_act,
    refused,
    responder,
    timeline,
    told,
)
from tests.incidents.test_mandates import ACTS, WHOSE, bound, close, everybody, publish, under

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LAW = {
    "set_severity": COMMANDER,
    "publish_externally": COMMUNICATIONS,
    "notify_authority": COUNSEL,
    "stand_down": COMMANDER,
}


@pytest.fixture
def stage() -> Scene:
    """In resolution, under a matrix that gives the four acts to commander, voice and counsel."""
    return under(bound(LAW))


def give(stage: Scene, **said: Any) -> Delegation:
    """Ada lets Cleo close for an hour, unless said otherwise."""
    said = {
        "role": factories.role(COMMANDER), "act": "stand_down", "to": stage.cleo,
        "ends_at": NOW + HOUR, "reason": "I fetch the vendor.", "actor": stage.ada, "at": NOW,
    } | said  # fmt: skip
    return delegate(stage.incident, **said)


def may_close(stage: Scene, person: Person, at: datetime) -> bool:
    return standing.objections("close", again(stage.incident), person, at=at) == ()


# --- giving


def test_it_is_kept_told_and_written_down(stage) -> None:
    made = give(stage)
    assert (made.giver, made.to, made.act) == (stage.ada, stage.cleo, "stand_down")
    assert (made.starts_at, made.ends_at) == (NOW, NOW + HOUR)
    assert timeline(stage.incident) == [
        "Ada (Incident commander) lets Cleo act in their place: Stand down and close, until "
        "2026-11-23 10:00 UTC. I fetch the vendor."
    ]
    assert told("delegated") == ["cleo"]
    line = last_act()
    assert (line.verb, line.actor) == ("delegate", stage.ada)
    assert line.detail == {
        "delegation": made.pk, "role": COMMANDER, "act": "stand_down", "to": "cleo",
        "ends_at": "2026-11-23T10:00:00Z", "reason": "I fetch the vendor.", "replaced": [],
    }  # fmt: skip


def test_only_who_holds_the_role_can_give_it(stage) -> None:
    for who, code in ((stage.ben, "not_your_role"), (stage.lea, "not_your_role"),
                      (stage.cleo, "not_your_role"), (stage.dan, "no_permission")):  # fmt: skip
        with refused(code, NotPermitted):
            give(stage, actor=who, to=stage.ada)
    give(stage)


def test_a_delegate_cannot_delegate_on(stage) -> None:
    hold(stage.incident, stage.cleo, SCRIBE)
    give(stage)
    with refused("not_your_role", NotPermitted):
        give(stage, actor=stage.cleo, to=stage.ben)


def test_only_what_the_matrix_makes_a_role_accountable_for_can_be_given(stage) -> None:
    hold(stage.incident, stage.lea, SCRIBE)
    with refused("nothing_to_delegate") as caught:
        give(stage, actor=stage.lea, role=factories.role(SCRIBE), act="")
    assert "Standing v1 makes the scribe accountable for nothing" in str(caught.value)
    with refused("act_not_yours") as caught:
        give(stage, act="publish_externally")
    assert "for the communications lead to decide by Standing v1" in str(caught.value)
    with refused("act_not_delegable", Invalid):
        give(stage, act="contain")


def test_without_a_matrix_any_role_can_be_given_and_the_table_says_for_what() -> None:
    stage = under(None)
    hold(stage.incident, stage.lea, SCRIBE)
    give(stage, actor=stage.lea, role=factories.role(SCRIBE), act="")
    with refused("act_not_yours") as caught:
        give(stage, act="notify_authority")
    assert "is for the legal counsel or the privacy officer to decide: choose" in str(
        caught.value
    )
    give(stage)
    close(stage, stage.cleo)
    assert last_act().detail["on_behalf_of"] == "ada"


@pytest.mark.parametrize(
    ("ends_at", "code", "kind"),
    [
        (NOW, "instant_has_passed", Invalid),
        (NOW - MINUTE, "instant_has_passed", Invalid),
        ((NOW + HOUR).replace(tzinfo=None), "instant_without_offset", Invalid),
        (NOW + timedelta(hours=24, seconds=1), "delegation_too_long", None),
    ],
)
def test_it_ends_in_the_future_and_within_a_day(stage, ends_at, code, kind) -> None:
    with refused(code, *([kind] if kind else [])) as caught:
        give(stage, ends_at=ends_at)
    assert caught.value.reasons[0].field == "ends_at"
    give(stage, ends_at=NOW + timedelta(hours=24))


def test_the_delegate_is_somebody_else_active_who_may_ever_do_it(stage) -> None:
    gone = responder(factories.person("gone", is_active=False))
    for to, code in (
        (stage.ada, "delegate_to_self"),
        (gone, "not_active"),
        (stage.dan, "delegate_has_no_permission"),
    ):
        with refused(code) as caught:
            give(stage, to=to)
        assert {reason.field for reason in caught.value.reasons} == {"to"}
    assert not Delegation.objects.exists()


def test_it_needs_a_reason(stage) -> None:
    with refused("reason_missing", Invalid):
        give(stage, reason=" ")


def test_the_commander_takes_no_technical_work() -> None:
    stage = under(None)
    owner = hold(stage.incident, responder(factories.person("olga")), DOMAIN_OWNER).person
    role = factories.role(DOMAIN_OWNER)
    with refused("commander_does_no_technical_work"):
        give(stage, actor=owner, role=role, act="", to=stage.ada)
    give(stage, actor=owner, role=role, act="", to=stage.ben)


def test_a_new_one_ends_the_old_in_the_same_instant(stage) -> None:
    old = give(stage)
    other = give(stage, act="set_severity")
    new = give(stage, to=stage.ben, at=NOW + MINUTE)
    assert again(old).revoked_at == new.starts_at == NOW + MINUTE
    assert again(other).revoked_at is None
    assert last_act().detail["replaced"] == [old.pk]
    assert not may_close(stage, stage.cleo, NOW + MINUTE)
    assert may_close(stage, stage.ben, NOW + MINUTE)


def test_another_holder_of_the_role_keeps_his_own_delegate() -> None:
    stage = under(None)
    role = factories.role(DOMAIN_OWNER)
    olga, otto = (responder(factories.person(name)) for name in ("olga", "otto"))
    hold(stage.incident, olga, DOMAIN_OWNER)
    hold(stage.incident, otto, DOMAIN_OWNER)
    first = give(stage, actor=olga, role=role, act="")
    give(stage, actor=otto, role=role, act="")
    assert again(first).revoked_at is None


def test_it_begins_no_earlier_than_the_role_was_taken(stage) -> None:
    """Of two acts the second to get the lock may have read its clock first."""
    stage.incident.assignments.filter(role=COMMANDER).update(assigned_at=NOW + MINUTE)
    made = give(stage)
    assert made.starts_at == NOW + MINUTE
    assert may_close(stage, stage.cleo, NOW + MINUTE)


def test_nothing_is_delegated_in_what_is_over(stage) -> None:
    close(stage, stage.ada)
    with refused("wrong_state"):
        give(stage, at=NOW + 11 * MINUTE)


def test_the_database_keeps_it_to_another_and_in_order(stage) -> None:
    made = give(stage)
    for wrong in ({"to": stage.ada}, {"ends_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delegation.objects.filter(pk=made.pk).update(**wrong)


# --- acting


@pytest.mark.parametrize("act", ACTS)
def test_the_delegate_performs_the_act_for_the_giver_who_is_named(act: str) -> None:
    stage = under(bound(WHOSE))
    giver = everybody(stage)[WHOSE[act]]
    zoe = responder(factories.person("zoe"))
    with refused("not_your_role", NotPermitted):
        ACTS[act](stage, zoe)
    give(stage, role=factories.role(WHOSE[act]), act=act, actor=giver, to=zoe)
    ACTS[act](stage, zoe)
    line = last_act()
    assert (line.actor, line.detail["on_behalf_of"]) == (zoe, giver.username)
    (said,) = [text for text in timeline(stage.incident) if "on behalf of" in text]
    assert f"on behalf of {giver}" in said


@pytest.mark.parametrize("act", ACTS)
def test_who_acts_in_their_own_right_acts_for_nobody(act: str) -> None:
    stage = under(bound(WHOSE))
    giver = everybody(stage)[WHOSE[act]]
    give(stage, role=factories.role(WHOSE[act]), act=act, actor=giver)
    ACTS[act](stage, giver)
    assert "on_behalf_of" not in last_act().detail
    assert not [text for text in timeline(stage.incident) if "on behalf of" in text]


def test_it_is_for_that_act_only(stage) -> None:
    give(stage, act="set_severity")
    with refused("not_your_role", NotPermitted):
        close(stage, stage.cleo)
    with refused("not_your_role", NotPermitted):
        publish(stage, stage.cleo)
    ACTS["set_severity"](stage, stage.cleo)


def test_without_an_act_it_is_for_every_act_of_the_role_and_no_other(stage) -> None:
    give(stage, act="")
    with refused("not_your_role", NotPermitted):
        publish(stage, stage.cleo)
    ACTS["set_severity"](stage, stage.cleo)
    close(stage, stage.cleo)


def test_it_is_for_the_delegate_only(stage) -> None:
    give(stage)
    for other in (stage.ben, stage.lea):
        with refused("not_your_role", NotPermitted):
            close(stage, other)


def test_it_holds_from_its_beginning_until_just_before_its_end(stage) -> None:
    give(stage)
    instants = (NOW - MINUTE, NOW, NOW + HOUR - MINUTE, NOW + HOUR)
    assert [may_close(stage, stage.cleo, at) for at in instants] == [False, True, True, False]


def test_without_an_instant_no_delegation_is_looked_for(stage) -> None:
    give(stage)
    assert standing.objections("close", stage.incident, stage.cleo) != ()


def test_it_lets_nobody_hand_over_command_or_speak_as_a_participant(stage) -> None:
    give(stage, act="")
    for verb in ("hand_over", "assign", "note", "delegate"):
        found = standing.objections(verb, stage.incident, stage.cleo, at=NOW)
        assert [reason.code for reason in found] == ["not_your_role"], verb


def test_a_delegate_who_drafted_an_update_does_not_approve_it(stage) -> None:
    hold(stage.incident, stage.cleo, SCRIBE)
    give(stage, actor=stage.ben, role=factories.role(COMMUNICATIONS), act="publish_externally")
    draft = stage.incident.updates.create(
        audience="public", text="We work on it.", drafted_by=stage.cleo, drafted_at=NOW
    )
    with refused("approve_own_update"):
        update.approve(draft, actor=stage.cleo, at=NOW)
    update.approve(draft, actor=stage.ben, at=NOW)
    update.publish(draft, actor=stage.cleo, at=NOW)
    assert last_act().detail["on_behalf_of"] == "ben"


def test_a_delegate_approves_what_goes_outside_on_behalf_of_who_answers_for_it(stage) -> None:
    given = stage.incident.updates.create(
        audience="public", text="We work on it.", drafted_by=stage.ada, drafted_at=NOW
    )
    with refused("not_your_role", NotPermitted):
        update.approve(given, actor=stage.cleo, at=NOW)
    give(stage, actor=stage.ben, role=factories.role(COMMUNICATIONS), act="publish_externally")
    update.approve(given, actor=stage.cleo, at=NOW)
    assert last_act().detail["on_behalf_of"] == "ben"


# --- falling


def test_it_falls_with_the_role_of_its_giver(stage) -> None:
    eve = responder(factories.person("eve", qualified=(COMMANDER,)))
    give(stage)
    assert may_close(stage, stage.cleo, NOW)
    command_passes(stage.incident, stage.ada, eve, NOW)
    assert not may_close(stage, stage.cleo, NOW)
    assert may_close(stage, eve, NOW)
    assert running(again(stage.incident), at=NOW) == []


def test_it_does_not_come_back_with_the_role(stage) -> None:
    eve = responder(factories.person("eve", qualified=(COMMANDER,)))
    give(stage)
    command_passes(stage.incident, stage.ada, eve, NOW + MINUTE)
    command_passes(stage.incident, eve, stage.ada, NOW + 2 * MINUTE)
    assert not may_close(stage, stage.cleo, NOW + 3 * MINUTE)
    give(stage, at=NOW + 3 * MINUTE)
    assert may_close(stage, stage.cleo, NOW + 3 * MINUTE)


def test_it_falls_with_the_end_of_the_incident() -> None:
    stage = under(bound(LAW))
    give(stage, actor=stage.ben, role=factories.role(COMMUNICATIONS), act="publish_externally")
    close(stage, stage.ada)
    with refused("not_your_role", NotPermitted):
        publish(stage, stage.cleo)
    publish(stage, stage.ben)


# --- taking back


def test_its_giver_takes_it_back_and_the_delegate_hears(stage) -> None:
    made = give(stage)
    end_delegation(made, actor=stage.ada, at=NOW + MINUTE)
    assert again(made).revoked_at == NOW + MINUTE
    assert timeline(stage.incident)[-1] == "Cleo no longer acts for Ada (Incident commander)"
    assert told("delegation-ended") == ["cleo"]
    assert last_act().verb == "end_delegation"
    assert last_act().detail == {"delegation": made.pk, "giver": "ada", "to": "cleo"}
    with refused("not_your_role", NotPermitted):
        close(stage, stage.cleo)


def test_leadership_takes_it_back_and_both_hear(stage) -> None:
    end_delegation(give(stage), actor=stage.lea, at=NOW + MINUTE)
    assert told("delegation-ended") == ["ada", "cleo"]


def test_nobody_else_takes_it_back(stage) -> None:
    made = give(stage)
    for who, code in (
        (stage.ben, "not_yours_to_take_back"),
        (stage.cleo, "not_yours_to_take_back"),
        (stage.dan, "no_permission"),
    ):
        with refused(code, NotPermitted):
            end_delegation(made, actor=who, at=NOW + MINUTE)
    assert may_close(stage, stage.cleo, NOW + MINUTE)


def test_what_is_over_is_not_taken_back_again(stage) -> None:
    made = give(stage)
    with refused("delegation_is_over"):
        end_delegation(made, actor=stage.ada, at=NOW + HOUR)
    end_delegation(made, actor=stage.ada, at=NOW + MINUTE)
    with refused("delegation_is_over"):
        end_delegation(made, actor=stage.ada, at=NOW + 2 * MINUTE)


# --- what it costs


def test_delegations_are_asked_for_only_where_one_could_matter(
    stage, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        give(stage)
    for who in (stage.ada, stage.ben, stage.cleo):
        who.has_perm(standing.LEAD)
    incident = again(stage.incident)
    standing.circumstances(incident, stage.ada, verb="close", at=NOW)
    with django_assert_num_queries(1):  # the assignments
        standing.circumstances(incident, stage.ada, verb="close", at=NOW)
    with django_assert_num_queries(3):  # the assignments, the delegations, whose delegate
        standing.circumstances(incident, stage.cleo, verb="close", at=NOW)
