"""The words that ship: careful, usable without free text, laid into the library as drafts."""

import re
from collections import Counter

import pytest

from incidents.models import Audience, HoldingStatement, Scenario
from incidents.operations import library, pack
from incidents.rules.findings import Level
from incidents.rules.reasons import NotPermitted
from incidents.rules.shipped_statements import SCENARIOS, STATEMENTS
from incidents.rules.shipped_words import ANY
from incidents.rules.wording import check_template, free_blanks, phrases
from incidents.rules.wording_checks import Words, check
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import LATER, again, last_act, refused

NAMED = [pytest.param(one, id=f"{one.audience}-{one.title}") for one in STATEMENTS]
_FILLED = {
    "{service}": "Checkout", "{time}": "2026-11-23 09:00 UTC", "{reference}": "our case",
    "{next_update}": "2026-11-23 09:30 UTC", "{severity}": "grave", "{company}": "Northwind",
}  # fmt: skip


def as_said(text: str) -> str:
    for blank, value in _FILLED.items():
        text = text.replace(blank, value)
    return text


# --- the words themselves


def test_there_are_words_for_every_scenario_and_audience() -> None:
    public = {one.scenario for one in STATEMENTS if one.audience == "public"}
    assert public >= {one.slug for one in SCENARIOS}
    assert {one.audience for one in STATEMENTS} == set(Audience.values)
    assert len(STATEMENTS) >= 24


def test_no_news_and_the_end_can_be_said_of_anything() -> None:
    of_any = {(one.purpose, one.audience) for one in STATEMENTS if one.scenario == ANY}
    assert of_any >= {
        ("no_news", "public"), ("no_news", "internal"), ("no_news", "executive"),
        ("over", "public"), ("first", "public"), ("first", "support"),
    }  # fmt: skip


def test_each_is_there_once() -> None:
    counted = Counter((one.title, one.audience) for one in STATEMENTS)
    assert [name for name, times in counted.items() if times > 1] == []
    slugs = [one.slug for one in SCENARIOS]
    assert len(set(slugs)) == len(slugs)
    assert {one.scenario for one in STATEMENTS} <= {*slugs, ANY}


@pytest.mark.parametrize("one", NAMED)
def test_each_can_be_said_in_one_act(one) -> None:
    assert check_template(one.text) == []
    assert free_blanks(one.text) == []
    assert one.purpose in HoldingStatement.Purpose.values
    assert len(one.text) <= 400
    assert not re.search(r"{[^}]*}", as_said(one.text)), "a blank no incident fills"


@pytest.mark.parametrize("one", NAMED)
def test_each_says_when_the_next_word_comes_unless_it_is_over(one) -> None:
    is_timed = one.purpose != "over" and one.audience != "support"
    assert ("{next_update}" in one.text) == is_timed


@pytest.mark.parametrize("one", NAMED)
def test_none_claims_what_it_forbids(one) -> None:
    assert list(one.forbidden) == phrases("\n".join(one.forbidden))
    for phrase in one.forbidden:
        assert phrase.casefold() not in one.text.casefold()


@pytest.mark.parametrize("one", NAMED)
def test_the_wording_checks_have_nothing_against_any(one) -> None:
    said = Words(text=as_said(one.text), audience=one.audience, at=NOW)
    found = [each for each in check(said) if each.level != Level.INFORMATION]
    assert found == []


# --- laid into the library


@pytest.fixture
def lea():
    return factories.allow(
        factories.person("lea"), "incidents.add_holdingstatement", "incidents.add_scenario"
    )


@pytest.mark.django_db
def test_they_come_as_drafts_with_the_scenarios_they_need(lea) -> None:
    Scenario.objects.create(slug="service-down", name="Ours")
    done = pack.unpack(actor=lea, at=LATER)
    rows = HoldingStatement.objects.all()
    assert (done.statements, done.scenarios) == (len(STATEMENTS), len(SCENARIOS) - 1)
    assert {row.status for row in rows} == {"draft"}
    assert {row.maker for row in rows} == {lea}
    assert Scenario.objects.get(slug="service-down").name == "Ours"
    assert rows.filter(scenario__slug="service-down").count() == 3
    assert all(row.history.count() == 1 for row in rows)
    assert (last_act().verb, last_act().detail["statements"]) == (
        "unpack_statements",
        len(STATEMENTS),
    )


@pytest.mark.django_db
def test_what_is_there_stays_and_is_not_added_again(lea) -> None:
    one = STATEMENTS[0]
    given = {"title": one.title, "audience": one.audience, "text": "Our own words."}
    own = library.write(None, **given, actor=lea, at=NOW)
    assert pack.unpack(actor=lea, at=LATER).statements == len(STATEMENTS) - 1
    assert again(own).text == "Our own words."
    with refused("unpacked_already"):
        pack.unpack(actor=lea, at=LATER)
    assert HoldingStatement.objects.count() == len(STATEMENTS)


@pytest.mark.django_db
def test_adding_them_is_a_standing_permission(lea) -> None:
    dan = factories.person("dan")
    writer = factories.allow(factories.person("wim"), "incidents.add_holdingstatement")
    for other in (dan, writer):
        with refused("no_permission", NotPermitted):
            pack.unpack(actor=other, at=LATER)
    assert not HoldingStatement.objects.exists()
    assert not Scenario.objects.exists()
    assert pack.unpack(actor=lea, at=LATER).statements
