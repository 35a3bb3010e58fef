"""What is stored reaches the checks: people, absences, levels, teams, and how a law stands."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    Absence,
    Activity,
    Cell,
    EmergencyChange,
    MatrixConfirmation,
    MatrixVersion,
    Person,
    Variation,
)
from incidents.operations import matrix
from incidents.operations.matrix_facts import gather
from incidents.rules.matrix_checks import Level
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, DOMAIN_OWNER, SCRIBE
from tests.factories import (
    NOW,
    SOUND_MATRIX,
    allow,
    matrix_version,
    person,
    qualify,
    role,
    service,
    severity_scheme,
    team,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROWS = {("triage", "Direct the response"): {COMMANDER: "A", DEPUTY: "R", SCRIBE: "I"}}
VERBS = [f"incidents.{act}_matrixversion" for act in ("submit", "approve")]


def found(rule: str, version: MatrixVersion, at: datetime = NOW) -> list[str]:
    return [each.message for each in matrix.findings(version, at=at) if each.rule == rule]


def in_force() -> MatrixVersion:
    """A law approved 31 days ago, after which nothing changed."""
    version = matrix_version(ROWS, effective_from=NOW - DAY)
    for model in (type(team()), type(role(COMMANDER))):
        model.history.update(history_date=NOW - 90 * DAY)
    return version


# --- the pools


def test_holders_come_in_order_of_their_names_with_what_is_known_of_them() -> None:
    qualify(person("zoe", phone="+44 1"), COMMANDER)
    qualify(person("ada", email="", is_active=False), COMMANDER)
    qualify(person("ben"), COMMANDER, expires_on=date(2026, 11, 1))
    away = person("cleo", qualified=(COMMANDER,))
    Absence.objects.create(person=away, starts_at=NOW - DAY, ends_at=NOW + DAY)
    pool = gather([COMMANDER], at=NOW).roles[COMMANDER]
    assert [each.username for each in pool.holders] == ["ada", "ben", "cleo", "zoe"]
    ada, ben, cleo, zoe = pool.holders
    assert (ada.is_active, ada.has_email, zoe.has_phone, cleo.has_phone) == (
        False,
        False,
        True,
        False,
    )
    assert (ben.lapsed_on, cleo.away_until) == (date(2026, 11, 1), NOW + DAY)
    assert [each.username for each in pool.ready] == ["cleo", "zoe"]
    assert [each.username for each in pool.present] == ["zoe"]


def test_who_owns_a_service_can_be_its_domain_owner_whatever_lapsed() -> None:
    role(DOMAIN_OWNER)
    ada = person("ada")
    qualify(ada, DOMAIN_OWNER, expires_on=date(2026, 11, 1))
    service(owner=ada)
    service("ledger", owner=person("ben"))
    pool = gather([DOMAIN_OWNER], at=NOW).roles[DOMAIN_OWNER]
    assert [each.username for each in pool.ready] == ["ada", "ben"]


def test_services_alone_are_no_register() -> None:
    role(DOMAIN_OWNER)
    service(owner=person("ada"))
    assert not gather([DOMAIN_OWNER], at=NOW).is_register_used
    qualify(person("ben"), SCRIBE)
    assert gather([DOMAIN_OWNER], at=NOW).is_register_used


def test_the_holders_of_a_superior_are_known_though_it_has_no_column() -> None:
    qualify(person("ada"), COMMANDER)
    role(COMMUNICATIONS)
    assert gather([COMMUNICATIONS], at=NOW).roles[COMMANDER].ready[0].username == "ada"


def test_a_company_of_many_is_asked_as_often_as_one_of_few() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            matrix.findings(version, at=NOW)
        return len(asked)

    version = matrix_version(SOUND_MATRIX)
    severity_scheme()
    person("ada", qualified=(COMMANDER,))
    queries()
    few = queries()
    for _ in range(20):
        person(qualified=(COMMANDER, DEPUTY, SCRIBE))
    assert queries() == few
    assert few <= 20


# --- the law in force


def test_a_law_looked_at_and_undisturbed_gives_no_finding_of_time() -> None:
    assert not found("R27", in_force())
    assert not found("R26", in_force())


def test_a_law_is_old_until_somebody_confirms_it() -> None:
    version, later = in_force(), NOW + 150 * DAY
    assert "for 181 days, more than 180" in found("R27", version, later)[0]
    assert not found("R27", version, later - DAY)
    MatrixConfirmation.objects.create(
        version=version, confirmed_by=person("ada"), confirmed_at=later - DAY
    )
    assert not found("R27", version, later)


def test_a_team_or_role_that_changed_since_is_named() -> None:
    version = in_force()
    changed = team()
    changed.name = "Platforms"
    changed.save()
    deputy = role(DEPUTY)
    deputy.description = "Hot standby."
    deputy.save()
    other = role(COMMUNICATIONS)
    other.description = "Not of this matrix."
    other.save()
    type(changed).history.filter(name="Platforms").update(history_date=NOW - DAY / 2)
    assert [message.split(",", 1)[1] for message in found("R27", version)] == [
        " team Platforms, role Deputy commander changed: confirm that it is still right, or "
        "draft the next version."
    ]


def test_a_draft_is_not_asked_what_time_did() -> None:
    law, draft = in_force(), matrix_version(ROWS, effective_from=None)
    assert found("R27", law, NOW + 400 * DAY)
    assert not found("R27", draft, NOW + 400 * DAY)


def test_an_emergency_says_what_it_owes_and_may_be_approved_all_the_same() -> None:
    version = matrix_version(SOUND_MATRIX, effective_from=None)
    version.status, version.effective_from = "emergency", NOW - DAY
    version.save()
    EmergencyChange.objects.create(
        version=version,
        reason="The bridge burns.",
        enacted_by=version.maker,
        enacted_at=NOW - DAY,
        due_at=NOW - DAY / 2,
    )
    assert "and overdue" in found("R26", version)[0]
    assert list(matrix.against_its_content(version, at=NOW)) == []


def test_everybody_away_is_said_of_the_law_and_does_not_hold_up_a_draft() -> None:
    for slug in (COMMANDER, DEPUTY):
        for _ in range(2):
            away = person(qualified=(slug,))
            Absence.objects.create(person=away, starts_at=NOW - DAY, ends_at=NOW + DAY)
    assert len(found("R30", in_force())) == 2
    draft = matrix_version(ROWS, effective_from=None)
    assert not found("R30", draft)


# --- submission and approval


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), *VERBS)


def test_without_a_register_a_first_law_is_submitted(ada: Person) -> None:
    version = matrix_version(SOUND_MATRIX, effective_from=None)
    assert matrix.submit(version, actor=ada, at=NOW).status == "submitted"


def test_a_role_nobody_can_hold_blocks_submission_and_approval(ada: Person) -> None:
    version = matrix_version(ROWS, effective_from=None)
    matrix.submit(version, warnings_reason="Small.", actor=ada, at=NOW)
    qualify(person("ben"), COMMANDER)
    with pytest.raises(Refused) as refused:
        matrix.approve(version, actor=ada, at=NOW)
    assert refused.value.has("matrix_has_errors")
    assert "first R16" in str(refused.value)
    for slug in (COMMANDER, DEPUTY):
        person(qualified=(slug,)), person(qualified=(slug,))
    assert matrix.approve(version, actor=ada, at=NOW).status == "approved"


def test_a_variation_that_leaves_nobody_accountable_blocks_submission(ada: Person) -> None:
    severity_scheme()
    version = matrix_version(ROWS, effective_from=None)
    varied = Variation.objects.create(version=version, depends_on="severity", value="sev1")
    Cell.objects.create(
        activity=Activity.objects.get(version=version),
        role=role(COMMANDER),
        letters=Cell.NONE,
        variation=varied,
    )
    with pytest.raises(Refused) as refused:
        matrix.submit(version, warnings_reason="Small.", actor=ada, at=NOW)
    assert "first R23 at “Direct the response”: For severity sev1" in str(refused.value)


def test_a_variation_for_a_level_there_is_not_is_an_error() -> None:
    severity_scheme()
    version = matrix_version(ROWS, effective_from=None)
    Variation.objects.create(version=version, depends_on="severity", value="sev9")
    Variation.objects.create(version=version, depends_on="severity", value="sev1")
    Variation.objects.create(version=version, depends_on="scenario", value="flood")
    wrong = [each for each in matrix.findings(version, at=NOW) if each.rule == "R25"]
    assert [(each.case, each.level) for each in wrong] == [
        ("scenario flood", Level.ERROR),
        ("severity sev9", Level.ERROR),
    ]


def test_findings_bear_slugs_and_speak_names() -> None:
    version = matrix_version(
        {("triage", "Approve the text"): {COMMANDER: "A/R", SCRIBE: "I"}}, effective_from=None
    )
    (own,) = [each for each in matrix.findings(version, at=NOW) if each.rule == "R04"]
    assert own.role == COMMANDER
    assert own.message.startswith("Incident commander approves")
