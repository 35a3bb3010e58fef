"""An emergency change is law at once and owes a decision by a third person; a law is confirmed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    AuditEvent,
    CheckLimits,
    EmergencyChange,
    Incident,
    MatrixConfirmation,
    MatrixVersion,
    OutboxMessage,
    Person,
)
from incidents.operations import matrix, matrix_review
from incidents.operations.law import matrix_in_force
from incidents.operations.sweeps import sweep
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, DEPUTY
from tests.deliveries import acts as swept
from tests.factories import NOW, SOUND_MATRIX, allow, matrix_version, person
from tests.incidents.scene import acts, again, last_act, refused, told

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DUE = NOW + 72 * HOUR
RIGHTS = [
    f"incidents.{act}"
    for act in (
        "submit_matrixversion", "approve_matrixversion", "withdraw_matrixversion",
        "enact_matrixversion", "confirm_matrixversion", "lead_incident",
    )
]  # fmt: skip
ERRONEOUS = {("triage", "Direct the response"): {COMMANDER: "R"}}
WARNED = {("triage", "Direct the response"): {COMMANDER: "A", DEPUTY: "R"}}
WHY = "Both counsels are away."


def leader(name: str) -> Person:
    return allow(person(name), *RIGHTS)


@pytest.fixture
def ada() -> Person:
    """Makes the version."""
    return leader("ada")


@pytest.fixture
def ben() -> Person:
    """Another leader."""
    return leader("ben")


@pytest.fixture
def cora() -> Person:
    """A third leader."""
    return leader("cora")


@pytest.fixture
def dan() -> Person:
    """May nothing."""
    return person("dan")


@pytest.fixture
def law() -> MatrixVersion:
    """What is in force before."""
    return matrix_version(SOUND_MATRIX)


def draft(maker: Person, rows: dict = SOUND_MATRIX, **fields: Any) -> MatrixVersion:
    version = matrix_version(rows, effective_from=None, slug="new")
    MatrixVersion.objects.filter(pk=version.pk).update(maker=maker, **fields)
    return again(version)


def enacted(maker: Person, by: Person | None = None, at: datetime = NOW) -> MatrixVersion:
    return matrix_review.enact(
        draft(maker), reason=WHY, warnings_reason="small", actor=by or maker, at=at
    )


def the_change() -> EmergencyChange:
    return EmergencyChange.objects.get()


# --- enacting


def test_a_draft_is_law_at_once_and_owes_an_approval(law: MatrixVersion, ada: Person) -> None:
    version = enacted(ada)
    stored = again(version)
    assert (stored.status, stored.effective_from) == ("emergency", NOW)
    assert (stored.checker, stored.approved_at) == (None, None)
    assert matrix_in_force(NOW) == version
    assert matrix_in_force(NOW - HOUR) == law
    change = the_change()
    assert (change.version, change.enacted_by, change.enacted_at) == (version, ada, NOW)
    assert (change.reason, change.due_at, change.decided_at) == (WHY, DUE, None)


def test_a_submitted_one_keeps_its_reason_for_the_warnings(ada: Person, ben: Person) -> None:
    version = draft(ada, WARNED, status="submitted", warnings_reason="Two people only.")
    matrix_review.enact(version, reason=WHY, actor=ben, at=NOW)
    assert again(version).status == "emergency"
    assert again(version).warnings_reason == "Two people only."
    assert the_change().enacted_by == ben


def test_the_audit_line_keeps_why_and_until_when(ada: Person) -> None:
    version = enacted(ada)
    line = last_act()
    assert (line.verb, line.subject_id, line.actor) == ("enact_matrix", str(version.pk), ada)
    assert line.detail["reason"] == WHY
    assert line.detail["due_at"] == "2026-11-26T09:00:00Z"
    assert acts() == ["enact_matrix"]


def test_all_leaders_are_told_at_once(
    law: MatrixVersion, ada: Person, ben: Person, dan: Person
) -> None:
    enacted(ada)
    assert told("emergency-enacted") == ["ada", "ben"]
    letter = OutboxMessage.objects.filter(kind="emergency-enacted")[0]
    assert letter.next_attempt_at == NOW
    assert WHY in letter.body
    assert "instead of Standing v1" in letter.body
    assert "2026-11-26 09:00 UTC" in letter.body


def test_the_organisation_says_how_long_an_approval_may_be_owed(ada: Person) -> None:
    CheckLimits.objects.create(emergency_hours=10)
    enacted(ada)
    assert the_change().due_at == NOW + 10 * HOUR
    assert the_change().next_nudge_at == NOW + 5 * HOUR


def test_errors_block_an_emergency_too(ada: Person) -> None:
    version = draft(ada, ERRONEOUS)
    with refused("matrix_has_errors"):
        matrix_review.enact(version, reason=WHY, actor=ada, at=NOW)
    assert again(version).is_draft
    assert not EmergencyChange.objects.exists()
    assert matrix_in_force(NOW) is None


def test_an_emergency_needs_its_reason_and_one_for_the_warnings(ada: Person) -> None:
    with refused("reason_missing", Invalid):
        matrix_review.enact(draft(ada), reason=" ", actor=ada, at=NOW)
    version = draft(ada, WARNED)
    with refused("warnings_need_a_reason", Invalid):
        matrix_review.enact(version, reason=WHY, actor=ada, at=NOW)
    matrix_review.enact(version, reason=WHY, warnings_reason="Two.", actor=ada, at=NOW)
    assert again(version).warnings_reason == "Two."


@pytest.mark.parametrize("status", ["approved", "emergency", "withdrawn"])
def test_only_what_is_not_law_yet_is_enacted(ada: Person, ben: Person, status: str) -> None:
    if status == "approved":
        version = matrix_version(SOUND_MATRIX)
    elif status == "emergency":
        version = enacted(ada)
    else:
        version = draft(ada, status="withdrawn")
    with refused("not_to_be_enacted"):
        matrix_review.enact(version, reason=WHY, actor=ben, at=NOW)


def test_to_enact_decline_and_confirm_are_three_rights(ada: Person, dan: Person) -> None:
    version = draft(ada)
    with refused("no_permission", NotPermitted):
        matrix_review.enact(version, reason=WHY, actor=dan, at=NOW)
    version = enacted(ada)
    with refused("no_permission", NotPermitted):
        matrix_review.decline(version, reason="No.", actor=dan, at=NOW)
    with refused("no_permission", NotPermitted):
        matrix_review.confirm(version, actor=dan, at=NOW)
    codes = {
        act: {each.code for each in matrix_review.objections(act, version, dan, at=NOW)}
        for act in ("enact", "decline", "confirm")
    }
    assert all("no_permission" in some for some in codes.values())
    assert matrix_in_force(NOW) == version


# --- deciding


def test_another_person_approves_it_and_it_stays_law_from_when_it_was(
    ada: Person, ben: Person
) -> None:
    version = enacted(ada)
    matrix.approve(version, actor=ben, at=NOW + HOUR)
    stored = again(version)
    assert (stored.status, stored.effective_from) == ("approved", NOW)
    assert (stored.checker, stored.approved_at) == (ben, NOW + HOUR)
    change = the_change()
    assert (change.outcome, change.decided_by, change.decided_at) == (
        "approved", ben, NOW + HOUR,
    )  # fmt: skip
    assert change.next_nudge_at is None
    assert acts() == ["enact_matrix", "approve_matrix"]


def test_neither_maker_nor_enactor_decides(ada: Person, ben: Person, cora: Person) -> None:
    version = enacted(ada, by=ben)
    for who in (ada, ben):
        with refused("maker_is_checker"):
            matrix.approve(version, actor=who, at=NOW)
        with refused("maker_is_checker"):
            matrix_review.decline(version, reason="No.", actor=who, at=NOW)
    assert matrix.objections("approve", version, cora, at=NOW) == ()
    matrix.approve(version, actor=cora, at=NOW)


def test_what_is_in_force_gets_no_later_beginning(ada: Person, ben: Person) -> None:
    version = enacted(ada)
    with refused("emergency_is_in_force", Invalid):
        matrix.approve(version, effective_from=NOW + 9 * HOUR, actor=ben, at=NOW + HOUR)


def test_it_is_decided_once(ada: Person, ben: Person, cora: Person) -> None:
    version = enacted(ada)
    matrix.approve(version, actor=ben, at=NOW + HOUR)
    with refused("not_submitted"):
        matrix.approve(version, actor=cora, at=NOW + HOUR)
    with refused("not_an_emergency"):
        matrix_review.decline(version, reason="No.", actor=cora, at=NOW + HOUR)
    assert the_change().decided_by == ben


def test_declined_it_is_law_no_more_and_the_one_before_is(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    version = enacted(ada)
    matrix_review.decline(version, reason=" They are back. ", actor=ben, at=NOW + HOUR)
    assert again(version).status == "withdrawn"
    assert matrix_in_force(NOW + HOUR) == law
    change = the_change()
    assert (change.outcome, change.decision_note) == ("declined", "They are back.")
    assert (change.decided_by, change.decided_at) == (ben, NOW + HOUR)
    line = last_act()
    assert (line.verb, line.detail) == (
        "decline_matrix",
        {"reason": "They are back.", "law": "Standing v1"},
    )
    assert told("emergency-declined") == ["ada", "ben"]
    body = OutboxMessage.objects.filter(kind="emergency-declined")[0].body
    assert "They are back." in body
    assert "Standing v1 is in force now" in body


def test_to_decline_needs_a_reason(ada: Person, ben: Person) -> None:
    version = enacted(ada)
    with refused("reason_missing", Invalid):
        matrix_review.decline(version, reason="", actor=ben, at=NOW)
    assert matrix_in_force(NOW) == version


def test_only_an_emergency_is_declined_and_it_is_not_withdrawn(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    with refused("not_an_emergency"):
        matrix_review.decline(law, reason="No.", actor=ben, at=NOW)
    version = enacted(ada)
    with refused("has_taken_effect") as caught:
        matrix.withdraw(version, reason="No.", actor=ben, at=NOW)
    assert "decline it" in str(caught.value)


def test_incidents_stay_under_the_law_they_were_declared_under(
    ada: Person, ben: Person
) -> None:
    version = enacted(ada)
    incident = Incident.objects.create(
        reference="INC-1", title="Trouble", declared_at=NOW, matrix_version=version
    )
    matrix_review.decline(version, reason="No.", actor=ben, at=NOW + HOUR)
    assert again(incident).matrix_version == version


# --- as of


def test_as_of_any_instant_it_is_known_what_was_law(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    version = enacted(ada)
    matrix_review.decline(version, reason="No.", actor=ben, at=NOW + 2 * HOUR)
    assert matrix_review.as_of(NOW - timedelta(days=31)) is None
    assert matrix_review.as_of(NOW - HOUR) == law
    assert matrix_review.as_of(NOW) == version
    assert matrix_review.as_of(NOW + HOUR) == version
    assert matrix_review.as_of(NOW + 2 * HOUR) == law


def test_what_was_withdrawn_before_it_took_effect_was_never_law(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    later = draft(ada, status="submitted")
    matrix.approve(later, effective_from=NOW + HOUR, actor=ben, at=NOW)
    assert matrix_review.as_of(NOW + 2 * HOUR) == later
    matrix.withdraw(later, reason="No.", actor=ben, at=NOW)
    assert matrix_review.as_of(NOW + 2 * HOUR) == law


def test_a_version_is_compared_with_the_law_it_follows(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    first = draft(ada, based_on=law)
    assert matrix_review.predecessor(first, at=NOW) == law
    version = enacted(ada)
    assert matrix_review.predecessor(version, at=NOW + HOUR) == law
    assert matrix_review.predecessor(first, at=NOW + HOUR) == version
    assert matrix_review.predecessor(law, at=NOW) is None


# --- confirming


def test_who_looked_at_the_law_and_found_it_right_is_kept(
    law: MatrixVersion, ada: Person
) -> None:
    made = matrix_review.confirm(law, note=" Asked all leads. ", actor=ada, at=NOW)
    assert (made.version, made.confirmed_by, made.confirmed_at) == (law, ada, NOW)
    assert made.note == "Asked all leads."
    assert (last_act().verb, last_act().detail) == (
        "confirm_matrix",
        {"note": "Asked all leads."},
    )


def test_only_the_law_in_force_is_confirmed(law: MatrixVersion, ada: Person) -> None:
    with refused("not_in_force"):
        matrix_review.confirm(draft(ada), actor=ada, at=NOW)
    with refused("not_in_force"):
        matrix_review.confirm(law, actor=ada, at=NOW - timedelta(days=31))
    assert not MatrixConfirmation.objects.exists()


# --- nudges


def test_those_who_may_decide_are_nudged_half_way_due_and_daily(
    ada: Person, ben: Person, cora: Person, dan: Person
) -> None:
    version = enacted(ada, by=ben)
    assert swept(sweep, DUE - 37 * HOUR) == []
    name = f"emergency change {version}"
    assert swept(sweep, DUE - 36 * HOUR) == [f"{name}: half-time to cora"]
    assert swept(sweep, DUE - 35 * HOUR) == []
    assert swept(sweep, DUE) == [f"{name}: due to cora"]
    assert swept(sweep, DUE + 24 * HOUR) == [f"{name}: overdue+1d to cora"]
    assert swept(sweep, DUE + 48 * HOUR) == [f"{name}: overdue+1d#1 to cora"]
    assert told("emergency-nudge") == ["cora"] * 4
    subjects = OutboxMessage.objects.filter(kind="emergency-nudge").order_by("pk")
    assert [" OVERDUE" in each.subject for each in subjects] == [False, True, True, True]


@pytest.mark.parametrize("outcome", ["approve", "decline"])
def test_once_decided_nobody_is_nudged(ada: Person, ben: Person, outcome: str) -> None:
    version = enacted(ada)
    if outcome == "approve":
        matrix.approve(version, actor=ben, at=NOW + HOUR)
    else:
        matrix_review.decline(version, reason="No.", actor=ben, at=NOW + HOUR)
    assert swept(sweep, DUE + 24 * HOUR) == []


def test_a_sweep_asks_no_more_for_many_emergencies(
    django_assert_num_queries: Any, ada: Person, ben: Person
) -> None:
    enacted(ada)
    swept(sweep, DUE - 36 * HOUR)
    with CaptureQueriesContext(connection) as one:
        assert len(swept(sweep, DUE)) == 1
    for _ in range(4):
        enacted(ada)
    with django_assert_num_queries(len(one)):
        assert len(swept(sweep, DUE + 24 * HOUR)) == 5


# --- what the database refuses by itself


def refused_by_database(name: str, statement: str, *values: Any) -> bool:
    """Whether this bare statement is refused in the name of this guard or constraint."""
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    return True


APPROVING = (
    "UPDATE incidents_matrixversion SET status = 'approved', checker_id = %s, "
    "approved_at = created_at, effective_from = created_at WHERE id = %s"
)
CHECKING = (
    "UPDATE incidents_matrixversion SET status = 'approved', checker_id = %s, "
    "approved_at = effective_from WHERE id = %s"
)
DECIDING = (
    "UPDATE incidents_emergencychange SET decided_by_id = %s, decided_at = enacted_at, "
    "outcome = 'approved' WHERE id = %s"
)


def test_no_statement_makes_the_maker_the_checker(ada: Person, ben: Person) -> None:
    version = draft(ada, status="submitted")
    name = "matrixversion_maker_is_not_checker"
    assert refused_by_database(name, APPROVING, ada.pk, version.pk)
    with connection.cursor() as cursor:
        cursor.execute(APPROVING, (ben.pk, version.pk))
    assert again(version).checker == ben


def test_no_statement_lets_maker_or_enactor_decide_an_emergency(
    ada: Person, ben: Person, cora: Person
) -> None:
    version = enacted(ada, by=ben)
    change = the_change()
    assert refused_by_database("matrixversion_maker_is_not", CHECKING, ada.pk, version.pk)
    assert refused_by_database("enactor_is_not_checker", CHECKING, ben.pk, version.pk)
    assert refused_by_database("maker_decides_no_emergency", DECIDING, ada.pk, change.pk)
    assert refused_by_database("emergency_is_decided_by_another", DECIDING, ben.pk, change.pk)
    with connection.cursor() as cursor:
        cursor.execute(CHECKING, (cora.pk, version.pk))
        cursor.execute(DECIDING, (cora.pk, change.pk))
    assert (again(version).checker, the_change().decided_by) == (cora, cora)


def test_an_emergency_is_approved_once_and_then_stands(
    ada: Person, ben: Person, cora: Person
) -> None:
    version = enacted(ada)
    matrix.approve(version, actor=ben, at=NOW + HOUR)
    never = "approved_matrix_never_changes"
    assert refused_by_database(never, CHECKING, cora.pk, version.pk)
    emergency = "UPDATE incidents_matrixversion SET status = 'emergency' WHERE id = %s"
    assert refused_by_database(never, emergency, version.pk)


def test_an_emergency_change_is_neither_rewritten_nor_deleted(ada: Person, ben: Person) -> None:
    version = enacted(ada)
    rows = EmergencyChange.objects.all()
    rows.update(next_nudge_at=NOW)  # the sweep's bookkeeping
    for column in ("reason = 'another'", "due_at = enacted_at", f"enacted_by_id = {ben.pk}"):
        statement = f"UPDATE incidents_emergencychange SET {column}"
        assert refused_by_database("emergency_change_stands", statement)
    matrix_review.decline(version, reason="No.", actor=ben, at=NOW + HOUR)
    rewritten = "UPDATE incidents_emergencychange SET decision_note = 'Yes.'"
    assert refused_by_database("emergency_change_stands", rewritten)
    deleted = "DELETE FROM incidents_emergencychange"
    assert refused_by_database("emergency_change_stands", deleted)


def test_a_confirmation_stands(law: MatrixVersion, ada: Person) -> None:
    matrix_review.confirm(law, actor=ada, at=NOW)
    rewritten = "UPDATE incidents_matrixconfirmation SET note = 'another'"
    assert refused_by_database("confirmation_never_changes", rewritten)
    deleted = "DELETE FROM incidents_matrixconfirmation"
    assert refused_by_database("confirmation_never_changes", deleted)


def test_the_chain_of_acts_is_whole(law: MatrixVersion, ada: Person, ben: Person) -> None:
    version = enacted(ada)
    matrix_review.decline(version, reason="No.", actor=ben, at=NOW + HOUR)
    matrix_review.confirm(law, actor=ada, at=NOW + 2 * HOUR)
    assert acts() == ["enact_matrix", "decline_matrix", "confirm_matrix"]
    assert AuditEvent.objects.count() == 3
