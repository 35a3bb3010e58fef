"""What a column of a matrix asks of its people, and how far a campaign is: no database."""

from incidents.rules import attestation as rules
from incidents.rules.attestation import Standing
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind


def test_a_column_asks_for_what_its_role_answers_for_or_does() -> None:
    grid = Grid(
        (
            Activity("triage", "Direct", {"ic": Letter.AR, "scribe": Letter.I}),
            Activity("triage", "Tell", {"ic": Letter.C, "comms": Letter.A}),
        ),
        ("ic", "scribe", "comms"),
    )
    assert rules.duties(grid) == {
        "ic": [{"phase": "triage", "name": "Direct", "letters": "A/R"}],
        "comms": [{"phase": "triage", "name": "Tell", "letters": "A"}],
    }


def test_letters_of_a_case_are_asked_for_by_its_name() -> None:
    grid = Grid(
        (Activity("triage", "Tell", {"ic": Letter.A, "scribe": Letter.I}),),
        ("ic", "scribe"),
        (
            Variation(
                VariationKind.SEVERITY,
                "sev1",
                {("triage", "Tell"): {"ic": None, "scribe": Letter.AR}},
            ),
        ),
    )
    found = rules.duties(grid)
    assert [line["letters"] for line in found["ic"]] == ["A"]
    assert [line["letters"] for line in found["scribe"]] == ["A/R for severity sev1"]


def test_progress_is_whole_only_once_everybody_answered() -> None:
    three = [Standing.CONFIRMED] * 398 + [Standing.OBJECTED, Standing.NOT_ANSWERED]
    found = rules.progress(three)
    assert (found.asked, found.answered, found.percent) == (400, 399, 99)
    assert rules.progress([]).percent == 0
