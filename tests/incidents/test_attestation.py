"""Campaigns of attestation: who is asked what, who answers, and what an auditor reads of it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    Assignment,
    Attestation,
    AttestationCampaign,
    AuditEvent,
    MatrixVersion,
    Obligation,
    OutboxMessage,
    Person,
)
from incidents.operations import attestation, campaigns, obligations
from incidents.operations.attestation import attest, close_campaign, open_campaign
from incidents.operations.matrix import findings
from incidents.operations.sweeps import sweep
from incidents.rules.attestation import Progress
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, DOMAIN_OWNER, SCRIBE
from tests.deliveries import hold, incident
from tests.factories import NOW, allow, matrix_version, person, qualify, service
from tests.incidents.scene import again, last_act, refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DUE = date(2026, 12, 7)
ROWS = {
    ("triage", "Direct the response"): {COMMANDER: "A/R", DEPUTY: "R", SCRIBE: "I"},
    ("mitigation", "Repair the service"): {COMMANDER: "A", DOMAIN_OWNER: "R"},
    ("review", "Write the review"): {COMMANDER: "A", COMMUNICATIONS: "R", SCRIBE: "C"},
}
ANSWERS = "incidents.answer_attestation"


@pytest.fixture
def law() -> MatrixVersion:
    return matrix_version(ROWS)


@pytest.fixture
def lea() -> Person:
    """Leads."""
    return allow(
        person("lea"),
        "incidents.lead_incident",
        "incidents.open_attestationcampaign",
        "incidents.close_attestationcampaign",
    )


@pytest.fixture
def ada() -> Person:
    """Could command."""
    return allow(person("ada", qualified=(COMMANDER,)), ANSWERS)


@pytest.fixture
def ben() -> Person:
    """Could be the deputy, and could speak."""
    return allow(person("ben", qualified=(DEPUTY, COMMUNICATIONS)), ANSWERS)


@pytest.fixture
def campaign(law: MatrixVersion, lea: Person, ada: Person, ben: Person) -> AttestationCampaign:
    return open_campaign(due_on=DUE, actor=lea, at=NOW)


def of(campaign: AttestationCampaign, who: Person) -> Attestation:
    return campaign.attestations.get(person=who)


def asked(campaign: AttestationCampaign) -> dict[str, list[str]]:
    rows = campaign.attestations.select_related("person")
    return {row.person.username: [each["role"] for each in row.asked] for row in rows}


# --- opening


def test_everybody_who_could_take_a_working_role_is_asked(
    campaign: AttestationCampaign,
) -> None:
    assert asked(campaign) == {"ada": [COMMANDER], "ben": [DEPUTY, COMMUNICATIONS]}


def test_who_is_asked_sees_what_exactly_as_it_read_then(campaign, ben) -> None:
    deputy, voice = of(campaign, ben).asked
    assert deputy["activities"] == [
        {"phase": "triage", "name": "Direct the response", "letters": "R"}
    ]
    assert voice["name"] == "Communications lead"
    assert [each["name"] for each in voice["activities"]] == ["Write the review"]


def test_who_owns_a_service_answers_for_its_domain(law, lea) -> None:
    service("payments", owner=person("olga"))
    service("legacy", owner=person("otto"), is_active=False)
    assert asked(open_campaign(due_on=DUE, actor=lea, at=NOW)) == {"olga": [DOMAIN_OWNER]}


def test_who_holds_a_role_in_an_open_incident_is_asked_for_it(law, lea) -> None:
    hold(incident(), COMMANDER, person("cleo"))
    closed = hold(
        incident(reference="INC-9", state="closed", closed_at=NOW), DEPUTY, person("eve")
    )
    Assignment.objects.filter(pk=closed.pk).update(ended_at=NOW)
    assert asked(open_campaign(due_on=DUE, actor=lea, at=NOW)) == {"cleo": [COMMANDER]}


def test_who_is_only_informed_lapsed_or_left_is_not_asked(law, lea, ada) -> None:
    person("scribe", qualified=(SCRIBE,))
    person("gone", qualified=(COMMANDER,), is_active=False)
    qualify(person("lapsed"), COMMANDER, expires_on=NOW.date())
    assert asked(open_campaign(due_on=DUE, actor=lea, at=NOW)) == {"ada": [COMMANDER]}


def test_each_is_told_once_and_owes_an_answer(campaign, ada) -> None:
    rows = OutboxMessage.objects.order_by("recipient__username")
    assert [row.recipient.username for row in rows] == ["ada", "ben"]
    assert rows[0].subject == "Confirm by 7 December 2026 what Standing v1 asks of you"
    assert rows[0].link == f"/admin/incidents/attestation/{of(campaign, ada).pk}/change/"
    owed = Obligation.objects.open().about(of(campaign, ada)).get()
    assert (owed.owner, owed.due_at.date()) == (ada, DUE + DAY)  # its end


def test_the_audit_line_says_how_many_are_asked(campaign, lea) -> None:
    line = last_act()
    assert (line.verb, line.actor) == ("open_campaign", lea)
    assert line.detail == {"asked": 2, "due_on": "2026-12-07"}
    assert AuditEvent.objects.count() == 1


def test_who_may_not_open_one_is_refused(law, ada) -> None:
    with refused("no_permission", NotPermitted):
        open_campaign(due_on=DUE, actor=ada, at=NOW)


def test_there_must_be_a_law(lea) -> None:
    with refused("no_law"):
        open_campaign(due_on=DUE, actor=lea, at=NOW)


def test_only_what_is_in_force_is_attested(law, lea, ada) -> None:
    draft = matrix_version(ROWS, effective_from=None, slug="new")
    with refused("not_in_force"):
        open_campaign(draft, due_on=DUE, actor=lea, at=NOW)
    assert open_campaign(law, due_on=DUE, actor=lea, at=NOW).version == law


def test_one_campaign_of_a_version_is_open_at_a_time(campaign, lea) -> None:
    with refused("campaign_is_open"):
        open_campaign(due_on=DUE, actor=lea, at=NOW + DAY)
    close_campaign(campaign, actor=lea, at=NOW + DAY)
    assert open_campaign(due_on=DUE, actor=lea, at=NOW + DAY) != campaign


def test_a_campaign_that_asks_nobody_is_refused(law, lea) -> None:
    with refused("nobody_to_ask"):
        open_campaign(due_on=DUE, actor=lea, at=NOW)


@pytest.mark.parametrize(
    ("due_on", "code"),
    [(date(2026, 11, 22), "due_in_the_past"), (date.max, "date_out_of_range")],
)
def test_the_last_day_must_be_one_to_come(law, lea, ada, due_on, code) -> None:
    with refused(code, Invalid):
        open_campaign(due_on=due_on, actor=lea, at=NOW)


def test_asking_many_costs_as_many_queries_as_asking_few(law, lea) -> None:
    def opened(more: int) -> int:
        for _ in range(more):
            person(qualified=(COMMANDER,))
        with CaptureQueriesContext(connection) as queries:
            made = open_campaign(due_on=DUE, actor=lea, at=NOW)
        close_campaign(made, actor=lea, at=NOW)
        return len(queries)

    opened(1)
    assert opened(1) == opened(30)


# --- answering


def test_a_person_confirms_for_themselves(campaign, ada) -> None:
    row = attest(of(campaign, ada), answer="confirmed", actor=ada, at=NOW + HOUR)
    assert (again(row).answer, again(row).answered_at) == ("confirmed", NOW + HOUR)
    assert not Obligation.objects.open().about(row).exists()
    assert (last_act().verb, last_act().detail) == (
        "attest",
        {"answer": "confirmed", "note": ""},
    )


def test_an_objection_is_told_to_leadership_once(campaign, ada, lea) -> None:
    OutboxMessage.objects.all().delete()
    note = "Nobody trained me for it."
    row = attest(of(campaign, ada), answer="objected", note=f" {note} ", actor=ada, at=NOW)
    (message,) = OutboxMessage.objects.all()
    assert (message.recipient, message.subject) == (lea, "Ada objects to Standing v1")
    assert message.body.startswith(note)
    assert again(row).note == note


def test_an_objection_says_why(campaign, ada) -> None:
    with refused("note_missing", Invalid):
        attest(of(campaign, ada), answer="objected", note=" ", actor=ada, at=NOW)


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_any_other_answer_is_none(campaign, ada, answer) -> None:
    with refused("unknown_answer", Invalid):
        attest(of(campaign, ada), answer=answer, actor=ada, at=NOW)


def test_nobody_attests_for_another(campaign, ada, ben, lea) -> None:
    with refused("not_yours", NotPermitted):
        attest(of(campaign, ada), answer="confirmed", actor=ben, at=NOW)
    with refused("no_permission", NotPermitted):
        attest(of(campaign, ada), answer="confirmed", actor=lea, at=NOW)
    codes = [each.code for each in attestation.objections(of(campaign, ada), ben)]
    assert codes == ["not_yours"]


def test_an_answer_is_given_once(campaign, ada) -> None:
    row = attest(of(campaign, ada), answer="confirmed", actor=ada, at=NOW)
    with refused("answered_already"):
        attest(row, answer="objected", note="After all", actor=ada, at=NOW)
    assert [each.code for each in attestation.objections(row, ada)] == ["answered_already"]


def test_an_answer_never_changes_whoever_writes_it(campaign, ada) -> None:
    row = attest(of(campaign, ada), answer="confirmed", actor=ada, at=NOW)
    row.note = "I did not mean it"
    for write in (row.save, row.delete):
        with pytest.raises(Refused) as no:
            write()
        assert no.value.has("answer_never_changes")
    assert again(row).note == ""


def test_a_late_answer_counts_until_the_campaign_is_closed(campaign, ada, ben, lea) -> None:
    attest(of(campaign, ada), answer="confirmed", actor=ada, at=NOW + 30 * DAY)
    close_campaign(campaign, actor=lea, at=NOW + 31 * DAY)
    with refused("campaign_is_closed"):
        attest(of(campaign, ben), answer="confirmed", actor=ben, at=NOW + 32 * DAY)


# --- closing, and what is read of it


def test_closing_ends_what_is_owed_and_counts_it(campaign, ada, lea) -> None:
    attest(of(campaign, ada), answer="confirmed", actor=ada, at=NOW)
    close_campaign(campaign, note="Two weeks are enough", actor=lea, at=NOW + DAY)
    assert not Obligation.objects.open().exists()
    assert (again(campaign).closed_at, again(campaign).closed_by) == (NOW + DAY, lea)
    line = last_act()
    assert (line.verb, line.detail) == (
        "close_campaign",
        {"note": "Two weeks are enough", "confirmed": 1, "objected": 0, "expired": 1},
    )


def test_a_campaign_closes_once_and_by_who_may(campaign, ada, lea) -> None:
    with refused("no_permission", NotPermitted):
        close_campaign(campaign, actor=ada, at=NOW)
    close_campaign(campaign, actor=lea, at=NOW)
    with refused("campaign_is_closed"):
        close_campaign(campaign, actor=lea, at=NOW)
    found = attestation.objections_to_closing(campaign, ada)
    assert [each.code for each in found] == ["no_permission", "campaign_is_closed"]


def test_the_report_is_of_the_whole_population(campaign, ada, ben) -> None:
    attest(of(campaign, ada), answer="objected", note="No", actor=ada, at=NOW)
    found = campaigns.report(campaign, at=NOW)
    assert found.progress == Progress(objected=1, not_answered=1)
    assert [(each.row.person, str(each.standing)) for each in found.people] == [
        (ada, "objected"),
        (ben, "not answered"),
    ]
    late = campaigns.report(campaign, at=NOW + 30 * DAY)
    assert late.progress == Progress(objected=1, expired=1)


def test_the_report_shows_a_role_that_nobody_was_asked_about(campaign) -> None:
    found = {
        each.name: each.progress.asked for each in campaigns.report(campaign, at=NOW).roles
    }
    assert found == {
        "Incident commander": 1,
        "Deputy commander": 1,
        "Domain owner": 0,
        "Communications lead": 1,
    }


def test_a_report_costs_the_same_for_many_as_for_few(law, lea, ada) -> None:
    def read() -> int:
        made = open_campaign(due_on=DUE, actor=lea, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            [each.roles for each in campaigns.report(made, at=NOW).people]
        close_campaign(made, actor=lea, at=NOW)
        return len(queries)

    few = read()
    for _ in range(20):
        person(qualified=(COMMANDER,))
    assert read() == few


# --- reminders


def test_who_has_not_answered_is_reminded_and_who_has_is_not(campaign, ada, ben) -> None:
    OutboxMessage.objects.all().delete()
    attest(of(campaign, ada), answer="confirmed", actor=ada, at=NOW)
    for day in range(20):
        sweep(NOW + day * DAY)
    said = list(
        OutboxMessage.objects.order_by("id").values_list("recipient__username", "subject")
    )
    assert {who for who, _ in said} == {"ben"}
    assert said[0][1] == "Ben's attestation of Standing v1 is due by 7 December 2026"
    assert said[-1][1] == "Ben's attestation of Standing v1 was due by 7 December 2026"


def test_who_left_is_reminded_no_more(campaign, ben) -> None:
    Person.objects.filter(pk=ben.pk).update(is_active=False)
    obligations.look(NOW + DAY)
    assert not Obligation.objects.open().filter(owner=ben).exists()


# --- R28: what the checks say of the version in force


def attested(law: MatrixVersion, at: datetime) -> list[str]:
    return [each.message for each in findings(law, at=at) if each.rule == "R28"]


def test_a_law_nobody_was_asked_about_is_not_warned_of(law) -> None:
    assert attested(law, NOW) == []


def test_an_objection_is_found_at_once_and_silence_when_the_time_is_over(
    campaign, law, ada
) -> None:
    assert attested(law, NOW) == []
    attest(of(campaign, ada), answer="objected", note="No", actor=ada, at=NOW)
    (one,) = attested(law, NOW)
    assert one.startswith("Ada objects to what it asks of them")
    assert attested(law, NOW + 14 * DAY) == [one]  # the last day is not over
    assert [each.split(":")[0] for each in attested(law, NOW + 15 * DAY)] == [
        "Ada objects to what it asks of them",
        "Ben did not attest it in time",
    ]


def test_only_the_last_campaign_counts(campaign, law, lea, ada, ben) -> None:
    attest(of(campaign, ada), answer="objected", note="No", actor=ada, at=NOW)
    close_campaign(campaign, actor=lea, at=NOW + DAY)
    assert len(attested(law, NOW + DAY)) == 2
    open_campaign(due_on=DUE, actor=lea, at=NOW + 2 * DAY)
    assert attested(law, NOW + 2 * DAY) == []
    assert len(attested(law, NOW + DAY)) == 2  # as it was then
