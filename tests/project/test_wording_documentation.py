"""docs/wording.md tells every rule as the code has it, and what the real updates and a reader say."""

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from bench.wording import Found, findings, table
from incidents.rules.wording_checks import RULES

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "incident-histories"
TEXT = (settings.BASE_DIR / "docs" / "wording.md").read_text()
SAMPLE = Path(__file__).parent / "wording_sample.csv"
HOLDS = {
    (False, False): "English",
    (True, False): "every language",
    (True, True): "every language, every audience",
}


@pytest.fixture(scope="module")
def real() -> tuple[Counter[str], list[Found]]:
    if not REAL.is_dir():
        pytest.skip(f"no real updates in {REAL}")
    return findings(REAL)


def judged() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table beneath this heading, as cells."""
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = re.search(r"(?:^\|.*\|\n)+", section, re.MULTILINE)
    assert lines
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[0].splitlines()[2:]
    ]


def test_the_catalogue_is_that_of_the_code() -> None:
    assert rows("The catalogue") == [
        [
            rule.id, rule.what, ", ".join(rule.levels),
            HOLDS[rule.is_neutral, rule.is_everywhere], rule.why,
        ]
        for rule in RULES
    ]  # fmt: skip


def test_what_the_real_updates_say_is_what_the_checks_find(real) -> None:
    lines = [*table(*real)][2:]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert rows("What the real updates say") == found


def test_a_hundred_were_judged_and_each_is_still_found(real) -> None:
    sample = judged()
    assert len(sample) == 100
    there = {",".join(map(str, each.id)) for each in real[1]}
    told = {",".join([*each.values()][:-1]) for each in sample}
    assert len(told) == 100
    assert told <= there


def test_the_precision_told_is_that_of_the_verdicts() -> None:
    sample = judged()
    assert {each["verdict"] for each in sample} == {"right", "wrong"}
    counts = Counter(each["rule"] for each in sample)
    right = Counter(each["rule"] for each in sample if each["verdict"] == "right")
    told = [[rule, str(counts[rule]), str(right[rule])] for rule in sorted(counts)]
    assert rows("How often a remark is right") == [
        *told,
        ["all", str(counts.total()), str(right.total())],
    ]
    assert f"{right.total()} of {counts.total()}" in TEXT
