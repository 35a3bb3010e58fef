"""Words approved in calm, said in one act: by whom, of what, and only as they were approved."""

from datetime import date, timedelta

import pytest

from incidents.models import HoldingStatement, Scenario, Update, UpdateClock, UpdateDue
from incidents.operations import cadence, lifecycle, saying
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
    told,
)
from tests.incidents.test_update import raise_to

pytestmark = pytest.mark.django_db
WORDS = "{service} fails. We write again at {next_update}."


@pytest.fixture
def here() -> Scene:
    return on_fire()


def on_fire() -> Scene:
    """At the highest level, payments affected, and its clocks running."""
    made = scene()
    made.incident.services.add(factories.service("payments"))
    raise_to(made.incident, "sev1")
    cadence.start_clocks(made.incident, at=NOW)
    return made


def words(here: Scene, **fields) -> HoldingStatement:
    """Made by Ben, who may say them; approved by Lea."""
    given = {
        "title": "Payments fail", "audience": "public", "text": WORDS, "status": "approved",
        "maker": here.ben, "approver": here.lea, "approved_at": NOW - timedelta(days=9),
    }  # fmt: skip
    return HoldingStatement.objects.create(**(given | fields))


def say(here: Scene, statement: HoldingStatement, **fields) -> Update:
    given = {"statement": statement, "actor": here.ben, "at": NOW + 5 * MINUTE}
    return saying.publish_statement(here.incident, **(given | fields))


# --- what one act does


def test_words_approved_in_calm_are_out_in_one_act(here) -> None:
    statement = words(here)
    row = again(say(here, statement))
    assert row.text == "Payments fails. We write again at 2026-11-23 09:25 UTC."
    assert (row.status, row.statement, row.audience) == ("published", statement, "public")
    assert (row.drafted_by, row.published_by) == (here.ben, here.ben)
    assert (row.approved_by, row.approved_at) == (here.lea, statement.approved_at)
    assert (row.promised_next_at, row.published_at) == (NOW + 25 * MINUTE, NOW + 5 * MINUTE)
    assert again(here.incident).first_public_update_at == NOW + 5 * MINUTE
    detail = {"update": row.pk, "audience": "public", "statement": statement.pk}
    assert (acts(), last_act().detail) == (["publish_statement"], detail)
    assert told("update") == ["ada", "ben"]


def test_it_answers_the_clock_and_starts_it_anew(here) -> None:
    made = say(here, words(here))
    kept = UpdateDue.objects.get()
    assert (kept.update, kept.due_at, kept.answered_at) == (
        made,
        NOW + 5 * MINUTE,
        NOW + 5 * MINUTE,
    )
    assert UpdateClock.objects.get(audience="public").due_at == NOW + 25 * MINUTE


def test_words_that_speak_of_no_next_one_promise_none(here) -> None:
    assert say(here, words(here, text="Payments fail.")).promised_next_at is None


def test_what_is_filled_by_hand_is_an_address_or_an_instant(here) -> None:
    statement = words(here, text="See {link}; since {time}, more at {next_update}.")
    made = say(
        here, statement, values={"link": "https://example.com/1", "time": NOW},
        promised_next_at=LATER,
    )  # fmt: skip
    assert made.text == (
        "See https://example.com/1; since 2026-11-23 09:00 UTC, more at 2026-11-23 09:10 UTC."
    )
    with refused("blank_is_known"):
        say(here, words(here, title="Again"), values={"service": "Everything else"})


def test_what_the_words_name_by_hand_is_what_is_promised(here) -> None:
    named = NOW + 12 * MINUTE
    with refused("instant_has_passed", Invalid):
        say(here, words(here), values={"next_update": NOW})
    with refused("two_promises", Invalid):
        say(here, words(here), values={"next_update": named}, promised_next_at=LATER)
    made = say(here, words(here), values={"next_update": named})
    assert (made.text[-21:], made.promised_next_at) == ("2026-11-23 09:12 UTC.", named)


# --- what is refused


def test_who_may_not_speak_here_cannot_say_it(here) -> None:
    statement = words(here)
    with refused("not_your_role", NotPermitted):
        say(here, statement, actor=here.cleo)
    with refused("no_permission", NotPermitted):
        say(here, statement, actor=here.dan)
    assert say(here, statement, actor=here.ada).published_by == here.ada


def test_words_whose_approver_left_need_a_second_person_again(here) -> None:
    statement = words(here)
    here.lea.is_active = False
    here.lea.save()
    with refused("approver_left") as caught:
        say(here, statement)
    assert "draft an update from it" in str(caught.value)


def test_who_approved_the_words_does_not_say_them_alone(here) -> None:
    statement = words(here, maker=here.lea, approver=here.ben)
    with refused("approver_speaks"):
        say(here, statement)
    assert say(here, statement, actor=here.ada).approved_by == here.ben


@pytest.mark.parametrize("blank", ["impact", "workaround"])
def test_words_of_ones_own_in_a_blank_need_approval(here, blank) -> None:
    with refused("free_blank"):
        say(here, words(here, text=f"Down. {{{blank}}}"), values={blank: "Anything"})


@pytest.mark.parametrize("fields", [
    {"status": "draft"},
    {"status": "retired"},
    {"expires_on": date(2026, 11, 23)},
    {"effective_from": date(2026, 11, 24)},
])  # fmt: skip
def test_words_out_of_use_are_refused(here, fields) -> None:
    with refused("statement_not_usable"):
        say(here, words(here, **fields))


def test_words_for_another_case_are_refused(here) -> None:
    other = Scenario.objects.create(slug="flood", name="Flood")
    for fields in ({"scenario": other}, {"severity": "sev2"}):
        with refused("statement_for_another_case"):
            say(here, words(here, **fields))
    here.incident.scenario = other
    here.incident.save()
    assert say(here, words(here, scenario=other, severity="sev1"))


def test_that_it_is_over_is_said_once_it_is_and_no_news_until_then(here) -> None:
    over, quiet = words(here, purpose="over"), words(here, purpose="no_news")
    with refused("not_over_yet"):
        say(here, over)
    assert say(here, quiet)
    lifecycle.resolve(here.incident, actor=here.ada, at=NOW + 7 * MINUTE)
    with refused("over_already"):
        say(here, quiet, at=NOW + 8 * MINUTE)
    later = NOW + 8 * MINUTE
    assert say(here, over, promised_next_at=later + MINUTE, at=later).stage == "resolved"


def test_the_same_is_not_said_twice_within_a_minute(here) -> None:
    statement = words(here)
    say(here, statement)
    with refused("said_already") as caught:
        say(here, statement, at=NOW + 6 * MINUTE - timedelta(seconds=1))
    assert "Ben said it at 2026-11-23 09:05 UTC" in str(caught.value)
    assert say(here, statement, at=NOW + 6 * MINUTE)


def test_of_two_who_say_it_at_once_one_does(committing) -> None:
    made = on_fire()
    statement = words(made)
    outcomes = at_once(
        lambda: saying.publish_statement(
            again(made.incident), statement=statement, actor=made.ben, at=LATER
        )
    )
    assert sorted(outcomes) == ["done", "said_already"]
    assert Update.objects.count() == 1


def test_a_refusal_writes_nothing(here, monkeypatch) -> None:
    def stop(*_args, **_kwargs) -> None:
        raise Refused.because("test", "The outbox is gone.")

    statement = words(here)
    monkeypatch.setattr("incidents.operations.composing.compose", stop)
    with pytest.raises(Refused):
        say(here, statement)
    assert not Update.objects.exists()


# --- the words a page showed are the words that go out


def test_the_words_shown_are_said_minutes_later(here) -> None:
    statement = words(here)
    shown = saying.as_said(here.incident, statement, here.ben, at=NOW)
    assert shown.text == "Payments fails. We write again at 2026-11-23 09:20 UTC."
    made = say(here, statement, shown_at=NOW, seen=shown.seen, at=NOW + 5 * MINUTE)
    assert (made.text, made.promised_next_at) == (shown.text, NOW + 20 * MINUTE)


def test_words_that_changed_since_they_were_shown_are_refused(here) -> None:
    statement = words(here)
    shown = saying.as_said(here.incident, statement, here.ben, at=NOW)
    here.incident.services.add(factories.service("login"))
    with refused("changed_meanwhile"):
        say(here, statement, shown_at=NOW, seen=shown.seen)


def test_words_shown_too_long_ago_are_refused(here) -> None:
    statement = words(here, text="Payments fail.")
    with refused("words_outdated"):
        say(here, statement, shown_at=NOW - timedelta(minutes=10, seconds=1))
    assert say(here, statement, shown_at=NOW - 10 * MINUTE)


def test_words_whose_promise_passed_since_they_were_shown_are_refused(
    here, monkeypatch
) -> None:
    monkeypatch.setattr(cadence, "next_after", lambda *_, at: at + 5 * MINUTE)
    with refused("words_outdated"):
        say(here, words(here), shown_at=NOW)
    assert say(here, words(here), shown_at=NOW + MINUTE).promised_next_at == NOW + 6 * MINUTE


# --- what is offered


def test_the_closest_is_offered_by_audience_and_purpose(here) -> None:
    near = words(here, severity="sev1")
    words(here, title="Any level")
    news = words(here, title="No news", purpose="no_news")
    words(here, title="For others", severity="sev2", audience="internal")
    words(here, title="Old", audience="internal", expires_on=date(2026, 1, 1))
    offered = saying.ready(here.incident, here.ben, at=NOW)
    assert {key: one.statement for key, one in offered.items()} == {
        ("public", "first"): near, ("public", "no_news"): news,
    }  # fmt: skip
    assert all(one.is_ready for one in offered.values())


def test_what_one_click_can_say_is_offered_before_what_needs_more(here) -> None:
    words(here, severity="sev1", text="{workaround}")
    plain = words(here, title="Plain")
    assert saying.ready(here.incident, here.ben, at=NOW)["public", "first"].statement == plain
    lacking = saying.as_said(here.incident, words(here, text="See {link}."), here.ben, at=NOW)
    assert (lacking.text, lacking.missing, lacking.is_ready) == (
        "See {link}.",
        ("link",),
        False,
    )


def test_offering_costs_two_queries_however_many_there_are(
    here, django_assert_num_queries
) -> None:
    for number in range(5):
        words(here, title=f"Words {number}")
    with django_assert_num_queries(2):
        saying.ready(here.incident, here.ben, at=NOW)
