"""The data map: whose data a service holds where, and what of it an incident there may assume.

Codes of places are ISO 3166-1, or 3166-2 for a part of a country; those of categories are the law
pack's. What is on the map is an assumption about an incident, never a finding.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from incidents.rules import legal_places
from incidents.rules.facts import MOST
from incidents.rules.reasons import Reason

# Half a year, as a matrix is looked at again: what nobody looked at since is not to be relied on.
STALE_AFTER = timedelta(days=180)
PERSONAL = "personal_data"
# Categories that do not imply data about a person.
IMPERSONAL = frozenset({"non_personal_confidential", "none"})
# The worst first: what is not known is nearer to unprotected than to safe.
PROTECTIONS = ("none", "unknown", "encrypted_key_safe")

_PART = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
"""  # ISO 3166-1 alpha-2
_COUNTRIES = frozenset(_CODES.split())
# What people write for a place, and what its code is.
_MEANT = {"UK": "GB", "EL": "GR", "EU": "each of its countries, such as DE, FR"}


@dataclass(frozen=True, slots=True)
class Holding:
    """One body of data: which categories, of people where, how many, as whom, how protected.

    A count of a country covers its parts, where both are given.
    """

    data_categories: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    persons: Mapping[str, int] = field(default_factory=dict)
    data_role: str = "controller"
    protection: str = "unknown"

    @property
    def is_personal(self) -> bool:
        """Whether it is data about people at all."""
        return bool(set(self.data_categories) - IMPERSONAL)


def country(code: str) -> str:
    """The country that this code is, or lies in."""
    return code.partition("-")[0]


def place_problem(code: str) -> str:
    """Why no place has this code, and what to write; empty where one has."""
    if meant := _MEANT.get(code):
        return f"{code} is no code of a place where people live: write {meant}."
    known = legal_places.NAMES
    is_part = bool(_PART.fullmatch(code))
    is_known_part = is_part and (country(code) != "US" or code in known)
    if code in _COUNTRIES or (is_known_part and country(code) in _COUNTRIES):
        return ""
    return (
        f"There is no place {code}: write codes such as DE, or US-CA for a part of a country."
    )


def problems(holding: Holding, categories: Collection[str]) -> Iterator[Reason]:
    """What is wrong with a holding, each with the field it stands in."""
    if not holding.data_categories:
        yield Reason("categories_missing", "Choose what kind of data it is.", "data_categories")
    usable = [code for code in categories if code != "none"]
    for code in holding.data_categories:
        if code not in usable:
            message = f"There is no category {code}: choose from {', '.join(usable)}."
            yield Reason("unknown_category", message, "data_categories")
    for code in holding.jurisdictions:
        if problem := place_problem(code):
            yield Reason("unknown_place", problem, "jurisdictions")
    if holding.is_personal and not holding.jurisdictions:
        message = "Say where these people live: codes such as DE, US-CA."
        yield Reason("places_missing", message, "jurisdictions")
    yield from _count_problems(holding)


def _count_problems(holding: Holding) -> Iterator[Reason]:
    for code, number in holding.persons.items():
        if code not in _closed_places(holding.jurisdictions):
            message = (
                f"{code} is counted, but not among its places: add it there, or leave it out."
            )
            yield Reason("count_without_place", message, "persons")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST:
            message = f"{code}: write a whole number of people, from 0 to {MOST:,}."
            yield Reason("count_out_of_range", message, "persons")


def read_places(text: str) -> list[str]:
    """The codes in a text, sorted, each once; commas, blanks and lines part them."""
    return sorted({code.upper() for code in re.split(r"[\s,;]+", text) if code})


def read_codes(text: str) -> list[str]:
    """Codes of categories in a text, sorted, each once."""
    return sorted({code.lower() for code in re.split(r"[\s,;]+", text) if code})


def read_counts(text: str) -> tuple[dict[str, int], list[Reason]]:
    """Counts such as "DE: 12000", one a line or parted by semicolons, and what is no count."""
    counts: dict[str, int] = {}
    found: list[Reason] = []
    for line in filter(None, (part.strip() for part in re.split(r"[\n;]", text))):
        code, _, number = (part.strip() for part in line.partition(":"))
        digits = re.sub(r"(?<=\d)[ _,.'](?=\d{3}\b)", "", number)
        if not (code and re.fullmatch(r"[0-9]{1,15}", digits)):
            message = (
                f"“{line[:40]}” is no count: write a code and a number, such as DE: 12000."
            )
            found.append(Reason("count_unreadable", message, "persons"))
        elif code.upper() in counts:
            found.append(
                Reason("count_twice", f"{code.upper()} is counted twice: add it up.", "persons")
            )
        else:
            counts[code.upper()] = int(digits)
    return counts, found


def said_counts(persons: Mapping[str, int], between: str = "\n") -> str:
    """The counts as `read_counts` takes them."""
    return between.join(f"{code}: {number}" for code, number in sorted(persons.items()))


def assumed(holdings: Iterable[Holding]) -> dict[str, Any]:
    """The facts of an incident that touches these holdings, all of them, at worst; {} without any.

    Category and place are closed: a category of people's data implies personal data, a part its
    country. Counts add up by place; in the total a country counts at least as its parts do.
    """
    every = list(holdings)
    if not every:
        return {}
    persons: Counter[str] = Counter()
    for each in every:
        persons.update(each.persons)
    return {
        "data_categories": sorted(set().union(*(_closed_categories(each) for each in every))),
        "affected_jurisdictions": sorted(
            set().union(*(_closed_places(each.jurisdictions) for each in every))
        ),
        "persons_affected_by_jurisdiction": dict(sorted(persons.items())),
        "persons_affected_total": sum(total(each.persons) for each in every),
        "data_roles": sorted({each.data_role for each in every}),
        "data_protection_state": min(
            (each.protection for each in every), key=PROTECTIONS.index
        ),
    }


def total(persons: Mapping[str, int]) -> int:
    """How many people these are: of a country its own count or that of its parts, the larger."""
    parts: Counter[str] = Counter()
    for code, number in persons.items():
        if code != country(code):
            parts[country(code)] += number
    return sum(
        max(parts[code], persons.get(code, 0)) for code in {country(code) for code in persons}
    )


def is_stale(verified_on: date | None, on: date) -> bool:
    """Whether this is not to be relied on: never verified, or longer ago than STALE_AFTER."""
    return verified_on is None or on - verified_on > STALE_AFTER


def _closed_categories(holding: Holding) -> set[str]:
    implied = {PERSONAL} if holding.is_personal else set()
    return {*holding.data_categories} | implied


def _closed_places(codes: Iterable[str]) -> set[str]:
    said = {*codes}
    return said | {country(code) for code in said}
