"""A story drawn from what happened: minutes, senders, what was done then, and nobody's name."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Alert, AuditEvent, Customer, FactSaid, Incident, TimelineEntry
from incidents.operations import privacy
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER
from tests.factories import NOW, allow, law, person, role
from tests.incidents.scene import refused
from training.models import ExerciseScenario, GameDay, YearPlan
from training.operations import stories, story_documents
from training.rules.exercise_checks import ERROR, Known, of_story
from training.rules.story_drawing import MOST_DRAWN, Entry, draw, nameless

MINUTE = timedelta(minutes=1)


def entry(minute: int, text: str, **fields) -> Entry:
    return Entry(NOW + minute * MINUTE, text, **fields)


# --- the rules


def test_what_came_becomes_injects_and_what_was_done_is_expected_of_the_one_before():
    drawn = draw(
        [
            entry(0, "Errors rise", method="alert", sender="Monitoring"),
            entry(4, "Declared", is_act=True),
            entry(30, "Support is overrun"),
            entry(50, "Contained", is_act=True),
        ],
        [(NOW + 31 * MINUTE, {"customers_affected": 40})],
        contained_after=50,
    )
    assert [(one.minute, one.text, one.method) for one in drawn.injects] == [
        (0, "Errors rise", "alert"),
        (30, "Support is overrun", "chat"),
    ]
    assert [one.expected_action for one in drawn.injects] == [
        "Then it was: Declared",
        "Then it was: Contained",
    ]
    assert [one.facts for one in drawn.injects] == [{}, {"customers_affected": 40}]
    assert drawn.objectives[2].target == "in less than the 50 minutes it took then"
    assert drawn.minutes == 60


def test_every_objective_has_an_inject_however_little_happened():
    drawn = draw([entry(0, "Errors rise")], [])
    assert drawn.injects[0].objectives == (1, 2, 3)
    assert draw([], []).injects == ()


def test_a_long_night_becomes_no_more_injects_than_anybody_can_play():
    drawn = draw([entry(minute, f"Line {minute}") for minute in range(95)], [])
    assert len(drawn.injects) <= MOST_DRAWN
    assert "Line 94" in drawn.injects[-1].text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Ada Lovelace and ada agree",
            "the incident commander and the incident commander agree",
        ),
        ("@ben rang Benedict", "a colleague rang Benedict"),
        ("Write to x.y@example.com", "Write to an address"),
        ("ADA LOVELACE!", "the incident commander!"),
        ("Adam stays", "Adam stays"),
        (
            "Weber's runbook, Bo; by grace of Grace",
            "a colleague's runbook, a colleague; by grace of a colleague",
        ),
        ("@xy and xy", "a colleague and xy"),
    ],
)
def test_names_become_what_stands_for_them_and_other_words_stay(text, says):
    commander = "the incident commander"
    names = {"Ada Lovelace": commander, "ada": commander, "ben": "a colleague"}
    names |= dict.fromkeys(("xy", "Weber", "Bo", "Grace"), "a colleague")
    assert nameless(text, names) == says


# --- the act


def drawer(username: str = "rosa"):
    return allow(person(username), "training.add_exercisescenario")


@pytest.fixture
def closed():
    """A closed incident that Ada commanded, in which a customer was named."""
    law()
    ada = person("ada", name="Ada Lovelace", email="ada@example.com")
    Customer.objects.create(slug="acme", name="Acme Shoes", contact_name="Wanda Weiss")
    made = Incident.objects.create(
        reference="INC-7", title="Acme Shoes cannot pay", state="closed", declared_at=NOW,
        detected_at=NOW, contained_at=NOW + 25 * MINUTE, closed_at=NOW + 120 * MINUTE,
        declared_by=ada, facts={"customers_affected": 90},
    )  # fmt: skip
    made.assignments.create(
        role=role(COMMANDER), person=ada, assigned_at=NOW, ended_at=NOW + 120 * MINUTE
    )
    for minute, name, value in ((0, "customers_affected", 20), (10, "customers_affected", 90)):
        FactSaid.objects.create(
            incident=made, name=name, value=value, said_by=ada, said_at=NOW + minute * MINUTE
        )
    alert = Alert.objects.create(
        source="prometheus", external_id="1", title="Declines rise", detected_at=NOW, received_at=NOW,
        status="accepted", incident=made, decided_by=ada, decided_at=NOW,
    )  # fmt: skip
    assert alert.pk
    for minute, source, text in (
        (2, "act", "Ada Lovelace declared it"),
        (9, "human", "Wanda Weiss of Acme Shoes calls Ada."),
        (25, "act", "Contained"),
    ):
        TimelineEntry.objects.create(
            incident=made, at=NOW + minute * MINUTE, source=source, text=text, author=ada,
            recorded_at=NOW,
        )  # fmt: skip
    return made


@pytest.mark.django_db
def test_a_story_is_drawn_with_alerts_facts_and_nobodys_name(closed):
    story = stories.draw_from(closed, actor=drawer(), at=NOW)
    told = [
        (one.offset_minutes, one.text, one.method) for one in story.injects.order_by("number")
    ]
    assert told == [
        (0, "Declines rise", "alert"),
        (9, "a customer of a customer calls the incident commander.", "call"),
        (10, "It becomes known: customers affected: 90", "chat"),
    ]
    first, _, last = story.injects.order_by("number")
    assert first.expected_action == "Then it was: the incident commander declared it"
    assert last.facts == {"customers_affected": 90}
    assert story.facts == {"customers_affected": 20}
    assert (story.title, story.slug) == ("a customer cannot pay", "a-customer-cannot-pay")
    assert story.drawn_from == closed
    written = str(story_documents.of(story))
    assert not [name for name in ("Ada", "Acme", "Wanda") if name in written]
    grave = [one for one in of_story(story_documents.of(story), Known()) if one.level == ERROR]
    assert grave == []


@pytest.mark.django_db
def test_no_surname_short_name_or_sealed_or_dated_line_is_drawn(closed):
    person("bo", name="Bo Li")
    person("weber", name="Jonas von Weber")
    ada = closed.assignments.get().person
    for minute, source, text, author in (
        (3, "human", "Lovelace asks Li, and von Weber.", ada),
        (4, "act", "A privileged legal note was written", ada),
        (5, "act", "By what is known the law asks for: a word to the insurer", None),
        (6, "act", "Promised word by 2026-11-20 05:27 UTC", ada),
        (7, "act", "Li was asked by lovelace", ada),
    ):
        TimelineEntry.objects.create(
            incident=closed, at=NOW + minute * MINUTE, source=source, text=text, author=author,
            recorded_at=NOW,
        )  # fmt: skip
    story = stories.draw_from(closed, actor=drawer(), at=NOW)
    written = str(story_documents.of(story))
    for never in ("Lovelace", "lovelace", "Li ", "Weber", "privileged", "insurer", "2026-11"):
        assert never not in written
    assert "the incident commander asks a colleague, and von a colleague." in written
    assert "a colleague was asked by the incident commander" in written


@pytest.mark.django_db
def test_two_stories_of_one_incident_have_two_slugs(closed):
    rosa = drawer()
    slugs = [stories.draw_from(closed, actor=rosa, at=NOW).slug for _ in range(2)]
    assert slugs == ["a-customer-cannot-pay", "a-customer-cannot-pay-2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [{"is_private": True}, {"state": "mitigation", "closed_at": None}, {"kind": "exercise"}],
)
def test_what_is_private_open_or_an_exercise_is_not_drawn_from(closed, changed):
    Incident.objects.filter(pk=closed.pk).update(**changed)
    with refused("not_drawable", Refused):
        stories.draw_from(closed, actor=drawer(), at=NOW)
    assert not ExerciseScenario.objects.exists()


@pytest.mark.django_db
def test_an_incident_of_which_only_acts_are_known_begins_with_what_was_wrong(closed):
    closed.alerts.all().delete()
    TimelineEntry.objects.filter(incident=closed).exclude(source="act").delete()
    story = stories.draw_from(closed, actor=drawer(), at=NOW)
    told = [(one.offset_minutes, one.text, one.expected_action) for one in story.injects.all()]
    assert told == [
        (0, "a customer cannot pay", "Then it was: the incident commander declared it"),
        (10, "It becomes known: customers affected: 90", "Then it was: Contained"),
    ]


def test_a_wall_of_deeds_is_cut_to_the_first():
    deeds = [
        entry(minute, f"Deed {minute}.\n- and why", is_act=True) for minute in range(1, 10)
    ]
    (only,) = draw([entry(0, "Errors rise"), *deeds], []).injects
    assert only.expected_action == (
        "Then it was: Deed 1; Deed 2; Deed 3; Deed 4; Deed 5; Deed 6; and 3 more"
    )


@pytest.mark.django_db
def test_dan_draws_nothing(closed):
    with refused("no_permission", NotPermitted):
        stories.draw_from(closed, actor=person("dan"), at=NOW)


@pytest.mark.django_db
def test_a_story_hides_with_the_incident_it_was_drawn_from(closed):
    story, rosa = stories.draw_from(closed, actor=drawer(), at=NOW), person("reader")
    assert story in stories.readable(rosa)
    Incident.objects.filter(pk=closed.pk).update(is_private=True)
    assert story not in stories.readable(rosa)
    assert story in stories.readable(closed.declared_by)


def a_day_of(story: ExerciseScenario, **fields) -> GameDay:
    return GameDay.objects.create(
        title="Exercise 1", exercise_scenario=story, starts_at=NOW + timedelta(days=30),
        organiser=story.drawn_from.declared_by, status="planned", **fields,
    )  # fmt: skip


@pytest.mark.django_db
def test_no_page_of_exercises_names_a_story_whose_incident_was_made_private_later(
    closed, client
):
    """Neither the list of game days nor one of them, its past, the year, nor a choice of stories."""
    story = stories.draw_from(closed, actor=drawer(), at=NOW)
    year = YearPlan.objects.create(year=2027, made_by=closed.declared_by, made_at=NOW)
    day = a_day_of(story, year_plan=year)
    reader = allow(
        person("reader", is_staff=True), "training.view_gameday", "training.add_gameday",
        "training.view_yearplan", "training.plan_yearplan", "incidents.view_auditevent",
    )  # fmt: skip
    client.force_login(reader)
    pages = {
        "list": reverse("admin:training_gameday_changelist"),
        "day": reverse("admin:training_gameday_change", args=[day.pk]),
        "past": reverse("admin:training_gameday_history", args=[day.pk]),
        "plan": reverse("admin:training_gameday_plan"),
        "coverage": reverse("admin:training_gameday_coverage"),
        "year": reverse("admin:training_yearplan_change", args=[year.pk]),
        "tell": reverse("admin:training_yearplan_tell", args=[year.pk]) + f"?game_day={day.pk}",
    }
    names = {
        key for key, url in pages.items() if story.title in client.get(url).content.decode()
    }
    assert names >= {"list", "day", "plan", "year", "tell"}
    Incident.objects.filter(pk=closed.pk).update(is_private=True)
    said = {key: client.get(url).content.decode() for key, url in pages.items()}
    assert {key for key, page in said.items() if story.title in page} == set()
    for key in ("list", "day", "year"):
        assert "drawn from a private incident" in said[key]
    mine = AuditEvent.objects.filter(subject_type="training.exercisescenario")
    assert [line.subject for line in privacy.withhold(mine, reader)] == ["private incident"]
