"""The letters of a matrix and the questions a grid answers."""

import pytest

from incidents.rules.raci import Activity, Cell, Grid, Letter
from incidents.rules.reasons import Invalid

GRID = Grid.from_cells(
    [
        Cell("detect", "Open the call", "lead", Letter.AR),
        Cell("detect", "Open the call", "scribe", Letter.I),
        Cell("fix", "Roll back", "engineer", Letter.R),
        Cell("fix", "Roll back", "lead", Letter.A),
        Cell("fix", "Roll back", "owner", Letter.C),
        Cell("fix", "Restart", "engineer", Letter.AR),
    ]
)


@pytest.mark.parametrize("text", ["A/R", "R/A", "AR", "RA", "A,R", "r, a", " a/r ", "a / r"])
def test_both_letters_may_be_written_in_any_order_and_case(text: str) -> None:
    assert Letter.parse(text) is Letter.AR


@pytest.mark.parametrize("text", ["r", " R", "R "])
def test_a_single_letter_may_be_lower_case_and_padded(text: str) -> None:
    assert Letter.parse(text) is Letter.R


@pytest.mark.parametrize("text", ["", "X", "A/", "/R", "R/R", "A/C", "RAC", "A/R/A", "RR", "-"])
def test_anything_else_is_no_letter(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Letter.parse(text)
    assert refusal.value.has("unknown_letter")


def test_only_a_and_ar_are_accountable() -> None:
    assert [letter for letter in Letter if letter.is_accountable] == [Letter.A, Letter.AR]


def test_only_r_and_ar_are_responsible() -> None:
    assert [letter for letter in Letter if letter.is_responsible] == [Letter.R, Letter.AR]


def test_an_activity_names_the_roles_behind_each_letter() -> None:
    activity = Activity(
        "fix", "Roll back", {"a": Letter.AR, "b": Letter.R, "c": Letter.C, "d": Letter.I}
    )
    assert activity.accountable == ("a",)
    assert activity.responsible == ("a", "b")
    assert activity.consulted == ("c",)
    assert activity.informed == ("d",)


def test_a_grid_keeps_roles_and_phases_in_the_order_written() -> None:
    assert GRID.roles == ("lead", "scribe", "engineer", "owner")
    assert GRID.phases == ("detect", "fix")


def test_a_grid_is_rebuilt_from_its_own_cells() -> None:
    assert Grid.from_cells(GRID.cells()) == GRID


def test_an_activity_is_found_only_in_its_own_phase() -> None:
    found = GRID.find("fix", "Restart")
    assert found is not None
    assert found.accountable == ("engineer",)
    assert GRID.find("detect", "Restart") is None


def test_a_column_leaves_blanks_out() -> None:
    assert GRID.letters_of("lead") == (Letter.AR, Letter.A)
    assert GRID.letters_of("owner") == (Letter.C,)
