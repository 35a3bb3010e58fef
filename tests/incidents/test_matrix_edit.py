"""Drafts are begun, edited by two people who hear of each other, and every edit can be undone."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents.models import (
    AuditEvent,
    Cell,
    MatrixRevision,
    MatrixVersion,
    Person,
    Role,
    Scenario,
)
from incidents.models import matrix as rows
from incidents.operations import matrix, matrix_edit
from incidents.operations.grids import grid_of
from incidents.rules.matrix_activities import AddActivity, ChangeActivity, RemoveActivity
from incidents.rules.matrix_cells import Paste, SetCell
from incidents.rules.matrix_columns import AddRole, AddVariation, RemoveRole
from incidents.rules.matrix_edit import Change
from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, NAMES, SCRIBE
from tests.factories import NOW, allow, matrix_version, person, role, severity_scheme

pytestmark = pytest.mark.django_db

SMALL = Grid(
    (Activity("triage", "Judge it", {COMMANDER: Letter.AR}), Activity("review", "Learn", {})),
    (COMMANDER, SCRIBE),
)


@pytest.fixture
def ada() -> Person:
    return drafter("ada")


@pytest.fixture
def ben() -> Person:
    return drafter("ben")


@pytest.fixture
def draft(ada: Person) -> MatrixVersion:
    return matrix_edit.start("Law", source=SMALL, actor=ada, at=NOW)


def drafter(name: str) -> Person:
    return allow(person(name), "incidents.draft_matrixversion")


def keys(version: MatrixVersion) -> list[str]:
    return [each.key for each in grid_of(version).activities]


def letters(version: MatrixVersion) -> list[dict[str, str]]:
    return [dict(each.letters) for each in grid_of(version).activities]


def edit(version: MatrixVersion, *changes: Change, by: Person, revision: int | None = None):
    seen = version.revision if revision is None else revision
    return matrix_edit.edit(version, changes, revision=seen, actor=by, at=NOW)


def refusal(call, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value


# --- a draft is begun


def test_a_new_draft_is_blank_and_is_the_first_of_its_matrix(ada):
    version = matrix_edit.start("Major incident", note=" why ", actor=ada, at=NOW)
    assert (str(version), version.status, version.note) == ("Major incident v1", "draft", "why")
    assert (version.maker, grid_of(version)) == (ada, Grid((), ()))
    assert AuditEvent.objects.get().verb == "draft_matrix"


def test_a_draft_from_a_version_says_the_same_and_remembers_it(ada):
    law = matrix_version()
    version = matrix_edit.copy(law, note="More voices", actor=ada, at=NOW)
    assert (version.based_on, version.number, version.matrix) == (law, 2, law.matrix)
    assert letters(version) == letters(law)
    assert all(keys(version))
    assert len(set(keys(version))) == 2


def test_what_a_draft_copies_keeps_its_keys(ada, draft):
    assert keys(matrix_edit.copy(draft, actor=ada, at=NOW)) == keys(draft)


def test_an_empty_installation_gets_the_roles_that_its_first_draft_names(draft):
    assert Role.objects.get(slug=SCRIBE).name == NAMES[SCRIBE]


def test_whoever_has_no_permission_begins_and_edits_nothing(draft):
    dan = person("dan")
    for call in (
        lambda: matrix_edit.start("Mine", actor=dan, at=NOW),
        lambda: matrix_edit.copy(draft, actor=dan, at=NOW),
        lambda: edit(draft, AddRole(SCRIBE), by=dan),
        lambda: matrix_edit.undo(draft, revision=0, actor=dan, at=NOW),
    ):
        assert isinstance(refusal(call), NotPermitted)
    assert MatrixVersion.objects.get() == draft


# --- it is edited


def test_an_edit_is_one_revision_and_one_audit_line(ada, draft):
    first, second = keys(draft)
    done = edit(draft, SetCell(first, SCRIBE, "I"), SetCell(second, SCRIBE, "A/R"), by=ada)
    assert letters(draft) == [{COMMANDER: "A/R", SCRIBE: "I"}, {SCRIBE: "A/R"}]
    assert (done.revision, done.grid) == (1, grid_of(draft))
    line = AuditEvent.objects.latest("sequence")
    assert (line.verb, line.detail) == ("edit_matrix", {"revision": 1, "what": "2 cells"})
    kept = MatrixRevision.objects.order_by("number").values_list(
        "number", "summary", "edited_by"
    )
    assert list(kept) == [(0, "as it was drafted", ada.pk), (1, "2 cells", ada.pk)]


def test_row_history_tells_what_an_edit_touched_and_nothing_else(ada, draft):
    before = Cell.history.count(), rows.Activity.history.count()
    edit(draft, SetCell(keys(draft)[1], SCRIBE, "R"), by=ada)
    assert (Cell.history.count(), rows.Activity.history.count()) == (before[0] + 1, before[1])
    assert Cell.history.latest().history_user == ada


def test_an_edit_that_changes_nothing_leaves_no_trace(ada, draft):
    done = edit(draft, SetCell(keys(draft)[0], COMMANDER, "r/a"), by=ada)
    assert (done.revision, MatrixRevision.objects.count()) == (0, 0)


def test_of_changes_that_cannot_all_be_made_none_is(ada, draft):
    key = keys(draft)[0]
    refused = refusal(edit, draft, SetCell(key, SCRIBE, "I"), SetCell(key, SCRIBE, "?"), by=ada)
    assert refused.has("unknown_letter")
    draft.refresh_from_db()
    assert (draft.revision, letters(draft)[0]) == (0, {COMMANDER: "A/R"})


@pytest.mark.parametrize("status", ["submitted", "withdrawn"])
def test_only_a_draft_is_edited(ada, draft, status):
    MatrixVersion.objects.filter(pk=draft.pk).update(status=status)
    assert refusal(edit, draft, AddRole(DEPUTY), by=ada).has("not_a_draft")
    assert refusal(matrix_edit.undo, draft, revision=0, actor=ada, at=NOW).has("not_a_draft")


def test_a_law_is_not_edited(ada):
    law = matrix_version()
    assert refusal(edit, law, AddRole(SCRIBE), by=ada).has("not_a_draft")


def test_rows_without_a_key_get_one_with_the_first_edit(ada):
    version = matrix_version(effective_from=None)
    assert keys(version) == ["", ""]
    edit(version, AddActivity("review", "Learn"), by=ada)
    assert all(keys(version))


def test_two_activities_swap_their_names(ada, draft):
    edit(draft, AddActivity("review", "Tell"), by=ada)
    _, learn, tell = keys(draft)
    edit(
        draft,
        ChangeActivity(learn, {"name": "x"}),
        ChangeActivity(tell, {"name": "Learn"}),
        ChangeActivity(learn, {"name": "Tell"}),
        by=ada,
    )
    found = {each.key: each.name for each in grid_of(draft).activities}
    assert (found[learn], found[tell]) == ("Tell", "Learn")


def test_only_what_exists_is_named(ada, draft):
    role(DEPUTY)
    Role.objects.filter(slug=DEPUTY).update(retired_at=timezone.now())
    assert refusal(edit, draft, AddRole(DEPUTY), by=ada).has("unknown_role")
    assert refusal(edit, draft, AddVariation("severity sev1"), by=ada).has("unknown_case")
    assert refusal(edit, draft, AddVariation("scenario outage"), by=ada).has("unknown_case")
    severity_scheme()
    Scenario.objects.create(slug="outage", name="Outage")
    for case in ("severity sev1", "scenario outage", "tier 4"):
        edit(draft, AddVariation(case), by=ada)
    assert len(grid_of(draft).variations) == 3


# --- by two


def test_the_second_of_two_editors_is_told_what_the_first_did(ada, ben, draft):
    first, second = keys(draft)
    edit(draft, SetCell(first, SCRIBE, "I"), SetCell(second, SCRIBE, "R"), by=ada)
    mine = (SetCell(first, SCRIBE, "C"), SetCell(second, COMMANDER, "A"))
    refused = refusal(edit, draft, *mine, by=ben, revision=0)
    assert isinstance(refused, matrix_edit.EditedMeanwhile)
    assert refused.has("edited_meanwhile")
    assert "Ada edited this draft meanwhile" in str(refused)
    assert [(each.edited_by, each.summary) for each in refused.edits] == [(ada, "2 cells")]
    assert refused.free == (mine[1],)
    (clash,) = refused.clashes
    assert (clash.change, clash.spot.before, clash.spot.after) == (mine[0], "", "I")
    assert (refused.now.revision, refused.now.grid) == (1, grid_of(draft))


def test_what_is_free_is_taken_at_the_new_revision(ada, ben, draft):
    first, second = keys(draft)
    edit(draft, SetCell(first, SCRIBE, "I"), by=ada)
    refused = refusal(edit, draft, SetCell(second, COMMANDER, "A"), by=ben, revision=0)
    edit(draft, *refused.free, by=ben, revision=refused.now.revision)
    assert letters(draft) == [{COMMANDER: "A/R", SCRIBE: "I"}, {COMMANDER: "A"}]


def test_a_block_meets_anothers_edit_cell_by_cell(ada, ben, draft):
    first = keys(draft)[0]
    edit(draft, SetCell(first, SCRIBE, "I"), by=ada)
    block = Paste(first, COMMANDER, (("A", "C"), ("R", "R")))
    refused = refusal(edit, draft, block, by=ben, revision=0)
    assert [each.change for each in refused.clashes] == [SetCell(first, SCRIBE, "C")]
    assert len(refused.free) == 3


def test_a_revision_nobody_ever_saw_is_refused(ada, draft):
    assert refusal(edit, draft, AddRole(DEPUTY), by=ada, revision=7).has("unknown_revision")


def test_whoever_edited_a_draft_does_not_approve_it(ada, ben, draft):
    edit(draft, SetCell(keys(draft)[1], SCRIBE, "A/R"), by=ben)
    draft.status = "submitted"
    draft.save()
    allow(ben, "incidents.approve_matrixversion")
    ben = Person.objects.get(pk=ben.pk)
    (first, *_) = matrix.objections("approve", draft, ben, at=NOW)
    assert first.code == "maker_is_checker"
    cleo = allow(person("cleo"), "incidents.approve_matrixversion")
    found = matrix.objections("approve", draft, cleo, at=NOW)
    assert "maker_is_checker" not in {each.code for each in found}


# --- and undone


def test_the_database_too_lets_no_editor_check_and_no_revision_change(ada, ben, draft):
    edit(draft, SetCell(keys(draft)[0], SCRIBE, "I"), by=ben)
    approve = (
        "UPDATE incidents_matrixversion SET status = 'approved', checker_id = %s, "
        "approved_at = created_at, effective_from = created_at WHERE id = %s"
    )
    for guard, statement, values in (
        ("editor_is_not_checker", approve, (ben.pk, draft.pk)),
        ("revision_never_changes", "UPDATE incidents_matrixrevision SET summary = ''", ()),
        ("revision_never_changes", "DELETE FROM incidents_matrixrevision", ()),
    ):
        with (
            pytest.raises(IntegrityError, match=guard),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)


def test_an_undo_brings_everything_back_as_a_new_revision(ada, draft):
    before = grid_of(draft)
    severity_scheme()
    role(DEPUTY)
    edit(
        draft,
        RemoveActivity(keys(draft)[0]),
        AddRole(DEPUTY),
        AddVariation("severity sev1", "Grave"),
        by=ada,
    )
    done = matrix_edit.undo(draft, revision=1, actor=ada, at=NOW)
    assert (done.revision, grid_of(draft)) == (2, before)
    assert MatrixRevision.objects.get(number=2).summary == "back as it was drafted"


def test_what_was_undone_is_brought_back_as_well(ada, draft):
    edit(draft, RemoveRole(SCRIBE), by=ada)
    after = grid_of(draft)
    matrix_edit.undo(draft, revision=1, actor=ada, at=NOW)
    matrix_edit.undo(draft, to=1, revision=2, actor=ada, at=NOW)
    assert (grid_of(draft), draft.revision) == (after, 3)


def test_there_is_nothing_before_the_first_edit(ada, draft):
    assert refusal(matrix_edit.undo, draft, revision=0, actor=ada, at=NOW).has(
        "nothing_to_undo"
    )
    refused = refusal(matrix_edit.undo, draft, to=9, revision=0, actor=ada, at=NOW)
    assert refused.has("unknown_revision")


def test_an_undo_never_runs_over_anothers_edit(ada, ben, draft):
    edit(draft, RemoveRole(SCRIBE), by=ada)
    edit(draft, AddActivity("review", "Tell"), by=ben)
    refused = refusal(matrix_edit.undo, draft, to=0, revision=1, actor=ada, at=NOW)
    assert refused.has("edited_meanwhile")


def test_an_undo_brings_no_retired_role_back(ada, draft):
    role(COMMUNICATIONS)
    edit(draft, AddRole(COMMUNICATIONS), by=ada)
    edit(draft, RemoveRole(COMMUNICATIONS), by=ada)
    Role.objects.filter(slug=COMMUNICATIONS).update(retired_at=NOW)
    refused = refusal(matrix_edit.undo, draft, revision=2, actor=ada, at=NOW)
    assert refused.has("role_is_retired")


def test_revisions_are_listed_the_latest_first(ada, ben, draft):
    edit(draft, RemoveRole(SCRIBE), by=ada)
    edit(draft, AddActivity("review", "Tell"), by=ben)
    found = [(each.number, each.edited_by.name) for each in matrix_edit.revisions(draft, 10)]
    assert found == [(2, "Ben"), (1, "Ada"), (0, "Ada")]
    assert len(matrix_edit.revisions(draft, 1)) == 1


# --- at any size


def test_an_edit_costs_the_same_queries_however_large_the_matrix(
    ada, django_assert_max_num_queries
):
    roles = tuple(NAMES)
    wide = [Activity("triage", f"Do {n}", {roles[n % 9]: Letter.AR}) for n in range(60)]
    version = matrix_edit.start("Large", source=Grid(tuple(wide), roles), actor=ada, at=NOW)
    edit(version, SetCell(keys(version)[3], COMMANDER, "C"), by=ada)
    block = Paste(keys(version)[0], roles[0], (("A/R",) * 9,) * 60)
    with django_assert_max_num_queries(35):
        edit(version, block, by=ada)
