"""A matrix version is submitted, approved by a second leader, in force, and then never changes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Activity, AuditEvent, Cell, MatrixVersion, Person
from incidents.operations import matrix
from incidents.operations.law import matrix_in_force
from incidents.rules.matrix_checks import Level
from incidents.rules.matrix_sheet import read
from incidents.rules.raci import Grid, Letter
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, SCRIBE
from tests.factories import NOW, SOUND_MATRIX, allow, matrix_version, person, role

pytestmark = pytest.mark.django_db

ACTS = [f"incidents.{act}_matrixversion" for act in ("submit", "approve", "withdraw")]
SOUND = {
    ("triage", "Direct the response"): {COMMANDER: "A/R", DEPUTY: "I"},
    ("review", "Write the report"): {SCRIBE: "R", COMMANDER: "A", DEPUTY: "I"},
}
ERRONEOUS = {("triage", "Direct the response"): {COMMANDER: "R"}}
WARNED = {("triage", "Direct the response"): {COMMANDER: "A", DEPUTY: "R"}}


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), *ACTS)


@pytest.fixture
def ben() -> Person:
    return allow(person("ben"), *ACTS)


def draft(
    rows: dict = SOUND, *, maker: Person | None = None, slug: str = "new"
) -> MatrixVersion:
    version = matrix_version(rows, effective_from=None, slug=slug)
    if maker is not None:
        version.maker = maker
        version.save()
    return version


def submitted(rows: dict = SOUND, *, maker: Person) -> MatrixVersion:
    version = draft(rows, maker=maker)
    return matrix.submit(version, warnings_reason="small", actor=maker, at=NOW)


def approved(*, maker: Person, checker: Person, effective_from=None) -> MatrixVersion:
    version = submitted(maker=maker)
    return matrix.approve(version, effective_from=effective_from, actor=checker, at=NOW)


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))


def test_the_grid_says_what_the_rows_say_in_column_order() -> None:
    grid = matrix.grid_of(draft())
    assert grid.roles == (COMMANDER, DEPUTY, SCRIBE)
    assert grid.phases == ("triage", "review")
    written = grid.find("review", "Write the report")
    assert written is not None
    assert dict(written.letters) == {
        COMMANDER: Letter.A,
        DEPUTY: Letter.I,
        SCRIBE: Letter.R,
    }


def test_the_grid_costs_no_more_queries_when_it_is_large() -> None:
    rows = {("triage", f"Activity {number}"): {COMMANDER: "A/R"} for number in range(30)}
    version = draft(rows)
    with CaptureQueriesContext(connection) as queries:
        assert len(matrix.grid_of(version).activities) == 30
    assert len(queries) <= 4


@pytest.mark.parametrize("form", ["long", "wide"])
def test_an_export_reads_back_as_the_same_matrix(form: matrix.Form) -> None:
    version = draft({**SOUND, ("review", "Nobody does this"): {}})
    sheet = read(matrix.as_rows(version, form))
    assert sheet.errors == ()
    assert plain(sheet.grid) == plain(matrix.grid_of(version))


def plain(grid: Grid) -> dict:
    return {(each.phase, each.name): dict(each.letters) for each in grid.activities}


def test_findings_are_those_of_the_checks() -> None:
    found = matrix.findings(draft(ERRONEOUS), at=NOW)
    assert [each.rule for each in found if each.level is Level.ERROR] == ["R02"]


def test_a_sound_draft_is_submitted_without_a_reason(ada: Person) -> None:
    version = matrix.submit(draft(SOUND_MATRIX), actor=ada, at=NOW)
    version.refresh_from_db()
    assert (version.status, version.submitted_at) == ("submitted", NOW)
    assert acts() == ["submit_matrix"]


def test_errors_block_submission_and_the_first_is_named(ada: Person) -> None:
    version = draft(ERRONEOUS)
    with pytest.raises(Refused) as refused:
        matrix.submit(version, warnings_reason="anyway", actor=ada, at=NOW)
    assert refused.value.has("matrix_has_errors")
    assert "1 error, first R02 at “Direct the response”" in str(refused.value)
    assert MatrixVersion.objects.get(pk=version.pk).is_draft
    assert acts() == []


def test_an_empty_matrix_is_not_submitted(ada: Person) -> None:
    with pytest.raises(Refused) as refused:
        matrix.submit(empty(), actor=ada, at=NOW)
    assert refused.value.has("matrix_is_empty")


def empty() -> MatrixVersion:
    version = draft(ERRONEOUS)
    Cell.objects.all().delete()
    Activity.objects.all().delete()
    return version


def test_warnings_need_a_reason_which_is_kept(ada: Person) -> None:
    version = draft(WARNED)
    levels = {each.level for each in matrix.findings(version, at=NOW)}
    assert levels == {Level.WARNING, Level.INFORMATION}
    with pytest.raises(Invalid) as refused:
        matrix.submit(version, warnings_reason=" ", actor=ada, at=NOW)
    assert refused.value.has("warnings_need_a_reason")
    assert refused.value.reasons[0].field == "warnings_reason"
    matrix.submit(version, warnings_reason=" Two people only. ", actor=ada, at=NOW)
    assert MatrixVersion.objects.get(pk=version.pk).warnings_reason == "Two people only."


def test_only_a_draft_is_submitted(ada: Person) -> None:
    version = submitted(maker=ada)
    with pytest.raises(Refused) as refused:
        matrix.submit(version, actor=ada, at=NOW)
    assert refused.value.has("not_a_draft")


def test_a_second_leader_may_approve_and_it_is_law_at_once(ada: Person, ben: Person) -> None:
    version = matrix.approve(submitted(maker=ada), actor=ben, at=NOW)
    version.refresh_from_db()
    assert (version.status, version.checker, version.effective_from) == ("approved", ben, NOW)
    assert matrix_in_force(NOW) == version
    assert acts() == ["submit_matrix", "approve_matrix"]


def test_the_maker_may_not_approve(ada: Person) -> None:
    version = submitted(maker=ada)
    with pytest.raises(Refused) as refused:
        matrix.approve(version, actor=ada, at=NOW)
    assert refused.value.has("maker_is_checker")
    assert MatrixVersion.objects.get(pk=version.pk).checker is None


def test_a_draft_is_not_approved(ada: Person, ben: Person) -> None:
    with pytest.raises(Refused) as refused:
        matrix.approve(draft(maker=ada), actor=ben, at=NOW)
    assert refused.value.has("not_submitted")


def test_of_two_leaders_approving_at_once_the_second_is_refused(
    ada: Person, ben: Person
) -> None:
    version = submitted(maker=ada)
    stale = MatrixVersion.objects.get(pk=version.pk)
    matrix.approve(version, actor=ben, at=NOW)
    with pytest.raises(Refused) as refused:
        matrix.approve(stale, actor=allow(person("cleo"), *ACTS), at=NOW)
    assert refused.value.has("not_submitted")


def test_errors_that_came_after_submission_block_approval(ada: Person, ben: Person) -> None:
    version = submitted(maker=ada)
    Cell.objects.filter(activity__name="Write the report", letters="A").delete()
    with pytest.raises(Refused) as refused:
        matrix.approve(version, actor=ben, at=NOW)
    assert refused.value.has("matrix_has_errors")


def test_it_takes_effect_later_when_so_approved_and_never_in_the_past(
    ada: Person, ben: Person
) -> None:
    old = matrix_version()
    version = submitted(maker=ada)
    with pytest.raises(Invalid) as refused:
        matrix.approve(version, effective_from=NOW - timedelta(seconds=1), actor=ben, at=NOW)
    assert refused.value.has("effective_in_the_past")
    tomorrow = NOW + timedelta(days=1)
    matrix.approve(version, effective_from=tomorrow, actor=ben, at=NOW)
    assert matrix_in_force(NOW) == old
    assert matrix_in_force(tomorrow) == version


@pytest.mark.parametrize("act", ["draft", "submitted", "approved for later"])
def test_what_has_not_taken_effect_may_be_withdrawn(act: str, ada: Person, ben: Person) -> None:
    version = {
        "draft": lambda: draft(maker=ada),
        "submitted": lambda: submitted(maker=ada),
        "approved for later": lambda: approved(
            maker=ada, checker=ben, effective_from=NOW + timedelta(days=1)
        ),
    }[act]()
    matrix.withdraw(version, reason="Superseded by events.", actor=ada, at=NOW)
    assert MatrixVersion.objects.get(pk=version.pk).status == "withdrawn"
    assert matrix_in_force(NOW + timedelta(days=2)) is None
    assert AuditEvent.objects.first().detail["reason"] == "Superseded by events."


def test_what_has_taken_effect_is_never_withdrawn(ada: Person, ben: Person) -> None:
    version = approved(maker=ada, checker=ben)
    with pytest.raises(Refused) as refused:
        matrix.withdraw(version, reason="Oops.", actor=ada, at=NOW)
    assert refused.value.has("has_taken_effect")
    assert "supersedes" in str(refused.value)
    assert matrix_in_force(NOW) == version


def test_withdrawing_wants_a_reason_and_happens_once(ada: Person) -> None:
    version = draft(maker=ada)
    with pytest.raises(Invalid) as refused:
        matrix.withdraw(version, reason="", actor=ada, at=NOW)
    assert refused.value.has("reason_missing")
    matrix.withdraw(version, reason="Wrong file.", actor=ada, at=NOW)
    with pytest.raises(Refused) as refused:
        matrix.withdraw(version, reason="Wrong file.", actor=ada, at=NOW)
    assert refused.value.has("already_withdrawn")


@pytest.mark.parametrize("act", ["submit", "approve", "withdraw"])
def test_without_the_permission_nothing_may_be_done(act: str, ada: Person) -> None:
    version = submitted(maker=ada) if act == "approve" else draft(maker=ada)
    words = {"withdraw": {"reason": "No."}, "submit": {"warnings_reason": "small"}}.get(act, {})
    with pytest.raises(NotPermitted) as refused:
        getattr(matrix, act)(version, actor=person("dan"), at=NOW, **words)
    assert refused.value.has("no_permission")
    getattr(matrix, act)(version, actor=allow(person("eve"), *ACTS), at=NOW, **words)


def test_objections_say_beforehand_what_the_verb_would_say(ada: Person, ben: Person) -> None:
    version = submitted(maker=ada)

    def codes(act: str, who: Person) -> list[str]:
        return [each.code for each in matrix.objections(act, version, who, at=NOW)]

    assert codes("approve", ada) == ["maker_is_checker"]
    assert codes("approve", ben) == []
    assert codes("submit", ben) == ["not_a_draft"]
    assert codes("withdraw", person("dan")) == ["no_permission"]


def test_an_approved_version_never_changes(ada: Person, ben: Person) -> None:
    version = approved(maker=ada, checker=ben)
    activity = Activity.objects.filter(version=version).first()
    cell = Cell.objects.filter(activity=activity).first()
    version.note = "Rewritten."
    cell.letters = "R"
    writes = [
        version.save,
        version.delete,
        activity.save,
        activity.delete,
        cell.save,
        cell.delete,
        lambda: Activity.objects.create(version=version, phase="review", name="Slipped in"),
        lambda: Cell.objects.create(activity=activity, role=role(COMMUNICATIONS), letters="I"),
    ]
    for write in writes:
        with pytest.raises(Refused) as refused:
            write()
        assert refused.value.has("approved_never_changes")


def test_nor_does_one_that_was_approved_and_withdrawn(ada: Person, ben: Person) -> None:
    version = approved(maker=ada, checker=ben, effective_from=NOW + timedelta(days=1))
    matrix.withdraw(version, reason="Not yet.", actor=ada, at=NOW)
    version.status = "draft"
    with pytest.raises(Refused) as refused:
        version.save()
    assert refused.value.has("approved_never_changes")


def test_a_draft_may_still_be_written() -> None:
    activity = Activity.objects.filter(version=draft()).first()
    activity.name = "Direct everything"
    activity.save()
    assert Activity.objects.filter(name="Direct everything").exists()
