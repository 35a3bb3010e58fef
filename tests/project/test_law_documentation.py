"""docs/law.md names every part of a pack and of a profile, every command, and codes that exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from incidents.rules.law_pack_check import COMPUTATIONS, VOCABULARIES
from incidents.rules.legal_profile import PROFILE_FACTS
from tests.incidents import packs

TEXT = (settings.BASE_DIR / "docs" / "law.md").read_text()
COMMANDS = settings.BASE_DIR / "raci_project" / "management" / "commands"


def parts_of(heading: str) -> str:
    """The text below this heading, as far as the next one."""
    return TEXT.split(f"{heading}\n")[1].split("\n#")[0]


def test_every_part_of_the_shipped_pack_is_told_of() -> None:
    told = parts_of("### What a pack must say")
    kept = {key for key in packs.shipped_document() if not key.startswith("x-")}
    read = {*VOCABULARIES, *COMPUTATIONS, *packs.shipped_document()["regimes"][0]}
    lacking = {name for name in kept | read if f"`{name}`" not in told}
    assert lacking <= {"schema_version", "in_force_since"}


def test_every_fact_of_a_profile_is_told_of() -> None:
    told = parts_of("## A legal profile")
    short = {"uk_establishment_processing"}
    assert {name for name in PROFILE_FACTS if name not in told} == short


@pytest.mark.parametrize(
    "code", ["law_case_fails", "profile_does_not_fit", "law_not_plain", "law_stage_circle"]
)
def test_every_code_told_of_is_one_the_program_says(code: str) -> None:
    assert f"`{code}`" in TEXT
    sources = "\n".join(
        file.read_text() for file in Path(settings.BASE_DIR, "incidents").rglob("*.py")
    )
    assert f'"{code}"' in sources


def test_every_command_about_law_is_told_of() -> None:
    told = set(re.findall(r"`manage\.py (\w+)", TEXT))
    assert {file.stem for file in COMMANDS.glob("*_law.py")} <= told
