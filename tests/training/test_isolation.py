"""An exercise never leaves its participants: not at severity 1, not with every clock of the law late.

One exercise with everything an incident can have, run and swept for two months, and every row of
the outbox looked at.
"""

from datetime import timedelta

import pytest

from incidents.models import (
    Broadcast,
    Incident,
    OutboxMessage,
    Person,
    StatusPage,
    Team,
)
from incidents.operations import (
    affected,
    callout,
    command,
    composing,
    counsel,
    delegation,
    escalation,
    exercises,
    facts,
    handover,
    lifecycle,
    standby,
    update,
)
from incidents.operations.broadcasts import sweep as broadcast
from incidents.operations.sweeps import sweep
from incidents.rules.phases import State
from incidents.rules.reasons import Refused
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    ENGINEERING,
    PRIVACY,
    SCRIBE,
)
from reviews.operations.sweeps import sweep as review
from tests.customers import clause, customer
from tests.factories import allow, law, person, role, service
from tests.incidents import lawful
from tests.incidents.legal_room import BREACH
from tests.incidents.scene import responder
from tests.publishing import place, subscriber
from tests.training.exercise import MINUTE, START, Room, under_way, write_story
from training.operations import running

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OUTSIDE = (
    COMMANDER,
    COMMUNICATIONS,
    DEPUTY,
    COUNSEL,
    PRIVACY,
    SCRIBE,
    DOMAIN_OWNER,
    ENGINEERING,
)


def surroundings() -> list[Person]:
    """Everybody an incident would reach: leaders, managers, the qualified, owners, team leads."""
    boss = allow(person("boss"), "incidents.lead_incident", "incidents.view_incident")
    lead = person("lead")
    Team.objects.filter(slug="platform").update(lead=lead)
    able = [responder(person(f"able-{slug}", qualified=(slug,))) for slug in OUTSIDE]
    return [boss, lead, *able]


def full_exercise() -> Room:
    """Severity 1, a breach, customers with clauses, subscribers, places of every audience."""
    outside = surroundings()
    law()
    lawful.pack()
    lawful.profile()
    payments, exports = service(public_name="Payments"), service("exports")
    for slug in ("acme", "globex"):
        clause(customer(slug, payments, exports))
    for audience in ("public", "customers", "internal", "executive"):
        place(f"{audience}-list", audience=audience)
    place("Pager", audience="internal", channel="pagerduty", address="a" * 32)
    subscriber("reader@example.org")
    story = write_story(inject2={"facts": dict(BREACH)})
    room = under_way(story=story, services=[payments], with_law=False)
    for who in (room.ana, room.bo):
        Person.objects.filter(pk=who.pk).update(manager=outside[0])
    room.ana, room.bo = responder(room.ana), responder(room.bo)
    return room


def live_through(room: Room) -> None:
    """Injects, an escalation, an update to each audience, silence, and its end."""
    at = START
    for minutes in (0, 1, 3, 6, 12, 30, 61):
        running.release_due(at + minutes * MINUTE)
        sweep(at + minutes * MINUTE)
    exercise, by = room.exercise, {"actor": room.ana, "at": START + 70 * MINUTE}
    callout.escalate(exercise, reason="We need more hands", **by)
    affected.set_services(
        exercise, services=[*exercise.services.all(), service("ledger")], **by
    )
    standby.call_commander(exercise, actor=room.bo, at=by["at"])
    command.acknowledge(room.exercise, **by)
    for audience in ("internal", "customers", "public"):
        say(room, audience, START + 71 * MINUTE)
    lifecycle.advance(room.exercise, to=State.MITIGATION, **by)
    for hours in (2, 10, 30, 80):  # every clock of law and contract runs out
        sweep(START + hours * HOUR)
        broadcast(START + hours * HOUR)
    end = {"actor": room.ana, "at": START + 81 * HOUR}
    lifecycle.mitigate(room.exercise, **end)
    lifecycle.resolve(room.exercise, **end)
    lifecycle.close(room.exercise, **end)
    for days in (4, 10, 40, 60):
        sweep(START + days * DAY)


def say(room: Room, audience: str, at) -> None:
    made = update.draft(
        room.exercise, audience=audience, text="Payments **fail**.", actor=room.bo, at=at
    )
    update.approve(made, actor=room.ana, at=at)
    update.publish(made, actor=room.bo, at=at)


def test_with_everything_an_incident_can_have_it_reaches_its_participants_and_nobody_else():
    room = full_exercise()
    live_through(room)
    exercise = room.exercise
    assert exercise.legal_clocks.exists(), "the law was in play"
    assert exercise.notice_clocks.exists(), "and contracts"
    inside = {"ana", "bo", "fay", "eve", "elif"}
    messages = OutboxMessage.objects.select_related("recipient")
    assert messages.count() > 20
    strangers = [one for one in messages if one.recipient is None]
    assert not strangers
    about = [
        one for one in messages if exercise.reference in f"{one.topic} {one.subject} {one.body}"
    ]
    assert {one.recipient.username for one in about} == inside
    assert all(one.subject.startswith("EXERCISE") for one in about)
    assert not Broadcast.objects.exists()
    page = StatusPage.objects.first()
    assert page is None or not page.asked


def test_its_lessons_are_real_work_and_reach_whoever_they_are_for():
    room = full_exercise()
    live_through(room)
    Incident.objects.filter(game_day=room.day).update(
        is_review_owed=True, review_due_at=START + 5 * DAY
    )
    review(START + 5 * DAY)
    review(START + 6 * DAY)
    lessons = OutboxMessage.objects.filter(kind__startswith="review")
    assert lessons.exists()
    assert not any(one.subject.startswith("EXERCISE ") for one in lessons)


def test_once_it_is_closed_nobody_is_reminded_of_what_its_story_owed():
    room = full_exercise()
    live_through(room)
    assert not room.exercise.legal_clocks.filter(settled_at=None).exists()
    before = OutboxMessage.objects.count()
    sweep(START + 90 * DAY)
    assert OutboxMessage.objects.filter(topic=room.exercise.reference).count() <= before


def test_the_last_judge_drops_what_a_careless_composer_writes():
    room, boss = full_exercise(), Person.objects.get(username="boss")
    told = [(boss, ""), (room.ana, COMMANDER), (room.eve, "")]
    careless = escalation.about(
        room.exercise, told, key="careless", kind="test", subject="Look", body="Look"
    )
    bare = composing.Message(
        key="bare", kind="test", to=room.ana, subject="Look at this", body="",
        topic=room.exercise.reference,
    )  # fmt: skip
    composing.compose([*careless, bare], at=START)
    rows = OutboxMessage.objects.filter(kind="test")
    assert sorted(rows.values_list("recipient__username", flat=True)) == ["ana", "ana", "eve"]
    assert rows.get(dedupe_key="bare").subject == "EXERCISE Look at this"


# --- nobody is drawn in


def test_nobody_outside_is_given_a_role_a_delegation_or_an_offer_of_command():
    room = full_exercise()
    other = Person.objects.get(username=f"able-{COMMANDER}")
    exercise, by = room.exercise, {"actor": room.ana, "at": START + MINUTE}
    acts = (
        lambda: command.assign(exercise, role=role(SCRIBE), person=other, reason="Help", **by),
        lambda: handover.hand_over(exercise, to=other, note="All is calm", **by),
        lambda: delegation.delegate(
            exercise, role=role(COMMANDER), to=other, ends_at=START + HOUR, reason="Rest", **by
        ),
    )
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.has("not_in_the_exercise")
    taken = command.assign(
        exercise, role=role(SCRIBE), person=room.bo, reason="She writes", **by
    )
    assert taken.person == room.bo


def test_counsel_who_does_not_play_is_not_engaged():
    room = full_exercise()
    running.release_due(START + 5 * MINUTE)
    with pytest.raises(Refused) as refused:
        counsel.engage_counsel(
            room.exercise, person=Person.objects.get(username=f"able-{COUNSEL}"),
            how="By telephone", actor=room.ana, at=START + 6 * MINUTE,
        )  # fmt: skip
    assert refused.value.has("not_in_the_exercise")


def test_a_real_incident_and_an_exercise_without_a_plan_have_no_outsiders():
    room, stranger = full_exercise(), person("stranger")
    assert exercises.outsider(room.exercise, stranger) is not None
    assert exercises.outsider(room.exercise, room.fay) is None
    Incident.objects.filter(pk=room.exercise.pk).update(kind="incident")
    assert exercises.outsider(room.exercise, stranger) is None
    lonely = Incident(kind="exercise", reference="EX-9", pk=room.exercise.pk + 1000)
    assert exercises.outsider(lonely, stranger) is None


def test_a_story_feeds_no_real_incident_and_stops_none():
    room = full_exercise()
    Incident.objects.filter(pk=room.exercise.pk).update(kind="incident")
    by = {"actor": room.fay, "at": START}
    for act in (
        lambda: facts.feed(room.exercise, facts={"customers_affected": 1}, source="x", **by),
        lambda: lifecycle.stop_exercise(room.exercise, reason="No", **by),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.has("not_an_exercise")
