"""Updates: words of one person agreed to by another; and the clocks that ask for them."""

from datetime import date, datetime, timedelta

import pytest

from incidents.models import (
    HoldingStatement,
    Incident,
    OutboxMessage,
    SeverityLevel,
    Update,
    UpdateClock,
)
from incidents.operations import cadence, law, update
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    at_once,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def drafted(here: Scene, **fields) -> Update:
    given = {"audience": "internal", "text": "We are on it.", "actor": here.ben, "at": LATER}
    return update.draft(here.incident, **(given | fields))


def approved(here: Scene, **fields) -> Update:
    return update.approve(drafted(here, **fields), actor=here.ada, at=LATER)


def published(here: Scene, at: datetime = LATER, **fields) -> Update:
    return update.publish(approved(here, **fields), actor=here.ben, at=at)


def raise_to(incident: Incident, code: str) -> None:
    incident.level = SeverityLevel.objects.get(code=code)
    incident.save()


def due(audience: str) -> datetime | None:
    return UpdateClock.objects.get(audience=audience).due_at


def statement(here: Scene, text: str, **fields) -> HoldingStatement:
    given = {
        "title": "Payments fail",
        "audience": "public",
        "text": text,
        "status": "approved",
        "maker": here.ada,
        "approver": here.lea,
        "approved_at": NOW,
    }
    return HoldingStatement.objects.create(**(given | fields))


# --- drafting


def test_the_speaker_drafts(here) -> None:
    made = drafted(here, text="  We are on it. ", promised_next_at=LATER + MINUTE)
    row = again(made)
    assert (row.status, row.text, row.drafted_by) == ("draft", "We are on it.", here.ben)
    assert row.promised_next_at == LATER + MINUTE
    detail = {"update": row.pk, "audience": "internal", "statement": None}
    assert (acts(), last_act().detail) == (["draft_update"], detail)


def test_an_update_says_something_and_not_too_much(here) -> None:
    with refused("text_missing", Invalid):
        drafted(here, text=" \n")
    with refused("text_too_long", Invalid):
        drafted(here, text="x" * 5001)
    with refused("text_unusable", Invalid):
        drafted(here, text="We\0")
    assert len(drafted(here, text="x" * 5000).text) == 5000


def test_an_update_speaks_to_a_known_audience(here) -> None:
    with refused("unknown_audience", Invalid):
        drafted(here, audience="everybody")
    for audience in ("internal", "public", "executive"):
        drafted(here, audience=audience)


def test_the_next_update_is_promised_for_the_future(here) -> None:
    with refused("instant_has_passed", Invalid):
        drafted(here, promised_next_at=LATER)
    with refused("instant_without_offset", Invalid):
        drafted(here, promised_next_at=datetime(2026, 11, 23, 12))  # noqa: DTZ001


def test_who_does_not_speak_here_cannot_draft(here) -> None:
    for other in (here.cleo, here.lea):
        with refused("not_your_role", NotPermitted):
            drafted(here, actor=other)
    with refused("no_permission", NotPermitted):
        drafted(here, actor=here.dan)
    assert drafted(here, actor=here.ada).drafted_by == here.ada


def test_nothing_is_drafted_for_what_is_closed() -> None:
    made = scene(state="closed", closed_at=NOW)
    with refused("wrong_state"):
        drafted(made)


def test_a_statement_is_filled_with_what_the_incident_knows(here) -> None:
    here.incident.services.add(factories.service("payments"))
    words = "{company}: {service} fails since {time} ({reference}, {severity}). {workaround}"
    made = drafted(
        here, audience="public", text="", statement=statement(here, words),
        values={"workaround": "Pay by invoice."},
    )  # fmt: skip
    assert made.text == (
        "Northwind Pay: Payments fails since 2026-11-23 09:00 UTC (INC-1, Severity 2). "
        "Pay by invoice."
    )
    assert made.statement is not None


def test_a_blank_filled_by_hand_wins_and_a_promise_fills_its_own(here) -> None:
    words = statement(here, "{service} fails. More at {next_update}.")
    made = drafted(
        here, audience="public", text="", statement=words, values={"service": "Checkout"},
        promised_next_at=LATER + 20 * MINUTE,
    )  # fmt: skip
    assert made.text == "Checkout fails. More at 2026-11-23 09:30 UTC."


def test_words_that_speak_of_the_next_update_promise_it_by_the_pace(here) -> None:
    raise_to(here.incident, "sev1")
    words = statement(here, "More at {next_update}.")
    made = drafted(here, audience="public", text="", statement=words)
    assert made.promised_next_at == cadence.next_after(here.incident, "public", at=LATER)
    assert f"{made.promised_next_at:%H:%M} UTC" in made.text


def test_the_next_update_that_words_name_by_hand_is_promised(here) -> None:
    given = {
        "audience": "public",
        "text": "",
        "statement": statement(here, "By {next_update}."),
    }
    with refused("instant_has_passed", Invalid):
        drafted(here, values={"next_update": LATER}, **given)
    named = LATER + 7 * MINUTE
    with refused("two_promises", Invalid):
        drafted(here, values={"next_update": named}, promised_next_at=LATER + MINUTE, **given)
    assert drafted(here, values={"next_update": named}, **given).promised_next_at == named


def test_a_blank_nobody_filled_is_named(here) -> None:
    words = statement(here, "{service} fails. {workaround}")
    with refused("blank_missing", Invalid) as caught:
        drafted(here, audience="public", text="", statement=words)
    assert [reason.field for reason in caught.value.reasons] == ["service", "workaround"]


def test_own_words_go_before_those_of_the_statement(here) -> None:
    words = statement(here, "{workaround}")
    made = drafted(here, audience="public", text="Own words.", statement=words)
    assert (made.text, made.statement) == ("Own words.", words)


@pytest.mark.parametrize("fields", [
    {"status": "draft"},
    {"status": "retired"},
    {"expires_on": date(2026, 11, 23)},
])  # fmt: skip
def test_a_statement_out_of_use_is_refused(here, fields) -> None:
    with refused("statement_not_usable"):
        drafted(here, audience="public", text="", statement=statement(here, "Hello.", **fields))
    last_day = statement(here, "Hello.", expires_on=date(2026, 11, 24))
    assert drafted(here, audience="public", text="", statement=last_day).text == "Hello."


def test_a_statement_for_others_is_refused(here) -> None:
    with refused("statement_for_another_audience"):
        drafted(here, audience="internal", text="", statement=statement(here, "Hello."))


# --- approving


def test_another_person_approves(here) -> None:
    row = again(approved(here))
    assert (row.status, row.approved_by, row.approved_at) == ("approved", here.ada, LATER)
    assert acts() == ["draft_update", "approve_update"]


def test_nobody_approves_what_they_drafted(here) -> None:
    made = drafted(here)
    with refused("approve_own_update"):
        update.approve(made, actor=here.ben, at=LATER)
    assert again(made).status == "draft"


def test_approving_is_for_those_with_a_role_and_for_leadership(here) -> None:
    made = drafted(here)
    with refused("not_your_role", NotPermitted):
        update.approve(made, actor=here.cleo, at=LATER)
    with refused("no_permission", NotPermitted):
        update.approve(made, actor=here.dan, at=LATER)
    update.approve(made, actor=here.lea, at=LATER)
    assert again(made).approved_by == here.lea


def test_an_update_is_approved_once(here) -> None:
    made = approved(here)
    with refused("already_approved") as caught:
        update.approve(made, actor=here.lea, at=LATER)
    assert "Ada approved it at 2026-11-23 09:10 UTC" in str(caught.value)


# --- publishing


def test_publishing_tells_everybody_here_and_keeps_the_first(here) -> None:
    row = again(published(here))
    assert (row.status, row.published_by, row.published_at) == ("published", here.ben, LATER)
    incident = again(here.incident)
    assert (incident.first_internal_update_at, incident.first_public_update_at) == (LATER, None)
    assert incident.provenance["first_internal_update_at"]["by"] == "ben"
    assert told("update") == ["ada", "ben"]
    assert OutboxMessage.objects.first().body.endswith("We are on it.")
    assert timeline(here.incident) == ["Update published (internal)"]


def test_a_later_update_is_not_the_first(here) -> None:
    published(here, audience="public")
    published(here, audience="public", at=LATER + MINUTE)
    assert again(here.incident).first_public_update_at == LATER


def test_an_executive_update_is_neither_internal_nor_public(here) -> None:
    published(here, audience="executive")
    incident = again(here.incident)
    assert (incident.first_internal_update_at, incident.first_public_update_at) == (None, None)


def test_what_nobody_approved_is_not_published(here) -> None:
    made = drafted(here)
    with refused("not_approved"):
        update.publish(made, actor=here.ada, at=LATER)
    assert again(made).status == "draft"


def test_publishing_is_for_who_speaks(here) -> None:
    made = approved(here)
    for other in (here.cleo, here.lea):
        with refused("not_your_role", NotPermitted):
            update.publish(made, actor=other, at=LATER)
    with refused("no_permission", NotPermitted):
        update.publish(made, actor=here.dan, at=LATER)


def test_an_update_is_published_once(here) -> None:
    made = published(here)
    with refused("already_published") as caught:
        update.publish(made, actor=here.ada, at=LATER)
    assert "Ben published it" in str(caught.value)
    with refused("already_published"):
        update.approve(made, actor=here.ada, at=LATER)


def test_of_two_who_publish_at_once_one_does(committing) -> None:
    made = scene()
    ready = approved(made)
    outcomes = at_once(lambda: update.publish(again(ready), actor=made.ben, at=LATER))
    assert sorted(outcomes) == ["already_published", "done"]
    assert acts().count("publish_update") == 1


def test_a_last_update_is_published_after_resolution_and_owes_no_other(here) -> None:
    here.incident.resolved_at = LATER
    here.incident.state = "resolution"
    here.incident.save()
    published(here, promised_next_at=LATER + MINUTE)
    assert not UpdateClock.objects.exists()


def test_a_refused_publication_writes_nothing(here, monkeypatch) -> None:
    made = approved(here)
    monkeypatch.setattr("incidents.operations.composing.compose", stop)
    with pytest.raises(Refused):
        update.publish(made, actor=here.ben, at=LATER)
    assert again(made).status == "approved"
    assert again(here.incident).first_internal_update_at is None


def stop(*_args, **_kwargs) -> None:
    raise Refused.because("test", "The outbox is gone.")


# --- clocks


def test_the_clocks_follow_the_cadences_of_the_level(here) -> None:
    raise_to(here.incident, "sev1")
    cadence.start_clocks(here.incident, at=NOW)
    assert (due("internal"), due("public")) == (NOW + 15 * MINUTE, NOW + 5 * MINUTE)
    assert UpdateClock.objects.get(audience="internal").next_nudge_at == NOW + 10 * MINUTE


def test_starting_the_clocks_again_changes_nothing(here) -> None:
    cadence.start_clocks(here.incident, at=NOW)
    cadence.start_clocks(here.incident, at=LATER)
    assert due("internal") == NOW + 60 * MINUTE
    assert UpdateClock.history.count() == 1


def test_all_clocks_start_in_as_many_statements_as_one(here, django_assert_num_queries) -> None:
    raise_to(here.incident, "sev1")
    incident = Incident.objects.select_related("level__scheme").get()
    law.levels(incident.level.scheme)
    with django_assert_num_queries(6):
        cadence.start_clocks(incident, at=NOW)
    assert UpdateClock.objects.count() == 2


def test_a_higher_level_owes_nothing_earlier_than_now(here) -> None:
    cadence.start_clocks(here.incident, at=NOW)
    raise_to(here.incident, "sev1")
    later = NOW + 30 * MINUTE
    cadence.start_clocks(here.incident, at=later)
    assert (due("internal"), due("public")) == (later, later)
    cadence.start_clocks(here.incident, at=later + MINUTE)
    assert (due("internal"), due("public")) == (later, later)


def test_what_was_late_stays_late_when_the_level_rises(here) -> None:
    cadence.start_clocks(here.incident, at=NOW)
    raise_to(here.incident, "sev1")
    cadence.start_clocks(here.incident, at=NOW + 90 * MINUTE)
    assert due("internal") == NOW + 60 * MINUTE


def test_a_lower_level_ends_what_it_does_not_ask_for(here) -> None:
    raise_to(here.incident, "sev1")
    cadence.start_clocks(here.incident, at=NOW)
    raise_to(here.incident, "sev2")
    cadence.start_clocks(here.incident, at=LATER)
    assert (due("internal"), due("public")) == (NOW + 60 * MINUTE, None)


def test_publishing_moves_the_clock_of_its_audience_only(here) -> None:
    raise_to(here.incident, "sev1")
    cadence.start_clocks(here.incident, at=NOW)
    published(here, audience="public", at=LATER)
    assert (due("internal"), due("public")) == (NOW + 15 * MINUTE, LATER + 20 * MINUTE)


def test_after_two_hours_the_public_pace_slows(here) -> None:
    raise_to(here.incident, "sev1")
    late = NOW + 120 * MINUTE
    published(here, audience="public", at=late)
    assert due("public") == late + 60 * MINUTE


@pytest.mark.parametrize(("promised", "owed"), [
    (timedelta(minutes=30), timedelta(minutes=30)),
    (timedelta(minutes=90), timedelta(minutes=60)),
])  # fmt: skip
def test_an_earlier_promise_counts_and_a_later_one_does_not(here, promised, owed) -> None:
    published(here, promised_next_at=LATER + promised)
    assert due("internal") == LATER + owed


def test_a_promise_counts_where_no_cadence_asks(here) -> None:
    published(here, audience="executive", promised_next_at=LATER + MINUTE)
    assert due("executive") == LATER + MINUTE


def test_stopped_clocks_owe_nothing(here) -> None:
    cadence.start_clocks(here.incident, at=NOW)
    cadence.stop_clocks(here.incident, at=LATER)
    clock = UpdateClock.objects.get()
    assert (clock.due_at, clock.next_nudge_at) == (None, None)


def test_what_is_not_classified_owes_no_update(here) -> None:
    here.incident.level = None
    cadence.start_clocks(here.incident, at=NOW)
    assert not UpdateClock.objects.exists()
