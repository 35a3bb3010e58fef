"""Reviews and action items in the admin: read by whoever may, written only through verbs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.models import TimelineEntry
from reviews.models import ActionItem, CauseClass, Review
from reviews.operations.review import open_owed
from tests.factories import NOW, allow, person
from tests.reviews.rows import cause, incident, item, leader, owed, review, writer, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    """Signs a person in as staff; returns the client."""

    def sign_in(who):
        who.is_staff = True
        who.save()
        client.force_login(who)
        return client

    return sign_in


def address(row, verb: str = "") -> str:
    name = f"admin:reviews_{row._meta.model_name}_{verb or 'change'}"
    return reverse(name, args=[row.pk])


def soon(days: int = 10) -> str:
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def test_the_page_of_a_review_shows_timeline_factors_items_and_verbs(signed_in):
    ada = writer("ada")
    draft = written(review(ada), ada)
    made = item(draft, ada, ada, title="Check the values")
    TimelineEntry.objects.create(
        incident=draft.incident, at=NOW, text="<b>Errors</b> rise.", recorded_at=NOW
    )
    page = signed_in(ada).get(address(draft)).content.decode()
    for part in (
        "A bad value was rolled out.",
        "Check the values",
        address(made),
        "AI-1",
        "Timeline",
    ):
        assert part in page
    assert "&lt;b&gt;Errors&lt;/b&gt; rise." in page
    for verb in ("write", "add_factor", "add_action_item", "publish"):
        assert address(draft, verb) in page
    assert 'name="_save"' not in page


def test_a_review_is_written_and_published_through_its_verbs(signed_in):
    ada = writer("ada")
    draft = review(ada)
    client = signed_in(ada)
    said = {"summary": "It broke.", "impact": "", "went_well": "", "cause_class": cause().pk}
    answer = client.post(address(draft, "write"), said)
    assert (answer.status_code, answer.url) == (302, address(draft))
    client.post(address(draft, "add_factor"), {"category": "process", "text": "No check."})
    client.post(
        address(draft, "add_action_item"),
        {"title": "Check", "kind": "prevent", "owner": ada.pk, "due_on": soon()},
    )
    assert client.post(address(draft, "publish"), {"reason": ""}).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.summary) == ("published", "It broke.")
    assert ActionItem.objects.get().owner == ada


def test_the_form_begins_with_what_stands_there(signed_in):
    ada = writer("ada")
    draft = written(review(ada), ada)
    assert (
        "A bad value was rolled out."
        in signed_in(ada).get(address(draft, "write")).content.decode()
    )


def test_a_refusal_stands_on_the_page_and_changes_nothing(signed_in):
    ada = writer("ada")
    draft = review(ada)
    answer = signed_in(ada).post(address(draft, "publish"), {"reason": ""})
    assert answer.status_code == 409
    assert "Write the summary first." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_what_belongs_to_another_is_offered_with_the_reason(signed_in):
    draft = review(writer("ben"))
    page = signed_in(writer("cleo")).get(address(draft)).content.decode()
    assert "Ask Ben, who owns it, or a leader to do this." in page
    assert address(draft, "publish") not in page


def test_an_action_item_is_moved_handed_on_and_finished(signed_in):
    ada = leader("ada")
    ben = person("ben")
    made = item(review(ada), ada, ada, due_on=timezone.now().date() + timedelta(days=3))
    client = signed_in(ada)
    client.post(address(made, "reschedule"), {"due_on": soon(30), "reason": "A part."})
    client.post(address(made, "reassign"), {"owner": ben.pk, "reason": "Away."})
    client.post(address(made, "finish"), {"status": "done", "outcome": "Replaced."})
    made.refresh_from_db()
    assert (made.due_on.isoformat(), made.owner, made.status) == (soon(30), ben, "done")


def test_the_lists_say_how_late_and_can_be_narrowed_to_it(signed_in):
    ada = leader("ada")
    late = item(review(ada), ada, ada, title="Late one")
    ActionItem.objects.filter(pk=late.pk).update(
        due_at=timezone.now() - timedelta(days=4, minutes=1)
    )
    item(
        late.review, ada, ada, title="Due one", due_on=timezone.now().date() + timedelta(days=3)
    )
    item(
        late.review,
        ada,
        ada,
        title="Far one",
        due_on=timezone.now().date() + timedelta(days=99),
    )
    client = signed_in(ada)
    items = reverse("admin:reviews_actionitem_changelist")
    for query, shown in (
        ({}, {"Late one", "Due one", "Far one"}),
        ({"due": "late"}, {"Late one"}),
        ({"due": "week"}, {"Due one"}),
        ({"q": "Far"}, {"Far one"}),
    ):
        page = client.get(items, query).content.decode()
        assert {title for title in ("Late one", "Due one", "Far one") if title in page} == shown
    assert "4 days late" in client.get(items).content.decode()
    reviews = client.get(reverse("admin:reviews_review_changelist"), {"due": "late"})
    assert reviews.status_code == 200


def test_nothing_is_added_changed_or_deleted_past_the_verbs(signed_in):
    ada = allow(
        leader("ada"),
        *(
            f"reviews.{act}_{model}"
            for act in ("add", "change", "delete")
            for model in ("review", "actionitem")
        ),
    )
    draft = review(ada)
    made = item(draft, ada, ada)
    client = signed_in(ada)
    for row in (draft, made):
        name = f"admin:reviews_{row._meta.model_name}"
        assert (
            client.post(address(row), {"status": "published", "title": "x"}).status_code == 403
        )
        assert client.get(reverse(f"{name}_add")).status_code == 403
        assert (
            client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code
            == 403
        )
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_dan_sees_nothing(signed_in):
    draft = review(person("ben"))
    made = item(draft, person("cy"), writer("ada"))
    client = signed_in(person("dan"))
    for row in (draft, made):
        assert client.get(address(row)).status_code == 403
        assert (
            client.get(reverse(f"admin:reviews_{row._meta.model_name}_changelist")).status_code
            == 403
        )
    assert client.post(address(draft, "publish"), {"reason": "x"}).status_code == 403


def test_cause_classes_are_kept_by_whoever_may(signed_in):
    who = allow(person("lead"), "reviews.view_causeclass", "reviews.add_causeclass")
    client = signed_in(who)
    client.post(
        reverse("admin:reviews_causeclass_add"), {"name": "Capacity", "slug": "capacity"}
    )
    assert CauseClass.objects.get().history.count() == 1
    assert client.get(reverse("admin:reviews_causeclass_changelist")).status_code == 200


def test_more_reviews_and_items_take_no_more_queries(signed_in, django_assert_max_num_queries):
    ada = leader("ada")
    for _ in range(12):
        owed(ada)
    for draft in open_owed(NOW):
        item(draft, person(), ada)
    client = signed_in(ada)
    for model in ("review", "actionitem"):
        with django_assert_max_num_queries(12):
            client.get(reverse(f"admin:reviews_{model}_changelist"))


def test_the_earlier_incident_is_found_by_typing_and_kept(signed_in):
    ada = writer("ada")
    earlier = incident(detected_at=NOW - timedelta(days=9))
    draft = review(ada)
    said = {"summary": "Again.", "repeat_of": earlier.pk}
    assert signed_in(ada).post(address(draft, "write"), said).status_code == 302
    assert Review.objects.get().repeat_of == earlier
