"""docs/statements.md names every blank with its kind, every column, and every shipped statement."""

import re
from datetime import datetime

from django.conf import settings

from incidents.admin.resources import StatementResource
from incidents.operations.agreeing import SIGNED_OFF
from incidents.rules.shipped_statements import SCENARIOS, STATEMENTS
from incidents.rules.shipped_words import ANY
from incidents.rules.wording import ALLOWED_BLANKS, FREE_BLANKS, LONGEST_FREE

TEXT = (settings.BASE_DIR / "docs" / "statements.md").read_text()


def rows(section: str) -> list[list[str]]:
    """The cells of the table of this section, without its head."""
    body = TEXT.split(f"## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in body.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def kind_of(blank: str) -> str:
    if blank in FREE_BLANKS:
        return "free text"
    if blank == "link":
        return "link"
    return "time" if ALLOWED_BLANKS[blank] is datetime else "text"


def test_every_blank_is_told_with_what_it_holds() -> None:
    told = {name.strip("`"): holds for name, holds, _ in rows("Blanks")}
    assert told == {blank: kind_of(blank) for blank in ALLOWED_BLANKS}
    assert f"at\nmost {LONGEST_FREE}, without braces" in TEXT


def test_every_column_of_a_sheet_is_named() -> None:
    body = TEXT.split("## In and out by sheet\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", body)) == set(StatementResource._meta.fields)


def test_every_shipped_statement_stands_in_the_table_and_no_other() -> None:
    told = {
        (slug, said) for slug, _, audiences in rows("The words that ship")
        for said in audiences.split(", ")
    }  # fmt: skip
    shipped = {
        (
            one.scenario or "any",
            one.audience if one.purpose == "first" else f"{one.audience} ({one.purpose})",
        )
        for one in STATEMENTS
    }
    assert told == shipped
    assert f"makes {len(STATEMENTS)} drafts for the {len(SCENARIOS)} scenarios" in TEXT
    named = {(slug, what) for slug, what, _ in rows("The words that ship")}
    assert named >= {(one.slug, one.name) for one in SCENARIOS}
    assert ANY == ""


def test_it_says_whose_words_counsel_signs_off() -> None:
    assert [str(one) for one in SIGNED_OFF] == ["public", "customers"]
    assert "Words for the public or for customers are **signed off by legal counsel**" in TEXT
