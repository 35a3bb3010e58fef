"""The watchdog finds what the law owes and nobody did, whatever the sweep believes."""

import pytest

from incidents.models import EscalationCall, Heartbeat, Incident, OutboxMessage
from incidents.operations import paging, severity, sweeps, watchdog
from incidents.rules.roles import COMMANDER, DEPUTY, RESPONDER
from tests.factories import NOW
from tests.incidents.scene import MINUTE, Scene, again, scene, told
from tests.incidents.test_paging import URGENT, stepped

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Ada is called at once and again every five minutes until she answers."""
    return stepped({COMMANDER: {**URGENT, "next_role": DEPUTY}})


def found(minutes: int) -> list[tuple[str, str]]:
    at = NOW + minutes * MINUTE
    return [(each.step, each.code) for each in watchdog.findings(at)]


def sent(minutes: int = 0) -> None:
    OutboxMessage.objects.update(status="sent", sent_at=NOW + minutes * MINUTE)


def test_nothing_is_found_where_everything_was_done(here) -> None:
    paging.begin(here.incident, at=NOW)
    sent()
    assert found(3) == []
    paging.answer_call(here.incident, actor=here.ada, at=NOW + 4 * MINUTE)
    assert found(600) == []


def test_a_step_whose_row_was_never_made_is_found_once_it_should_have_been(here) -> None:
    assert found(1) == []
    assert found(2) == [(COMMANDER, "not_called")]
    (late,) = watchdog.findings(NOW + 2 * MINUTE)
    assert (late.since, late.incident, late.role) == (NOW, here.incident, "Incident commander")


def test_a_sweep_that_never_ran_is_found(here) -> None:
    paging.begin(here.incident, at=NOW)
    sent()
    assert found(6) == []
    assert found(7) == [(COMMANDER, "not_repeated")]
    paging.sweep(NOW + 7 * MINUTE)
    assert found(7) == []


def test_a_call_due_later_that_never_came_is_found() -> None:
    here = scene()  # the commander within fifteen minutes
    paging.begin(here.incident, at=NOW)
    assert (found(16), found(17)) == ([], [(COMMANDER, "not_called")])
    paging.sweep(NOW + 17 * MINUTE)
    assert found(17) == []


def test_a_row_that_says_called_proves_nothing_without_its_message(here) -> None:
    paging.begin(here.incident, at=NOW)
    OutboxMessage.objects.all().delete()
    assert found(3) == [(COMMANDER, "not_called"), (COMMANDER, "no_message")]


@pytest.mark.parametrize(
    ("status", "minutes", "codes"),
    [
        ("dead", 1, ["dead"]),
        ("pending", 4, []),
        ("pending", 5, ["not_sent"]),
        ("sent", 5, []),
    ],
)
def test_a_message_that_does_not_go_out_is_found(here, status, minutes, codes) -> None:
    paging.begin(here.incident, at=NOW)
    OutboxMessage.objects.update(status=status)
    assert [code for _, code in found(minutes)] == codes


def test_a_call_that_died_and_went_another_way_is_none_to_tell_of(here) -> None:
    paging.begin(here.incident, at=NOW)
    call = OutboxMessage.objects.get(kind="escalation")
    OutboxMessage.objects.filter(pk=call.pk).update(status="dead")
    further = again(call)
    further.pk, further.dedupe_key, further.status = None, f"{call.dedupe_key}:way1", "sent"
    further.save()
    assert found(1) == []
    OutboxMessage.objects.update(status="dead")
    assert [code for _, code in found(1)] == ["dead"]


def test_where_nobody_could_be_found_the_next_in_line_is_what_counts() -> None:
    here = stepped({RESPONDER: {"within_minutes": 0}})
    paging.begin(here.incident, at=NOW)
    assert found(60) == []


def test_what_is_over_owes_nothing(here) -> None:
    Incident.objects.update(state="cancelled")
    assert found(60) == []


def test_with_another_level_its_steps_are_owed_from_then_on(here) -> None:
    paging.begin(here.incident, at=NOW)
    here.incident.computed_level = here.incident.level
    here.incident.save()
    then = NOW + 10 * MINUTE
    severity.classify(
        here.incident, level_code="sev1", reason="It grows", actor=here.ada, at=then
    )
    sent()
    assert found(60) == []
    OutboxMessage.objects.filter(created_at=then, kind="escalation").delete()
    EscalationCall.objects.filter(level__code="sev1").delete()
    assert found(11) == []
    assert [each.since for each in watchdog.findings(then + 2 * MINUTE)] == [then, then]


def test_leadership_hears_once_of_each_finding(here) -> None:
    heard: list[str] = []
    for minutes in (3, 4):
        watchdog.sweep(NOW + minutes * MINUTE, heard.append)
    assert told("watchdog") == ["lea"]
    assert heard == ["watchdog: INC-1 Incident commander was not called"]
    assert Heartbeat.objects.get(name="watchdog").at == NOW + 4 * MINUTE


def test_it_runs_with_every_sweep(here) -> None:
    sweeps.sweep(NOW)
    assert Heartbeat.objects.get(name="watchdog").at == NOW


def test_it_asks_as_much_for_many_incidents_as_for_one(here, django_assert_num_queries) -> None:
    paging.begin(here.incident, at=NOW)
    watchdog.findings(NOW)  # reads the law, which a scheme in force keeps
    for number in range(5):
        other = Incident.objects.get(pk=here.incident.pk)
        other.pk, other.reference = None, f"INC-9{number}"
        other.save(force_insert=True)
    Incident.objects.update(level=here.incident.severity_scheme.levels.get(code="sev2"))
    law = 4 * Incident.objects.count()  # a draft is read anew every time
    with django_assert_num_queries(4 + law):
        assert len(watchdog.findings(NOW + 3 * MINUTE)) == 5
