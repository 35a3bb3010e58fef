"""A matrix resolved for one case: which letters hold, and where each came from."""

from incidents.rules.layers import ANY_CASE, Case, cases, resolve
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind

PUBLISH = ("mitigation", "Publish updates")
DECIDE = ("mitigation", "Decide")


def grid(*variations: Variation) -> Grid:
    return Grid(
        activities=(
            Activity(*PUBLISH, {"lead": Letter.A, "voice": Letter.R, "boss": Letter.I}),
            Activity(*DECIDE, {"lead": Letter.AR}),
        ),
        roles=("lead", "voice", "boss"),
        variations=variations,
    )


def varied(kind: VariationKind, value: str, **letters: Letter | None) -> Variation:
    return Variation(kind, value, {PUBLISH: letters})


SEVERE = varied(VariationKind.SEVERITY, "sev1", boss=Letter.A, lead=Letter.C)
GRAVE = varied(VariationKind.TIER, "1", boss=Letter.C)
BREACH = varied(VariationKind.SCENARIO, "breach", voice=None)


def test_without_a_case_only_the_base_holds() -> None:
    base = grid(SEVERE, GRAVE, BREACH)
    found = resolve(base, ANY_CASE)
    assert found.grid.activities == base.activities
    assert found.source(PUBLISH, "boss") == "base"


def test_a_variation_holds_in_its_case_alone() -> None:
    assert letters(Case(severity="sev1"), SEVERE)["boss"] is Letter.A
    assert letters(Case(severity="sev2"), SEVERE)["boss"] is Letter.I


def test_each_letter_says_where_it_came_from() -> None:
    found = resolve(grid(SEVERE), Case(severity="sev1"))
    assert found.source(PUBLISH, "boss") == "severity sev1"
    assert found.source(PUBLISH, "voice") == "base"
    assert found.source(DECIDE, "lead") == "base"


def test_a_severity_overrides_a_tier_whatever_the_order_they_stand_in() -> None:
    case = Case(severity="sev1", tier=1)
    assert letters(case, SEVERE, GRAVE)["boss"] is Letter.A
    assert letters(case, GRAVE, SEVERE)["boss"] is Letter.A


def test_a_letter_can_be_taken_away_and_that_has_a_source_too() -> None:
    found = resolve(grid(BREACH), Case(scenario="breach"))
    assert "voice" not in found.grid.activities[0].letters
    assert found.source(PUBLISH, "voice") == "scenario breach"


def test_a_resolved_grid_has_nothing_left_to_resolve() -> None:
    found = resolve(grid(SEVERE), Case(severity="sev1")).grid
    assert found.variations == ()
    assert resolve(found, Case(severity="sev1")).grid == found


def test_the_cases_of_an_activity_are_every_mix_of_what_varies_it() -> None:
    whole = grid(SEVERE, GRAVE, BREACH)
    assert len(list(cases(whole, PUBLISH))) == 8
    assert list(cases(whole, DECIDE)) == [ANY_CASE]
    assert Case("sev1", 1, "breach") in cases(whole, PUBLISH)


def letters(case: Case, *variations: Variation) -> dict[str, Letter]:
    return dict(resolve(grid(*variations), case).grid.activities[0].letters)
