"""Ticking off, explaining, and reading how an incident followed its matrix: rows, page, API."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Incident, Omission, Performance
from incidents.operations import (
    adherence,
    command,
    consultation,
    decision,
    lifecycle,
)
from incidents.operations.performance import explain, perform
from incidents.rules.adherence import Standing
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import callers, factories
from tests.factories import NOW
from tests.incidents.admin_room import member, page_of, signed_in, text_of
from tests.incidents.lines import line, pin, row
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

MINE = {COMMANDER: "A/R", COMMUNICATIONS: "I"}
LINES = (
    line("preparation", "Test the pager", MINE),
    line("detection", "Call the team", MINE, within=5),
    line("triage", "Set up a room", MINE),
    line("triage", "Decide", {COMMANDER: "A/R", COMMUNICATIONS: "C"}, "decide"),
    line("mitigation", "Watch the graphs", {COMMUNICATIONS: "A/R"}),
    line("review", "Review it", {COMMANDER: "A", DEPUTY: "R"}, "review"),
)
QUERIES = 7  # at most, for all the rows; the incident itself beside them
PAGE_QUERIES = 15


@pytest.fixture
def here() -> Scene:
    made = scene()
    pin(made.incident, *LINES)
    return made


def tick(here: Scene, name: str = "Set up a room", at=LATER, **fields) -> Performance:
    given = {"actor": here.ada} | fields
    return perform(here.incident, activity=row(here.incident, name), at=at, **given)


def why(here: Scene, name: str, at=LATER, **fields) -> Incident:
    given = {"reason": "There was no time", "actor": here.ada} | fields
    return explain(here.incident, activity=row(here.incident, name), at=at, **given)


def standings(incident: Incident, at=LATER) -> dict[str, Standing]:
    return {
        each.activity.name: each.standing for each in adherence.of(again(incident), at).lines
    }


# --- ticking off


def test_what_is_done_outside_is_ticked_off_and_told(here) -> None:
    done = tick(here, note="In room 4", happened_at=NOW + MINUTE)
    assert (done.done_by, done.done_at, done.role_id) == (here.ada, NOW + MINUTE, COMMANDER)
    assert (done.verb, done.note, done.departures) == ("", "In room 4", [])
    assert told("informed") == ["ben"]
    assert "Done: Set up a room: In room 4" in timeline(here.incident)
    assert last_act().verb == "perform"
    assert standings(here.incident)["Set up a room"] is Standing.DONE


def test_it_is_ticked_off_once(here) -> None:
    tick(here)
    with refused("already_done") as caught:
        tick(here)
    assert "Ada did it at 2026-11-23 09:10 UTC" in str(caught.value)


def test_what_a_verb_does_is_not_ticked_off(here) -> None:
    with refused("done_by_its_verb") as caught:
        tick(here, "Decide")
    assert "“Record a decision”" in str(caught.value)


def test_what_is_done_in_calm_or_elsewhere_is_not_ticked_off(here) -> None:
    with refused("not_of_an_incident", Invalid):
        tick(here, "Test the pager")
    other = Incident.objects.create(reference="INC-9", title="Other", declared_at=NOW)
    foreign = pin(other, line("triage", "Elsewhere", MINE)).activities.get()
    with refused("activity_of_another_matrix", Invalid):
        perform(here.incident, activity=foreign, actor=here.ada, at=LATER)


def test_it_cannot_be_done_in_the_future(here) -> None:
    with refused("instant_in_the_future", Invalid):
        tick(here, happened_at=LATER + MINUTE)


def test_an_act_bound_to_no_verb_is_ticked_off_after_the_end(here) -> None:
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    lifecycle.close(here.incident, actor=here.ada, at=LATER)
    done = tick(here, "Review it", LATER + MINUTE)
    assert (done.role_id, done.departures) == (COMMANDER, [])


def test_only_who_is_here_ticks_off_and_explains(here) -> None:
    for act in (tick, lambda *a, **k: why(here, "Call the team", **k)):
        with refused("no_permission", NotPermitted):
            act(here, actor=here.dan)
        with refused("not_your_role", NotPermitted):
            act(here, actor=here.cleo)
    assert tick(here, actor=here.lea).done_by == here.lea


# --- explaining


def test_a_departure_is_explained_once(here) -> None:
    tick(here, "Watch the graphs", at=LATER)
    why(here, "Watch the graphs", reason="Ben was on the phone")
    done = Performance.objects.get()
    assert (done.reason, done.reason_by) == ("Ben was on the phone", here.ada)
    assert done.history.count() == 2
    assert last_act().verb == "explain"
    with refused("nothing_to_explain"):
        why(here, "Watch the graphs")


def test_what_was_not_done_is_explained_once(here) -> None:
    why(here, "Call the team")
    said = Omission.objects.get()
    assert (said.reason, said.explained_by) == ("There was no time", here.ada)
    with refused("nothing_to_explain"):
        why(here, "Call the team")


def test_what_was_done_as_the_matrix_says_owes_no_reason(here) -> None:
    tick(here)
    with refused("nothing_to_explain"):
        why(here, "Set up a room")


def test_a_reason_is_words(here) -> None:
    with refused("reason_missing", Invalid):
        why(here, "Call the team", reason=" ")


# --- measuring


def test_each_line_stands_where_the_incident_does(here) -> None:
    assert standings(here.incident) == {
        "Call the team": Standing.NOT_DONE,
        "Set up a room": Standing.NOT_DUE,
        "Decide": Standing.NO_OCCASION,
    }
    decision.decide(here.incident, question="?", decision="Yes", actor=here.ada, at=LATER)
    lifecycle.advance(here.incident, to="mitigation", actor=here.ada, at=LATER)
    assert standings(here.incident) == {
        "Call the team": Standing.NOT_DONE,
        "Set up a room": Standing.NOT_DONE,
        "Decide": Standing.DONE,
        "Watch the graphs": Standing.NOT_DUE,
    }


def test_without_a_matrix_there_is_nothing_to_measure() -> None:
    measured = adherence.of(scene().incident, LATER)
    assert (measured.lines, measured.share) == ((), None)


def test_command_without_gap_from_declaration_to_the_end(here) -> None:
    assert adherence.of(here.incident, LATER).command_faults == ()
    here.incident.assignments.filter(role=COMMANDER).update(
        assigned_at=NOW + MINUTE, ended_at=NOW + 3 * MINUTE
    )
    gaps = adherence.of(here.incident, LATER).command_faults
    assert [(each.begins_at, each.ends_at) for each in gaps] == [
        (NOW, NOW + MINUTE),
        (NOW + 3 * MINUTE, None),
    ]


def test_nobody_need_command_between_closing_and_coming_back(here) -> None:
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    lifecycle.close(here.incident, actor=here.ada, at=LATER)
    assert adherence.of(here.incident, LATER).command_faults == ()
    factories.allow(here.ada, "incidents.reopen_incident")
    lifecycle.reopen(
        here.incident, reason="Again", actor=here.ada, at=LATER + timedelta(hours=3)
    )
    assert adherence.of(here.incident, LATER + timedelta(hours=4)).command_faults == ()


def test_what_was_cancelled_owes_nothing_and_was_commanded(here) -> None:
    lifecycle.cancel(here.incident, reason="A test", actor=here.ada, at=LATER)
    measured = adherence.of(again(here.incident), LATER + timedelta(days=1))
    assert (measured.owed, measured.command_faults) == ((), ())


@pytest.mark.parametrize("size", [1, 5])
def test_measuring_costs_the_same_however_much_was_done(
    here, size, django_assert_max_num_queries
) -> None:
    for number in range(size):
        decision.decide(
            here.incident, question="?", decision="Yes", actor=here.ada,
            at=LATER + number * MINUTE,
        )  # fmt: skip
    incident = Incident.objects.select_related("level").get(pk=here.incident.pk)
    with django_assert_max_num_queries(QUERIES):
        assert len(adherence.of(incident, LATER).lines[2].performed) == size


# --- the page


def address(incident: Incident) -> str:
    return reverse("admin:incidents_incident_adherence", args=[incident.pk])


def staff(person) -> None:
    person.is_staff = True
    person.save()
    factories.allow(person, "incidents.view_incident")


def test_the_page_says_what_was_done_and_asks_why_not(here) -> None:
    staff(here.ada)
    tick(here, note="In room 4")
    client = signed_in(here.ada)
    text = text_of(client.get(address(here.incident)))
    for words in (
        "Departures nobody explained", "Call the team", "It was not done.", "Explain",
        "Set up a room", "Ada as Incident commander", "In room 4", "0 of 1", "50 %",
    ):  # fmt: skip
        assert words in text, words
    assert "Test the pager" not in text


def test_a_reason_given_on_the_page_is_kept_and_leads_back(here) -> None:
    staff(here.ada)
    client = signed_in(here.ada)
    said = {"activity": row(here.incident, "Call the team").pk, "reason": "They were awake"}
    response = client.post(page_of(here.incident, "explain"), said)
    assert response["Location"] == address(here.incident)
    text = text_of(client.get(address(here.incident)))
    assert "Not done: “They were awake” Ada" in text
    assert "It was not done." not in text


def test_an_activity_is_ticked_off_on_the_page(here) -> None:
    staff(here.ada)
    client = signed_in(here.ada)
    page = client.get(address(here.incident)).content.decode()
    assert 'aria-label="Mark done: Set up a room"' in page
    assert 'aria-label="Mark done: Decide"' not in page
    response = client.post(
        page_of(here.incident, "perform"), {"activity": row(here.incident, "Set up a room").pk}
    )
    assert response["Location"] == address(here.incident)
    assert Performance.objects.get().activity.name == "Set up a room"


def test_an_auditor_reads_the_page_and_is_offered_nothing(here) -> None:
    page = signed_in(member("olga", "auditor")).get(address(here.incident))
    assert page.status_code == 200
    text = text_of(page)
    assert "It was not done." in text
    for act in ("Mark done", "Explain:"):
        assert act not in page.content.decode()


def test_who_may_not_see_the_incident_may_not_see_its_adherence(here) -> None:
    staff_without = member("dana")
    assert signed_in(staff_without).get(address(here.incident)).status_code == 403
    assert (
        signed_in(member("olga", "auditor"))
        .get(reverse("admin:incidents_incident_adherence", args=["INC-999"]))
        .status_code
        == 404
    )


def test_without_a_matrix_the_page_says_so() -> None:
    made = scene()
    text = text_of(signed_in(member("olga", "auditor")).get(address(made.incident)))
    assert "nothing to measure it by" in text


@pytest.mark.parametrize("size", [1, 5])
def test_the_page_costs_the_same_however_much_it_shows(
    here, size, django_assert_max_num_queries
) -> None:
    lines = [line("triage", f"Step {number}", MINE) for number in range(size)]
    pin(here.incident, *lines)
    for each in lines:
        tick(here, each.name)
    client = signed_in(member("lena", "leadership"))
    client.get(address(here.incident))
    with django_assert_max_num_queries(PAGE_QUERIES):
        assert client.get(address(here.incident)).status_code == 200


# --- the incident page


def test_the_incident_page_shows_whom_it_waits_for_and_asks_who_was_asked(here) -> None:
    for who in (here.ada, here.ben):
        staff(who)
    asked = consultation.consult(
        here.incident, activity=row(here.incident, "Decide"), question="Roll back?",
        actor=here.ada, at=again(here.incident).declared_at,
    )  # fmt: skip
    type(asked).objects.update(proceeds_at="2099-01-01T00:00Z")
    hers = signed_in(here.ada).get(page_of(here.incident))
    his = signed_in(here.ben).get(page_of(here.incident))
    assert "Consulting on “Decide” , asked by Ada: Roll back?" in text_of(hers)
    assert "Ben (Communications lead): not answered yet" in text_of(hers)
    assert "Ada asks you before “Decide”:" in text_of(his)
    assert page_of(here.incident, "advise") in his.content.decode()
    assert page_of(here.incident, "advise") not in hers.content.decode()
    assert "consult" in {offer.verb.name for offer in his.context["offers"]}
    response = signed_in(here.ben).post(
        page_of(here.incident, "advise"), {"consultation": asked.pk, "answer": "Do"}
    )
    assert response.status_code == 302
    assert "Consulting on" not in text_of(signed_in(here.ada).get(page_of(here.incident)))


def test_consulting_is_offered_only_where_the_matrix_consults(here) -> None:
    staff(here.ada)
    pin(here.incident, line("triage", "Set up a room", MINE))
    page = signed_in(here.ada).get(page_of(here.incident))
    assert "consult" not in {offer.verb.name for offer in page.context["offers"]}


@pytest.mark.parametrize("size", [1, 4])
def test_consultations_cost_the_incident_page_one_statement(
    here, size, django_assert_max_num_queries
) -> None:
    for number in range(size):
        consultation.consult(
            here.incident, activity=row(here.incident, "Decide"), question="?",
            proceed_at_once="No time", actor=here.ada, at=LATER + number * MINUTE,
        )  # fmt: skip
    client = signed_in(member("lena", "leadership"))
    client.get(page_of(here.incident))
    with django_assert_max_num_queries(17):
        client.get(page_of(here.incident))


@pytest.mark.parametrize("verb", ["consult", "advise", "perform", "explain"])
def test_each_verb_has_its_page_and_its_permission(here, verb) -> None:
    staff(here.ada)
    assert signed_in(here.ada).get(page_of(here.incident, verb)).status_code == 200
    for who in ("auditor", "planner"):
        page = signed_in(member(who, who)).get(page_of(here.incident, verb))
        assert page.status_code == 403


# --- the API


@pytest.fixture
def ada() -> callers.Caller:
    return callers.ada()


def test_the_api_tells_the_adherence(ada) -> None:
    made = scene_of(ada)
    said = ada.get(f"/incidents/{made.reference}/adherence").json()
    assert (said["owed"], said["done"], said["timed"], said["share"]) == (1, 0, 1, 0.0)
    first = said["lines"][0]
    assert (first["name"], first["standing"]) == ("Call the team", "not_done")
    assert first["departures"] == [{"code": "not_done", "message": "It was not done."}]
    ada.act(made.reference, "explain", {"activity": first["activity"], "reason": "Awake"})
    room = said["lines"][1]["activity"]
    ada.act(made.reference, "perform", {"activity": room, "note": "Room 4"})
    said = ada.get(f"/incidents/{made.reference}/adherence").json()
    assert (said["done"], said["departed"], said["explained"]) == (1, 1, 1)
    assert said["lines"][0]["omitted_because"] == "Awake"
    assert said["lines"][1]["performed"][0]["by"] == "ada"
    assert said["command_faults"] == []


def scene_of(ada: callers.Caller) -> Incident:
    incident = Incident.objects.create(
        reference="INC-7", title="x", declared_at=NOW, state="triage", acknowledged_at=NOW
    )
    pin(incident, *LINES)
    hold(incident, ada.person, COMMANDER)
    return incident


def test_the_api_asks_and_answers(ada) -> None:
    made, ben = scene_of(ada), callers.ben()
    hold(made, ben.person, COMMUNICATIONS)
    activity = row(made, "Decide").pk
    ada.act("INC-7", "consult", {"activity": activity, "question": "Roll back?"})
    (asked,) = ada.get("/incidents/INC-7/adherence").json()["consultations"]
    assert asked["advice"] == [
        {"person": "ben", "role": COMMUNICATIONS, "answer": "", "answered_at": None}
    ]
    refusal = ada.post("/incidents/INC-7/advise", {"consultation": asked["id"], "answer": "x"})
    assert (refusal.status_code, callers.codes(refusal)) == (403, ["not_your_role"])
    ben.act("INC-7", "advise", {"consultation": asked["id"], "answer": "Yes"})
    (asked,) = ada.get("/incidents/INC-7/adherence").json()["consultations"]
    assert asked["advice"][0]["answer"] == "Yes"


@pytest.mark.parametrize(
    ("verb", "body", "code", "field"),
    [
        ("consult", {"activity": 99999, "question": "?"}, "unknown_activity", "activity"),
        ("perform", {"activity": 0}, "greater_than_equal", "activity"),
        ("explain", {"activity": 99999, "reason": "x"}, "unknown_activity", "activity"),
        ("advise", {"consultation": 99999, "answer": "x"}, "unknown_consultation",
         "consultation"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_there_is_named(ada, verb, body, code, field) -> None:
    scene_of(ada)
    response = ada.post(f"/incidents/INC-7/{verb}", body)
    assert response.status_code == 422
    assert (callers.codes(response), callers.fields(response)) == ([code], [field])


def test_the_adherence_is_for_who_may_see_the_incident(ada) -> None:
    scene_of(ada)
    assert (
        callers.caller("olga", "auditor").get("/incidents/INC-7/adherence").status_code == 200
    )
    assert callers.dan().get("/incidents/INC-7/adherence").status_code == 403
    assert ada.get("/incidents/INC-8/adherence").status_code == 404


def test_acknowledging_is_measured_in_the_phase_it_ends(here) -> None:
    pin(here.incident, line("detection", "Take command", MINE, "assign_commander", within=15))
    here.incident.state = "detection"
    here.incident.save()
    command.acknowledge(here.incident, actor=here.ada, at=LATER)
    (only,) = adherence.of(here.incident, LATER).lines
    assert (only.standing, only.minutes, only.is_in_time) == (Standing.DONE, 5, True)
