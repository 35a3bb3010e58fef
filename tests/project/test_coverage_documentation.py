"""What is written of the coverage map is what it does."""

import re

from django.conf import settings

from incidents.admin.coverage import MARKS
from incidents.rules.coverage import COVERED_STATES, SOON, State


def test_every_state_of_a_cell_is_told_with_its_letter_and_whether_it_counts() -> None:
    text = (settings.BASE_DIR / "docs" / "statements.md").read_text()
    rows = re.findall(r"^\| (\S) \| ([a-z ]+) \| [^|]+ \| (yes|no|not counted) \|$", text, re.M)
    counts = dict.fromkeys(State, "no") | dict.fromkeys(COVERED_STATES, "yes")
    counts[State.NOT_ASKED] = "not counted"
    assert rows == [(letter, name, counts[state]) for state, (letter, name) in MARKS.items()]
    assert f"expire within {SOON.days} days" in text
