"""A version's rows and the grid they make: written with the smallest change, each in history."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Activity, Cell, Column, MatrixVersion, Variation
from incidents.operations import grids
from incidents.rules import raci
from incidents.rules.raci import Grid, Letter, VariationKind
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, matrix_version, person, role

pytestmark = pytest.mark.django_db

DECIDE = raci.Activity(
    "triage", "Decide", {COMMANDER: Letter.AR}, key="k1", act="decide", within=5
)
WRITE = raci.Activity(
    "triage",
    "Write it down",
    {SCRIBE: Letter.R, COMMANDER: Letter.A},
    key="k2",
    description="All.",
)
SEVERE = raci.Variation(
    VariationKind.SEVERITY,
    "sev1",
    {WRITE.place: {SCRIBE: None, COMMUNICATIONS: Letter.R}},
    "Quick.",
)
GRID = Grid(
    (DECIDE, WRITE), (SCRIBE, COMMANDER, COMMUNICATIONS), (SEVERE,), {SCRIBE: "Keeps the log."}
)


@pytest.fixture
def draft() -> MatrixVersion:
    for slug in (COMMANDER, SCRIBE, COMMUNICATIONS):
        role(slug)
    version = matrix_version({("triage", "Old"): {COMMANDER: "A"}}, effective_from=None)
    write(version, GRID)
    return version


def write(version: MatrixVersion, grid: Grid) -> None:
    grids.write(version, grid, actor=version.maker, at=NOW)


def rows(version: MatrixVersion) -> dict[str, int]:
    return dict(version.activities.values_list("name", "pk"))


def test_a_grid_is_read_back_as_it_was_written(draft: MatrixVersion) -> None:
    assert grids.grid_of(draft) == GRID


def test_what_is_no_longer_said_is_gone_and_history_keeps_it(draft: MatrixVersion) -> None:
    assert "Old" not in rows(draft)
    assert Activity.history.filter(name="Old", history_type="-").exists()


def test_writing_the_same_again_touches_no_row(draft: MatrixVersion) -> None:
    kinds = (Activity, Cell, Column, Variation)
    before = [kind.history.count() for kind in kinds]
    write(draft, GRID)
    assert [kind.history.count() for kind in kinds] == before


def test_one_changed_letter_is_one_row_of_history_by_whoever_wrote_it(
    draft: MatrixVersion,
) -> None:
    cleo = person("cleo")
    before = Cell.history.count()
    changed = replace(WRITE, letters={SCRIBE: Letter.AR})
    one_less = replace(GRID, activities=(DECIDE, changed))
    grids.write(draft, one_less, actor=cleo, at=NOW)
    assert Cell.history.count() == before + 2  # one changed, one taken away
    assert Cell.history.filter(history_type="~").get().history_user == cleo


def test_a_renamed_activity_stays_the_same_row_with_its_letters(draft: MatrixVersion) -> None:
    key = rows(draft)["Decide"]
    moved = replace(DECIDE, name="Decide at once", phase="mitigation")
    write(draft, replace(GRID, activities=(moved, WRITE)))
    assert rows(draft)["Decide at once"] == key
    assert grids.grid_of(draft).activities[0].letters == DECIDE.letters


def test_two_activities_may_swap_names_places_and_acts(draft: MatrixVersion) -> None:
    swapped = (
        replace(WRITE, name=DECIDE.name, act=DECIDE.act),
        replace(DECIDE, name=WRITE.name, act=""),
    )
    places = {WRITE.place: SEVERE.letters[WRITE.place]}
    wanted = replace(GRID, activities=swapped, variations=(replace(SEVERE, letters=places),))
    write(draft, wanted)
    assert grids.grid_of(draft) == wanted


def test_a_variation_that_goes_takes_its_differences_along(draft: MatrixVersion) -> None:
    write(draft, replace(GRID, variations=()))
    assert not Variation.objects.exists()
    assert not Cell.objects.exclude(variation=None).exists()


def test_reading_costs_four_queries_however_large(draft: MatrixVersion) -> None:
    many = tuple(replace(DECIDE, name=f"Decide {n}", key="", act="") for n in range(60))
    write(draft, replace(GRID, activities=many, variations=()))
    with CaptureQueriesContext(connection) as queries:
        assert len(grids.grid_of(draft).activities) == 60
    assert len(queries) == 4
