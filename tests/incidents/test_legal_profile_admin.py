"""Leaders say in a form what the company is before the law, and see which regimes follow."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import (
    Customer,
    DataHolding,
    LawPack,
    LegalClock,
    LegalProfile,
    NoticeClause,
    Person,
    Service,
)
from incidents.operations import law_pack, legal_profile
from incidents.operations.law import legal_profile_in_force
from tests import factories
from tests.factories import NOW
from tests.incidents import packs
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of

pytestmark = pytest.mark.django_db

DRAFT = list_of(LegalProfile, "draft")
AT = NOW - timedelta(days=400)
SAID: dict[str, Any] = {
    "note": "First.",
    "operates_in": "Germany, us-ca; GB\nuk",
    "data_roles": ["controller"],
    "entity_types": ["business", "us_sec_registrant"],
    "sectors": ["listed_companies"],
    "contract_clause_types": ["none_of_these"],
    "gdpr_establishment_processing": "yes",
    "uk_establishment_processing": "no",
    "clock_timezone": "Europe/Berlin",
    "holiday_calendar": "Germany",
}


@pytest.fixture
def ada() -> Person:
    return member("ada", "leadership")


@pytest.fixture
def ben() -> Person:
    return member("ben", "leadership")


@pytest.fixture
def leader(ada: Person) -> Client:
    return signed_in(ada)


@pytest.fixture
def drafted(leader: Client) -> LegalProfile:
    leader.post(DRAFT, SAID)
    return LegalProfile.objects.get()


def in_force(document: dict[str, Any], maker: Person, checker: Person) -> LegalProfile:
    row = legal_profile.draft(document=document, actor=maker, at=AT)
    legal_profile.submit(row, actor=maker, at=AT)
    return legal_profile.approve(row, actor=checker, at=AT)


# --- the form


def test_an_empty_list_says_what_to_do_first(leader: Client) -> None:
    text = text_of(leader.get(list_of(LegalProfile)))
    assert "Nobody has said yet where we operate" in text
    assert "Draft a profile" in text


@pytest.mark.parametrize(
    ("empty", "first"),
    [
        (LegalProfile, LawPack), (LegalClock, LawPack), (LegalClock, LegalProfile),
        (DataHolding, Service), (NoticeClause, Customer),
    ],
)  # fmt: skip
def test_what_waits_for_another_list_leads_there_who_may_see_it(
    leader: Client, empty: type[Model], first: type[Model]
) -> None:
    there = f'<a href="{list_of(first)}">'
    assert there in _notice(leader, empty)
    only = factories.allow(member("dora"), f"incidents.view_{empty._meta.model_name}")
    assert there not in _notice(signed_in(only), empty)


def _notice(client: Client, model: type[Model]) -> str:
    """What the empty list says first."""
    page = client.get(list_of(model)).content.decode()
    return page.split('<div class="notice', 1)[1].split("</div>", 1)[0]


def test_what_was_said_in_words_is_the_document(drafted: LegalProfile, ada: Person) -> None:
    assert (drafted.maker, drafted.note) == (ada, "First.")
    assert drafted.document == {
        "facts": {
            "operates_in": ["DE", "US-CA", "GB"],
            "data_roles": ["controller"],
            "entity_types": ["business", "us_sec_registrant"],
            "contract_clause_types": [],
            "clock_timezone": "Europe/Berlin",
            "holiday_calendar": "DE",
            "gdpr_establishment_processing": True,
            "uk_establishment_processing": False,
        },
        "sectors": ["listed_companies"],
        "off": {},
        "on": {},
    }


def test_what_is_left_open_is_not_said(leader: Client) -> None:
    leader.post(DRAFT, {})
    assert LegalProfile.objects.get().document["facts"] == {}


def test_the_form_begins_with_what_is_said_so_far(
    leader: Client, drafted: LegalProfile
) -> None:
    form = leader.get(page_of(drafted, "write")).context["form"]
    begun = {name: form.initial[name] for name in drafted.document["facts"]}
    answer = leader.post(page_of(drafted, "write"), begun | {"sectors": ["listed_companies"]})
    before = drafted.document
    drafted.refresh_from_db()
    assert answer.url == page_of(drafted)
    assert drafted.document == before


def test_each_kind_of_company_is_offered_with_its_meaning_under_its_place(
    leader: Client,
) -> None:
    text = text_of(leader.get(DRAFT))
    assert "Anywhere business: default, no regulated status" in text
    assert "European Union nis2 essential: essential entity under NIS2" in text
    assert "Switzerland ch critical infrastructure" in text


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"operates_in": "DE, Atlantis, <b>"}, "No place is called “Atlantis”, “<b>”"),
        ({"holiday_calendar": "DE, FR"}, "Name one country."),
        (
            {"contract_clause_types": ["none_of_these", "dpa_notice_24h"]},
            "None of these, beside",
        ),
        ({"entity_types": ["wizard"]}, "wizard is not one of the available choices"),
        ({"clock_timezone": "Mars/Base"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_ticked_stays(
    leader: Client, wrong: dict[str, Any], problem: str
) -> None:
    page = leader.post(DRAFT, SAID | wrong)
    assert page.status_code == 409
    assert problem in text_of(page)
    assert page.context["form"]["sectors"].value() == ["listed_companies"]
    assert not LegalProfile.objects.exists()


# --- the page and what follows


def test_the_page_says_what_we_are_and_which_regimes_could_concern_us_and_why(
    leader: Client, drafted: LegalProfile
) -> None:
    page = leader.get(page_of(drafted))
    ours = {line.regime.id: line.why for line in page.context["concerning"]}
    assert "eu-gdpr-art33" in ours
    assert all(ours.values())
    text = text_of(page)
    for words in (
        f"{len(ours)} regimes could concern us of 54 in the pack that ships",
        "Germany, California",
        "not said",
        "No legal profile is in force",
    ):
        assert words in text
    assert text.count("not legal advice") == 1


def test_what_only_our_sectors_rule_out_is_not_hidden(leader: Client) -> None:
    leader.post(DRAFT, SAID | {"sectors": ["digital_providers"], "entity_types": []})
    page = leader.get(page_of(LegalProfile.objects.get()))
    assert "us-sec-8k-105" in {line.regime.id for line in page.context["by_sector"]}
    assert "Only for these sectors: listed companies." in text_of(page)


def test_a_regime_is_switched_by_hand_from_its_line(
    leader: Client, drafted: LegalProfile
) -> None:
    page = leader.get(page_of(drafted))
    link = f"{page_of(drafted, 'switch')}?regime=eu-gdpr-art34&amp;to=off"
    assert link in page.content.decode()
    form = leader.get(link.replace("&amp;", "&")).context["form"]
    assert (form.initial["regime"], form.initial["to"]) == ("eu-gdpr-art34", "off")

    switch = {"regime": "eu-gdpr-art34", "to": "off"}
    assert leader.post(page_of(drafted, "switch"), switch).status_code == 409
    leader.post(page_of(drafted, "switch"), switch | {"reason": "We hold <none>."})
    text = text_of(leader.get(page_of(drafted)))
    assert "Switched off by hand" in text
    assert "We hold <none>." in text
    assert "switched eu-gdpr-art34 off" in text

    leader.post(page_of(drafted, "write"), {"operates_in": "FR"})
    drafted.refresh_from_db()
    assert drafted.document["off"] == {"eu-gdpr-art34": "We hold <none>."}


def test_the_checker_sees_which_regimes_come_in_and_which_fall_away(
    ada: Person, ben: Person
) -> None:
    before = {"facts": {"entity_types": ["business", "us_sec_registrant"]}}
    in_force(before, ada, ben)
    made = legal_profile.draft(
        document={"facts": {"entity_types": ["business", "hipaa_covered_entity"]}},
        note="We bought a clinic.",
        actor=ada,
        at=NOW,
    )
    legal_profile.submit(made, actor=ada, at=NOW)
    page = signed_in(ben).get(page_of(made, "approve"))
    diff = page.context["diff"]
    assert "us-hipaa-breach" in {line.regime.id for line in diff["comes"]}
    assert "us-sec-8k-105" in {line.regime.id for line in diff["goes"]}
    text = text_of(page)
    assert "We bought a clinic." in text
    assert "Regimes that come in: 1" in text
    assert "Legal profile v1 , in force" in text or "Legal profile v1, in force" in text


def test_a_profile_the_pack_no_longer_knows_says_so_on_its_page(
    leader: Client, ada: Person
) -> None:
    row = legal_profile.draft(document={"off": {"eu-gdpr-art34": "No."}}, actor=ada, at=NOW)
    document = packs.shipped_document()
    document["regimes"] = document["regimes"][:1]
    document["test_cases"] = []
    law_pack.draft(document=document, actor=ada, at=NOW)
    text = text_of(leader.get(page_of(row)))
    assert "The law pack does not know all that this profile says" in text
    assert "no regime eu-gdpr-art34" in text


def test_the_page_takes_the_same_few_queries_whatever_follows(
    leader: Client, ada: Person, ben: Person
) -> None:
    law = in_force({}, ada, ben)
    none = legal_profile.draft(document={"facts": {"entity_types": []}}, actor=ada, at=NOW)
    all_of_it = legal_profile.draft(document={}, actor=ada, at=NOW)

    def queries(row: LegalProfile) -> int:
        with CaptureQueriesContext(connection) as found:
            assert leader.get(page_of(row)).status_code == 200
        return len(found)

    queries(law)
    assert queries(none) == queries(all_of_it) <= 20


# --- made law


def test_two_leaders_make_it_law(leader: Client, ben: Person, drafted: LegalProfile) -> None:
    leader.post(page_of(drafted, "submit"))
    refused = leader.post(page_of(drafted, "approve"), {})
    assert refused.status_code == 409
    assert "nobody approves their own work" in text_of(refused)
    answer = signed_in(ben).post(page_of(drafted, "approve"), {})
    assert said(answer) == ["It is approved."]
    assert legal_profile_in_force(timezone.now()) == drafted
    assert "in force" in text_of(leader.get(list_of(LegalProfile)))


def test_the_page_is_never_posted_to(leader: Client, drafted: LegalProfile) -> None:
    assert leader.post(page_of(drafted), {"number": 9}).status_code == 403
    assert leader.get(page_of(drafted)).status_code == 200


@pytest.mark.parametrize("group", ["responder", "planner", "auditor"])
def test_other_groups_read_and_do_nothing(group: str, drafted: LegalProfile) -> None:
    client = signed_in(member("cleo", group))
    page = client.get(page_of(drafted))
    assert "could concern us" in text_of(page)
    assert "Switch off" not in text_of(page)
    assert client.post(DRAFT, SAID).status_code == 403
    for act in ("write", "switch", "submit", "approve", "withdraw"):
        words = SAID | {"regime": "eu-gdpr-art33", "to": "off", "reason": "No."}
        assert client.post(page_of(drafted, act), words).status_code == 403
    drafted.refresh_from_db()
    assert drafted.is_draft


def test_who_sees_nothing_sees_no_profile(drafted: LegalProfile) -> None:
    client = signed_in(member("dan"))
    for address in (list_of(LegalProfile), page_of(drafted), DRAFT):
        assert client.get(address).status_code == 403
