"""What Northwind Pay is before the law, whose data it holds where, and whom it would have to tell.

The authorities are real and so are their public addresses; insurer and acquirer are fictional.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from simple_history.utils import bulk_create_with_history

from incidents.models import DataHolding, LawPack, LegalProfile, Regulator
from incidents.operations import data_map, law_pack, legal_profile, regulators
from raci_project.demo.catalogue import Services
from raci_project.demo.people import Everybody
from raci_project.demo.story import Story

_DAY = timedelta(days=1)

PROFILE: dict[str, Any] = {
    "facts": {
        "data_roles": ["controller", "processor"],
        "entity_types": ["business", "dora_financial_entity", "card_merchant_or_processor"],
        "operates_in": ["DE", "GB", "US"],
        "contract_clause_types": [
            "dpa_notice_24h",
            "card_brand_rules",
            "cyber_insurance_notice",
        ],
        "gdpr_establishment_processing": True,
        "clock_timezone": "Europe/Berlin",
        "holiday_calendar": "DE",
    },
    "sectors": ["financial", "payments"],
    "off": {
        "cn-pipl-art57": "We sell nothing in China and our shops do not deliver there.",
        "kr-pipa-art34": "We sell nothing in Korea and our shops do not deliver there.",
    },
    "on": {},
}
_PACK_NOTE = "The pack that ships, read by counsel line by line for where we operate."
_PROFILE_NOTE = "A payment institution in Berlin with shops in Europe and the United States."


@dataclass(frozen=True)
class Held:
    """One body of data; `verified` is by whom and how many days ago, None for never."""

    service: str
    title: str
    categories: tuple[str, ...]
    persons: dict[str, int]
    role: str
    protection: str
    verified: tuple[str, int] | None


@dataclass(frozen=True)
class Told:
    """One authority or other recipient; `verified` as of what is held."""

    recipient: str
    jurisdiction: str
    name: str
    address: str
    zone: str
    hours: str
    verified: tuple[str, int] | None
    channel: str = "portal"
    phone: str = ""
    ours: str = ""


HOLDINGS = (
    Held("identity", "Accounts of merchants' staff", ("personal_data", "credentials"),
         {"DE": 21400, "FR": 9800, "GB": 12300, "US-CA": 2300}, "controller", "none", ("nils", 21)),
    Held("merchant-portal", "Reports and exports", ("personal_data", "financial_account"),
         {"DE": 8600, "FR": 3100, "GB": 4200, "US-CA": 640}, "processor", "none", ("ines", 34)),
    Held("checkout", "Shoppers' orders", ("personal_data", "payment_card"),
         {"DE": 310000, "FR": 120000, "GB": 95000, "US-CA": 41000}, "processor", "unknown", None),
    Held("card-acquiring", "Card vault", ("personal_data", "payment_card"),
         {"DE": 290000, "FR": 110000, "GB": 90000, "US-CA": 38000}, "processor",
         "encrypted_key_safe", ("hiro", 55)),
    Held("payouts", "Bank details of merchants", ("personal_data", "financial_account"),
         {"DE": 8900, "FR": 3200, "GB": 4400, "US-CA": 660}, "controller", "encrypted_key_safe",
         ("kavya", 230)),
    Held("fraud-scoring", "Scores of shoppers", ("personal_data",),
         {"DE": 310000, "FR": 120000, "GB": 95000, "US-CA": 41000}, "controller", "none",
         ("olga", 400)),
)  # fmt: skip

REGULATORS = (
    Told("dpa_eu", "DE", "Berliner Beauftragte für Datenschutz und Informationsfreiheit",
         "https://www.datenschutz-berlin.de/", "Europe/Berlin", "The form at any hour", ("uma", 40)),
    Told("dpa_eu", "FR", "Commission nationale de l'informatique et des libertés (CNIL)",
         "https://www.cnil.fr/", "Europe/Paris", "The form at any hour", ("uma", 210)),
    Told("ico_uk", "GB", "Information Commissioner's Office", "https://ico.org.uk/",
         "Europe/London", "The form at any hour; telephone on working days", ("viktor", 63)),
    Told("ag_us_ca", "US-CA", "California Department of Justice, Office of the Attorney General",
         "https://oag.ca.gov/", "America/Los_Angeles", "The form at any hour", None),
    Told("dora_competent_authority", "DE",
         "Bundesanstalt für Finanzdienstleistungsaufsicht (BaFin)", "https://www.bafin.de/",
         "Europe/Berlin", "The reporting portal at any hour", ("yara", 25),
         ours="Registration NWP-0001 (example)"),
    Told("csirt_or_competent_authority_eu", "DE",
         "Bundesamt für Sicherheit in der Informationstechnik (BSI)", "https://www.bsi.bund.de/",
         "Europe/Berlin", "At any hour", ("yara", 390)),
    Told("cyber_insurer", "", "Meridian Underwriters, claims",
         "notices@meridian-underwriters.example", "Europe/London", "At any hour", ("yara", 70),
         channel="email", ours="Policy MU-2231"),
    Told("acquirer", "", "Our acquirer, account-data compromise desk", "", "Europe/Berlin",
         "At any hour", ("hiro", 100), channel="telephone", phone="+44 20 7946 0990"),
)  # fmt: skip
_CHECK = "Public knowledge as of November 2026: check before use."


def enact(story: Story, people: Everybody, *, force: datetime) -> None:
    """Tell how pack and profile came into force: ada drafts, submits six days later, ben approves."""
    drafted, submitted, approved = force - 9 * _DAY, force - 3 * _DAY, force - _DAY
    story.tell(drafted, partial(_draft, people))
    story.tell(submitted, partial(_submit, people))
    story.tell(approved, partial(_approve, people, force))


def _draft(people: Everybody, at: datetime) -> None:
    ada = people["ada"]
    law_pack.draft_shipped(note=_PACK_NOTE, actor=ada, at=at)
    legal_profile.draft(document=PROFILE, note=_PROFILE_NOTE, actor=ada, at=at)


def _submit(people: Everybody, at: datetime) -> None:
    law_pack.submit(LawPack.objects.get(), actor=people["ada"], at=at)
    legal_profile.submit(LegalProfile.objects.get(), actor=people["ada"], at=at)


def _approve(people: Everybody, force: datetime, at: datetime) -> None:
    signed: dict[str, Any] = {"effective_from": force, "actor": people["ben"], "at": at}
    law_pack.approve(LawPack.objects.get(), **signed)
    legal_profile.approve(LegalProfile.objects.get(), **signed)


def draw_up(story: Story, people: Everybody, services: Services, *, at: datetime) -> None:
    """The data map and the regulators since the company began, and who looked at which since."""
    began = at - 400 * _DAY
    holdings = [_holding(each, services) for each in HOLDINGS]
    authorities = [_regulator(each) for each in REGULATORS]
    holdings = bulk_create_with_history(holdings, DataHolding, default_date=began)
    authorities = bulk_create_with_history(authorities, Regulator, default_date=began)
    for holding, held in zip(holdings, HOLDINGS, strict=True):
        _looked_at(story, people, held.verified, at, partial(data_map.verify, holding))
    for regulator, told in zip(authorities, REGULATORS, strict=True):
        _looked_at(story, people, told.verified, at, partial(regulators.verify, regulator))


def _looked_at(
    story: Story,
    people: Everybody,
    verified: tuple[str, int] | None,
    today: datetime,
    verify: Callable[..., object],
) -> None:
    if verified:
        who, ago = verified
        story.tell(today - ago * _DAY, lambda at: verify(actor=people[who], at=at))


def _holding(each: Held, services: Services) -> DataHolding:
    return DataHolding(
        service=services[each.service],
        title=each.title,
        data_categories=list(each.categories),
        jurisdictions=list(each.persons),
        persons=each.persons,
        data_role=each.role,
        protection=each.protection,
    )


def _regulator(each: Told) -> Regulator:
    return Regulator(
        recipient=each.recipient,
        jurisdiction=each.jurisdiction,
        name=each.name,
        channel=each.channel,
        address=each.address,
        phone=each.phone,
        timezone=each.zone,
        hours=each.hours,
        our_reference=each.ours,
        note=_CHECK if each.channel == "portal" else "",
    )
