"""The wall chart says what a sheet on a wall must: which version, whose, from when, for which case."""

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from incidents.models import MatrixVersion, Person
from incidents.operations import grids
from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.starting_matrix import GRID
from incidents.rules.wall_chart import PAPERS, SIZES, Block, lay_out, width_of
from tests.factories import NOW, allow, matrix_version, person, role
from tests.incidents.admin_room import page_of, signed_in, text_of

VIEW = "incidents.view_matrixversion"
QUERIES = 16


def chart_of(version: MatrixVersion, query: str = "") -> str:
    return page_of(version, "wall_chart") + query


def blocks(activities: int, words: str = "Do what is to be done") -> list[Block]:
    """So many activities in six phases."""
    each, rest = divmod(activities, 6)
    return [Block(f"Phase {n}", (words,) * (each + (n < rest))) for n in range(6)]


# --- on paper


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("roles", [9, 20])
def test_sixty_activities_fit_on_either_paper(paper: str, roles: int) -> None:
    layout = lay_out(blocks(60), ["Incident commander"] * roles, PAPERS[paper])
    assert layout.fits
    assert layout.first == 3


def test_a_small_matrix_is_printed_large_and_in_one_column() -> None:
    layout = lay_out(blocks(6), ["Scribe"], PAPERS["a3"])
    assert (layout.size, layout.first) == (SIZES[0], 6)


def test_what_cannot_be_read_on_one_sheet_runs_on_to_others() -> None:
    layout = lay_out(blocks(500), ["Incident commander"] * 40, PAPERS["a4"])
    assert not layout.fits
    assert layout.first == 6


def test_an_east_asian_letter_is_twice_as_wide() -> None:
    assert width_of("指揮") == width_of("abcd")


@given(
    st.integers(0, 120),
    st.integers(0, 30),
    st.sampled_from(list(PAPERS.values())),
    st.text(min_size=1, max_size=200),
)
def test_more_activities_are_never_printed_larger(
    activities: int, roles: int, paper, words: str
) -> None:
    names = ["Incident commander"] * roles
    fewer = lay_out(blocks(activities, words), names, paper)
    more = lay_out(blocks(activities + 6, words), names, paper)
    assert not more.fits or more.size <= fewer.size
    assert fewer.fits or not more.fits


# --- the page


@pytest.fixture
def reader(db: None) -> Client:
    for slug in GRID.roles:
        role(slug)
    return signed_in(allow(person("reader", is_staff=True), VIEW))


@pytest.fixture
def start(reader: Client) -> MatrixVersion:
    """The starting matrix as a draft."""
    version = matrix_version(effective_from=None)
    grids.write(version, GRID, actor=Person.objects.get(username="maker"), at=NOW)
    return version


def letters_of(page: str, activity: str) -> list[str]:
    """The cells of one line as they are printed."""
    row = re.search(rf'<th scope="row">{activity}.*?</tr>', page, re.DOTALL)
    assert row is not None
    cells = re.findall(r"<td>(.*?)</td>", row.group(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell) for cell in cells]


def test_it_names_version_maker_checker_and_dates(reader: Client) -> None:
    text = text_of(reader.get(chart_of(matrix_version())))
    for words in (
        "Standing v1 In force",
        "Made by Maker, 14 Oct 2026",
        "Approved by Checker, 23 Oct 2026",
        "In force from 24 Oct 2026, 09:00 UTC",
        "A accountable: answers for it",
    ):
        assert words in text
    assert re.search(r"Printed \d+ \w{3} \d{4}, \d\d:\d\d UTC", text)


def test_what_is_not_the_law_says_so_on_the_sheet(start: MatrixVersion, reader: Client) -> None:
    text = text_of(reader.get(chart_of(start)))
    assert "Draft: not the law in force" in text
    assert "Approved by nobody In force from not decided" in text


def test_it_holds_every_activity_phase_role_and_letter(
    start: MatrixVersion, reader: Client
) -> None:
    page = reader.get(chart_of(start)).content.decode()
    assert page.count('<th scope="row">') == 60
    assert page.count('<tr class="phase">') == 6
    letters = sum(len(each.letters) for each in GRID.activities)
    assert len(re.findall(r'<td><span class="letter', page)) == letters
    assert letters_of(page, "Take command") == ["A/R", "I", "", "I", "I", "", "", "", ""]
    assert "Take command <small>in 5 min</small>" in page
    assert "Decide on legal notice <small>in 4 h</small>" in page


def test_a_case_is_printed_with_its_name_and_marks_what_differs(
    start: MatrixVersion, reader: Client
) -> None:
    base = reader.get(chart_of(start))
    assert "Differs for severity sev1, tier 4: see those charts." in text_of(base)
    page = reader.get(chart_of(start, "?severity=sev1")).content.decode()
    assert letters_of(page, "Take command")[-1] == "I*"
    assert '<span class="case">severity sev1</span>' in page
    assert "* severity sev1: Management hears of the gravest incidents at once" in page
    tier = reader.get(chart_of(start, "?tier=4")).content.decode()
    assert letters_of(tier, "Send the first internal update")[-1] == "\u2013*"


@pytest.mark.parametrize(
    "query", ["?severity=x&tier=9", "?paper=b0", "?scenario=%00", "?tier=%F0"]
)
def test_a_case_or_paper_nobody_knows_prints_the_base_on_a3(
    start: MatrixVersion, reader: Client, query: str
) -> None:
    page = reader.get(chart_of(start, query))
    assert page.status_code == 200
    assert 'class="paper-a3"' in page.content.decode()
    assert '<span class="case">' not in page.content.decode()


def test_the_other_paper_is_chosen_by_its_name(start: MatrixVersion, reader: Client) -> None:
    assert 'class="paper-a4"' in reader.get(chart_of(start, "?paper=a4")).content.decode()


def test_names_of_every_script_are_printed_and_none_is_markup(reader: Client) -> None:
    commander = role("incident_commander")
    commander.name = "指揮官 <b>Ἀγαμέμνων</b> مدير"
    commander.save()
    version = matrix_version(effective_from=None)
    grid = Grid(
        (Activity("triage", "Решить & действовать", {commander.pk: Letter.AR}),),
        (commander.pk,),
    )
    grids.write(version, grid, actor=version.maker, at=NOW)
    page = reader.get(chart_of(version)).content.decode()
    assert "指揮官 &lt;b&gt;Ἀγαμέμνων&lt;/b&gt; مدير" in page
    assert "Решить &amp; действовать" in page


def test_an_empty_version_is_printed_as_what_it_is(reader: Client) -> None:
    version = matrix_version(effective_from=None)
    grids.write(version, Grid((), ()), actor=version.maker, at=NOW)
    assert "It has no activities." in text_of(reader.get(chart_of(version)))


def test_the_page_of_a_version_leads_to_it(reader: Client) -> None:
    version = matrix_version()
    assert chart_of(version) in reader.get(page_of(version)).content.decode()


def test_whoever_may_not_see_the_version_sees_no_chart(db: None) -> None:
    version = matrix_version()
    dan = signed_in(person("dan", is_staff=True))
    assert dan.get(chart_of(version)).status_code == 403
    assert Client().get(chart_of(version)).status_code == 302


def test_a_version_that_is_not_there_has_no_chart(reader: Client) -> None:
    assert reader.get("/admin/incidents/matrixversion/999/wall-chart/").status_code == 404


def test_a_large_matrix_asks_no_more_of_the_database_than_a_small_one(
    start: MatrixVersion, reader: Client, django_assert_num_queries
) -> None:
    small = matrix_version(effective_from=None, slug="small")
    with django_assert_num_queries(QUERIES):
        reader.get(chart_of(small))
    with django_assert_num_queries(QUERIES):
        reader.get(chart_of(start))
