"""A matrix goes through a spreadsheet and comes back whole: acts, minutes, words, cases."""

import pytest
from hypothesis import given, settings

from incidents.admin.matrix_export import WRITERS
from incidents.rules.acts import ACTS
from incidents.rules.matrix_rows import Sheet
from incidents.rules.matrix_sheet import bound, proposed_acts, read, translate
from incidents.rules.matrix_writing import Form, as_rows
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind
from incidents.rules.starting_matrix import GRID
from incidents.sheets import quoted, read_rows
from tests.incidents.strategies import grids

FORMS: tuple[Form, ...] = ("long", "wide")
LONG = "phase|activity|role|raci"
WIDE = "phase|activity|Lead|Scribe"


def rows(text: str) -> list[list[str]]:
    return [line.strip().split("|") for line in text.strip().splitlines()]


def places(sheet: Sheet) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in sheet.errors]


def back(grid: Grid, form: Form, suffix: str = "") -> Grid:
    """What is read of the grid after it was written, through the bytes of a file if named."""
    written = as_rows(grid, form)
    if suffix:
        write, _ = WRITERS[suffix]
        content = write([[quoted(cell) for cell in row] for row in written])
        written = read_rows(f"matrix.{suffix}", content)
    sheet = read(written)
    assert sheet.errors == ()
    result = translate(sheet, {}, {})
    assert result.errors == ()
    assert result.grid is not None
    return result.grid


# --- there and back


@pytest.mark.parametrize("form", FORMS)
@given(grid=grids())
def test_any_matrix_comes_back_from_its_rows_as_it_was(form: Form, grid: Grid) -> None:
    assert back(grid, form) == grid


@pytest.mark.parametrize("form", FORMS)
@given(grid=grids())
def test_any_matrix_comes_back_from_a_csv_file_as_it_was(form: Form, grid: Grid) -> None:
    assert back(grid, form, "csv") == grid


@pytest.mark.parametrize("form", FORMS)
@given(grid=grids())
@settings(max_examples=40, deadline=None)
def test_any_matrix_comes_back_from_a_workbook_as_it_was(form: Form, grid: Grid) -> None:
    assert back(grid, form, "xlsx") == grid


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("form", FORMS)
def test_the_starting_matrix_comes_back_from_every_file(form: Form, suffix: str) -> None:
    assert back(GRID, form, suffix) == GRID


def test_a_workbook_leaves_out_characters_it_cannot_hold() -> None:
    grid = Grid((Activity("triage", "Ring\x07 the bell", {"scribe": Letter.AR}),), ("scribe",))
    assert back(grid, "wide", "xlsx").activities[0].name == "Ring the bell"


# --- what a sheet looks like


SMALL = Grid(
    activities=(
        Activity(
            "triage",
            "Set the severity",
            {"incident_commander": Letter.AR},
            act="set_severity",
            within=10,
        ),
        Activity("triage", "Keep the timeline", {"scribe": Letter.AR}),
    ),
    roles=("incident_commander", "executive", "scribe"),
    variations=(
        Variation(
            VariationKind.SEVERITY,
            "sev1",
            {
                ("triage", "Set the severity"): {
                    "executive": Letter.I,
                    "incident_commander": None,
                }
            },
            "The board asks.",
        ),
    ),
    descriptions={"scribe": "Writes."},
)


def test_the_long_form_reads_like_this() -> None:
    assert ["|".join(row) for row in as_rows(SMALL, "long")] == [
        "phase|activity|role|raci|case|act|within|description",
        "triage|Set the severity|incident_commander|A/R||set_severity|10|",
        "triage|Set the severity|executive|||||",
        "triage|Set the severity|scribe|||||",
        "triage|Keep the timeline|scribe|A/R||||",
        "||scribe||role|||Writes.",
        "||||severity sev1|||The board asks.",
        "triage|Set the severity|executive|I|severity sev1|||",
        "triage|Set the severity|incident_commander|-|severity sev1|||",
    ]


def test_the_wide_form_reads_like_this() -> None:
    assert ["|".join(row) for row in as_rows(SMALL, "wide")] == [
        "phase|activity|case|incident_commander|executive|scribe|act|within|description",
        "triage|Set the severity||A/R|||set_severity|10|",
        "triage|Keep the timeline||||A/R|||",
        "||role|||Writes.|||",
        "||severity sev1||||||The board asks.",
        "triage|Set the severity|severity sev1|-|I||||",
    ]


def test_a_matrix_of_letters_alone_is_written_without_further_columns() -> None:
    grid = Grid((Activity("triage", "Decide", {"scribe": Letter.AR}),), ("scribe",))
    assert as_rows(grid, "long")[0] == ["phase", "activity", "role", "raci"]
    assert as_rows(grid, "wide")[0] == ["phase", "activity", "scribe"]


# --- what people write


def test_an_act_may_be_given_by_its_label_and_minutes_are_numbers() -> None:
    sheet = read(rows(f"{LONG}|Act|Proceed after|within\ncontain|Isolate|Lead|A/R|Contain the impact|5|60"))  # fmt: skip
    assert sheet.errors == ()
    (activity,) = sheet.grid.activities
    assert (activity.act, activity.proceed_after, activity.within) == ("contain", 5, 60)


def test_what_is_said_of_an_activity_may_stand_in_one_of_its_rows_or_in_all() -> None:
    for second in ("declare", ""):
        sheet = read(rows(f"{LONG}|act\nd|Open|Lead|A|declare\nd|Open|Scribe|R|{second}"))
        assert sheet.errors == ()
        assert sheet.grid.activities[0].act == "declare"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("act", "dance"),
        ("proceed_after", "soon"),
        ("proceed_after", "40000"),
        ("within", "-1"),
        ("within", "1.5"),
        ("within", "129601"),
        ("within", "9" * 5000),
        ("key", "k" * 33),
    ],
)
def test_what_no_activity_can_say_is_an_error_in_its_row(column: str, cell: str) -> None:
    for header, letters in ((LONG, "Lead|A/R"), (WIDE, "A/R|I")):
        sheet = read(rows(f"{header}|{column}\nd|Open|{letters}|{cell}"))
        assert places(sheet) == [(2, column)]


def test_what_is_said_twice_of_an_activity_must_be_the_same() -> None:
    sheet = read(rows(f"{LONG}|within\nd|Open|Lead|A|5\nd|Open|Scribe|R|6"))
    assert places(sheet) == [(3, "within")]


def test_a_key_belongs_to_one_activity() -> None:
    sheet = read(rows(f"{WIDE}|key\nd|Open|A/R||k1\nd|Shut|A/R||k1"))
    assert places(sheet) == [(3, "key")]


@pytest.mark.parametrize("dash", ["-", "\u2013", "\u2014"])
def test_a_dash_is_an_empty_cell_in_the_base_and_takes_a_letter_away_in_a_case(
    dash: str,
) -> None:
    sheet = read(rows(f"{WIDE}|case\nd|Open|A/R|{dash}|\nd|Open|{dash}|A/R|tier 4"))
    assert sheet.errors == ()
    assert sheet.grid.activities[0].letters == {"Lead": Letter.AR}
    (variation,) = sheet.grid.variations
    assert variation.letters == {("d", "Open"): {"Lead": None, "Scribe": Letter.AR}}


@pytest.mark.parametrize("case", ["sev1", "severity", "colour red", "tier 5", "tier one"])
def test_a_case_nobody_knows_is_an_error(case: str) -> None:
    sheet = read(rows(f"{WIDE}|case\nd|Open|A/R||\nd|Open|I||{case}"))
    assert places(sheet) == [(3, "case")]


def test_a_case_of_an_activity_that_is_not_there_is_an_error() -> None:
    sheet = read(rows(f"{LONG}|case\nd|Open|Lead|A/R|\nd|Opne|Lead|I|severity sev1"))
    assert places(sheet) == [(3, "activity")]


def test_in_a_case_only_letters_differ() -> None:
    sheet = read(rows(f"{LONG}|case|act\nd|Open|Lead|A/R||\nd|Open|Lead|R|tier 1|declare"))
    assert places(sheet) == [(3, "act")]


def test_a_row_about_a_role_has_a_role_and_no_letter() -> None:
    sheet = read(rows(f"{LONG}|case|description\nd|Open|Lead|A/R||\n||Lead|R|role|Leads.\n||||role|x"))  # fmt: skip
    assert places(sheet) == [(3, "raci"), (4, "role")]


def test_a_column_of_ours_that_stands_there_twice_is_refused() -> None:
    sheet = read(rows(f"{WIDE}|act|Act\nd|Open|A/R|||"))
    assert places(sheet) == [(1, "")]


# --- in our names


def test_cases_and_words_are_translated_with_the_letters() -> None:
    sheet = read(
        rows(
            f"""{LONG}|case|description
            declare|Open|Incident Manager|A/R||
            declare|Open|Liaison|I||
            declare|Open|Liaison|C|severity sev1|
            ||Incident Manager||role|Leads.
            ||Liaison||role|Talks."""
        )
    )
    whole = translate(sheet, {}, {"Liaison": "communications_lead"}).grid
    assert whole is not None
    place = ("detection", "Open")
    assert whole.variations[0].letters == {place: {"communications_lead": Letter.C}}
    assert whole.descriptions == {
        "incident_commander": "Leads.",
        "communications_lead": "Talks.",
    }
    without = translate(sheet, {}, {"Liaison": ""}).grid
    assert without is not None
    assert without.variations[0].letters == {}
    assert without.descriptions == {"incident_commander": "Leads."}


def test_two_roles_that_become_one_must_not_contradict_each_other_in_a_case() -> None:
    sheet = read(rows(f"{WIDE}|case\nd|Open|A/R||\nd|Open|I|C|tier 1"))
    same = {"Lead": "scribe", "Scribe": "scribe"}
    result = translate(sheet, {"d": "detection"}, same)
    assert result.grid is None
    assert [(each.row, each.column) for each in result.errors] == [(2, "role")]


def test_two_phases_that_become_one_must_not_bind_one_act_twice() -> None:
    sheet = read(
        rows(f"{WIDE}|act\ncontain|Isolate|A/R||contain\nremediate|Cut off|A/R||contain")
    )
    result = translate(sheet, {}, {"Lead": "incident_commander"})
    assert [(each.row, each.column) for each in result.errors] == [(3, "act")]
    apart = translate(sheet, {"contain": "triage"}, {"Lead": "incident_commander"})
    assert apart.errors == ()


# --- acts proposed for names


def grid_of(*named: tuple[str, str], act: str = "") -> Grid:
    activities = [
        Activity(phase, name, {"scribe": Letter.AR}, act=act) for phase, name in named
    ]
    return Grid(tuple(activities), ("scribe",))


def test_acts_are_proposed_by_name_at_most_once_a_phase() -> None:
    grid = grid_of(
        ("triage", "Decide on a course"),
        ("triage", "Decide again"),
        ("mitigation", "Decide on a course"),
        ("mitigation", "Water the plants"),
    )
    assert proposed_acts(grid) == {
        ("triage", "Decide on a course"): "decide",
        ("mitigation", "Decide on a course"): "decide",
    }
    assert [each.act for each in bound(grid).activities] == ["decide", "", "decide", ""]
    assert bound(grid).activities[0].letters == grid.activities[0].letters


def test_nothing_is_proposed_where_the_matrix_binds_any_act_itself() -> None:
    grid = grid_of(("triage", "Decide on a course"), act=next(iter(ACTS)))
    assert proposed_acts(grid) == {}
    assert bound(grid) == grid
