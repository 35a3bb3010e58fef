"""Wording checks: each rule against its own examples, and against what it must not say."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from incidents import rules
from incidents.rules.wording_checks import AUDIENCES, RULES, Known, Level, Rule, check
from incidents.rules.wording_text import Folded
from tests.incidents.wording_room import KEYS, ids, levels, said

EVERYWHERE = {"W11", "W24"}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_speaks_of_its_example_and_not_of_the_better_words(rule: Rule) -> None:
    found = [each for each in check(rule.fires, rule.known) if each.rule == rule.id]
    assert found
    assert {each.level for each in found} <= {*rule.levels}
    assert all(each.message for each in found)
    assert rule.id not in ids(rule.quiet, rule.known)


def test_the_rules_are_numbered_without_a_gap() -> None:
    assert [rule.id for rule in RULES] == [f"W{n:02}" for n in range(1, len(RULES) + 1)]


def test_offsets_point_into_the_text_as_it_was_given() -> None:
    text = "İt\u2019s slow.\n\nWe\u2019ll have it fixed within the hour!\nWrite to jane.doe@example.com."
    for each in check(said(text)):
        assert text[each.start : each.end] == each.quote, each.rule
    (promise,) = (each for each in check(said(text)) if each.rule == "W01")
    assert promise.quote == "We\u2019ll have it fixed within the hour"


def test_remarks_come_in_the_order_of_the_text() -> None:
    found = check(said("Fix at 10.1.2.3 caused by pods, see OPS-12!"))
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert len(found) > 3


def test_what_overlaps_is_said_once_by_one_rule() -> None:
    found = check(said("We apologise for any inconvenience."))
    assert [each.quote for each in found if each.rule == "W13"] == [
        "apologise for any inconvenience"
    ]


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_internal_words_are_asked_only_for_secrets_and_blanks(rule: Rule) -> None:
    inside = said(rule.fires.text, "internal", stage=rule.fires.stage)
    assert ids(inside, rule.known) == ({rule.id} & EVERYWHERE)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_secret_is_an_error_for_everybody(audience: str) -> None:
    assert levels(KEYS[0], "W11", audience) == [Level.ERROR]


def test_support_may_know_a_word_of_the_trade() -> None:
    assert levels("After the failover pages load.", "W07", "support") == [Level.INFORMATION]
    assert levels("After the failover pages load.", "W07", "customers") == [Level.WARNING]


def test_another_language_is_asked_what_holds_in_every_language() -> None:
    text = "Der Rechner 10.1.2.3 (OPS-12) antwortet nicht, due to pods. {time}"
    assert ids(said(text, language="de")) == {"W09", "W10", "W24"}
    assert {"W03", "W07"} <= ids(said(text, language="en-GB"))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Service will be restored by 5 pm.", Level.ERROR),
        ("It will be fixed within the hour.", Level.ERROR),
        ("By tomorrow everything will be back to normal.", Level.ERROR),
        ("We expect full recovery in 30 minutes.", Level.WARNING),
        ("The fix should be complete by 14:30 UTC.", Level.WARNING),
    ],
)
def test_a_time_of_recovery_is_an_error_when_sure_and_a_warning_when_hoped(
    text: str, level: Level
) -> None:
    assert levels(text, "W01") == [level]


@pytest.mark.parametrize(
    "text",
    [
        "We will post an update by 17:00 UTC.",
        "A fix is being rolled out. We will share more within the hour.",
        "The service was restored at 14:05 UTC.",
        "We will provide an update about the recovery within 30 minutes.",
        "Payments failed between 14:05 and 15:00 UTC.",
    ],
)
def test_a_time_of_speaking_or_of_the_past_is_no_promise(text: str) -> None:
    assert not ids(text) & {"W01", "W02"}


def test_soon_promises_too_but_not_as_soon_as() -> None:
    assert "W02" in ids("This should be resolved shortly.")
    assert "W02" not in ids("We will update you on the fix as soon as it is complete.")


@pytest.mark.parametrize(
    "text", ["Next update at 10:00 UTC.", "We will be back with news within the hour.", "{x}"]
)
def test_a_next_update_is_asked_of_public_words_that_are_not_the_last(text: str) -> None:
    assert ("W22" in ids(text)) == (text == "{x}")
    assert "W22" not in ids(said("Payments work.", stage="resolved"))
    assert "W22" not in ids(said("We are looking into it.", "customers"))


def test_a_cause_may_be_named_once_a_fact_about_it_is_verified() -> None:
    text = "The outage was caused by a faulty disk."
    assert "W03" in ids(text)
    assert "W03" not in ids(text, Known(is_cause_verified=True))


@pytest.mark.parametrize(
    "text",
    [
        "Some pages are slow due to this incident.",
        "The root cause is not yet known.",
        "Once the root cause was identified, we undid the change.",
    ],
)
def test_what_names_no_cause_is_no_cause(text: str) -> None:
    assert "W03" not in ids(text)


@pytest.mark.parametrize(
    "text", ["It was human error.", "An engineer accidentally deleted a table."]
)
def test_nobody_is_blamed(text: str) -> None:
    assert levels(text, "W04") == [Level.ERROR]


def test_a_supplier_is_not_blamed_but_a_product_of_ours_may_carry_its_name() -> None:
    assert "W05" in ids("This is due to an outage at Cloudflare.")
    assert "W05" not in ids("We see a problem with our Microsoft Teams integration.")
    own = said("There is an issue with Google Cloud.", services=("Google Cloud",))
    assert "W05" not in ids(own)


@pytest.mark.parametrize(
    ("text", "is_admission"),
    [
        ("We failed to keep your data.", True),
        ("Passwords were stolen.", True),
        ("We will refund everybody.", True),
        ("We have failed over to another region.", False),
        ("Our error rate is falling.", False),
        ("No data was leaked.", False),
    ],
)
def test_an_admission_is_not_every_failure(text: str, is_admission: bool) -> None:
    assert ("W06" in ids(text)) == is_admission


def test_what_the_scenario_forbids_is_an_error_in_any_case_of_letters() -> None:
    known = Known(forbidden=("no card data", "safe"))
    remarks = check(said("No Card Data left us."), known)
    found = [(each.level, each.quote) for each in remarks if each.rule == "W21"]
    assert found == [(Level.ERROR, "No Card Data")]
    assert "W21" not in ids("Unsafe roads.", known)


def test_hollow_empathy_weighs_more_than_worn_politeness() -> None:
    assert levels("Thank you for your patience.", "W13") == [Level.INFORMATION]
    assert levels("We take your privacy very seriously.", "W13") == [Level.WARNING]


def test_thirty_words_may_stand_in_a_sentence_and_thirty_one_not() -> None:
    assert "W15" not in ids(" ".join(["word"] * 30) + ".")
    assert "W15" in ids(" ".join(["word"] * 31) + ".")


def test_a_text_of_short_words_is_readable_and_a_line_is_not_judged() -> None:
    hard = "Interdependent infrastructural reconfiguration necessitates authentication verification "
    assert levels(hard * 8 + ".", "W14") == [Level.WARNING]
    assert "W14" not in ids(hard)


def test_shouting_is_capitals_and_marks_but_no_heading_and_no_image() -> None:
    assert levels("PLEASE READ THIS NOW!", "W23") == [Level.INFORMATION] * 2
    assert "W23" not in ids(
        "# PRELIMINARY INCIDENT REPORT\nSee ![image](https://example.com/a)."
    )


@pytest.mark.parametrize("text", ["{time}", "{next update}", "[insert service]", "TODO"])
def test_a_blank_nobody_filled_is_an_error_inside_too(text: str) -> None:
    assert levels(f"Since {text} it fails.", "W24", "internal") == [Level.ERROR]


@pytest.mark.parametrize(
    "text", ["/repos/{owner}/", '"{run_time}"', "{a|b|c}", "[help](https://x.y)"]
)
def test_braces_written_on_purpose_are_no_blank(text: str) -> None:
    assert "W24" not in ids(f"Call {text} again.")


def patterns() -> list[re.Pattern[str]]:
    """Every pattern of the wording modules."""
    names = [path.stem for path in Path(rules.__path__[0]).glob("wording_*.py")]
    modules = [import_module(f"incidents.rules.{name}") for name in names]
    found = [value for module in modules for value in vars(module).values()]
    bare = [each.pattern if isinstance(each, Folded) else each for each in found]
    return [each for each in bare if isinstance(each, re.Pattern)]


def unbounded(tree, inside: bool = False) -> bool:
    """Whether something repeated without bound stands within something repeated without bound."""
    for kind, said_of in tree:
        repeats = str(kind) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
        endless = repeats and said_of[1] > 1000
        if endless and inside:
            return True
        below = said_of if isinstance(said_of, tuple | list) else ()
        for part in below:
            branches = part if isinstance(part, list) else [part]
            for each in branches:
                if hasattr(each, "data") and unbounded(each.data, inside or endless):
                    return True
    return False


def test_no_pattern_repeats_within_what_repeats_without_end() -> None:
    parser = re._parser  # the one that compiles them
    found = patterns()
    assert len(found) > 30
    assert unbounded(parser.parse(r"(?:a+b?)+").data)
    trees = {each.pattern: parser.parse(each.pattern, each.flags) for each in found}
    assert [pattern for pattern, tree in trees.items() if unbounded(tree.data)] == []
