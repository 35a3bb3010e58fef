"""Counsel's decisions: standing a clock down, keeping it, and not to notify, each with its reason."""

import pytest
from django.db import IntegrityError, transaction

from incidents.models import LegalDecision
from incidents.operations import filing, not_notifying
from incidents.operations.not_notifying import (
    decide_not_to_notify,
    keep_clock,
    stand_down_clock,
)
from incidents.rules.reasons import Invalid, NotPermitted
from tests.incidents.legal_room import BREACH, NOTIFICATION, Room, beside, room
from tests.incidents.scene import LATER, MINUTE, last_act, refused, timeline

pytestmark = pytest.mark.django_db

HOUR = 60 * MINUTE
WHY = "The disk was encrypted and the key is safe"
ART_33 = "eu-gdpr-art33"


@pytest.fixture
def hall() -> Room:
    made = room()
    made.record(BREACH)
    return made


def doubted(hall: Room) -> Room:
    hall.record({"risk_to_individuals": "unlikely"}, at=LATER + MINUTE)
    return hall


def by(hall: Room, **fields):
    return {"reason": WHY, "actor": hall.cora, "at": LATER + HOUR} | fields


# --- standing down


def test_a_clock_is_stood_down_with_counsels_reason_and_stays(hall) -> None:
    decision = stand_down_clock(hall.incident, clock=hall.clock(), **by(hall))
    clock = hall.clock()
    assert (clock.outcome, clock.settled_by, clock.answer) == ("stood_down", hall.cora, WHY)
    assert clock.next_nudge_at is None
    assert (decision.kind, decision.regime, decision.stage) == (
        "stand_down",
        ART_33,
        "notification",
    )
    assert (decision.title, decision.reason) == (clock.title, WHY)
    assert decision.facts["personal_data_exposure"] == "confirmed"
    assert decision.facts["operates_in"] == ["DE"]
    assert f"Stood down by counsel: {clock.title}. {WHY}" in timeline(hall.incident)
    assert last_act().detail == {"clock": NOTIFICATION, "reason": WHY, "was_doubted": False}


def test_what_is_settled_is_decided_no_more_and_says_by_whom_and_when(hall) -> None:
    stand_down_clock(hall.incident, clock=hall.clock(), **by(hall))
    with refused("already_settled") as why:
        stand_down_clock(hall.incident, clock=hall.clock(), **by(hall))
    assert "was stood down 2026-11-23 10:10 UTC, Cora recorded it" in str(why.value)
    other = beside(hall)
    other.record(BREACH)
    filing.file_notice(
        other.incident, clock=other.clock(), sent_at=LATER, actor=other.petra, at=LATER
    )
    with refused("already_settled") as why:
        stand_down_clock(other.incident, clock=other.clock(), **by(other))
    assert "was filed, sent 2026-11-23 09:10 UTC, Petra recorded it" in str(why.value)


def test_the_clock_of_counsel_itself_and_those_of_others_are_not_stood_down(hall) -> None:
    with refused("not_a_duty", Invalid):
        stand_down_clock(hall.incident, clock=hall.clock("counsel"), **by(hall))
    other = beside(hall)
    other.record(BREACH)
    with refused("unknown_clock", Invalid):
        stand_down_clock(hall.incident, clock=other.clock(), **by(hall))


# --- keeping


def test_counsel_keeps_what_the_facts_do_not_call_for_and_it_is_not_doubted_again(hall) -> None:
    doubted(hall)
    decision = keep_clock(hall.incident, clock=hall.clock(), **by(hall))
    clock = hall.clock()
    assert (clock.doubt, clock.doubted_at, clock.is_open) == ("", None, True)
    assert (decision.kind, last_act().verb) == ("keep", "keep_clock")
    hall.record({"customers_affected": 9}, at=LATER + 2 * HOUR)
    assert hall.clock().doubted_at is None


def test_what_the_facts_call_for_needs_no_keeping(hall) -> None:
    with refused("not_doubted"):
        keep_clock(hall.incident, clock=hall.clock(), **by(hall))


# --- not to notify


def test_a_decision_not_to_notify_enters_the_register_and_stands_the_clocks_down(hall) -> None:
    decision = decide_not_to_notify(hall.incident, regime=ART_33, **by(hall))
    assert (decision.kind, decision.regime, decision.stage) == ("not_to_notify", ART_33, "")
    assert decision.title.startswith("EU GDPR - notification of a personal data breach")
    assert (hall.clock().outcome, hall.clock().answer) == ("stood_down", WHY)
    assert hall.clock("counsel").is_open
    assert last_act().detail["stood_down"] == [NOTIFICATION]
    assert f"Decided not to notify: {decision.title}. {WHY}" in timeline(hall.incident)


def test_what_is_no_duty_yet_may_be_decided_and_a_duty_that_comes_later_runs(hall) -> None:
    decide_not_to_notify(hall.incident, regime="eu-gdpr-art34", **by(hall))
    hall.record({"risk_to_individuals": "high"}, at=LATER + 2 * HOUR)
    assert hall.clock("eu-gdpr-art34--individuals").is_open


def test_a_regime_of_the_pinned_pack_is_named_even_one_that_does_not_concern_us(hall) -> None:
    decide_not_to_notify(hall.incident, regime="za-popia", **by(hall))
    with refused("unknown_regime", Invalid) as why:
        decide_not_to_notify(hall.incident, regime="mars", **by(hall))
    assert why.value.reasons[0].field == "regime"


def test_what_was_stood_down_whole_is_not_decided_a_second_time(hall) -> None:
    stand_down_clock(hall.incident, clock=hall.clock(), **by(hall))
    with refused("already_settled"):
        decide_not_to_notify(hall.incident, regime=ART_33, **by(hall, at=LATER + 2 * HOUR))
    assert LegalDecision.objects.count() == 1


def test_it_is_decided_once_and_says_by_whom(hall) -> None:
    decide_not_to_notify(hall.incident, regime=ART_33, **by(hall))
    with refused("decided_already") as why:
        decide_not_to_notify(hall.incident, regime=ART_33, **by(hall, at=LATER + 2 * HOUR))
    assert "Cora decided it at 2026-11-23 10:10 UTC" in str(why.value)
    assert not_notifying.decided(hall.incident, ART_33) == LegalDecision.objects.get()


# --- whose it is


ACTS = {
    "stand_down_clock": lambda hall, said: stand_down_clock(
        hall.incident, clock=hall.clock(), **said
    ),
    "keep_clock": lambda hall, said: keep_clock(hall.incident, clock=hall.clock(), **said),
    "decide_not_to_notify": lambda hall, said: decide_not_to_notify(
        hall.incident, regime=ART_33, **said
    ),
}


@pytest.mark.parametrize("verb", ACTS)
def test_counsel_alone_decides_and_gives_a_reason(hall, verb) -> None:
    doubted(hall)
    for who in (hall.ada, hall.ben, hall.cleo, hall.petra, hall.lea):
        with refused("not_your_role", NotPermitted):
            ACTS[verb](hall, by(hall, actor=who))
    with refused("no_permission", NotPermitted):
        ACTS[verb](hall, by(hall, actor=hall.dan))
    with refused("reason_missing", Invalid):
        ACTS[verb](hall, by(hall, reason=" "))
    assert not LegalDecision.objects.exists()
    assert ACTS[verb](hall, by(hall)).decided_by == hall.cora


@pytest.mark.parametrize("verb", ACTS)
def test_a_decision_is_never_changed_nor_deleted(hall, verb) -> None:
    doubted(hall)
    decision = ACTS[verb](hall, by(hall))
    for harm in (
        lambda: LegalDecision.objects.update(reason="Another"),
        lambda: LegalDecision.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            harm()
    assert LegalDecision.objects.get() == decision
