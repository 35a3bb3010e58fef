"""A diff of two matrices reads like a review: what changed, and what it means for each role."""

from dataclasses import replace

import pytest

from incidents.rules.matrix_diff import Change, Diff, Kind, LetterChange, Names, compare
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind

A, R, C, I, AR = Letter.A, Letter.R, Letter.C, Letter.I, Letter.AR  # noqa: E741
IC, CL, EX = "commander", "communications", "executive"
NAMES = Names(
    {IC: "Incident commander", CL: "Communications lead", EX: "Executive"},
    {("severity", "sev1"): "Severity 1"},
)
PUBLISH = Activity("triage", "Publish", {IC: A, CL: R}, key="p")
DECIDE = Activity("triage", "Decide", {IC: AR, CL: I}, key="d")
REPORT = Activity("review", "Write the report", {IC: A, CL: R}, key="r")
SEV1, TIER1 = (VariationKind.SEVERITY, "sev1"), (VariationKind.TIER, "1")


def grid(*activities: Activity, roles: tuple[str, ...] = (IC, CL), **more) -> Grid:
    return Grid(activities, roles, **more)


def changed(before: Grid, after: Grid) -> Diff:
    return compare(before, after, NAMES)


def only(diff: Diff) -> Change:
    """The one change of an activity; nothing else changed."""
    assert (diff.roles, diff.variations, diff.letters) == ((), (), ())
    (one,) = diff.activities
    return one


# --- activities


def test_nothing_changed_between_a_matrix_and_itself() -> None:
    law = grid(PUBLISH, DECIDE, variations=(Variation(*SEV1, {PUBLISH.place: {EX: A}}),))
    assert changed(law, law) == Diff()
    assert changed(law, law).is_empty


def test_an_activity_added_says_who_has_which_part() -> None:
    one = only(changed(grid(PUBLISH), grid(PUBLISH, DECIDE)))
    assert one == Change(
        Kind.ADDED,
        "Decide",
        "New: Incident commander A/R, Communications lead I.",
        "triage",
    )


def test_an_activity_nobody_has_a_part_in_says_so() -> None:
    one = only(changed(grid(), grid(replace(DECIDE, letters={}))))
    assert one.sentence == "New: nobody has a part in it."


def test_an_activity_removed_says_what_it_said() -> None:
    one = only(changed(grid(PUBLISH, REPORT), grid(PUBLISH)))
    assert (one.kind, one.subject, one.phase) == (Kind.REMOVED, "Write the report", "review")
    assert one.sentence == "Gone; it said Incident commander A, Communications lead R."


def test_an_activity_of_the_same_key_was_renamed() -> None:
    one = only(changed(grid(PUBLISH), grid(replace(PUBLISH, name="Publish it"))))
    assert one == Change(Kind.RENAMED, "Publish it", "It was called “Publish”.", "triage")


def test_without_keys_another_name_is_another_activity() -> None:
    before, after = replace(PUBLISH, key=""), replace(PUBLISH, key="", name="Publish it")
    kinds = [each.kind for each in changed(grid(before), grid(after)).activities]
    assert kinds == [Kind.ADDED, Kind.REMOVED]


@pytest.mark.parametrize("key", ["", "p"])
def test_an_activity_moved_to_another_phase_with_a_key_and_without(key: str) -> None:
    before = replace(PUBLISH, key=key)
    one = only(changed(grid(before), grid(replace(before, phase="mitigation"))))
    assert one == Change(Kind.MOVED, "Publish", "From triage to mitigation.", "mitigation")


def test_a_name_given_to_another_activity_confuses_nobody() -> None:
    """The keys say that the two exchanged their names."""
    after = grid(replace(PUBLISH, name="Decide"), replace(DECIDE, name="Publish"))
    diff = changed(grid(PUBLISH, DECIDE), after)
    assert [(each.kind, each.subject) for each in diff.activities] == [
        (Kind.RENAMED, "Decide"),
        (Kind.RENAMED, "Publish"),
    ]


def test_of_a_new_order_only_what_was_put_elsewhere_is_named() -> None:
    rows = [replace(DECIDE, name=name, key=name) for name in "abcde"]
    a, b, c, d, e = rows
    one = only(changed(grid(*rows), grid(a, c, d, e, b)))
    assert (one.kind, one.subject, one.sentence) == (Kind.REORDERED, "b", "Now after “e”.")
    one = only(changed(grid(*rows), grid(e, a, b, c, d)))
    assert (one.subject, one.sentence) == ("e", "Now the first.")


def test_what_comes_and_goes_puts_nothing_elsewhere() -> None:
    extra = replace(DECIDE, name="Extra", key="x")
    kinds = [e.kind for e in changed(grid(PUBLISH, DECIDE), grid(extra, DECIDE)).activities]
    assert kinds == [Kind.ADDED, Kind.REMOVED]


@pytest.mark.parametrize(
    ("before", "after", "kind", "sentence"),
    [
        ({}, {"description": "In short."}, Kind.DESCRIBED, "Now described: “In short.”."),
        ({"description": "Long."}, {}, Kind.DESCRIBED, "No longer described."),
        (
            {}, {"act": "publish_externally"}, Kind.ACT,
            "Governs “Publish externally”; before: no act.",
        ),
        ({"act": "decide"}, {}, Kind.ACT, "Governs no act; before: “Decide”."),
        (
            {}, {"proceed_after": 10}, Kind.WAIT,
            "Those consulted are waited for: 10 minutes; before: for nobody.",
        ),
        (
            {"within": 1}, {"within": 30}, Kind.TARGET,
            "To be done from declaration on within: 30 minutes; before: 1 minute.",
        ),
        (
            {"within": 5}, {}, Kind.TARGET,
            "To be done from declaration on within: no target; before: 5 minutes.",
        ),
    ],
)  # fmt: skip
def test_what_else_a_row_says_is_compared(before, after, kind, sentence) -> None:
    rows = replace(PUBLISH, **before), replace(PUBLISH, **after)
    one = only(changed(grid(rows[0]), grid(rows[1])))
    assert (one.kind, one.sentence) == (kind, sentence)


# --- roles and variations


def test_columns_come_go_and_are_described() -> None:
    before = grid(PUBLISH, roles=(IC, CL))
    after = grid(PUBLISH, roles=(EX, IC), descriptions={IC: "Has the last word."})
    assert changed(before, after).roles == (
        Change(Kind.ADDED, "Executive", "A new column."),
        Change(Kind.DESCRIBED, "Incident commander", "Now described: “Has the last word.”."),
        Change(Kind.REMOVED, "Communications lead", "Its column is gone."),
    )


def test_columns_are_put_elsewhere() -> None:
    (one,) = changed(grid(PUBLISH, roles=(IC, CL, EX)), grid(PUBLISH, roles=(EX, IC, CL))).roles
    assert one == Change(Kind.REORDERED, "Executive", "Now the first.")


def test_variations_come_go_and_say_why() -> None:
    before = grid(PUBLISH, variations=(Variation(*TIER1, {}),))
    after = grid(PUBLISH, variations=(Variation(*SEV1, {}, note="the board asks"),))
    assert changed(before, after).variations == (
        Change(
            Kind.ADDED,
            "Severity 1",
            "New: it differs from the base, because: the board asks.",
        ),
        Change(Kind.REMOVED, "tier 1", "Gone: the base holds in this case, too."),
    )
    noted = grid(PUBLISH, variations=(Variation(*TIER1, {}, note="they wait"),))
    (one,) = changed(before, noted).variations
    assert (one.kind, one.sentence) == (Kind.DESCRIBED, "Now described: “they wait”.")


# --- letters


def test_a_letter_changed_names_activity_role_and_both_letters() -> None:
    after = replace(PUBLISH, letters={IC: A, EX: R})
    diff = changed(grid(PUBLISH, roles=(IC, CL, EX)), grid(after, roles=(IC, CL, EX)))
    assert diff.activities == ()
    assert diff.letters == (
        LetterChange("Publish", "triage", "Communications lead", "R", "none"),
        LetterChange("Publish", "triage", "Executive", "none", "R"),
    )


def test_a_letter_is_found_under_the_new_name() -> None:
    after = replace(PUBLISH, name="Publish it", letters={IC: AR, CL: R})
    (one,) = changed(grid(PUBLISH), grid(after)).letters
    assert (one.activity, one.was, one.now) == ("Publish it", "A", "A/R")


def test_a_variation_that_says_something_new_is_told_beside_the_base() -> None:
    before = grid(PUBLISH, roles=(IC, CL, EX))
    varied = replace(before, variations=(Variation(*SEV1, {PUBLISH.place: {EX: A, IC: None}}),))
    assert changed(before, varied).letters == (
        LetterChange(
            "Publish", "triage", "Incident commander", "as the base: A", "none", "Severity 1"
        ),
        LetterChange("Publish", "triage", "Executive", "as the base: none", "A", "Severity 1"),
    )
    assert [each.now for each in changed(varied, before).letters] == [
        "as the base: A",
        "as the base: none",
    ]


def test_a_variation_that_says_what_it_said_is_not_told_when_the_base_changes() -> None:
    varied = (Variation(*SEV1, {PUBLISH.place: {CL: C}}),)
    after = replace(PUBLISH, letters={IC: A, CL: I})
    diff = changed(grid(PUBLISH, variations=varied), grid(after, variations=varied))
    assert [(each.case, each.was, each.now) for each in diff.letters] == [("", "R", "I")]
    assert [each.case for each in diff.by_role[0].duties] == ["", ""]


# --- by role


def said(diff: Diff) -> list[str]:
    return [each.sentence for each in diff.by_role]


def test_each_role_is_told_what_it_gains_and_loses() -> None:
    before = grid(PUBLISH, DECIDE, REPORT, roles=(IC, CL, EX))
    after = grid(
        replace(PUBLISH, letters={CL: A, IC: R}),
        replace(DECIDE, letters={IC: AR, CL: C}),
        replace(REPORT, letters={IC: A, EX: R}),
        roles=(IC, CL, EX),
    )
    assert said(changed(before, after)) == [
        "Incident commander: no longer accountable for “Publish”; "
        "now responsible for “Publish”.",
        "Communications lead: now accountable for “Publish”; "
        "no longer responsible for “Publish”, “Write the report”; "
        "to be consulted before “Decide”; no longer informed after “Decide”.",
        "Executive: now responsible for “Write the report”.",
    ]


def test_what_is_new_and_what_is_gone_is_told_to_the_roles_too() -> None:
    assert said(changed(grid(REPORT), grid(DECIDE))) == [
        "Incident commander: now accountable for “Decide”; "
        "no longer accountable for “Write the report”; now responsible for “Decide”.",
        "Communications lead: no longer responsible for “Write the report”; "
        "to be informed after “Decide”.",
    ]


def test_one_letter_for_two_parts_loses_only_the_one() -> None:
    after = replace(DECIDE, letters={IC: A, CL: I})
    assert said(changed(grid(DECIDE), grid(after))) == [
        "Incident commander: no longer responsible for “Decide”."
    ]


def test_what_holds_in_one_case_only_is_told_with_the_case() -> None:
    before = grid(PUBLISH, roles=(IC, CL, EX))
    varied = replace(before, variations=(Variation(*SEV1, {PUBLISH.place: {EX: A, IC: None}}),))
    assert said(changed(before, varied)) == [
        "Incident commander: in Severity 1, no longer accountable for “Publish”.",
        "Executive: in Severity 1, now accountable for “Publish”.",
    ]


def test_a_variation_that_repeats_the_base_changes_nobodys_duty() -> None:
    varied = grid(PUBLISH, variations=(Variation(*SEV1, {PUBLISH.place: {IC: A}}),))
    diff = changed(grid(PUBLISH), varied)
    assert len(diff.letters) == 1
    assert diff.by_role == ()


def test_a_name_that_stands_in_two_phases_is_told_with_its_phase() -> None:
    twice = replace(PUBLISH, phase="review", key="q", letters={IC: A})
    after = grid(PUBLISH, replace(twice, letters={IC: A, CL: R}))
    assert said(changed(grid(PUBLISH, twice), after)) == [
        "Communications lead: now responsible for “Publish (review)”."
    ]


def test_a_role_nobody_named_is_called_by_its_slug() -> None:
    diff = compare(grid(PUBLISH), grid(replace(PUBLISH, letters={IC: A})))
    assert said(diff) == ["communications: no longer responsible for “Publish”."]
