"""What is typed into the forms of stories: facts however broken, copies whatever they are called."""

import pytest
from django.urls import reverse

from tests.factories import allow, law
from tests.training.factories import story
from tests.training.test_stories import writer
from training.models import ExerciseScenario

pytestmark = pytest.mark.django_db

BROKEN = (
    "{",
    "[" * 100_000,
    '{"customers_affected": ' + "9" * 5_000 + "}",
    '{"customers_affected": "\\ud800"}',
    '{"\\ud800": 1}',
    '{"customers_affected": "\\u0000"}',
    '{"customers_affected": NaN}',
    "[1]",
    "5",
)


@pytest.fixture
def rosa(client):
    law()
    who = allow(writer(is_staff=True), "training.view_inject")
    client.force_login(who)
    return who


def address(name: str, *args) -> str:
    return reverse(f"admin:training_exercisescenario_{name}", args=args)


@pytest.mark.parametrize("facts", BROKEN)
def test_facts_that_cannot_be_kept_are_refused_on_every_form(client, rosa, facts):
    told = story()
    said = {"slug": "ours", "title": "Ours", "kind": "game_day", "duration_minutes": 60}
    page = client.post(address("add"), {**said, "facts": facts})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["facts"]
    inject = {"text": "x", "offset_minutes": 1, "kind": "scheduled", "method": "chat"}
    page = client.post(address("add_inject", told.pk), {**inject, "facts": facts})
    assert page.status_code in (200, 409)
    assert page.context["form"].errors
    assert not ExerciseScenario.objects.filter(slug="ours").exists()
    assert told.injects.count() == 1


def test_facts_are_typed_and_come_back_as_they_were(client, rosa):
    told = story()
    inject = {"text": "x", "offset_minutes": 1, "kind": "scheduled", "method": "chat"}
    client.post(
        address("add_inject", told.pk), {**inject, "facts": '{"customers_affected": 4}'}
    )
    made = told.injects.get(number=2)
    assert made.facts == {"customers_affected": 4}
    revise = reverse("admin:training_inject_revise", args=[made.pk])
    form = client.get(revise).context["form"]
    assert form["facts"].value() == '{"customers_affected": 4}'
    client.post(revise, {**inject, "facts": ""})
    made.refresh_from_db()
    assert made.facts == {}
    assert not client.get(revise).context["form"]["facts"].value()


def test_a_copy_finds_its_address_whatever_it_is_called(client, rosa):
    told = story()
    for title in ("!!!", "日本語", "Twice", "Twice", "a_b"):
        page = client.post(address("copy", told.pk), {"title": title})
        assert page.status_code == 302, page.content.decode()
    slugs = ExerciseScenario.objects.exclude(pk=told.pk).order_by("pk")
    assert list(slugs.values_list("slug", flat=True)) == [
        "story",
        "story-2",
        "twice",
        "twice-2",
        "a-b",
    ]
