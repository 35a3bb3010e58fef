"""Legal readiness: what could concern us, what is mapped, whom we would tell, and what is missing."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.admin import readiness as readiness_page
from incidents.documents import shipped_pack
from incidents.models import ContactProof, LawPack, LegalProfile, Regulator
from incidents.operations import law_files, readiness
from incidents.rules import readiness as rules
from incidents.rules.law_pack import Deadline, Unit
from incidents.rules.legal_arithmetic import counted_from
from incidents.rules.legal_profile import Profile, concerning
from incidents.rules.regulators import is_for
from incidents.rules.roles import COUNSEL, PRIVACY
from tests import factories
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.admin_room import list_of, member, signed_in, text_of
from tests.mapped import holding, regulator

OURS = {"facts": {"operates_in": ["DE", "US"], "data_roles": ["controller"]}}
GDPR = "eu-gdpr-art33"


# --- the rules


def found(profile: Profile, mapped: dict[str, list[str]]) -> dict[str, rules.Concern]:
    pack = law_files.shipped_pack()
    why = concerning(pack, profile)
    return {each.regime.id: each for each in rules.concerns(pack, profile, why, mapped)}


def test_what_the_map_holds_comes_first_and_then_the_shortest_clock() -> None:
    held = {
        "data_categories": ["health", "personal_data"],
        "affected_jurisdictions": ["DE"],
    }
    every = list(found(Profile(OURS["facts"]), held).values())
    assert found(Profile(OURS["facts"]), held)[GDPR].is_mapped
    order = [(not each.is_mapped, each.shortest.hours) for each in every]
    assert order == sorted(order)
    assert {each.is_mapped for each in every} == {True, False, None}
    assert found(Profile(OURS["facts"]), held)["us-sec-8k-105"].is_mapped is None


def test_an_empty_map_speaks_neither_for_nor_against() -> None:
    every = found(Profile(OURS["facts"]), {})
    assert {each.is_mapped for each in every.values()} == {None}


def test_a_regime_switched_off_is_shown_only_where_the_map_speaks_for_it() -> None:
    profile = Profile(OURS["facts"], off={GDPR: "We have no establishment there."})
    held = {"data_categories": ["personal_data"], "affected_jurisdictions": ["DE"]}
    told = found(profile, held)[GDPR]
    assert told.is_off
    assert told.why == "Switched off: We have no establishment there."
    assert GDPR not in found(profile, held | {"affected_jurisdictions": ["BR"]})


def test_the_shortest_clock_is_said_in_words() -> None:
    regimes = law_files.shipped_pack().regimes
    assert rules.shortest(regimes[GDPR]).text == "72 hours from awareness"
    processor = rules.shortest(regimes["eu-gdpr-art33-2-processor"])
    assert processor.text == "without undue delay; our target 24 hours from awareness"
    assert not processor.is_fixed
    assert rules.shortest(regimes["eu-nis2-art23"]).text == "24 hours from awareness"


def test_one_is_said_as_one() -> None:
    month = Deadline(1, Unit.MONTHS, "previous_stage")
    assert counted_from(month) == "1 month from the notice before"


@pytest.mark.parametrize(
    ("jurisdiction", "places", "is_one"),
    [
        ("", ["DE"], True),
        ("DE", [], True),
        ("DE", ["DE"], True),
        ("DE-BE", ["DE"], True),
        ("US", ["US-CA"], True),
        ("FR", ["DE"], False),
        ("US-NY", ["US-CA"], False),
    ],
)
def test_an_authority_is_for_the_people_of_its_place(jurisdiction, places, is_one) -> None:
    assert is_for(jurisdiction, places) is is_one


# --- as of an instant


@pytest.fixture
def enacted(db) -> dict[str, object]:
    return {
        "number": 1,
        "status": "approved",
        "maker": factories.person("mika"),
        "checker": factories.person("cher"),
        "created_at": NOW - timedelta(days=9),
        "approved_at": NOW - timedelta(days=8),
        "effective_from": NOW - timedelta(days=8),
    }


@pytest.fixture
def pack(enacted) -> LawPack:
    document = shipped_pack()
    return LawPack.objects.create(
        title="Duties", as_of="2026-11-23", document=document,
        digest=law_files.digest(document), **enacted,
    )  # fmt: skip


@pytest.fixture
def law(pack, enacted) -> None:
    LegalProfile.objects.create(document=OURS, **enacted)


def gaps(at=NOW) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for gap in readiness.look(at=at).gaps:
        said.setdefault(gap.code, []).append(gap.text)
    return said


@pytest.mark.django_db
def test_without_law_that_comes_first() -> None:
    look = readiness.look(at=NOW)
    assert [gap.code for gap in look.gaps[:2]] == ["no_pack", "no_profile"]
    assert look.concerns == look.offices == ()


def test_without_a_profile_every_regime_could_concern_us(pack) -> None:
    assert "no_profile" in gaps()
    assert "no_pack" in gaps(NOW - timedelta(days=30))
    concerns = readiness.look(at=NOW).concerns
    assert len(concerns) == len(law_files.shipped_pack().regimes)


def test_before_anybody_said_what_we_are_no_authority_of_the_world_is_a_gap(pack) -> None:
    assert "no_office" not in gaps()
    lawful.profile()
    assert "no_office" in gaps()


def test_a_service_with_personal_data_and_nothing_mapped_is_a_gap(law) -> None:
    payments = factories.service("payments", handles_personal_data=True)
    factories.service("status", handles_personal_data=False)
    assert gaps()["unmapped"] == [
        "Payments handles personal data, and nothing of it is mapped."
    ]
    holding(payments)
    assert "unmapped" not in gaps()


@pytest.mark.parametrize(
    ("verified_on", "says"),
    [
        (None, "was not verified at all"),
        (NOW.date() - timedelta(days=181), "was not verified for half a year"),
        (NOW.date() - timedelta(days=180), ""),
    ],
)
def test_what_nobody_verified_in_half_a_year_is_a_gap(law, verified_on, says) -> None:
    cleo = factories.person("cleo")
    verified = {"verified_on": verified_on, "verified_by": verified_on and cleo}
    holding(factories.service(), **verified)
    regulator(**verified)
    told = gaps()
    for code in ("map_stale", "office_stale"):
        assert bool(says) is (code in told)
        assert all(says in text for text in told.get(code, ()))


def test_an_authority_nobody_has_on_file_is_a_gap_until_it_is(law) -> None:
    holding(factories.service())
    missing = [gap.recipient for gap in readiness.look(at=NOW).gaps if gap.code == "no_office"]
    assert "dpa_eu" in missing
    assert "ag_us_ca" not in missing  # no people of California are on the map
    regulator()
    missing = [gap.recipient for gap in readiness.look(at=NOW).gaps if gap.code == "no_office"]
    assert "dpa_eu" not in missing


def test_who_could_hold_the_roles_of_the_law_and_whether_they_are_reached(law) -> None:
    assert gaps()["nobody"] == [
        "Nobody is qualified as legal counsel.",
        "Nobody is qualified as privacy officer.",
    ]
    cora = factories.person("cora", qualified=(COUNSEL, PRIVACY))
    assert len(gaps()["unproved"]) == 2
    ContactProof.objects.create(
        person=cora, channel="email", address=cora.email, means="code",
        proved_at=NOW, proved_by=cora,
    )  # fmt: skip
    told = gaps()
    assert told["only_one"] == [
        "Cora is the only legal counsel.", "Cora is the only privacy officer.",
    ]  # fmt: skip
    assert "unproved" not in told
    cora.is_active = False
    cora.save()
    assert "nobody" in gaps()


# --- the page


def page() -> str:
    return reverse("admin:incidents_dataholding_readiness")


def test_the_page_says_what_is_missing_and_leads_there(law) -> None:
    payments = factories.service("payments", handles_personal_data=True)
    lena = signed_in(member("lena", "leadership"))
    answer = lena.get(page())
    text = text_of(answer)
    assert "Payments handles personal data, and nothing of it is mapped. Map it" in text
    assert f"/dataholding/add/?service={payments.pk}" in answer.content.decode()
    assert "EU GDPR - notification of a personal data breach" in text
    assert text.count("Planning data, not legal advice.") == 1
    holding(payments)
    text = text_of(lena.get(page()))
    assert "No channel is on file: competent EEA data-protection supervisory authority" in text


def test_low_confidence_says_so(law) -> None:
    low = [r for r in law_files.shipped_pack().regimes.values() if r.confidence == "low"]
    assert low
    text = text_of(signed_in(member("auda", "auditor")).get(page()))
    assert "low confidence" in text


def test_who_may_only_read_is_offered_nothing_to_change(law) -> None:
    factories.service("payments", handles_personal_data=True)
    answer = signed_in(member("auda", "auditor")).get(page())
    assert answer.status_code == 200
    assert "Map it" not in text_of(answer)
    assert "/dataholding/add/" not in answer.content.decode()


@pytest.mark.django_db
def test_dan_does_not_see_it() -> None:
    assert signed_in(member("dan")).get(page()).status_code == 403


@pytest.mark.django_db
def test_an_empty_installation_is_told_what_to_do_first() -> None:
    text = text_of(signed_in(member("lena", "leadership")).get(page()))
    assert "No service is mapped yet." in text
    assert "No law pack is in force." in text
    assert "No legal profile is in force" in text


def test_it_costs_the_same_however_much_there_is(law) -> None:
    lena = signed_in(member("lena", "leadership"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as sent:
            assert lena.get(page()).status_code == 200
        return len(sent)

    def more(number: int) -> None:
        service = factories.service(f"service{number}", handles_personal_data=True)
        holding(service, verified_on=date(2026, 1, 1), verified_by=service.owner)
        regulator(f"Authority {number}", verified_by=service.owner, verified_on=timezone.now())
        factories.person(f"counsel{number}", qualified=(COUNSEL, PRIVACY))

    more(1)
    statements()
    few = statements()
    for number in range(2, 8):
        more(number)
    assert statements() == few


def test_of_very_many_the_first_are_shown_and_the_lists_have_the_rest(law, monkeypatch) -> None:
    monkeypatch.setattr(readiness_page, "GAPS_NAMED", 2)
    monkeypatch.setattr(readiness_page, "SERVICES_SHOWN", 3)
    for number in range(5):
        factories.service(f"service{number}", handles_personal_data=True)
    answer = signed_in(member("lena", "leadership")).get(page())
    text = text_of(answer)
    assert text.count("nothing of it is mapped.") == 2
    assert "And 3 more of this kind." in text
    assert len(answer.context["rows"]) == 3
    assert "2 more services: the whole data map" in text


def test_the_catalogues_lead_to_it(law) -> None:
    auda = signed_in(member("auda", "auditor"))
    assert page() in auda.get(list_of(Regulator)).content.decode()
