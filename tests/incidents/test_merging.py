"""Duplicates become one incident, two troubles in one become two, and what hangs together says so."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group

from incidents.models import (
    Alert,
    FactSaid,
    Incident,
    IncidentLink,
    OutboxMessage,
    UpdateClock,
    UpdateDue,
)
from incidents.operations import legal
from incidents.operations.filing import file_notice
from incidents.operations.linking import relate
from incidents.operations.merging import merge, split
from incidents.operations.records import next_number
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, RESPONDER
from tests import factories
from tests.factories import NOW
from tests.incidents.legal_room import BREACH, NOTIFICATION, beside, holding, room
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    hold,
    incident_under,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)
from tests.incidents.test_update import published

pytestmark = pytest.mark.django_db

SAME = "Both began with the same deployment"


@pytest.fixture
def stage() -> Scene:
    """Ada commands INC-1, which affects payments."""
    made = scene()
    made.incident.services.add(factories.service())
    return made


@pytest.fixture
def other(stage) -> Incident:
    """INC-2, which Zoe commands and which affects search."""
    made = incident_under(stage.incident.severity_scheme, "sev2", title="Search is slow")
    made.services.add(factories.service("search"))
    hold(made, responder(factories.person("zoe")), COMMANDER)
    return made


def links(kind: str = "duplicate") -> list[tuple[str, str]]:
    rows = IncidentLink.objects.filter(kind=kind)
    return list(rows.values_list("incident__reference", "other__reference"))


def ended(incident: Incident, state: str = "cancelled") -> Incident:
    incident.assignments.open().update(ended_at=NOW)
    at = NOW if state == "closed" else None
    Incident.objects.filter(pk=incident.pk).update(state=state, closed_at=at)
    return again(incident)


# --- Merging


def test_a_duplicate_ends_and_the_other_goes_on_with_its_services(stage, other) -> None:
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    gone, kept = again(stage.incident), again(other)
    assert (gone.state, gone.review_due_at, gone.is_review_owed) == ("cancelled", None, False)
    assert {one.end_reason for one in gone.assignments.all()} == {"Merged into INC-2"}
    assert not gone.assignments.open().exists()
    assert kept.state == "triage"
    assert {each.slug for each in kept.services.all()} == {"payments", "search"}
    assert links() == [("INC-1", "INC-2")]
    assert timeline(gone) == [f"Merged into INC-2: {SAME}"]
    assert timeline(kept) == [
        f"INC-1 “Checkout is down” was merged into this: {SAME}\nAffected as well: Payments."
    ]


def test_merging_leaves_one_line_about_each_and_both_are_new_to_who_looks(stage, other) -> None:
    before = again(other).revision
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert acts() == ["take_in", "merge"]
    assert last_act().detail == {"into": "INC-2", "reason": SAME, "pages_withdrawn": 0}
    assert again(other).revision == before + 1


def test_whoever_runs_either_and_owns_a_service_is_told_and_not_the_actor(stage, other) -> None:
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert told("linked") == ["ben", "payments-owner", "zoe"]
    subjects = OutboxMessage.objects.filter(kind="linked").values_list("subject", flat=True)
    assert set(subjects) == {
        "INC-1: merged into INC-2",
        "INC-2: INC-1 was merged into it",
    }


def test_severity_is_judged_anew_and_proposed_never_applied(stage, other) -> None:
    stage.incident.facts = {"customers_affected": 5000}
    stage.incident.save()
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    kept = again(other)
    assert kept.facts == {"customers_affected": 5000}
    assert (kept.level.code, kept.computed_level.code) == ("sev2", "sev1")
    assert told("severity-proposed") == ["zoe"]


def test_a_legal_question_keeps_its_earlier_hour(stage, other) -> None:
    stage.incident.facts = {"personal_data_exposure": "possible"}
    stage.incident.save()
    theirs = legal.start_counsel_clock(stage.incident, at=NOW)
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=NOW + 30 * MINUTE)
    ours = other.legal_clocks.get()
    assert (ours.started_at, ours.due_at) == (NOW, theirs.due_at)
    assert ours.next_nudge_at is not None
    assert (again(theirs).outcome, again(theirs).settled_at) == ("void", NOW + 30 * MINUTE)
    assert again(other).facts == {"personal_data_exposure": "possible"}


def test_a_question_answered_there_is_not_asked_again(stage, other) -> None:
    for each in (stage.incident, other):
        each.facts = {"personal_data_exposure": "possible"}
        each.save()
    legal.start_counsel_clock(stage.incident, at=NOW)
    answered = legal.start_counsel_clock(other, at=NOW + MINUTE)
    answered.settled_at, answered.settled_by, answered.answer = NOW, stage.lea, "None owed"
    answered.outcome = "met"
    answered.save()
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert again(answered).answer == "None owed"
    assert again(answered).started_at == NOW + MINUTE


@pytest.fixture
def owing() -> tuple[Any, Any]:
    """Two incidents under one law: of the first art. 33 GDPR is owed, of the second not yet."""
    first = room()
    first.record(BREACH)
    return first, beside(first)


def both_merged(owing: tuple[Any, Any], **fields: Any) -> Any:
    first, second = owing
    said = {"reason": SAME, "actor": first.lea, "at": LATER + MINUTE} | fields
    merge(first.incident, into=second.incident, **said)
    return replace(second, incident=again(second.incident))


def test_a_duty_of_the_duplicate_is_owed_by_the_other_with_what_was_said_and_by_whom(
    owing,
) -> None:
    kept = both_merged(owing)
    assert kept.kinds() == ["counsel", NOTIFICATION]
    assert kept.clock().due_at == NOW + 72 * 60 * MINUTE
    assert {clock.outcome for clock in owing[0].incident.legal_clocks.all()} == {"void"}
    rows = FactSaid.objects.filter(incident=kept.incident)
    assert {row.name for row in rows} == set(BREACH)
    assert {(row.said_by, row.said_at) for row in rows} == {(kept.ben, LATER)}
    assert {row.source for row in rows} == {"INC-1: "}


def test_the_earlier_detection_counts_also_when_the_law_is_followed_later(owing) -> None:
    first, _ = owing
    Incident.objects.filter(pk=first.incident.pk).update(detected_at=NOW - 60 * MINUTE)
    kept = both_merged(owing)
    assert kept.clock().due_at == NOW + 71 * 60 * MINUTE
    kept.record({"customers_affected": 9}, at=LATER + 2 * MINUTE)
    assert kept.clock().due_at == NOW + 71 * 60 * MINUTE


def test_the_earlier_awareness_holds_whichever_was_said_last(owing) -> None:
    first, second = owing
    first.record(clocks={"awareness": NOW + MINUTE})
    second.record(clocks={"awareness": NOW + 5 * MINUTE}, at=LATER + MINUTE)
    kept = both_merged(owing)
    assert kept.clock().started_at == NOW + MINUTE


def test_what_was_filed_because_of_the_duplicate_was_filed(owing) -> None:
    first, _ = owing
    file_notice(
        first.incident, clock=first.clock(), sent_at=LATER, reference="BE-7",
        actor=first.petra, at=LATER,
    )  # fmt: skip
    kept = both_merged(owing)
    assert (kept.clock().outcome, kept.clock().settled_at) == ("met", LATER)
    (copy,) = kept.clock().filings.all()
    assert (copy.reference, copy.sent_by) == ("BE-7", first.petra)
    assert copy.note == "As recorded in INC-1."


def test_what_ran_there_and_is_no_duty_here_runs_on_until_counsel_says(owing) -> None:
    first, second = owing
    Incident.objects.filter(pk=second.incident.pk).update(law_pack=None, legal_profile=None)
    kept = both_merged((first, replace(second, incident=again(second.incident))))
    assert kept.clock().is_open
    assert kept.clock().next_nudge_at is not None


def test_what_ran_there_and_the_facts_here_do_not_call_for_is_put_before_counsel(owing) -> None:
    first, second = owing
    second.record({"affected_jurisdictions": ["JP"]}, at=LATER)
    kept = both_merged((first, second))
    clock = kept.clock()
    assert clock.is_open
    assert clock.doubted_at == LATER + MINUTE
    assert told("legal-doubt") == ["cora"]


def test_whoever_decided_was_aware_the_earlier_of_both_holds_for_all(owing) -> None:
    first, second = owing
    first.record(clocks={"awareness": NOW + MINUTE})
    second.record(clocks={"discovery": NOW + 5 * MINUTE}, at=LATER)
    kept = both_merged(owing)
    assert kept.clock().started_at == NOW + MINUTE
    assert kept.clock().due_at == NOW + 72 * 60 * MINUTE + MINUTE
    kept.record({"customers_affected": 9}, at=LATER + 2 * MINUTE)


def test_the_graver_exposure_holds_and_is_said_by_whoever_merged(owing) -> None:
    first, second = owing
    second.record({"personal_data_exposure": "possible"}, at=LATER + MINUTE)
    kept = both_merged(owing, at=LATER + 2 * MINUTE)
    assert kept.incident.facts["personal_data_exposure"] == "confirmed"
    assert kept.clock().doubted_at is None
    last = FactSaid.objects.filter(incident=kept.incident, name="personal_data_exposure").last()
    assert (last.value, last.said_by) == ("confirmed", first.lea)


def test_when_somebody_knew_there_counts_where_nobody_knew_it_here(owing) -> None:
    first, second = owing
    first.record(clocks={"awareness": NOW + MINUTE})
    second.record(unknown=["awareness"], at=LATER + MINUTE)
    kept = both_merged(owing)
    assert (kept.clock().started_at, kept.clock().is_assumed) == (NOW + MINUTE, False)


def test_counsel_called_by_the_law_there_is_called_where_no_law_is_pinned() -> None:
    first = room()
    first.record({"extortion_demand": True})
    kept = incident_under(first.incident.severity_scheme, "sev2", reference="INC-9")
    merge(first.incident, into=kept, reason=SAME, actor=first.lea, at=LATER + MINUTE)
    assert kept.legal_clocks.get(kind="counsel").due_at == LATER + 60 * MINUTE


def test_facts_that_contradict_each_other_before_the_law_hold_up_no_merge(owing) -> None:
    _, second = owing
    second.record({"data_categories": ["none"]})
    kept = both_merged(owing)
    assert kept.incident.facts["personal_data_exposure"] == "confirmed"
    assert kept.incident.state == "triage"
    assert kept.clock("counsel").is_open


def test_its_clocks_end_and_its_alerts_move_along(stage, other) -> None:
    clock = UpdateClock.objects.create(
        incident=stage.incident, audience="internal", due_at=LATER
    )
    alert = Alert.objects.create(
        source="grafana", external_id="a-1", title="Down", detected_at=NOW, received_at=NOW,
        status="accepted", incident=stage.incident, decided_by=stage.ada, decided_at=NOW,
    )  # fmt: skip
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert again(clock).due_at is None
    assert again(alert).incident == other


def test_who_was_told_of_the_duplicate_hears_again_when_it_was_promised(stage, other) -> None:
    promised = LATER + 20 * MINUTE
    published(stage, audience="public", promised_next_at=promised)
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    clock = other.update_clocks.get(audience="public")
    assert (clock.due_at, clock.next_nudge_at is None) == (promised, False)
    hold(other, stage.ben, COMMUNICATIONS)
    there = replace(stage, incident=again(other), ada=stage.lea)
    published(there, at=LATER)
    assert again(clock).due_at == promised
    published(there, audience="public", at=LATER + MINUTE)
    [due] = UpdateDue.objects.filter(audience="public")
    assert (due.incident, due.due_at, due.answered_at) == (other, promised, LATER + MINUTE)


def test_once_the_other_is_resolved_nobody_waits_for_word(stage, other) -> None:
    published(stage, audience="public", promised_next_at=LATER + 20 * MINUTE)
    Incident.objects.filter(pk=other.pk).update(resolved_at=LATER)
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert not other.update_clocks.exists()


def test_what_was_merged_into_the_duplicate_leads_to_the_final_one(stage, other) -> None:
    third = incident_under(stage.incident.severity_scheme, "sev2")
    merge(third, into=stage.incident, reason=SAME, actor=stage.lea, at=LATER)
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert links() == [("INC-3", "INC-2"), ("INC-1", "INC-2")]


def test_nothing_is_merged_into_what_was_merged_itself_nor_twice(stage, other) -> None:
    third = incident_under(stage.incident.severity_scheme, "sev2")
    merge(other, into=third, reason=SAME, actor=stage.lea, at=LATER)
    with refused("other_was_merged") as why:
        merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert "merge into that one" in str(why.value)
    assert "INC-3" in str(why.value)
    with refused("wrong_state") as why:
        merge(other, into=stage.incident, reason=SAME, actor=stage.lea, at=LATER)
    assert "The last act was Lea's: Merge into another" in str(why.value)
    merge(stage.incident, into=third, reason=SAME, actor=stage.ada, at=LATER)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_nothing_is_merged_into_what_is_over(stage, other, state) -> None:
    ended(other, state)
    with refused("other_is_over"):
        merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert again(stage.incident).state == "triage"


def test_nothing_is_merged_into_itself(stage) -> None:
    with refused("same_incident", Invalid):
        merge(
            stage.incident, into=again(stage.incident), reason=SAME, actor=stage.ada, at=LATER
        )


def test_an_exercise_and_the_real_thing_are_never_mixed(stage, other) -> None:
    Incident.objects.filter(pk=other.pk).update(kind="exercise")
    for one, two, actor in (
        (stage.incident, other, stage.ada),
        (other, stage.incident, stage.lea),
    ):
        with refused("exercise_with_real"):
            merge(one, into=two, reason=SAME, actor=actor, at=LATER)
        with refused("exercise_with_real"):
            relate(one, to=two, kind="related", reason=SAME, actor=stage.lea, at=LATER)


def test_a_merge_needs_a_reason(stage, other) -> None:
    with refused("reason_missing", Invalid):
        merge(stage.incident, into=other, reason=" ", actor=stage.ada, at=LATER)


def test_only_the_commander_and_leadership_merge(stage, other) -> None:
    for who, code in ((stage.ben, "not_your_role"), (stage.dan, "no_permission")):
        with refused(code, NotPermitted):
            merge(stage.incident, into=other, reason=SAME, actor=who, at=LATER)
    merge(stage.incident, into=other, reason=SAME, actor=stage.lea, at=LATER)


def test_nobody_finds_a_private_incident_by_merging_into_it(stage, other) -> None:
    Incident.objects.filter(pk=other.pk).update(is_private=True)
    with refused("unknown_incident", Invalid):
        merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    hold(other, stage.ada, RESPONDER)
    merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)


def test_a_private_one_is_not_told_of_in_one_that_everybody_sees(stage, other) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    with refused("private_into_open"):
        merge(stage.incident, into=other, reason=SAME, actor=stage.ada, at=LATER)
    assert timeline(other) == []


# --- Splitting


@pytest.fixture
def both(stage) -> list[Any]:
    """INC-1 affects search as well."""
    factories.matrix_version()
    next_number("INC")  # the scene's own
    search = factories.service("search")
    stage.incident.services.add(search)
    return [stage.incident.services.get(slug="payments"), search]


def split_search(stage: Scene, both: list[Any], **more: Any) -> Incident:
    said = {
        "title": "Search is slow", "services": both[1:], "reason": "Another cause",
        "actor": stage.ada, "at": LATER,
    }  # fmt: skip
    factories.allow(stage.ada, "incidents.declare_incident")
    return split(stage.incident, **(said | more))


def test_a_part_is_declared_on_its_own_and_its_services_go_with_it(stage, both) -> None:
    made = split_search(stage, both)
    assert (made.title, made.kind, made.detected_at) == ("Search is slow", "incident", NOW)
    assert [each.slug for each in made.services.all()] == ["search"]
    assert [each.slug for each in again(stage.incident).services.all()] == ["payments"]
    assert links("split") == [(made.reference, "INC-1")]
    assert "Split from INC-1: Another cause" in timeline(made)
    assert timeline(stage.incident) == [f"Split off as {made.reference}: Search. Another cause"]
    assert acts() == ["declare", "split"]
    assert told("linked") == ["ben"]


def test_both_parts_are_judged_anew(stage, both) -> None:
    stage.incident.facts = {"customers_affected": 5000}
    stage.incident.save()
    made = split_search(stage, both)
    assert (made.facts, made.level.code) == ({"customers_affected": 5000}, "sev1")
    assert again(stage.incident).computed_level.code == "sev1"


def test_what_goes_with_a_service_is_owed_where_it_goes_and_doubted_where_it_was() -> None:
    stage = room()
    factories.matrix_version()
    next_number("INC")  # the room's own
    stage.incident.services.add(factories.service())
    crm = holding(stage.incident).service
    stage.record({"personal_data_exposure": "confirmed", "risk_to_individuals": "risk"})
    factories.allow(stage.ada, "incidents.declare_incident")
    made = split(
        stage.incident, title="CRM", services=[crm], reason="Another cause", actor=stage.ada,
        at=LATER + MINUTE,
    )  # fmt: skip
    assert made.legal_clocks.get(kind=NOTIFICATION).is_open
    assert stage.clock().is_open
    assert "Where the affected people live: was “Germany”" in stage.clock().doubt
    assert {row.source for row in made.facts_said.all()} == {"split from INC-1"}


@pytest.mark.parametrize(
    ("which", "code"),
    [([], "services_missing"), ([0, 1], "none_would_stay"), ([2], "not_affected")],
)
def test_some_go_and_some_stay(stage, both, which, code) -> None:
    services = [*both, factories.service("fax")]
    with refused(code, Invalid):
        split_search(stage, both, services=[services[each] for each in which])
    assert Incident.objects.count() == 1
    split_search(stage, both, services=[both[1], both[1]])


def test_a_split_needs_a_title_and_a_reason(stage, both) -> None:
    for said in ({"title": " "}, {"reason": " "}):
        (field,) = said
        with refused(f"{field}_missing", Invalid):
            split_search(stage, both, **said)
    assert stage.incident.services.count() == 2


def test_what_is_split_from_a_private_incident_is_private(stage, both) -> None:
    group = Group.objects.create(name="security")
    stage.incident.is_private = True
    stage.incident.save()
    stage.incident.seen_by.add(group)
    made = split_search(stage, both)
    assert again(made).is_private
    assert list(made.seen_by.all()) == [group]


def test_only_the_commander_and_leadership_split(stage, both) -> None:
    for who, code in ((stage.ben, "not_your_role"), (stage.dan, "no_permission")):
        with refused(code, NotPermitted):
            split_search(stage, both, actor=who)
    ended(stage.incident)
    with refused("wrong_state"):
        split_search(stage, both, actor=stage.lea)


# --- Relating


def test_how_two_hang_together_stands_on_both_timelines(stage, other) -> None:
    link = relate(
        stage.incident, to=other, kind="caused", reason="Its queue", actor=stage.ben, at=LATER
    )
    assert str(link) == "INC-1 was caused by INC-2"
    assert timeline(stage.incident) == ["It was caused by INC-2: Its queue"]
    assert timeline(other) == ["INC-1 was caused by INC-2: Its queue"]
    assert acts() == ["relate"]


def test_it_is_said_once(stage, other) -> None:
    def say(one: Incident, two: Incident, kind: str) -> None:
        relate(one, to=two, kind=kind, reason="Same week", actor=stage.lea, at=LATER)

    say(stage.incident, other, "related")
    for one, two in ((stage.incident, other), (other, stage.incident)):
        with refused("linked_already"):
            say(one, two, "related")
    say(stage.incident, other, "caused")
    with refused("caused_each_other"):
        say(other, stage.incident, "caused")
    with refused("linked_already"):
        say(stage.incident, other, "caused")


def test_what_is_over_may_be_related(stage, other) -> None:
    ended(other, "closed")
    relate(stage.incident, to=other, kind="related", reason="Same", actor=stage.ben, at=LATER)


@pytest.mark.parametrize("kind", ["duplicate", "split", "", "cousin"])
def test_only_two_kinds_are_related_by_hand(stage, other, kind) -> None:
    with refused("unknown_kind", Invalid):
        relate(stage.incident, to=other, kind=kind, reason="Same", actor=stage.ben, at=LATER)


def test_who_may_not_relates_nothing(stage, other) -> None:
    for who, code in ((stage.cleo, "not_your_role"), (stage.dan, "no_permission")):
        with refused(code, NotPermitted):
            relate(stage.incident, to=other, kind="related", reason="Same", actor=who, at=LATER)
    for problem in ({"to": again(stage.incident)}, {"reason": ""}):
        said = {"to": other, "reason": "Same"} | problem
        code = "same_incident" if "to" in problem else "reason_missing"
        with refused(code, Invalid):
            relate(stage.incident, kind="related", actor=stage.ben, at=LATER, **said)


def test_a_private_one_is_told_of_only_within(stage, other) -> None:
    Incident.objects.filter(pk=other.pk).update(is_private=True)
    with refused("unknown_incident", Invalid):
        relate(stage.incident, to=other, kind="related", reason="x", actor=stage.ben, at=LATER)
    hold(other, stage.ben, RESPONDER)
    relate(stage.incident, to=other, kind="related", reason="x", actor=stage.ben, at=LATER)
    assert timeline(stage.incident) == []
    assert timeline(other) == ["INC-1 is related to INC-2: x"]
