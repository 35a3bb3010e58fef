"""A closed incident owes a review: opened once, written by its owner, published for good."""

from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from incidents.models import AuditEvent, Incident, OutboxMessage
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from reviews.models import Review
from reviews.operations.review import add_factor, open_owed, publish, write
from tests.factories import NOW, allow, person
from tests.reviews.rows import (
    cause,
    commanded_by,
    incident,
    item,
    leader,
    owed,
    review,
    writer,
    written,
)

pytestmark = pytest.mark.django_db


def test_a_closed_incident_gets_its_review_once_and_its_commander_is_told():
    ada = writer("ada")
    row = owed(ada)
    opened = open_owed(NOW)
    assert [(made.incident, made.owner, made.due_at) for made in opened] == [
        (row, ada, row.review_due_at)
    ]
    assert opened[0].next_nudge_at == row.review_due_at - timedelta(days=2)
    assert open_owed(NOW) == []
    message = OutboxMessage.objects.get()
    assert message.recipient == ada
    assert row.reference in message.subject
    assert f"/reviews/review/{opened[0].pk}/" in message.link
    line = AuditEvent.objects.get()
    assert (line.verb, line.actor) == ("open_review", None)


def close_again(row: Incident, due_at: datetime) -> None:
    row.owe_review(due_at)
    row.save()


def test_the_sweep_reads_only_what_owes_a_review(django_assert_num_queries):
    ada = writer("ada")
    for _ in range(20):
        owed(ada)
    open_owed(NOW)
    with django_assert_num_queries(1):
        assert open_owed(NOW) == []
    assert not Incident.objects.owing_a_review().exists()
    late = owed(ada)
    assert list(Incident.objects.owing_a_review()) == [late]


def test_a_draft_is_due_anew_when_its_incident_is_closed_again():
    ada = writer("ada")
    draft = review(ada)
    was, later = draft.due_at, NOW + timedelta(days=9)
    close_again(draft.incident, later)
    assert open_owed(NOW) == []
    draft.refresh_from_db()
    assert (draft.due_at, draft.next_nudge_at) == (later, later - timedelta(days=2))
    line = AuditEvent.objects.latest("sequence")
    assert (line.verb, line.actor) == ("move_review", None)
    assert datetime.fromisoformat(line.detail["was"]) == was
    assert datetime.fromisoformat(line.detail["due_at"]) == later
    assert not Incident.objects.owing_a_review().exists()


def test_a_published_review_stays_as_it_is_when_its_incident_is_closed_again():
    ada = writer("ada")
    draft = written(review(ada), ada)
    add_factor(draft, category="process", text="No canary.", actor=ada, at=NOW)
    item(draft, ada, actor=ada)
    done = publish(draft, actor=ada, at=NOW)
    close_again(done.incident, NOW + timedelta(days=9))
    assert open_owed(NOW) == []
    assert Review.objects.get().due_at == done.due_at
    assert not AuditEvent.objects.filter(verb="move_review").exists()
    assert not Incident.objects.owing_a_review().exists()


def test_who_owes_a_review_without_an_owner_is_looked_at_again():
    row = owed()
    assert open_owed(NOW) == []
    ada = leader("ada")
    assert [(made.incident, made.owner) for made in open_owed(NOW)] == [(row, ada)]


def test_incidents_closed_before_they_were_counted_owe_their_review_too():
    reviewed, missed = review(writer("ada")).incident, owed()
    open_one, none_due = incident(state="triage"), incident()
    Incident.objects.update(is_review_owed=False)
    migration = import_module("reviews.migrations.0003_incidents_that_owe_one")
    migration.owe(apps, SimpleNamespace(connection=connection))
    assert list(Incident.objects.owing_a_review()) == [missed]
    assert {reviewed, open_one, none_due}.isdisjoint(Incident.objects.owing_a_review())


def test_the_last_commander_owns_the_review():
    first, last = person("first"), person("last")
    row = owed()
    commanded_by(row, last, NOW - timedelta(minutes=10))
    commanded_by(row, first, NOW - timedelta(minutes=50))
    assert open_owed(NOW)[0].owner == last


def test_without_an_active_commander_the_declarer_owns_it():
    gone = person("gone", is_active=False)
    declarer = person("declarer")
    owed(gone, declared_by=declarer)
    assert open_owed(NOW)[0].owner == declarer


def test_without_a_declarer_a_leader_owns_it():
    ada = leader("ada")
    owed()
    assert open_owed(NOW)[0].owner == ada


def test_while_nobody_can_own_it_the_incident_stays_owed():
    owed()
    assert open_owed(NOW) == []
    leader("ada")
    assert len(open_owed(NOW)) == 1


def test_an_open_incident_owes_nothing_yet():
    leader("ada")
    owed(state="resolution")
    incident()
    assert open_owed(NOW) == []


def test_an_exercise_is_reviewed_the_same_way():
    ada = writer("ada")
    owed(ada, kind="exercise")
    draft = open_owed(NOW)[0]
    written(draft, ada)
    add_factor(draft, category="process", text="Nobody knew the number.", actor=ada, at=NOW)
    item(draft, ada, ada)
    assert publish(draft, actor=ada, at=NOW).status == "published"


def test_the_owner_writes_the_draft_and_the_audit_says_what_changed():
    ada = writer("ada")
    draft = written(review(ada), ada)
    assert draft.summary == "A bad value was rolled out."
    assert draft.cause_class == cause()
    line = AuditEvent.objects.get(verb="write_review")
    assert line.detail["changed"] == ["summary", "impact"]
    assert line.actor == ada


def test_leadership_may_write_what_another_owns():
    draft = review(writer("ben"))
    assert written(draft, leader("ada")).summary


def test_who_neither_owns_nor_leads_may_not_write():
    draft = review(writer("ben"))
    with pytest.raises(NotPermitted) as refused:
        written(draft, writer("cleo"))
    assert refused.value.has("not_the_owner")


def test_dan_may_do_nothing_even_to_his_own_review():
    dan = person("dan", is_staff=True)
    draft = review(dan)
    for act in (
        lambda: written(draft, dan),
        lambda: add_factor(draft, category="process", text="x", actor=dan, at=NOW),
        lambda: publish(draft, actor=dan, at=NOW),
        lambda: item(draft, dan, dan),
    ):
        with pytest.raises(NotPermitted) as refused:
            act()
        assert refused.value.has("no_permission")


def test_a_review_may_name_the_earlier_incident_it_repeats():
    ada = writer("ada")
    earlier = incident(detected_at=NOW - timedelta(days=200))
    assert written(review(ada), ada, repeat_of=earlier).repeat_of == earlier


@pytest.mark.parametrize(
    ("pick", "code"),
    [
        (lambda draft: draft.incident, "repeats_itself"),
        (lambda draft: incident(detected_at=NOW), "repeat_is_later"),
    ],
)
def test_a_review_repeats_only_what_came_before(pick, code):
    ada = writer("ada")
    draft = review(ada)
    with pytest.raises(Invalid) as refused:
        written(draft, ada, repeat_of=pick(draft))
    assert refused.value.has(code)


def test_a_factor_needs_words_and_a_known_category():
    ada = writer("ada")
    draft = review(ada)
    made = add_factor(draft, category="technical", text=" No limit. ", actor=ada, at=NOW)
    assert (made.text, draft.factors.count()) == ("No limit.", 1)
    for said, code in (
        ({"category": "technical", "text": " "}, "text_missing"),
        ({"category": "person", "text": "Ben"}, "unknown_category"),
    ):
        with pytest.raises(Invalid) as refused:
            add_factor(draft, **said, actor=ada, at=NOW)
        assert refused.value.has(code)


def test_publishing_says_everything_that_is_missing_at_once():
    ada = writer("ada")
    draft = review(ada)
    with pytest.raises(Refused) as refused:
        publish(draft, actor=ada, at=NOW)
    assert [reason.code for reason in refused.value.reasons] == [
        "summary_missing", "cause_class_missing", "factor_missing", "action_item_missing",
    ]  # fmt: skip
    assert Review.objects.get().status == "draft"


def test_a_complete_review_is_published_and_no_longer_nudged():
    ada = writer("ada")
    draft = written(review(ada), ada)
    add_factor(draft, category="technical", text="No limit.", actor=ada, at=NOW)
    item(draft, ada, ada)
    done = publish(draft, actor=ada, at=NOW)
    assert (done.status, done.published_at, done.published_by) == ("published", NOW, ada)
    assert done.next_nudge_at is None


def test_a_review_without_action_items_needs_the_reason():
    ada = writer("ada")
    draft = written(review(ada), ada)
    add_factor(draft, category="external", text="A cable was cut.", actor=ada, at=NOW)
    with pytest.raises(Refused) as refused:
        publish(draft, actor=ada, at=NOW)
    assert [reason.code for reason in refused.value.reasons] == ["action_item_missing"]
    publish(draft, reason="The provider has mended it.", actor=ada, at=NOW)
    line = AuditEvent.objects.get(verb="publish_review")
    assert line.detail["no_action_items_because"] == "The provider has mended it."


def test_a_published_review_does_not_change_but_action_items_may_follow():
    ada = writer("ada")
    draft = written(review(ada), ada)
    add_factor(draft, category="external", text="A cable was cut.", actor=ada, at=NOW)
    publish(draft, reason="Mended.", actor=ada, at=NOW)
    for act in (
        lambda: written(draft, ada, summary="Other"),
        lambda: add_factor(draft, category="process", text="More", actor=ada, at=NOW),
        lambda: publish(draft, actor=ada, at=NOW),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.has("review_published")
    assert Review.objects.get().summary == "A bad value was rolled out."
    assert item(draft, ada, ada).review_id == draft.pk


def test_a_right_of_one_kind_is_not_another():
    ada = allow(person("ada"), "reviews.change_review")
    draft = review(ada)
    assert written(draft, ada)
    with pytest.raises(NotPermitted):
        publish(draft, reason="x", actor=ada, at=NOW)


def test_words_a_database_cannot_keep_are_refused():
    ada = writer("ada")
    draft = review(ada)
    with pytest.raises(Invalid) as refused:
        write(
            draft, summary="\0", impact="", went_well="", cause_class=None, repeat_of=None,
            actor=ada, at=NOW,
        )  # fmt: skip
    assert refused.value.has("summary_unusable")
