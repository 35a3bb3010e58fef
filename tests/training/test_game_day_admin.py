"""The pages of game days: one form an act, reasons instead of dead buttons, nothing for dan."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Incident
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, allow, law, person, role, service
from tests.training.factories import cast, planned, planner, running, story
from training.models import ExerciseScenario, GameDay, GameDayRole, GameDayStaff

pytestmark = pytest.mark.django_db

DAYS = reverse("admin:training_gameday_changelist")
STORIES = reverse("admin:training_exercisescenario_changelist")
PLAN = reverse("admin:training_gameday_plan")


def page_of(day: GameDay, verb: str = "") -> str:
    if verb:
        return reverse(f"admin:training_gameday_{verb}", args=[day.pk])
    return reverse("admin:training_gameday_change", args=[day.pk])


@pytest.fixture
def elif_(client):
    """The planner, signed in."""
    made = planner()
    made.is_staff = True
    made.save()
    client.force_login(
        allow(made, "training.view_exercisescenario", "training.view_gamedayrole")
    )
    return made


@pytest.fixture
def dan(client):
    """Staff without permissions, signed in."""
    made = person("dan", is_staff=True)
    client.force_login(made)
    return made


def answers(**changed) -> dict[str, object]:
    """What a planner fills in."""
    said = {
        "title": "Acquirer rehearsal",
        "exercise_scenario": story().pk,
        "starts_at_0": "2027-03-02",
        "starts_at_1": "13:00",
        **{slug: who.pk for slug, who in cast().items()},
    }
    return {**said, **changed}


# --- the list


def test_an_empty_list_says_what_to_do_first(client, elif_):
    page = client.get(DAYS).content.decode()
    assert "No game day yet" in page
    assert STORIES in page
    assert "No story to practise yet" in client.get(STORIES).content.decode()


def test_the_list_names_commander_and_quarter_in_few_queries(
    client, elif_, django_assert_max_num_queries
):
    planned(cast(person("ana")), actor=elif_)
    for number in range(30, 90, 10):
        planned(starts_at=NOW + timedelta(days=number), actor=elif_)
    with django_assert_max_num_queries(12):
        page = client.get(DAYS).content.decode()
    assert "Ana" in page
    assert "2026Q4" in page
    assert "No game day yet" not in page


def test_dan_sees_no_game_day(client, dan):
    day = planned()
    for address in (DAYS, page_of(day), PLAN, page_of(day, "run"), STORIES):
        assert client.get(address).status_code == 403


# --- planning


def test_a_game_day_is_planned_on_one_page(client, elif_):
    role(SCRIBE)
    response = client.post(PLAN, answers(services=[service().pk], **{SCRIBE: ""}))
    day = GameDay.objects.get()
    assert response.url == page_of(day)
    assert day.organiser == elif_
    assert set(day.roles.values_list("role", flat=True)) == {COMMANDER, COMMUNICATIONS}


def test_a_refused_plan_shows_the_reason_beside_the_role(client, elif_):
    ana = person("ana")
    role(SCRIBE)
    response = client.post(PLAN, answers(**{COMMANDER: ana.pk, SCRIBE: ana.pk}))
    assert response.status_code == 409
    assert "plays no other role" in response.context["form"].errors[SCRIBE][0]
    assert not GameDay.objects.exists()


def test_a_plan_without_a_commander_is_asked_for_one(client, elif_):
    response = client.post(PLAN, answers(**{COMMANDER: ""}))
    assert COMMANDER in response.context["form"].errors


def test_a_viewer_reads_a_game_day_and_is_offered_no_act(client):
    viewer = allow(person("yara", is_staff=True), "training.view_gameday")
    client.force_login(viewer)
    day = planned()
    page = client.get(page_of(day))
    assert page.context["offers"] == []
    assert client.post(page_of(day, "cancel"), {"reason": "No"}).status_code == 403
    assert client.get(PLAN).status_code == 403


# --- one game day


def test_its_page_shows_players_and_offers_what_may_be_done(client, elif_):
    day = planned(cast(person("ana")), actor=elif_)
    response = client.get(page_of(day))
    page = response.content.decode()
    assert "Ana" in page
    open_now = {offer.verb.name for offer in response.context["offers"] if not offer.reasons}
    assert open_now == {"run", "reassign", "cancel", "name_staff", "stand_beside", "let_go"}


def test_it_says_in_words_who_plays_who_stands_beside_and_who_comes(client, elif_):
    """A cross in red would say that something is wrong with everybody who plays."""
    day = planned(actor=elif_)
    GameDayRole.objects.create(
        game_day=day, role=role(SCRIBE), person=person("sue"), is_shadow=True
    )
    GameDayStaff.objects.create(
        game_day=day, person=elif_, duty="lead_evaluator", answer="declined"
    )
    allow(elif_, "training.view_gamedaystaff")
    page = client.get(page_of(day)).content.decode()
    for words in ("stands beside", "Lead evaluator", "Declined"):
        assert words in page
    assert ">plays<" in page.replace("\n", "").replace(" ", "")
    assert "Is shadow" not in page


def test_running_it_leads_back_to_it_with_its_exercise(client, elif_):
    law()
    day = planned(actor=elif_)
    assert client.post(page_of(day, "run")).url == page_of(day)
    assert Incident.objects.get(game_day=day).kind == "exercise"
    assert client.get(page_of(day)).status_code == 200


def test_opening_a_verb_changes_nothing(client, elif_):
    day = planned(actor=elif_)
    for verb in ("run", "complete", "cancel", "reassign"):
        assert client.get(page_of(day, verb)).status_code == 200
    day.refresh_from_db()
    assert day.status == "planned"


def test_completing_too_early_says_what_comes_first(client, elif_):
    law()
    day = running(actor=elif_)
    response = client.post(
        page_of(day, "complete"),
        {"lessons": "Refunds.", "report_owner": elif_.pk, "report_due_on": "2037-01-01"},
    )
    assert response.status_code == 409
    assert "must be closed first" in response.content.decode()


def test_a_role_is_recast_by_its_form(client, elif_):
    day, bo = planned(actor=elif_), person("bo")
    client.post(page_of(day, "reassign"), {"role": COMMUNICATIONS, "person": bo.pk})
    assert day.roles.get(role=COMMUNICATIONS).person == bo


# --- stories


def writer(client) -> None:
    verbs = ("view", "add", "change")
    permissions = (f"training.{verb}_exercisescenario" for verb in verbs)
    client.force_login(allow(person("writer", is_staff=True), *permissions))


def draft(**changed) -> dict[str, str]:
    said = {"slug": "dark", "title": "Region dark", "facts": "{}"}
    return {**said, **changed}


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("facts", '{"customers_afected": 7}', "did you mean customers_affected"),
        ("facts", '{"service_tier": 1}', "comes from the service catalogue"),
    ],
)
def test_a_story_that_cannot_be_played_is_refused_where_it_is_wrong(client, field, text, says):
    writer(client)
    response = client.post(
        reverse("admin:training_exercisescenario_add"), draft(**{field: text})
    )
    assert says in response.context["adminform"].form.errors[field][0]
    assert not ExerciseScenario.objects.exists()
