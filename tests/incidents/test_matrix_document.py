"""A matrix as a document: nothing is lost there and back, and every fault bears its path."""

import pytest
from hypothesis import given

from incidents.rules.matrix_document import read, write
from incidents.rules.matrix_names import ROLES
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid
from tests.incidents.strategies import grids


@given(grids())
def test_a_matrix_is_read_back_as_it_was_written(grid: Grid) -> None:
    assert read(write(grid), roles=ROLES) == grid


def document(**parts: object) -> dict[str, object]:
    row = {"phase": "triage", "name": "Decide", "letters": {"scribe": "A/R"}}
    return {"roles": ["scribe"], "activities": [row], **parts}


def row(**changes: object) -> dict[str, object]:
    base = {"phase": "triage", "name": "Decide", "letters": {"scribe": "A/R"}, **changes}
    return document(activities=[base])


def two(**shared: object) -> dict[str, object]:
    """Two activities that share what no two may."""
    base = {"phase": "triage", "letters": {}, **shared}
    return document(activities=[{**base, "name": "Decide"}, {**base, "name": "Act"}])


@pytest.mark.parametrize(
    ("said", "code", "path"),
    [
        ("text", "not_a_mapping", ""),
        ({}, "list_missing", "roles"),
        (document(extra=1), "unknown_key", "extra"),
        (document(roles=["wizard"]), "unknown_role", "roles[0]"),
        (document(roles=["scribe", "scribe"]), "twice", "roles"),
        (document(activities="none"), "list_missing", "activities"),
        (document(activities=["none"]), "not_a_mapping", "activities[0]"),
        (document(activities=[row()["activities"][0]] * 2), "twice", "activities"),  # type: ignore[index]
        (row(phase="lunch"), "unknown_phase", "activities[0].phase"),
        (row(name=" "), "bad_text", "activities[0].name"),
        (row(name="x" * 201), "bad_text", "activities[0].name"),
        (row(act="sing"), "unknown_act", "activities[0].act"),
        (row(within=-1), "bad_minutes", "activities[0].within"),
        (row(proceed_after=32_768), "bad_minutes", "activities[0].proceed_after"),
        (two(act="declare"), "twice", "activities"),
        (two(key="a1"), "twice", "activities"),
        (row(proceed_after=True), "bad_minutes", "activities[0].proceed_after"),
        (row(letters={"scribe": "Q"}), "unknown_letter", "activities[0].letters.scribe"),
        (row(letters={"scribe": "-"}), "unknown_letter", "activities[0].letters.scribe"),
        (row(letters={"executive": "I"}), "unknown_role", "activities[0].letters.executive"),
        (document(variations=[{"severity": "s", "tier": 1}]), "bad_case", "variations[0]"),
        (
            document(variations=[{"tier": 9, "differences": []}]),
            "bad_tier",
            "variations[0].tier",
        ),
        (
            document(
                variations=[
                    {
                        "severity": "sev1",
                        "differences": [{"phase": "triage", "activity": "Sing", "letters": {}}],
                    }
                ]
            ),
            "unknown_activity",
            "variations[0].differences[0]",
        ),
    ],
)
def test_what_cannot_be_a_matrix_is_refused_with_its_path(
    said: object, code: str, path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(said, roles=ROLES)
    assert (code, path) in [(each.code, each.field) for each in caught.value.reasons]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read(row(phase="lunch", act="sing", within="soon"), roles=ROLES)
    assert {each.code for each in caught.value.reasons} == {
        "unknown_phase",
        "unknown_act",
        "bad_minutes",
    }
