"""docs/nudges.md tells of every policy how it is shipped, and of every refusal its code."""

import inspect
import re

import pytest
from django.conf import settings

from incidents.rules import policy_check
from incidents.rules.policy import shipped
from incidents.rules.policy_words import in_words
from incidents.rules.roles import NAMES

TEXT = (settings.BASE_DIR / "docs" / "nudges.md").read_text()
# What no form and no careful caller can send needs no words.
UNSAID = {
    "steps_missing",
    "name_taken",
    "name_unusable",
    "offset_not_whole",
    "offset_out_of_range",
    "unknown_priority",
    "gives_up_out_of_range",
}


@pytest.mark.parametrize("what", shipped())
def test_each_policy_is_told_as_it_is_shipped(what: str) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{what}` |"))
    assert row.endswith(f"| {in_words(shipped()[what].ladder.steps, NAMES)} |")


def test_each_refusal_is_told_by_its_code() -> None:
    codes = set(re.findall(r'Reason\(\s*"(\w+)"', inspect.getsource(policy_check)))
    assert len(codes) > 10
    assert {code for code in codes - UNSAID if code not in TEXT} == set()
