"""The starting matrix: ten activities a phase, sound by every check, bound to what they govern."""

from collections import Counter
from dataclasses import replace

import pytest
from django.conf import settings

from incidents.documents import read_document
from incidents.rules import roles
from incidents.rules.acts import ACTS, MANDATORY, recognise
from incidents.rules.default_scheme import DEFAULT_SCHEME
from incidents.rules.layers import Case, cases, resolve
from incidents.rules.matrix_checks import check
from incidents.rules.matrix_document import read, write
from incidents.rules.matrix_file import understood
from incidents.rules.phases import Phase
from incidents.rules.raci import Grid, VariationKind
from incidents.rules.starting_matrix import GRID, SOURCES

TECHNICAL = ("contain", "mitigate", "resolve")


def test_it_has_ten_activities_for_each_phase_and_names_what_they_were_written_after() -> None:
    assert Counter(each.phase for each in GRID.activities) == dict.fromkeys(map(str, Phase), 10)
    assert set(SOURCES) == set(Phase)
    assert all(SOURCES.values())


def test_its_sources_are_told_to_whoever_reads_the_documentation() -> None:
    text = (settings.BASE_DIR / "docs" / "matrix-files.md").read_text(encoding="utf-8")
    for phase, sources in SOURCES.items():
        assert f"| {phase} | {sources} |" in text


def test_the_file_in_the_documentation_is_a_matrix() -> None:
    text = (settings.BASE_DIR / "docs" / "matrix-files.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    file = understood(read_document(example), roles=roles.NAMES)
    assert file.name == "Incident response"
    assert file.grid.variations[0].label == "severity sev1"


def test_the_checks_find_nothing_in_its_base() -> None:
    assert check(GRID) == []


def test_the_checks_find_nothing_in_any_case_it_tells_apart() -> None:
    told_apart = {case for each in GRID.activities for case in cases(GRID, each.place)}
    assert len(told_apart) >= 3
    for case in told_apart | {Case("sev1", 4)}:
        assert check(resolve(GRID, case).grid) == [], case


def test_every_mandatory_act_is_governed_and_none_twice_in_a_phase() -> None:
    bound = [(each.phase, each.act) for each in GRID.activities if each.act]
    assert set(MANDATORY) <= {act for _, act in bound}
    assert len(bound) == len(set(bound))
    assert {act for _, act in bound} <= set(ACTS)


def test_what_is_decided_by_one_is_decided_by_the_role_the_field_names() -> None:
    deciders = {
        (each.act, *each.accountable)
        for each in GRID.activities
        if each.act and ACTS[each.act].decided
    }
    assert deciders == {
        ("set_severity", roles.COMMANDER),
        ("publish_externally", roles.COMMUNICATIONS),
        ("notify_authority", roles.COUNSEL),
        ("stand_down", roles.COMMANDER),
    }


def test_a_name_never_says_another_act_than_the_one_it_is_bound_to() -> None:
    for each in GRID.activities:
        assert recognise(each.name) == each.act, each.name


def test_names_are_used_once_begin_with_a_verb_and_carry_a_sentence() -> None:
    names = [each.name for each in GRID.activities]
    assert len({name.casefold() for name in names}) == len(names)
    for each in GRID.activities:
        first = each.name.split()[0]
        assert first.istitle(), each.name
        assert not first.endswith(("ing", "tion", "ment")), each.name
        assert each.description.endswith((".", "?")), each.name


def test_what_is_approved_is_prepared_by_another_role() -> None:
    for each in GRID.activities:
        if each.act and ACTS[each.act].approval:
            assert set(each.responsible) - set(each.accountable), each.name


def test_the_commander_repairs_nothing() -> None:
    for each in GRID.activities:
        if each.act in TECHNICAL:
            assert roles.COMMANDER not in (*each.responsible, *each.accountable), each.name


def test_nobody_is_waited_for_without_end_where_a_clock_runs() -> None:
    for each in GRID.activities:
        assert each.phase != Phase.DETECTION or not each.consulted, each.name
        if each.act and ACTS[each.act].timed and each.consulted:
            assert each.proceed_after, each.name


# Called by an escalation and seldom in a matrix: they answer for people, not for the incident.
CALLED_ONLY = {roles.TEAM_LEAD, roles.ENGINEERING, roles.PRIVACY}


def test_every_role_of_the_law_is_at_work_somewhere_and_described() -> None:
    at_work = {
        role for each in GRID.activities for role in (*each.accountable, *each.responsible)
    }
    assert (
        at_work == set(roles.NAMES) - CALLED_ONLY == set(GRID.roles) == set(GRID.descriptions)
    )


def test_its_variations_name_levels_of_the_scheme_an_installation_begins_with() -> None:
    levels = {each["code"] for each in DEFAULT_SCHEME["levels"]}
    severities = {each.value for each in GRID.variations if each.kind is VariationKind.SEVERITY}
    assert severities
    assert severities <= levels


@pytest.mark.parametrize("index", range(len(GRID.variations)))
def test_each_variation_changes_something_and_says_why(index: int) -> None:
    variation = GRID.variations[index]
    alone = replace(GRID, variations=(variation,))
    case = Case(
        **{
            str(variation.kind): int(variation.value)
            if variation.kind is VariationKind.TIER
            else variation.value
        }
    )
    for place, letters in variation.letters.items():
        base = _letters(GRID, place)
        varied = _letters(resolve(alone, case).grid, place)
        for role, letter in letters.items():
            assert base.get(role) != letter, (place, role)
            assert varied.get(role) == letter
    assert variation.note.endswith(".")


def test_it_is_a_document_that_can_be_read_back() -> None:
    assert read(write(GRID), roles=set(GRID.roles)) == GRID


def _letters(grid: Grid, place: tuple[str, str]) -> dict[str, object]:
    found = grid.find(*place)
    assert found is not None
    return dict(found.letters)
