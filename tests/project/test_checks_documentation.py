"""docs/checks.md tells of every rule what it is, how much it weighs, and what the real charts say."""

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from incidents.rules.matrix_checks import CHECKS, Needs, check
from incidents.rules.matrix_sheet import read

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"
TEXT = (settings.BASE_DIR / "docs" / "checks.md").read_text()
SAID = {
    Needs.GRID: {"matrix"},
    Needs.FACTS: {"catalogue"},
    Needs.REGISTER: {"register"},
    Needs.FORCE: {"in force"},
    Needs.REGISTER_IN_FORCE: {"in force", "register"},
}
ELSEWHERE = ["R18", "R21", "R33"]


def rows(first: str) -> list[list[str]]:
    """The rows of a table whose first cell looks so, as cells."""
    lines = re.findall(rf"^\| {first} \|.*\|$", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def words(cell: str) -> set[str]:
    return set(filter(None, cell.split(", ")))


def test_all_34_rules_are_told_in_order_each_with_its_source() -> None:
    catalogue = rows(r"R\d\d")
    assert [row[0] for row in catalogue] == [f"R{number:02}" for number in range(1, 35)]
    assert all(what and source for _, what, _, _, source in catalogue)


def test_the_levels_and_what_is_asked_of_are_those_of_the_checks() -> None:
    for rule, _, levels, asked_of, _ in rows(r"R\d\d"):
        checks = [each for each in CHECKS if each.rule == rule]
        assert words(levels) == {str(each.level) for each in checks}, rule
        needs = set().union(*(SAID[each.needs] for each in checks)) or {"elsewhere"}
        assert words(asked_of) == needs, rule


def test_what_is_not_checked_here_is_said_to_be_elsewhere() -> None:
    assert [row[0] for row in rows(r"R\d\d") if row[3] == "elsewhere"] == ELSEWHERE
    assert {each.rule for each in CHECKS} == {row[0] for row in rows(r"R\d\d")} - {*ELSEWHERE}


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
def test_what_the_real_matrices_say_is_what_the_checks_find() -> None:
    (head,) = rows("rule")
    told = {
        (name, rule): int(count)
        for rule, *counts in rows(r"R\d\d \w+")
        for name, count in zip(head[1:], counts, strict=True)
        if count
    }
    assert told == {
        (name, found): count for name in head[1:] for found, count in findings(name).items()
    }
    files = {path.stem.removesuffix("_wide") for path in REAL.glob("*_wide.csv")}
    assert set(head[1:]) == files


def findings(name: str) -> Counter[str]:
    """How often each rule finds something in this file, by rule and level."""
    with (REAL / f"{name}_wide.csv").open(encoding="utf-8", newline="") as file:
        grid = read(list(csv.reader(file))).grid
    return Counter(f"{each.rule} {each.level}" for each in check(grid))
