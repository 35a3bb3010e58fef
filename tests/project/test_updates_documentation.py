"""docs/updates.md tells the paces that ship, and every refusal of the one click by its code."""

import inspect
import re

import pytest
from django.conf import settings

from incidents.operations import saying
from incidents.rules.default_scheme import DEFAULT_SCHEME

TEXT = (settings.BASE_DIR / "docs" / "updates.md").read_text()
AUDIENCES = ("internal", "public", "customers", "support", "executive")


def told(pace: dict[str, int]) -> str:
    if not pace:
        return ""
    said = f"{pace['first_minutes']}, every {pace['every_minutes']}"
    if "until_minutes" not in pace:
        return said
    return f"{said}; from {pace['until_minutes']} every {pace['then_every_minutes']}"


@pytest.mark.parametrize("level", DEFAULT_SCHEME["levels"], ids=lambda level: level["code"])
def test_each_pace_is_told_as_it_is_shipped(level) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{level['code']}` |"))
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    assert cells == [told(level["cadences"].get(audience)) for audience in AUDIENCES]


def test_each_refusal_of_words_approved_in_calm_is_told_by_its_code() -> None:
    source = inspect.getsource(saying)
    codes = set(re.findall(r'(?:Reason|because)\(\s*"(\w+)"', source))
    assert len(codes) > 7
    assert {code for code in codes if f"| `{code}` |" not in TEXT} == set()
