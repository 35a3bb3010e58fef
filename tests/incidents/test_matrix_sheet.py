"""A matrix is read from rows in both forms, and translated into our names or not at all."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.matrix_header import DETAILS
from incidents.rules.matrix_names import PHASES, ROLES, fold, propose_phase, propose_role
from incidents.rules.matrix_rows import MAX_ERRORS
from incidents.rules.matrix_sheet import RowError, Sheet, Translation, read, translate
from incidents.rules.raci import Activity, Grid, Letter

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"
MATRICES = (
    "counteractive_template",
    "gitlab_com",
    "login_gov",
    "pagerduty_major_incident",
    "public_sector_ics_lite",
    "uk_gds_paas",
)
LONG = ["phase", "activity", "role", "raci"]


def rows(text: str) -> list[list[str]]:
    """Rows of a small sheet: a line each, cells separated by `|`."""
    return [line.strip().split("|") for line in text.strip().splitlines()]


def places(sheet: Sheet) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in sheet.errors]


def as_long(grid: Grid) -> list[list[str]]:
    return [LONG] + [
        [each.phase, each.name, role, each.letters.get(role, "")]
        for each in grid.activities
        for role in grid.roles
    ]


def as_wide(grid: Grid) -> list[list[str]]:
    return [["phase", "activity", *grid.roles]] + [
        [each.phase, each.name, *(each.letters.get(role, "") for role in grid.roles)]
        for each in grid.activities
    ]


RESERVED = {fold(name) for name in (*LONG, *DETAILS, "matrix_id", "basis")}
names = (
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: bool(text) and fold(text) not in RESERVED)
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    roles = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    letters = st.dictionaries(st.sampled_from(roles), st.sampled_from(Letter))
    keys = draw(st.lists(st.tuples(names, names), min_size=1, max_size=6, unique=True))
    return Grid(tuple(Activity(*key, draw(letters)) for key in keys), tuple(roles))


@given(grids())
def test_a_grid_written_long_or_wide_reads_back_equal(grid: Grid) -> None:
    for written in (as_long(grid), as_wide(grid)):
        sheet = read(written)
        assert sheet.errors == ()
        assert sheet.grid == grid


@given(st.lists(st.lists(st.text(max_size=5) | st.sampled_from(LONG), max_size=6), max_size=6))
def test_no_rows_whatever_make_reading_fail(written: list[list[str]]) -> None:
    sheet = read(written)
    assert sheet.errors or sheet.grid.activities


def _plain(grid: Grid) -> dict[tuple[str, str], dict[str, Letter]]:
    return {(each.phase, each.name): dict(each.letters) for each in grid.activities}


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
@pytest.mark.parametrize("name", MATRICES)
def test_real_matrices_say_the_same_long_and_wide(name: str) -> None:
    sheets = []
    for path in (REAL / f"{name}.csv", REAL / f"{name}_wide.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            sheets.append(read(list(csv.reader(file))))
    long, wide = sheets
    assert long.errors == wide.errors == ()
    assert _plain(long.grid) == _plain(wide.grid)
    assert set(long.roles) == set(wide.roles)


def test_columns_may_come_in_any_order_and_case_beside_others() -> None:
    sheet = read(rows("basis|RACI|Role|x|Activity|Phase\nstated|a/r|Lead|y|Open call|detect"))
    assert sheet.errors == ()
    assert _plain(sheet.grid) == {("detect", "Open call"): {"Lead": Letter.AR}}


def test_our_own_extra_columns_are_no_roles_in_the_wide_form() -> None:
    sheet = read(rows("matrix_id|phase|activity|Lead|basis\nm1|detect|Open call|A/R|stated"))
    assert sheet.errors == ()
    assert sheet.roles == ("Lead",)


def test_empty_rows_between_are_skipped_and_still_counted() -> None:
    sheet = read([LONG, ["", " "], [], ["detect", "Open call", "Lead", "Q"]])
    assert places(sheet) == [(4, "raci")]


def test_every_problem_is_named_by_row_and_column() -> None:
    sheet = read(
        rows(
            """phase|activity|role|raci
            |Open call|Lead|A
            detect||Lead|A
            detect|Open call||R
            detect|Open call|Lead|X
            detect|Open call|Lead|A/R"""
        )
    )
    assert places(sheet) == [(2, "phase"), (3, "activity"), (4, "role"), (5, "raci")]
    assert "“X”" in str(sheet.errors[-1])


def test_a_wide_sheet_names_the_column_of_an_unknown_letter() -> None:
    sheet = read(rows("phase|activity|Lead|Scribe\ndetect|Open call|A/R|maybe"))
    assert [str(error).split(":")[0] for error in sheet.errors] == ["Row 2, column Scribe"]


def test_a_cell_given_twice_must_say_the_same() -> None:
    once = "phase|activity|role|raci\ndetect|Open call|Lead|A"
    assert read(rows(f"{once}\ndetect|Open call|Lead|A")).errors == ()
    sheet = read(rows(f"{once}\ndetect|Open call|Lead|R"))
    assert places(sheet) == [(3, "raci")]


def test_a_role_column_given_twice_must_say_the_same() -> None:
    header = "phase|activity|Lead|Lead"
    assert read(rows(f"{header}\ndetect|Open call|A|A")).errors == ()
    assert places(read(rows(f"{header}\ndetect|Open call|A|I"))) == [(2, "Lead")]


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ([], "empty"),
        ([["", " "]], "empty"),
        (rows("detect|Open call|Lead|A"), "header"),
        (rows("phase|activity|role|letter\ndetect|Open call|Lead|A"), "header"),
        (rows("phase|activity\ndetect|Open call"), "header"),
        (rows("phase|activity|role|raci|raci\ndetect|Open call|Lead|A|R"), "twice"),
        ([LONG], "no activities"),
    ],
)
def test_a_sheet_that_holds_no_matrix_says_so_at_its_header(
    written: list[list[str]], word: str
) -> None:
    sheet = read(written)
    assert places(sheet) == [(1, "")]
    assert word in sheet.errors[0].message


def test_a_cell_under_no_heading_is_refused_once_for_its_row() -> None:
    assert read([LONG, ["detect", "Open call", "Lead", "A", ""]]).errors == ()
    sheet = read([LONG, ["detect", "Open call", " then page", "Lead", "A"]])
    assert places(sheet) == [(2, "")]


def test_a_file_wrong_throughout_does_not_flood_its_reader() -> None:
    sheet = read([LONG, *(["detect", f"Step {n}", "Lead", "X"] for n in range(2 * MAX_ERRORS))])
    assert len(sheet.errors) == MAX_ERRORS


@pytest.mark.parametrize(
    "role", ["Incident Commander", "incident-manager", "SITUATION LEAD", "IC"]
)
def test_well_known_words_for_the_commander_are_proposed(role: str) -> None:
    assert propose_role(role) == "incident_commander"


@pytest.mark.parametrize("name", ["Internal Liaison", "Support", "Tenants", ""])
def test_a_role_that_could_mean_anything_is_never_guessed(name: str) -> None:
    assert propose_role(name) is None


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("prepare", "preparation"),
        ("Declare", "detection"),
        ("investigate", "triage"),
        ("communicate", "mitigation"),
        ("recover", "resolution"),
        ("lessons-learned", "review"),
    ],
)
def test_well_known_words_for_phases_are_proposed(foreign: str, ours: str) -> None:
    assert propose_phase(foreign) == ours


@pytest.mark.parametrize("name", ["respond", "initiate", "out-of-hours", ""])
def test_a_phase_that_could_mean_anything_is_never_guessed(name: str) -> None:
    assert propose_phase(name) is None


def test_our_own_names_are_known_to_themselves() -> None:
    assert [propose_phase(phase) for phase in PHASES] == list(PHASES)
    assert [propose_role(role) for role in ROLES] == list(ROLES)


FOREIGN = rows(
    """phase|activity|Incident Manager|Customer Liaison|Internal Liaison
    declare|Open call|A/R|I|
    communicate|Inform staff|A||R"""
)


def translated(
    written: list[list[str]],
    roles: dict[str, str] | None = None,
    phases: dict[str, str] | None = None,
) -> Translation:
    return translate(read(written), phases or {}, roles or {})


def test_a_name_nobody_knows_is_asked_for_and_nothing_is_translated() -> None:
    result = translated(FOREIGN)
    assert result.grid is None
    assert result.unmapped_roles == ("Internal Liaison",)
    assert result.unmapped_phases == ()
    assert result.errors == ()


def test_two_foreign_roles_may_become_one_where_they_never_meet() -> None:
    result = translated(FOREIGN, {"internal liaison": "communications_lead"})
    assert result.grid is not None
    assert result.grid.roles == ("incident_commander", "communications_lead")
    assert _plain(result.grid) == {
        ("detection", "Open call"): {
            "incident_commander": Letter.AR,
            "communications_lead": Letter.I,
        },
        ("mitigation", "Inform staff"): {
            "incident_commander": Letter.A,
            "communications_lead": Letter.R,
        },
    }


def test_a_column_may_be_left_out() -> None:
    result = translated(FOREIGN, {"Internal Liaison": ""})
    assert result.grid is not None
    assert result.grid.activities[1].letters == {"incident_commander": Letter.A}


def test_what_a_person_says_beats_the_known_synonym() -> None:
    result = translated(
        FOREIGN,
        {"Customer Liaison": "support_lead", "Internal Liaison": ""},
        {"declare": "triage"},
    )
    assert result.grid is not None
    assert result.grid.roles == ("incident_commander", "support_lead")
    assert result.phases == {"declare": "triage", "communicate": "mitigation"}


def test_an_exact_name_in_the_mapping_beats_one_that_differs_in_case() -> None:
    mapping = {"Internal Liaison": "support_lead", "INTERNAL-LIAISON": "executive"}
    assert translated(FOREIGN, mapping).roles["Internal Liaison"] == "support_lead"


def test_two_foreign_roles_that_contradict_each_other_in_one_are_an_error() -> None:
    written = [*FOREIGN, ["declare", "Post", "A", "R", "I"]]
    result = translated(written, {"Internal Liaison": "communications_lead"})
    assert result.grid is None
    assert [error.row for error in result.errors] == [4]
    assert all(
        word in result.errors[0].message
        for word in ("Customer Liaison", "Internal Liaison", "Post")
    )


def test_two_foreign_roles_that_agree_become_one() -> None:
    written = [*FOREIGN, ["declare", "Post", "A/R", "I", "I"]]
    result = translated(written, {"Internal Liaison": "communications_lead"})
    assert result.errors == ()
    assert result.grid is not None


def test_one_name_in_two_phases_that_become_one_is_an_error() -> None:
    written = rows("phase|activity|IC\ncontain|Decide|A/R\ncoordinate|Decide|A/R")
    assert [(e.row, e.column) for e in translated(written).errors] == [(3, "activity")]
    assert translated(written, phases={"contain": "triage"}).errors == ()


def test_a_mapping_onto_nothing_of_ours_is_an_error() -> None:
    result = translated(FOREIGN, {"Internal Liaison": "herald"}, {"declare": "panic"})
    assert result.grid is None
    assert [(e.row, e.column) for e in result.errors] == [(0, "phase"), (0, "role")]


def test_a_phase_cannot_be_left_out() -> None:
    result = translated(FOREIGN, {"Internal Liaison": ""}, {"declare": ""})
    assert [(e.row, e.column) for e in result.errors] == [(0, "phase")]


def test_a_role_the_company_added_may_be_mapped_onto() -> None:
    result = translate(
        read(FOREIGN), {}, {"Internal Liaison": "herald"}, known_roles={*ROLES, "herald"}
    )
    assert result.grid is not None
    assert "herald" in result.grid.roles


def test_a_sheet_with_problems_is_not_translated() -> None:
    result = translated(rows("phase|activity|IC\ndeclare|Open call|A/R\ndeclare|Page|Z"))
    assert result.grid is None
    assert [(e.row, e.column) for e in result.errors] == [(3, "IC")]


def test_a_problem_reads_with_its_place_in_front() -> None:
    assert str(RowError(3, "raci", "Wrong.")) == "Row 3, column raci: Wrong."
    assert str(RowError(3, "", "Wrong.")) == "Row 3: Wrong."
    assert str(RowError(0, "role", "Wrong.")) == "Column role: Wrong."
    assert str(RowError(0, "", "Wrong.")) == "Wrong."
