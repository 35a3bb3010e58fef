"""The counsel clock starts; the law is followed onto clocks that nothing removes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Absence, LegalClock, OutboxMessage
from incidents.operations import (
    adherence,
    affected,
    declaration,
    legal,
    lifecycle,
    not_notifying,
)
from incidents.operations.sweeps import sweep
from incidents.rules.adherence import Standing
from incidents.rules.reasons import Invalid
from incidents.rules.roles import COMMANDER, COUNSEL, PRIVACY
from tests import factories
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.legal_room import BREACH, NOTIFICATION, Room, beside, holding, room
from tests.incidents.lines import line, pin
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    incident_under,
    last_act,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

EXPOSED = {"personal_data_exposure": "possible"}
HOUR = 60 * MINUTE
CHINA = {"facts": {"operates_in": ["CN"], "entity_types": ["cn_network_operator"]}}


@pytest.fixture
def here() -> Scene:
    return scene(facts=EXPOSED)


def counsel(username: str = "cora", **fields):
    return factories.person(username, qualified=(COUNSEL,), **fields)


def engaged(here: Scene) -> list[str]:
    rows = here.incident.assignments.open().filter(role=COUNSEL)
    return [row.person.username for row in rows]


# --- starting


def test_a_possible_exposure_engages_counsel_within_the_hour(here) -> None:
    counsel()
    clock = legal.start_counsel_clock(here.incident, at=LATER)
    row = LegalClock.objects.get()
    assert (row, row.kind, row.started_at) == (clock, "counsel", LATER)
    assert row.due_at == LATER + 60 * MINUTE
    assert row.next_nudge_at == LATER + 45 * MINUTE
    assert engaged(here) == told("assigned") == ["cora"]
    assert timeline(here.incident)[0].endswith("Due at 10:10 UTC.")


@pytest.mark.parametrize("facts", [{}, {"personal_data_exposure": "none"}])
def test_without_an_exposure_no_clock_runs(here, facts) -> None:
    counsel()
    here.incident.facts = facts
    assert legal.start_counsel_clock(here.incident, at=LATER) is None
    assert not LegalClock.objects.exists()
    assert engaged(here) == []


def test_a_clock_that_runs_stays_as_it_is(here) -> None:
    counsel()
    first = legal.start_counsel_clock(here.incident, at=NOW)
    again_ = legal.start_counsel_clock(here.incident, at=LATER)
    assert again_ == first
    assert LegalClock.objects.get().due_at == NOW + 60 * MINUTE
    assert engaged(here) == told("assigned") == ["cora"]


def test_counsel_who_is_here_already_is_told_and_nobody_else_is_called(here) -> None:
    counsel("other")
    hold(here.incident, counsel(), COUNSEL)
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == told("counsel") == ["cora"]


def test_a_privacy_officer_comes_along_and_hears_why(here) -> None:
    counsel()
    factories.person("petra", qualified=(PRIVACY,))
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == ["cora"]
    assert here.incident.assignments.get(role=PRIVACY).person.username == "petra"
    assert told("assigned") == ["cora", "petra"]


def test_nobody_is_missed_where_there_is_no_privacy_officer(here) -> None:
    counsel()
    legal.start_counsel_clock(here.incident, at=NOW)
    assert again(here.incident).unfilled == []


def test_the_least_loaded_counsel_is_engaged_and_the_reason_kept(here) -> None:
    busy, _ = counsel("anna"), counsel("cora")
    hold(incident_under(here.incident.severity_scheme, "sev2"), busy, COUNSEL)
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == ["cora"]
    row = here.incident.assignments.get(role=COUNSEL)
    assert row.reason.startswith("Personal data may be exposed. Qualified as Legal counsel")
    assert row.rejected[0] == {"username": "anna", "reason": "free too, open roles: 1"}


def test_counsel_who_is_away_is_not_engaged(here) -> None:
    Absence.objects.create(
        person=counsel("anna"), starts_at=NOW, ends_at=NOW + timedelta(days=1)
    )
    counsel("cora")
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == ["cora"]


def test_the_commander_is_never_counsel_too(here) -> None:
    factories.qualify(here.ada, COUNSEL)
    legal.start_counsel_clock(here.incident, at=NOW)
    assert engaged(here) == []
    assert here.incident.assignments.commanding().get().person == here.ada


def test_where_nobody_can_be_engaged_leadership_is_told_and_it_is_shown(here) -> None:
    legal.start_counsel_clock(here.incident, at=NOW)
    assert told("counsel") == ["lea"]
    assert [one["role"] for one in again(here.incident).unfilled] == [COUNSEL]


def test_what_is_shown_as_unfilled_is_not_shown_twice(here) -> None:
    here.incident.unfilled = [{"role": COUNSEL, "service": None, "reasons": ["Nobody."]}]
    here.incident.save()
    legal.start_counsel_clock(here.incident, at=NOW)
    assert len(again(here.incident).unfilled) == 1


def test_an_exercise_engages_nobody_who_does_not_play(here) -> None:
    counsel()
    here.incident.kind = "exercise"
    assert legal.start_counsel_clock(here.incident, at=NOW) is not None
    assert engaged(here) == []
    assert told("counsel") == told("assigned") == []


# --- the law on clocks


@pytest.fixture
def hall() -> Room:
    return room()


def test_without_a_law_pinned_only_our_own_policy_is_followed(here) -> None:
    assert legal.reevaluate(here.incident, at=LATER) is None
    assert LegalClock.objects.get().kind == "counsel"


def test_a_duty_starts_its_clock_which_says_all_it_rests_on(hall) -> None:
    hall.record(BREACH)
    clock = hall.clock()
    assert (clock.started_at, clock.due_at) == (NOW, NOW + 72 * HOUR)
    assert clock.permitted_until == NOW + 73 * HOUR
    assert (clock.regime, clock.stage, clock.clock) == (
        "eu-gdpr-art33",
        "notification",
        "awareness",
    )
    assert (clock.is_assumed, clock.is_fixed, clock.zone) == (True, True, "Europe/Berlin")
    assert (clock.recipients, clock.confidence) == (["dpa_eu"], "high")
    assert clock.basis.startswith("GDPR art. 33(1)")
    assert clock.next_nudge_at == NOW + 48 * HOUR
    assert clock.history.get().history_user == hall.ben
    assert hall.kinds() == ["counsel", NOTIFICATION]
    assert last_act().detail["duties_started"] == [NOTIFICATION]


def test_new_duties_are_announced_once_to_counsel_privacy_and_command(hall) -> None:
    hall.record(BREACH)
    hall.record({"customers_affected": 7}, at=LATER + MINUTE)
    assert told("legal-duty") == ["ada", "cora", "petra"]
    message = OutboxMessage.objects.filter(kind="legal-duty").first()
    assert "due 2026-11-26 09:00 UTC (2026-11-26 10:00 Europe/Berlin)" in message.body
    assert "awareness is assumed" in message.body
    assert message.priority == OutboxMessage.Priority.NOTICE
    (entry,) = [
        text
        for text in timeline(hall.incident)
        if text.startswith("By what is known the law asks")
    ]
    assert "due 2026-11-26 09:00 UTC" in entry


def test_what_is_due_within_a_day_wakes_people(hall) -> None:
    hall.record(BREACH, at=NOW + 60 * HOUR)
    messages = OutboxMessage.objects.filter(kind="legal-duty")
    assert {one.priority for one in messages} == {OutboxMessage.Priority.PAGE}


def test_where_nobody_of_them_is_here_leadership_hears(hall) -> None:
    hall.incident.assignments.filter(role__in=(COMMANDER, COUNSEL, PRIVACY)).delete()
    for one in (hall.cora, hall.petra):
        one.qualifications.all().delete()
    hall.record(BREACH)
    assert told("legal-duty") == ["lea"]


def test_an_exercise_is_played_under_the_same_law_and_bothers_only_its_players() -> None:
    played = room(kind="exercise")
    played.incident.assignments.filter(role=COUNSEL).delete()
    factories.person("una", qualified=(COUNSEL,))
    played.record(BREACH)
    assert played.kinds() == ["counsel", NOTIFICATION]
    assert told("legal-duty") == ["ada", "petra"]
    assert told("counsel") == told("assigned") == []


def test_nothing_new_writes_nothing(hall) -> None:
    hall.record(BREACH)
    before = (hall.clock().history.count(), timeline(hall.incident))
    legal.reevaluate(hall.incident, at=LATER + HOUR)
    assert (hall.clock().history.count(), timeline(hall.incident)) == before


def test_a_profile_alone_owes_nothing(hall) -> None:
    assert legal.reevaluate(hall.incident, at=NOW).duty == ()
    assert hall.kinds() == []


def test_when_we_knew_moves_what_is_open_and_the_reminders_with_it(hall) -> None:
    hall.record(BREACH)
    hall.record(clocks={"awareness": NOW + 5 * MINUTE}, at=LATER + MINUTE)
    clock = hall.clock()
    assert (clock.started_at, clock.due_at) == (NOW + 5 * MINUTE, NOW + 72 * HOUR + 5 * MINUTE)
    assert (clock.is_assumed, clock.next_nudge_at) == (False, NOW + 48 * HOUR + 5 * MINUTE)
    (entry,) = [text for text in timeline(hall.incident) if text.startswith("Legal clocks")]
    assert "now due 2026-11-26 09:05 UTC" in entry
    assert entry.endswith("was due 2026-11-26 09:00 UTC.")
    assert last_act().detail["duties_moved"] == [NOTIFICATION]


def test_an_instant_that_is_confirmed_as_assumed_moves_nothing_and_says_nothing(hall) -> None:
    hall.record(BREACH)
    hall.record(clocks={"awareness": NOW}, at=LATER + MINUTE)
    assert not hall.clock().is_assumed
    assert not any(text.startswith("Legal clocks") for text in timeline(hall.incident))


def test_facts_that_call_for_it_no_more_put_it_in_doubt_and_remove_nothing(hall) -> None:
    hall.record(BREACH)
    hall.record({"risk_to_individuals": "unlikely"}, at=LATER + MINUTE)
    clock = hall.clock()
    assert clock.is_open
    assert clock.doubted_at == LATER + MINUTE
    assert clock.doubt == (
        "The risk to the people: was “some harm is possible”, is now “harm is unlikely”."
    )
    assert clock.due_at == NOW + 72 * HOUR
    assert told("legal-doubt") == ["cora"]
    assert last_act().detail["duties_doubted"] == [NOTIFICATION]
    hall.record({"customers_affected": 9}, at=LATER + 2 * MINUTE)
    assert told("legal-doubt") == ["cora"]


def test_a_doubt_is_cleared_once_the_facts_call_for_it_again(hall) -> None:
    hall.record(BREACH)
    hall.record({"risk_to_individuals": "unlikely"}, at=LATER + MINUTE)
    hall.record({"risk_to_individuals": "high"}, at=LATER + 2 * MINUTE)
    clock = hall.clock()
    assert (clock.doubted_at, clock.doubt) == (None, "")
    assert any("call for it again" in text for text in timeline(hall.incident))


def test_what_was_stood_down_for_want_of_facts_starts_anew_with_them(hall) -> None:
    hall.record(BREACH)
    hall.record({"risk_to_individuals": "unlikely"}, at=LATER + MINUTE)
    not_notifying.stand_down_clock(
        hall.incident, clock=hall.clock(), reason="No risk", actor=hall.cora, at=LATER + HOUR
    )
    hall.record({"customers_affected": 9}, at=LATER + 2 * HOUR)
    assert hall.kinds() == ["counsel", NOTIFICATION]
    hall.record({"risk_to_individuals": "risk"}, at=LATER + 3 * HOUR)
    assert hall.kinds() == ["counsel", NOTIFICATION, f"{NOTIFICATION}-2"]
    assert hall.clock().outcome == "stood_down"
    assert hall.clock(f"{NOTIFICATION}-2").due_at == NOW + 72 * HOUR


def test_what_counsel_stood_down_against_the_facts_does_not_come_back(hall) -> None:
    hall.record(BREACH)
    not_notifying.stand_down_clock(
        hall.incident, clock=hall.clock(), reason="No breach", actor=hall.cora, at=LATER + HOUR
    )
    hall.record({"customers_affected": 9}, at=LATER + 2 * HOUR)
    assert hall.kinds() == ["counsel", NOTIFICATION]


def test_counsel_is_called_by_a_rule_of_the_pack_which_the_clock_names(hall) -> None:
    hall.record({"extortion_demand": True})
    clock = hall.clock("counsel")
    assert "(rule extortion)" in clock.basis
    assert (clock.started_at, clock.due_at) == (LATER, LATER + HOUR)


def test_counsel_is_called_once_at_the_first_fact_that_says_so(hall) -> None:
    hall.record(EXPOSED)
    hall.record({"extortion_demand": True}, at=LATER + 30 * MINUTE)
    assert hall.clock("counsel").due_at == LATER + HOUR


# --- the data map and the services


def test_affected_services_prefill_what_nobody_said(hall) -> None:
    holding(hall.incident)
    hall.record({"personal_data_exposure": "confirmed", "risk_to_individuals": "risk"})
    assert hall.kinds() == ["counsel", NOTIFICATION]


def test_what_the_map_assumes_and_people_deny_owes_nothing(hall) -> None:
    holding(hall.incident)
    hall.record({"personal_data_exposure": "possible", "affected_jurisdictions": []})
    assert legal.reevaluate(hall.incident, at=LATER).duty == ()


def test_a_service_that_holds_data_starts_the_duty_when_it_is_affected(hall) -> None:
    hall.record({"personal_data_exposure": "confirmed", "risk_to_individuals": "risk"})
    assert hall.kinds() == ["counsel"]
    service = holding(incident_under(hall.incident.severity_scheme, "sev2")).service
    affected.set_services(hall.incident, services=[service], actor=hall.ben, at=LATER + MINUTE)
    assert hall.kinds() == ["counsel", NOTIFICATION]
    assert last_act().detail["duties_started"] == [NOTIFICATION]


def test_a_service_that_is_not_affected_after_all_puts_its_duty_in_doubt(hall) -> None:
    holding(hall.incident)
    hall.record({"personal_data_exposure": "confirmed", "risk_to_individuals": "risk"})
    affected.set_services(
        hall.incident, services=[factories.service()], actor=hall.ben, at=LATER + MINUTE
    )
    assert "Where the affected people live: was “Germany”" in hall.clock().doubt
    assert hall.clock().is_open
    assert told("legal-doubt") == ["cora"]


# --- declaring, closing, cancelling


@pytest.fixture
def dora():
    return factories.allow(factories.person("dora"), "incidents.declare_incident")


def test_declaring_pins_the_law_in_force_and_follows_it(dora) -> None:
    factories.law()
    law, ours = lawful.pack(), lawful.profile()
    made = declaration.declare(
        title="Stolen laptop", services=[], facts=dict(BREACH), actor=dora, at=NOW
    )
    assert (made.law_pack, made.legal_profile) == (law, ours)
    kinds = list(made.legal_clocks.order_by("kind").values_list("kind", flat=True))
    assert kinds == ["counsel", NOTIFICATION]
    assert {row.name for row in made.facts_said.all()} == set(BREACH)


def test_a_law_approved_later_governs_later_incidents_only(dora) -> None:
    factories.law()
    made = declaration.declare(title="Down", services=[], facts={}, actor=dora, at=NOW)
    lawful.pack()
    lawful.profile()
    assert again(made).law_pack is None
    assert legal.reevaluate(again(made), at=LATER) is None


def test_a_declaration_with_facts_that_cannot_be_is_refused_by_path(dora) -> None:
    factories.law()
    lawful.pack()
    lawful.profile()
    for given, field in (
        ({"data_categories": ["moods"]}, "facts.data_categories"),
        ({"nonsense": 1}, "facts.nonsense"),
        ({"evaluation_date": "2026-01-01"}, "facts.evaluation_date"),
    ):
        with pytest.raises(Invalid) as caught:
            declaration.declare(title="Down", services=[], facts=given, actor=dora, at=NOW)
        assert [reason.field for reason in caught.value.reasons] == [field]


def test_closing_leaves_duties_running_and_cancelling_makes_them_void(hall) -> None:
    hall.record(BREACH)
    lifecycle.resolve(hall.incident, actor=hall.ada, at=LATER)
    lifecycle.close(hall.incident, actor=hall.ada, at=LATER)
    assert hall.clock().is_open
    other = beside(hall)
    other.record(BREACH)
    lifecycle.cancel(other.incident, reason="A drill", actor=other.lea, at=LATER)
    assert {clock.outcome for clock in other.incident.legal_clocks.all()} == {"void"}


def test_what_runs_from_the_end_of_the_handling_begins_with_closing_and_waits_once_reopened() -> (
    None
):
    hall = room(CHINA)
    hall.record({"cn_incident_grade": "relatively_major"})
    summary = next(kind for kind in hall.kinds() if kind.endswith("summary"))
    assert hall.clock(summary).due_at is None
    lifecycle.resolve(hall.incident, actor=hall.ada, at=LATER)
    OutboxMessage.objects.all().delete()
    lifecycle.close(hall.incident, actor=hall.ada, at=LATER + MINUTE)
    clock = hall.clock(summary)
    assert (clock.started_at, clock.is_assumed) == (LATER + MINUTE, False)
    assert clock.due_at is not None
    assert told("legal-duty") == ["ada", "cora", "petra"]
    lifecycle.reopen(hall.incident, reason="Again", actor=hall.ada, at=LATER + HOUR)
    assert hall.clock(summary).due_at is None


def test_a_duty_is_an_occasion_to_notify_and_the_hour_of_counsel_alone_is_none(hall) -> None:
    def stands() -> Standing:
        return adherence.of(again(hall.incident), LATER).lines[0].standing

    pin(hall.incident, line("triage", "Notify", {COUNSEL: "A/R"}, "notify_authority"))
    hall.record(EXPOSED)
    assert stands() is Standing.NO_OCCASION
    hall.record(BREACH, at=LATER + MINUTE)
    assert stands() is Standing.NOT_DUE
    not_notifying.stand_down_clock(
        hall.incident, clock=hall.clock(), reason="No breach", actor=hall.cora, at=LATER + HOUR
    )
    assert stands() is Standing.NO_OCCASION


# --- reminders


def test_a_duty_is_reminded_by_its_own_ladder_with_all_that_is_needed(hall) -> None:
    hall.record(BREACH)
    OutboxMessage.objects.all().delete()
    sweep(NOW + 71 * HOUR)
    (mail,) = OutboxMessage.objects.filter(
        kind="legalclock-nudge", recipient=hall.petra, subject__contains="file “"
    )
    for part in (
        "To: dpa eu",
        "Due 2026-11-26 09:00 UTC (2026-11-26 10:00 Europe/Berlin)",
        "The law allows until 2026-11-26 10:00 UTC",
        "awareness is assumed",
        "GDPR art. 33(1)",
    ):
        assert part in mail.body


def test_a_duty_without_confidence_says_so_in_its_reminder(hall) -> None:
    hall.record(BREACH)
    LegalClock.objects.filter(kind=NOTIFICATION).update(confidence="low")
    sweep(NOW + 71 * HOUR)
    mails = OutboxMessage.objects.filter(kind="legalclock-nudge", subject__contains="file “")
    assert mails.exists()
    assert all("low confidence" in mail.body for mail in mails)


# --- what it costs


def test_the_number_of_statements_does_not_grow_with_the_duties() -> None:
    """A controller and processor of many countries beside one of Germany."""
    one = room()
    with CaptureQueriesContext(connection) as few:
        legal.follow(_knowing(one, BREACH), at=LATER)
    wide = {
        "facts": {
            "operates_in": ["DE", "GB", "US", "US-CA", "US-NY", "BR", "ZA", "JP", "AU"],
            "data_roles": ["controller", "processor"],
            "entity_types": ["business", "au_app_entity"],
        }
    }
    many_places = {"affected_jurisdictions": ["DE", "GB", "US-CA", "US-NY", "BR", "ZA", "JP"]}
    many = {**BREACH, **many_places, "data_categories": ["personal_data", "credentials"]}
    other = beside(one, wide)
    with CaptureQueriesContext(connection) as more:
        legal.follow(_knowing(other, many), at=LATER)
    assert len(other.kinds()) > 3 * len(one.kinds())
    assert len(more) <= len(few)


def _knowing(hall: Room, given) -> object:
    hall.incident.facts = dict(given)
    hall.incident.save()
    return hall.incident
