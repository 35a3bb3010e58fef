"""docs/contracts.md tells of every standing, every field of a clause, and every refusal."""

import inspect
import re

import pytest
from django.conf import settings

from incidents.admin.customer import NoticeClauseAdmin
from incidents.api.noticed import NoticeShown
from incidents.operations import notices
from incidents.rules.notices import Standing

TEXT = (settings.BASE_DIR / "docs" / "contracts.md").read_text()
SHOWN = {"customer", "title", "is_active"}  # they need no words


@pytest.mark.parametrize("standing", Standing)
def test_each_standing_is_told(standing: str) -> None:
    assert f"\n| {standing} |" in TEXT


@pytest.mark.parametrize("field", sorted({*NoticeClauseAdmin.fields} - SHOWN))
def test_each_field_of_a_clause_is_told(field: str) -> None:
    assert any(line.startswith("| `") and f"`{field}`" in line for line in TEXT.splitlines())


def test_the_document_of_an_incident_is_told_as_it_is() -> None:
    said = re.search(r"`notices: \[\{([a-z_, ]+)\}\]`", TEXT)
    assert said is not None
    assert said[1].split(", ") == list(NoticeShown.__annotations__)


def test_each_refusal_is_told_by_its_code() -> None:
    source = inspect.getsource(notices)
    codes = {*re.findall(r'(?:Reason|because)\(\s*"(\w+)"', source), "how_missing"}
    assert codes == {"notice_given", "unknown_notice", "how_missing"}
    assert {code for code in codes if code not in TEXT} == set()
