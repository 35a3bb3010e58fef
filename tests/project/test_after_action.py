"""The after-action report: read whole, copied, and its improvements kept in the one register."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from incidents.models import Assignment, Incident, Performance
from incidents.operations import records, routing, timeline
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from raci_project.after_action import improving, reading, words
from raci_project.after_action.markdown import as_markdown, inlaid, plain
from reviews.models import ActionItem, Review
from tests.factories import NOW, allow, person, service, severity_scheme
from tests.training.factories import cast, governed, running, story
from training.models import (
    Delivery,
    Exercised,
    Feedback,
    GameDay,
    GameDayStaff,
    HotWashNote,
    Inject,
    Objective,
    ObjectiveRating,
    Observation,
)
from training.operations import completing, report

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def matrix(db):
    severity_scheme()
    return governed(
        {
            ("detection", "Take command"): {COMMANDER: "A/R"},
            ("mitigation", "Contain the impact"): {COMMANDER: "A", COMMUNICATIONS: "I"},
        },
        {"Take command": "assign_commander", "Contain the impact": "contain"},
        within={"Contain the impact": 30},
    )


def objective(number: int, capability: str = "Command", **fields) -> Objective:
    return Objective.objects.create(
        exercise_scenario=story(), number=number, capability=capability,
        text=f"Objective {number} is shown.", **fields,
    )  # fmt: skip


def run(**fields) -> GameDay:
    """A game day as it is when its exercise was closed: contained after 20 minutes."""
    day = running(roles=cast(person(), person()), **fields)
    incident = Incident.objects.get(game_day=day)
    commander = Assignment.objects.get(incident=incident, role=COMMANDER).person
    at = day.starts_at
    Delivery.objects.filter(game_day=day).update(
        state="released", released_at=at + MINUTE, released_story_seconds=60
    )
    routing.performed(
        incident, "contain", actor=commander, at=at + 20 * MINUTE, phase="mitigation"
    )
    timeline.record(
        incident, "The second acquirer takes over.", at=at + 9 * MINUTE, author=commander
    )
    Incident.objects.filter(pk=incident.pk).update(
        state="closed", closed_at=at + 60 * MINUTE, acknowledged_at=at + 4 * MINUTE,
        contained_at=at + 20 * MINUTE,
    )  # fmt: skip
    return GameDay.objects.get(pk=day.pk)


def judge(day: GameDay, *ratings: str) -> None:
    """Rated in the order of the objectives, by a lead evaluator who saw one thing of each."""
    who = person()
    GameDayStaff.objects.create(game_day=day, duty="lead_evaluator", person=who)
    for one, rating in zip(
        day.exercise_scenario.objectives.order_by("number"), ratings, strict=True
    ):
        seen = Observation.objects.create(
            game_day=day, observer=who, kind="improve" if rating in "MU" else "strength",
            text=f"Seen of {one.number}.", story_seconds=600, observed_at=NOW, recorded_at=NOW,
        )  # fmt: skip
        seen.objectives.add(one)
        ObjectiveRating.objects.create(
            game_day=day, objective=one, rating=rating, reason=f"Because of {one.number}.",
            rated_by=who, rated_at=NOW,
        )  # fmt: skip


def complete(day: GameDay) -> GameDay:
    return completing.complete(
        day, lessons="Who may refund?", report_owner=day.organiser, actor=day.organiser,
        at=day.starts_at + 2 * 60 * MINUTE,
    )  # fmt: skip


def read(day: GameDay):
    found = GameDay.objects.select_related("incident", "exercise_scenario").get(pk=day.pk)
    return reading.read(found, reader=day.organiser, at=day.starts_at + DAY)


@pytest.fixture
def day(matrix) -> GameDay:
    objective(1, activities=["contain"])
    objective(2, "Communication")
    Inject.objects.filter(exercise_scenario=story()).update(
        expected_action="Contain it.", activities=["contain"]
    )
    made = run(services=[service("cards")])
    judge(made, "P", "M")
    return complete(made)


def improve(day: GameDay, actor, **changed):
    said = {
        "issue": "Nobody knew who may refund.", "title": "Write down who may refund",
        "element": "planning", "kind": "respond", "owner": day.organiser,
        "due_on": date(2027, 6, 1), "actor": actor,
    }  # fmt: skip
    return improving.improve(day, at=day.starts_at + DAY, **{**said, **changed})


def author(day: GameDay):
    """The owner of the report, who may add to the register and view what there is."""
    who = allow(
        day.organiser, "reviews.add_actionitem", "reviews.view_actionitem",
        "training.view_gameday",
        "training.debrief_gameday",
    )  # fmt: skip
    who.is_staff = True
    who.save()
    return who


# --- what it says


def test_it_says_what_was_expected_and_what_the_players_did(day):
    step = read(day).steps[0]
    assert step.expected == "Contain it."
    assert [(act.minute, act.by, act.text) for act in step.acts] == [
        (8, "Incident commander", "The second acquirer takes over.")
    ]
    assert step.answered == ("“Contain the impact” was done within 19 minutes of it.",)


def test_what_is_said_once_it_is_closed_is_no_part_of_its_course(day):
    late = person("late")
    incident = Incident.objects.get(game_day=day)
    timeline.record(incident, "Lessons: write.", at=day.starts_at + 90 * MINUTE, author=late)
    timeline.record(incident, "Closed.", at=day.starts_at + 60 * MINUTE, author=late)
    inject = Inject.objects.create(
        exercise_scenario=story(), number=99, offset_minutes=30, text="It is over."
    )
    Delivery.objects.create(
        game_day=day, inject=inject, story_seconds=1800, state="released",
        released_at=day.starts_at + 30 * MINUTE, released_story_seconds=1800,
    )  # fmt: skip
    first, last = read(day).steps
    assert [act.text for act in first.acts] == ["The second acquirer takes over."]
    assert [act.text for act in last.acts] == ["Closed."]


def test_an_activity_that_an_inject_was_to_set_off_and_nobody_did_is_named(matrix):
    Inject.objects.filter(exercise_scenario=story()).update(
        activities=["assign_commander", "unknown"]
    )
    step = read(complete(run(services=[]))).steps[0]
    assert step.answered == ("“Take command” was not done.",)


def test_what_the_matrix_times_is_measured_in_minutes_of_the_story(day):
    assert [(one.took, one.within, one.is_met) for one in read(day).timings] == [(20, 30, True)]
    GameDay.objects.update(pace="compressed", pace_factor=2)
    found = read(day)
    assert [(one.took, one.is_met) for one in found.timings] == [(40, False)]
    assert (found.acknowledged, found.contained) == (8, 40)


def steered(day: GameDay, *lines: tuple[int, str, dict]) -> None:
    """What was done to its story's clock, by the minute of the wall."""
    for minute, verb, detail in lines:
        records.audit(
            verb, day, actor=day.organiser, at=day.starts_at + minute * MINUTE, **detail
        )


def test_a_paused_story_does_not_count_what_passed_meanwhile(day):
    GameDay.objects.update(pace="compressed", pace_factor=2)
    steered(
        day,
        (5, "pause_gameday", {"story": "T+10:00"}),
        (15, "resume_gameday", {"story": "T+10:00"}),
    )
    found = read(day)
    assert found.counted == "of story time"
    assert [(one.took, one.is_met) for one in found.timings] == [(20, True)]
    assert (found.acknowledged, found.contained) == (8, 20)
    step = found.steps[0]
    assert [act.minute for act in step.acts] == [8]
    assert step.answered == ("“Contain the impact” was done within 18 minutes of it.",)
    said = as_markdown(found)
    assert "Command was acknowledged 8 minutes of story time after the declaration." in said
    assert "minutes of story time from the declaration" in said
    assert "stood still for 10 minutes of real time" in said
    assert "60 minutes of real time" in said


def test_a_story_that_was_moved_forward_says_so(day):
    steered(day, (10, "jump_gameday", {"story": "T+30:00"}))
    found = read(day)
    assert (found.acknowledged, found.contained) == (4, 40)
    assert "moved forward by 20 minutes of story time" in " ".join(found.method)


def test_what_was_released_by_hand_is_told_in_real_minutes(day):
    GameDay.objects.update(pace="by_hand")
    found = read(day)
    assert (found.acknowledged, found.contained) == (4, 20)
    assert "acknowledged 4 minutes of real time after" in " ".join(words.findings(found))
    assert "released by hand" in words.opening(found)


def test_an_exercise_in_which_no_inject_came_has_a_report(day):
    Delivery.objects.update(state="held", released_at=None)
    assert "No inject was delivered" in as_markdown(read(day))


def test_exercises_counted_by_different_clocks_are_not_compared(day):
    later = run(starts_at=day.starts_at + 60 * DAY, actor=day.organiser, services=[])
    GameDay.objects.filter(pk=later.pk).update(pace="by_hand")
    said = " ".join(words.comparison(read(complete(later))))
    assert "Times are not compared: they were counted in minutes then" in said
    assert "no change" not in said


def test_it_says_what_was_not_tested_and_how_far_it_carries(day):
    incident = Incident.objects.get(game_day=day)
    row = Delivery.objects.filter(game_day=day).first()
    Inject.objects.filter(pk=row.inject_id).update(title="The end")
    Delivery.objects.filter(pk=row.pk).update(state="skipped", note="Time is up.")
    ObjectiveRating.objects.filter(game_day=day, objective__number=2).delete()
    incident.assignments.filter(role=COMMUNICATIONS).delete()
    day.roles.filter(role=COMMUNICATIONS).delete()
    Exercised.objects.all().delete()
    found = read(day)
    said = " ".join(found.untested)
    assert "Inject 1 (“The end”) was skipped: Time is up." in said
    assert "objective 2: not rated" in said
    assert "No system was switched" not in said  # on a game day one may be
    assert "Nobody outside heard of it" in said
    assert "Nobody played these roles of the matrix: Communications lead." in said
    assert "One evaluator judged it" in " ".join(found.method)
    assert "## 8. What was not tested" in as_markdown(found)


def test_where_the_matrix_was_not_followed_is_named(matrix):
    day = run(services=[])
    Performance.objects.filter(
        incident__game_day=day, activity__name="Contain the impact"
    ).update(
        departures=[
            {"code": "late", "message": "10 min later than the 30 min agreed."},
            {"code": "not_consulted", "message": "Nobody asked the scribe before it."},
        ]
    )
    found = read(complete(day))
    assert found.followed.otherwise == (
        "“Contain the impact”: Nobody asked the scribe before it.",
    )
    assert found.followed.undone == ("Take command",)
    said = as_markdown(found)
    assert "0 were done as it says, 1 otherwise and 1 is not on record as done" in said
    assert "not on record as done:\n\n- Take command" in said


def test_capabilities_are_rated_by_their_lowest_and_say_what_was_seen(day):
    found = {one.name: one for one in read(day).capabilities}
    assert (found["Command"].rating, found["Communication"].rating) == ("P", "M")
    assert found["Command"].strengths[0].activities == ("Contain the impact",)
    assert found["Communication"].improvements[0].text == "Seen of 2."
    assert read(day).met == 1


def test_what_was_not_met_is_practised_again(day):
    assert any("objective 2 again" in one for one in read(day).suggestions)


def test_what_was_exercised_for_the_first_time_is_told_apart(day):
    assert "Contain the impact (Incident commander)" in read(day).gained.first
    later = run(starts_at=day.starts_at + 60 * DAY, actor=day.organiser, services=[])
    assert read(complete(later)).gained.first == ()


def test_what_else_was_exercised_is_called_by_its_name(day):
    Exercised.objects.create(
        game_day=day, kind="duty", key="gdpr_art33", exercised_at=day.starts_at
    )
    assert read(day).gained.others == (
        "branch of the legal decision tree: gdpr_art33",  # no law pack is in force here
        "Service: Cards",
    )


def test_it_is_compared_with_the_exercise_of_the_same_story_before(day):
    later = run(starts_at=day.starts_at + 60 * DAY, actor=day.organiser, services=[])
    judge(later, "S", "P")
    found = read(complete(later))
    assert [(one.before, one.moved) for one in found.objectives] == [
        ("P", "worse"),
        ("M", "better"),
    ]
    said = " ".join(words.comparison(found))
    assert "exercised the same story" in said
    assert "Objective 2 went better than then." in said
    assert "no earlier exercise" in " ".join(words.comparison(read(day)))


def test_a_report_of_nothing_says_what_is_missing(matrix):
    found = as_markdown(read(complete(run(services=[]))))
    for said in ("still to be written", "states no objectives", "Nobody gave feedback",
                 "No improvement was added yet", "Nothing was observed"):  # fmt: skip
        assert said in found


def test_hot_wash_and_feedback_are_told_without_names(day):
    quinn = person("quinn", name="Quinn Taylor")
    HotWashNote.objects.create(
        game_day=day, person=quinn, kind="gap", text="Refunds | *nobody* knew", said_at=NOW
    )
    Feedback.objects.create(
        game_day=day, person=quinn, ready_before=2, ready_after=4, comment="Good.", said_at=NOW
    )
    text = as_markdown(read(day))
    assert r"Refunds \| \*nobody\* knew" in text
    assert "ready 2.0 of 5 before, 4.0 after" in text
    assert "Quinn" not in text


def test_words_of_people_stay_words_in_markdown():
    assert plain("<script>\n# [x](y)") == r"\<script\> \# \[x\](y)"


def test_a_summary_stays_within_its_section_of_the_copy():
    said = inlaid("# Up\n\n<script>x</script>\n\nUnder\n---\n\n```\n# a < b\n```\n\n## 2. Mine")
    assert said.startswith("### Up\n\n&lt;script>x&lt;/script>\n\nUnder\n\n")
    assert "```\n# a < b\n```" in said
    assert said.endswith("#### 2. Mine")
    assert inlaid("```\nleft open") == "```\nleft open\n```"


def test_the_copy_says_who_rated_what_and_how_an_inject_came(day):
    second = person("second")
    GameDayStaff.objects.create(game_day=day, duty="evaluator", person=second)
    ObjectiveRating.objects.create(
        game_day=day, objective=Objective.objects.get(number=1), rating="S",
        reason="It took long.", rated_by=second, rated_at=NOW,
    )  # fmt: skip
    Inject.objects.update(method="call", sender="Support")
    said = as_markdown(read(day))
    assert "Lead evaluator, P: Because of 1. Evaluator, S: It took long." in said
    assert "Inject 1 (phone call from Support)" in said


# --- its improvements


def test_an_improvement_opens_the_review_and_stands_in_the_one_register(day):
    assert not Review.objects.exists()
    item = improve(day, author(day), capability="Communication")
    assert item.review.incident == Incident.objects.get(game_day=day)
    assert (item.element, item.detail) == ("planning", "Nobody knew who may refund.")
    line = read(day).improvements[0]
    assert (line.reference, line.element, line.status) == (item.reference, "Planning", "Open")
    assert line.capability == "Communication"
    assert improve(day, author(day), title="Another").review == item.review


def test_an_improvement_needs_an_issue_an_element_and_the_right_to_add(day):
    who = author(day)
    for changed, code in (
        ({"issue": " "}, "issue_missing"),
        ({"element": ""}, "element_missing"),
        ({"element": "luck"}, "unknown_element"),
        ({"capability": "Luck"}, "unknown_capability"),
    ):
        with pytest.raises(Invalid) as refused:
            improve(day, who, **changed)
        assert refused.value.has(code)
    with pytest.raises(NotPermitted) as refused:
        improve(day, person("dan"))
    assert refused.value.has("no_permission")
    assert not ActionItem.objects.exists()


def test_it_is_published_with_its_improvements_and_takes_more_later(day):
    who, at = author(day), day.starts_at + 2 * DAY
    report.write(day, summary="We can.", actor=who, at=at)
    with pytest.raises(Refused) as refused:
        improving.publish(day, actor=who, at=at)
    assert refused.value.has("improvement_missing")
    improve(day, who)
    assert improving.publish(day, actor=who, at=at).reported_at == at
    assert improve(day, who, title="What came later")


def test_an_improvement_that_was_dropped_is_none(day):
    who, at = author(day), day.starts_at + 2 * DAY
    report.write(day, summary="We can.", actor=who, at=at)
    item = improve(day, who)
    ActionItem.objects.filter(pk=item.pk).update(status="cancelled", finished_at=at)
    with pytest.raises(Refused) as refused:
        improving.publish(day, actor=who, at=at)
    assert refused.value.has("improvement_missing")
    assert not any("follow" in said for said in words.findings(read(day)))


def test_the_objectives_are_those_it_was_completed_with(day):
    objective(3, "Recovery")
    Objective.objects.filter(number=2).update(retired_at=NOW)
    found = read(day)
    assert [one.number for one in found.objectives] == [1, 2]
    assert (found.unrated, report.unrated(day)) == ((), [])
    ObjectiveRating.objects.filter(game_day=day, objective__number=2).delete()
    assert read(day).unrated == (2,)
    assert report.unrated(day) == [2]


def test_a_report_says_why_an_objective_was_not_rated(day):
    who, at = author(day), day.starts_at + 2 * DAY
    ObjectiveRating.objects.filter(game_day=day, objective__number=2).delete()
    report.write(day, summary="We can.", actor=who, at=at)
    improve(day, who)
    with pytest.raises(Refused) as refused:
        improving.publish(day, actor=who, at=at)
    assert refused.value.has("rating_missing")
    improving.publish(day, unrated_because="Its evaluator fell ill.", actor=who, at=at)
    found = read(day)
    assert found.unrated_because == "Its evaluator fell ill."
    assert "1 not rated." in next(iter(words.findings(found)))
    assert "Objective 2 was not rated: Its evaluator fell ill." in as_markdown(found)


# --- its pages


def address(day: GameDay, name: str = "report") -> str:
    return reverse(f"admin:training_gameday_{name}", args=[day.pk])


def viewer(username: str, *permissions: str):
    return allow(person(username, is_staff=True), "training.view_gameday", *permissions)


def test_a_draft_is_read_by_who_writes_ran_or_judged_it_and_by_nobody_else(client, day):
    client.force_login(author(day))
    page = client.get(address(day)).content.decode()
    assert "1. Executive summary" in page
    assert "draft" in page
    client.force_login(viewer("vera"))
    page = client.get(address(day)).content.decode()
    assert "is writing the report" in page
    assert "Executive summary" not in page
    assert client.get(address(day, "report_markdown")).status_code == 403
    GameDay.objects.update(reported_at=NOW)
    assert "1. Executive summary" in client.get(address(day)).content.decode()
    assert client.get(address(day, "report_markdown")).status_code == 200


def test_dan_sees_no_report_and_writes_none(client, day):
    client.force_login(person("dan", is_staff=True))
    for name in ("report", "report_markdown", "report_html", "summarise", "publish_report"):
        assert client.get(address(day, name)).status_code == 403


def test_its_summary_is_markdown_that_cannot_harm(client, day):
    client.force_login(author(day))
    client.post(address(day, "summarise"), {"summary": "**We can.** <script>x</script>"})
    page = client.get(address(day)).content.decode()
    assert "<strong>We can.</strong>" in page
    assert "<script>x" not in page


def test_copies_are_whole_and_fetch_nothing(client, day):
    client.force_login(author(day))
    page = client.get(address(day, "report_html"))
    text = page.content.decode()
    assert page["Content-Disposition"].startswith('attachment; filename="after-action-EX')
    assert "What to practise next" in text
    assert "src=" not in text
    assert "href=" not in text
    assert client.get(address(day, "report_markdown")).content.decode().startswith("# After")


def test_an_improvement_is_added_from_the_page_and_leads_back_to_it(client, day):
    client.force_login(author(day))
    said = {
        "issue": "Nobody knew.", "title": "Write it down", "element": "planning",
        "kind": "respond", "owner": day.organiser_id, "due_on": "2027-06-01",
    }  # fmt: skip
    assert client.post(address(day, "improve"), said).url == address(day)
    assert "Write it down" in client.get(address(day)).content.decode()


def test_before_it_is_completed_the_page_leads_to_the_game_day(client, matrix):
    made = run(services=[])
    client.force_login(viewer("vera"))
    assert client.get(address(made)).url == address(made, "change")


def test_the_page_asks_as_many_questions_however_much_was_seen(
    client, day, django_assert_max_num_queries
):
    client.force_login(author(day))
    client.get(address(day))
    for number in range(3, 9):
        objective(number)
        Observation.objects.create(
            game_day=day, observer=day.organiser, kind="neutral", text="Seen.",
            story_seconds=number, observed_at=NOW, recorded_at=NOW,
        )  # fmt: skip
        improve(day, author(day), title=f"Improvement {number}")
    with django_assert_max_num_queries(59):
        client.get(address(day))
