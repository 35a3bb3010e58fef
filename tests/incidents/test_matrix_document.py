"""A matrix as a document: nothing is lost there and back, and every fault bears its path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.acts import ACTS
from incidents.rules.matrix_document import read, write
from incidents.rules.matrix_names import PHASES, ROLES
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind
from incidents.rules.reasons import Invalid

words = st.text("abcdefgh ", min_size=1, max_size=12).map(lambda text: f"Do {text}".strip())
letters = st.dictionaries(st.sampled_from(ROLES), st.sampled_from(list(Letter)), max_size=5)
rows = st.builds(
    Activity,
    phase=st.sampled_from(PHASES),
    name=words,
    letters=letters,
    act=st.sampled_from(["", *ACTS]),
    proceed_after=st.none() | st.integers(0, 500),
    within=st.none() | st.integers(0, 500),
    description=words | st.just(""),
    key=st.text("0123456789abcdef", max_size=12),
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    activities = tuple(draw(st.lists(rows, max_size=6, unique_by=lambda row: row.place)))
    places = [row.place for row in activities]
    differences = st.dictionaries(
        st.sampled_from(ROLES),
        st.none() | st.sampled_from(list(Letter)),
        min_size=1,
        max_size=3,
    )
    variation = st.builds(
        Variation,
        kind=st.just(VariationKind.SEVERITY),
        value=st.sampled_from(["sev1", "sev2"]),
        letters=st.dictionaries(st.sampled_from(places), differences)
        if places
        else st.just({}),
        note=words | st.just(""),
    )
    described = draw(st.dictionaries(st.sampled_from(ROLES), words, max_size=3))
    return Grid(
        activities,
        ROLES,
        tuple(draw(st.lists(variation, max_size=2, unique_by=lambda one: one.value))),
        described,
    )


@given(grids())
def test_a_matrix_is_read_back_as_it_was_written(grid: Grid) -> None:
    assert read(write(grid), roles=ROLES) == grid


def document(**parts: object) -> dict[str, object]:
    row = {"phase": "triage", "name": "Decide", "letters": {"scribe": "A/R"}}
    return {"roles": ["scribe"], "activities": [row], **parts}


def row(**changes: object) -> dict[str, object]:
    base = {"phase": "triage", "name": "Decide", "letters": {"scribe": "A/R"}, **changes}
    return document(activities=[base])


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
