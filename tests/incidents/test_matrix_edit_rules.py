"""A draft is edited by small changes: each does what it says, or refuses and says why."""

from dataclasses import replace

import pytest

from incidents.rules.layers import Case, resolve
from incidents.rules.matrix_activities import (
    AddActivity,
    ChangeActivity,
    MoveActivity,
    RemoveActivity,
)
from incidents.rules.matrix_cells import Paste, SetCell
from incidents.rules.matrix_columns import (
    AddRole,
    AddVariation,
    DescribeRole,
    DescribeVariation,
    MoveRole,
    RemoveRole,
    RemoveVariation,
)
from incidents.rules.matrix_document import MAX_ACTIVITIES, MAX_ROLES
from incidents.rules.matrix_edit import GONE, Change, Vocabulary, prepared
from incidents.rules.matrix_merge import apply, differences, merge, read_changes, written
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind
from incidents.rules.reasons import Refused

A, R, C, I, AR = Letter.A, Letter.R, Letter.C, Letter.I, Letter.AR  # noqa: E741
SEV1 = "severity sev1"
KNOWN = Vocabulary(
    roles={"boss": "Boss", "scribe": "Scribe", "voice": "Voice", "old": "Old hand"},
    usable=("boss", "scribe", "voice"),
    cases={SEV1: "Severity 1", "tier 1": "Tier 1"},
)
DECLARE = Activity("detection", "Declare it", {"boss": A, "scribe": R}, key="declare")
TRIAGE = Activity("triage", "Judge it", {"boss": AR}, act="set_severity", key="judge")
LOOK = Activity("triage", "Look at it", {"scribe": R}, key="look")
GRAVE = Variation(VariationKind.SEVERITY, "sev1", {LOOK.place: {"boss": A}}, "More is at stake")
GRID = Grid((DECLARE, TRIAGE, LOOK), ("boss", "scribe"), (GRAVE,), {"boss": "Leads"})


def after(*changes: Change, grid: Grid = GRID) -> Grid:
    return apply(grid, changes, KNOWN).grid


def refusal(*changes: Change, grid: Grid = GRID) -> set[str]:
    with pytest.raises(Refused) as refused:
        after(*changes, grid=grid)
    return {reason.code for reason in refused.value.reasons}


def names(grid: Grid) -> list[str]:
    return [each.name for each in grid.activities]


def letter(grid: Grid, key: str, role: str) -> Letter | None:
    return next(each for each in grid.activities if each.key == key).letters.get(role)


# --- what is edited


def test_rows_stand_phase_after_phase_and_every_one_has_a_key():
    mixed = Grid((replace(LOOK, key=""), replace(TRIAGE, key=""), DECLARE), ("boss", "scribe"))
    shown = prepared(mixed)
    assert names(shown) == ["Declare it", "Look at it", "Judge it"]
    assert len({each.key for each in shown.activities}) == 3
    assert prepared(shown) == shown == prepared(mixed)


def test_a_new_row_never_takes_the_key_of_a_renamed_one():
    first = after(AddActivity("review", "Write it down"))
    key = first.activities[-1].key
    renamed = after(ChangeActivity(key, {"name": "Write a report"}), grid=first)
    again = after(AddActivity("review", "Write it down"), grid=renamed)
    assert len({each.key for each in again.activities}) == len(again.activities)


# --- letters


def test_a_letter_is_set_replaced_and_taken_away():
    assert letter(after(SetCell("look", "boss", "c")), "look", "boss") is C
    assert letter(after(SetCell("declare", "scribe", "r/a")), "declare", "scribe") is AR
    assert letter(after(SetCell("declare", "scribe", "")), "declare", "scribe") is None
    assert letter(after(SetCell("declare", "scribe", "-")), "declare", "scribe") is None


def test_letters_stay_in_the_order_of_the_columns():
    assert list(after(SetCell("look", "boss", "I")).activities[2].letters) == ["boss", "scribe"]


def test_what_is_no_letter_or_nowhere_is_refused():
    assert refusal(SetCell("look", "boss", "x")) == {"unknown_letter"}
    assert refusal(SetCell("nothing", "boss", "R")) == {"activity_is_gone"}
    assert refusal(SetCell("look", "voice", "R")) == {"role_is_gone"}
    assert refusal(SetCell("look", "boss", "R", "tier 1")) == {"variation_is_gone"}


def test_a_variation_says_only_where_it_differs():
    differs = after(
        SetCell("declare", "scribe", "-", SEV1), SetCell("judge", "boss", "A", SEV1)
    )
    held = differs.variations[0].letters
    assert held[DECLARE.place] == {"scribe": None}
    assert held[TRIAGE.place] == {"boss": A}
    same = after(SetCell("declare", "scribe", "R", SEV1), SetCell("look", "boss", "", SEV1))
    assert same.variations[0].letters == {}


def test_a_variation_may_put_back_what_a_weaker_one_changed():
    weak = Variation(VariationKind.TIER, "1", {DECLARE.place: {"scribe": C}})
    grid = replace(GRID, variations=(weak, GRAVE))
    grid = after(SetCell("declare", "scribe", "R", SEV1), grid=grid)
    held = resolve(grid, Case(severity="sev1", tier=1)).grid
    assert letter(held, "declare", "scribe") is R


# --- a block from a spreadsheet


def test_a_block_is_pasted_to_the_right_and_down():
    grid = after(Paste("judge", "boss", (("A", "r"), ("", "A / R"))))
    assert letter(grid, "judge", "boss") is A
    assert letter(grid, "judge", "scribe") is R
    assert letter(grid, "look", "boss") is None
    assert letter(grid, "look", "scribe") is AR


def test_what_is_pasted_blank_into_a_variation_is_seen_blank():
    grid = after(Paste("declare", "boss", (("A", ""),), SEV1))
    assert grid.variations[0].letters[DECLARE.place] == {"scribe": None}


def test_every_bad_cell_of_a_block_is_named_and_nothing_is_pasted():
    with pytest.raises(Refused) as refused:
        after(Paste("judge", "boss", (("R", "Rr"), ("=1+1", "C"))))
    first, second = refused.value.reasons
    assert (first.code, first.field, second.field) == ("unknown_letter", "1,2", "2,1")
    assert "Row 1, column 2 (“Judge it”, Scribe)" in first.message
    assert "Nothing was pasted" in second.message


def test_a_block_larger_than_what_is_left_of_the_grid_is_refused():
    assert refusal(Paste("look", "boss", (("R",), ("R",)))) == {"paste_too_large"}
    assert refusal(Paste("look", "scribe", (("R", "C"),))) == {"paste_too_large"}
    assert refusal(Paste("look", "scribe", ((),))) == {"nothing_to_paste"}


# --- rows


def test_an_activity_is_added_at_the_end_of_its_phase_or_below_another():
    grid = after(
        AddActivity("detection", "  Tell   somebody "),
        AddActivity("triage", "x", after="judge"),
    )
    assert names(grid) == ["Declare it", "Tell somebody", "Judge it", "x", "Look at it"]


def test_an_activity_is_described_and_its_variations_follow_it():
    words = {
        "name": "Look",
        "phase": "detection",
        "act": "contain",
        "within": 5,
        "proceed_after": 0,
    }
    grid = after(ChangeActivity("look", {**words, "description": "At the graphs"}))
    row = grid.find("detection", "Look")
    assert row is not None
    assert (row.key, row.act, row.within, row.proceed_after) == ("look", "contain", 5, 0)
    assert row.description == "At the graphs"
    assert grid.variations[0].letters == {("detection", "Look"): {"boss": A}}
    assert names(grid) == ["Declare it", "Look", "Judge it"]


def test_a_phase_has_one_activity_a_name_and_one_an_act():
    assert refusal(ChangeActivity("look", {"name": "Judge it"})) == {"name_is_taken"}
    assert refusal(ChangeActivity("look", {"act": "set_severity"})) == {"act_is_taken"}
    assert refusal(AddActivity("triage", "Judge it")) == {"name_is_taken"}
    assert refusal(AddActivity("triage", "x", act="set_severity")) == {"act_is_taken"}
    assert after(ChangeActivity("judge", {"name": "Judge it", "act": "set_severity"})) == GRID


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"name": "x" * 201}, "bad_name"),
        ({"name": "a\0b"}, "bad_name"),
        ({"name": "a\ud800"}, "bad_name"),
        ({"name": 7}, "bad_text"),
        ({"description": "x" * 2001}, "bad_text"),
        ({"phase": "later"}, "unknown_phase"),
        ({"act": "dance"}, "unknown_act"),
        ({"within": -1}, "bad_minutes"),
        ({"within": True}, "bad_minutes"),
        ({"within": "5"}, "bad_minutes"),
        ({"proceed_after": 40_000}, "bad_minutes"),
    ],
)
def test_words_that_cannot_be_kept_are_refused(words, code):
    assert refusal(ChangeActivity("look", words)) == {code}


def test_an_activity_moves_within_its_phase_and_stops_at_its_ends():
    assert names(after(MoveActivity("look", -1))) == ["Declare it", "Look at it", "Judge it"]
    assert after(MoveActivity("look", 5)) == GRID
    assert after(MoveActivity("declare", 1)) == GRID


def test_an_activity_is_removed_with_all_that_varies_it():
    grid = after(RemoveActivity("look"))
    assert names(grid) == ["Declare it", "Judge it"]
    assert grid.variations[0].letters == {}
    assert refusal(RemoveActivity("nothing")) == {"activity_is_gone"}


def test_a_matrix_has_no_end_of_rows_and_columns():
    rows = tuple(Activity("triage", str(n), {}, key=str(n)) for n in range(MAX_ACTIVITIES))
    assert refusal(AddActivity("triage", "x"), grid=Grid(rows, ())) == {"too_many_activities"}
    columns = Grid((), tuple(f"role{n}" for n in range(MAX_ROLES)))
    assert refusal(AddRole("voice"), grid=columns) == {"too_many_roles"}


# --- columns


def test_a_role_is_added_described_moved_and_removed():
    assert after(AddRole("voice")).roles == ("boss", "scribe", "voice")
    moved = after(AddRole("voice"), MoveRole("voice", -2))
    assert moved.roles == ("voice", "boss", "scribe")
    assert list(after(MoveRole("boss", 1)).activities[0].letters) == ["scribe", "boss"]
    assert after(DescribeRole("scribe", " Writes ")).descriptions["scribe"] == "Writes"
    assert after(DescribeRole("boss", "")).descriptions == {}
    gone = after(RemoveRole("boss"))
    assert (gone.roles, gone.descriptions) == (("scribe",), {})
    assert gone.variations[0].letters == {}
    assert letter(gone, "declare", "boss") is None


def test_only_a_role_in_use_that_has_no_column_is_added():
    assert refusal(AddRole("boss")) == {"role_is_there"}
    assert refusal(AddRole("old")) == {"unknown_role"}
    assert refusal(AddRole("nobody")) == {"unknown_role"}
    assert refusal(MoveRole("voice", 1)) == {"role_is_gone"}
    assert refusal(DescribeRole("boss", "x" * 2001)) == {"bad_text"}


# --- variations


def test_a_variation_is_added_described_and_removed():
    grid = after(AddVariation("tier 1", "Money flows"), DescribeVariation(SEV1, "Grave"))
    assert [(each.label, each.note) for each in grid.variations] == [
        (SEV1, "Grave"),
        ("tier 1", "Money flows"),
    ]
    assert after(RemoveVariation(SEV1)).variations == ()


def test_a_variation_is_of_a_case_that_exists_and_has_none_yet():
    assert refusal(AddVariation(SEV1)) == {"variation_is_there"}
    assert refusal(AddVariation("severity sev9")) == {"unknown_case"}
    assert refusal(RemoveVariation("tier 1")) == {"variation_is_gone"}


# --- several changes


def test_changes_are_carried_out_all_or_none_and_told_in_a_few_words():
    done = apply(
        GRID,
        [
            SetCell("look", "boss", "I"),
            ChangeActivity("look", {"name": "Look"}),
            SetCell("judge", "scribe", "C"),
            AddRole("voice"),
        ],
        KNOWN,
    )
    assert done.summary == "2 cells, renamed “Look at it” to “Look”, added Voice"
    assert refusal(AddRole("voice"), SetCell("look", "boss", "z")) == {"unknown_letter"}


def test_a_long_summary_is_cut():
    many = [AddActivity("review", f"A rather long name of an activity {n}") for n in range(20)]
    assert len(apply(GRID, many, KNOWN).summary) == 200


EVERY_CHANGE = [
    SetCell("look", "boss", "R", SEV1),
    Paste("look", "boss", (("R", "C"),)),
    AddActivity("triage", "x", "contain", "look"),
    ChangeActivity("look", {"within": None}),
    MoveActivity("look", -1),
    RemoveActivity("look"),
    AddRole("voice"),
    DescribeRole("boss", "Leads"),
    MoveRole("boss", 1),
    RemoveRole("boss"),
    AddVariation("tier 1", "note"),
    DescribeVariation(SEV1, "note"),
    RemoveVariation(SEV1),
]


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=lambda each: each.do)
def test_a_change_is_written_and_read_back_the_same(change):
    assert read_changes([written(change)]) == (change,)
    assert apply(GRID, [change], KNOWN).summary


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, "nothing_to_change"),
        ({}, "nothing_to_change"),
        ([], "nothing_to_change"),
        ([{"do": "remove_role", "role": "x"}] * 5_001, "too_many_changes"),
        (["set"], "bad_change"),
        ([{"do": "dance"}], "bad_change"),
        ([{"do": ["set"]}], "bad_change"),
        ([{"do": "set", "activity": "look"}], "bad_change"),
        ([{"do": "set", "activity": 1, "role": "boss", "text": "R"}], "bad_change"),
        ([{"do": "remove_role", "role": "boss", "by": 1}], "bad_change"),
        ([{"do": "move_role", "role": "boss", "by": True}], "bad_change"),
        ([{"do": "paste", "activity": "a", "role": "b", "rows": [[1]]}], "bad_change"),
        ([{"do": "change_activity", "activity": "a", "words": {"key": "b"}}], "bad_change"),
    ],
)
def test_rubbish_is_refused_whole(data, code):
    with pytest.raises(Refused) as refused:
        read_changes(data)
    assert refused.value.has(code)


# --- two editors


def test_grids_differ_where_somebody_changed_them():
    new = after(
        SetCell("look", "boss", "I"),
        SetCell("judge", "scribe", "C", SEV1),
        ChangeActivity("judge", {"within": 5}),
        DescribeRole("boss", ""),
        DescribeVariation(SEV1, "Other"),
        RemoveActivity("declare"),
        AddRole("voice"),
    )
    found = {
        (each.what, each.activity, each.role, each.variation, each.after)
        for each in differences(GRID, new)
    }
    assert found == {
        ("letter", "look", "boss", "", "I"),
        ("letter", "judge", "scribe", SEV1, "C"),
        ("within", "judge", "", "", "5"),
        ("description", "", "boss", "", ""),
        ("note", "", "", SEV1, "Other"),
        (GONE, "declare", "", "", ""),
        ("letter", "declare", "boss", "", ""),
        ("letter", "declare", "scribe", "", ""),
    }
    assert list(differences(GRID, GRID)) == []


def test_what_does_not_meet_is_free_and_the_same_cell_is_a_clash():
    theirs = after(SetCell("look", "boss", "C"))
    mine = [SetCell("look", "boss", "I"), SetCell("look", "scribe", "A"), AddRole("voice")]
    free, clashes = merge(GRID, theirs, mine, KNOWN)
    assert free == (mine[1], mine[2])
    assert [each.change for each in clashes] == [mine[0]]
    assert (clashes[0].spot.before, clashes[0].spot.after) == ("", "C")


def test_of_a_block_only_the_cells_that_meet_are_asked_about():
    theirs = after(SetCell("look", "scribe", "C"))
    block = Paste("judge", "boss", (("A", "R"), ("I", "I")))
    free, clashes = merge(GRID, theirs, [block], KNOWN)
    assert [each.change for each in clashes] == [SetCell("look", "scribe", "I")]
    assert len(free) == 3


@pytest.mark.parametrize(
    ("theirs", "mine", "meets"),
    [
        (RemoveActivity("look"), SetCell("look", "boss", "R"), True),
        (RemoveRole("boss"), SetCell("look", "boss", "R"), True),
        (RemoveVariation(SEV1), SetCell("look", "boss", "R", SEV1), True),
        (RemoveVariation(SEV1), SetCell("declare", "scribe", "C"), False),
        (SetCell("look", "boss", "R", SEV1), SetCell("look", "boss", "R"), False),
        (ChangeActivity("look", {"name": "x"}), ChangeActivity("look", {"name": "y"}), True),
        (ChangeActivity("look", {"name": "x"}), ChangeActivity("look", {"within": 1}), False),
        (ChangeActivity("look", {"name": "x"}), SetCell("look", "boss", "R"), False),
        (SetCell("look", "boss", "R"), RemoveActivity("look"), True),
        (SetCell("look", "boss", "R"), RemoveRole("boss"), True),
        (SetCell("look", "boss", "R", SEV1), RemoveVariation(SEV1), True),
        (RemoveActivity("look"), AddActivity("triage", "x", after="look"), True),
        (RemoveActivity("look"), MoveActivity("look", -1), True),
        (MoveActivity("look", -1), MoveActivity("look", -1), False),
        (RemoveRole("boss"), MoveRole("boss", 1), True),
        (DescribeRole("boss", "x"), DescribeRole("boss", "y"), True),
        (DescribeVariation(SEV1, "x"), DescribeVariation(SEV1, "y"), True),
        (AddRole("voice"), AddRole("voice"), False),
        (AddVariation("tier 1"), AddVariation("tier 1"), False),
    ],
)  # fmt: skip
def test_two_changes_meet_only_where_both_touch_the_same(theirs, mine, meets):
    free, clashes = merge(GRID, after(theirs), [mine], KNOWN)
    assert (bool(clashes), bool(free)) == (meets, not meets)
