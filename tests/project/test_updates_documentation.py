"""docs/updates.md tells of every audience, stage, impact and refusal there is, and of no other."""

import re

from django.conf import settings

from incidents.models import Audience, Update
from incidents.operations import approving, framing, update, verifying
from incidents.rules.updates import impact_of

BASE = settings.BASE_DIR
TEXT = (BASE / "docs" / "updates.md").read_text()
# Refused by the rules of authority, which know more verbs than these.
OF_AUTHORITY = {"approve_own_update", "not_your_role"}


def first_cells(section: str) -> list[list[str]]:
    """The code words of the first column of each table of this section, table by table."""
    part = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    tables = re.findall(r"\|---.*\|\n((?:\|.*\n)+)", part)
    return [re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) for table in tables]


def test_every_audience_stage_and_impact_is_told_of() -> None:
    assert sorted(*first_cells("Who drafts, approves and publishes")) == sorted(Audience.values)
    stages, impacts = first_cells("How far it has come")
    assert (stages, impacts) == (Update.Stage.values, Update.Impact.values)


def test_the_impact_follows_the_fact_as_the_table_says() -> None:
    told = re.findall(r"^\| `(\w+)` \| `(none|degraded|major|total)`", TEXT, re.MULTILINE)
    assert len(told) == len(Update.Impact.values)
    for impact, lost in told:
        assert impact_of({"functionality_lost": lost}, "investigating") == impact


def test_every_state_of_an_update_is_told_of() -> None:
    life = TEXT.split("\n## Its life\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", life)) == set(Update.Status.values)


def test_every_refusal_is_told_of_and_no_other() -> None:
    told = set(*first_cells("Refusals"))
    code = "".join(
        (BASE / module.__file__).read_text()
        for module in (approving, framing, update, verifying)
    )
    assert all(
        f'"{one}"' in code for one in told - OF_AUTHORITY - {"unknown_stage", "unknown_impact"}
    )
    raised = re.findall(r'because\(\s*f?"(\w+)"|Reason\(\s*"(\w+)"|code="(\w+)"', code)
    assert {one for found in raised for one in found if one} - {"unknown_"} <= told
