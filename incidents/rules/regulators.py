"""Who is told of an incident under the law, and which of them are people rather than offices."""

from collections.abc import Collection, Iterable

from incidents.rules.data_map import country

# Recipients of the pack that are no office with a channel: people, our customers, ourselves.
NO_OFFICE = frozenset(
    {
        "individuals", "clients", "service_recipients", "product_users", "controller_customer",
        "contract_customer", "covered_entity", "bank_customers_of_provider",
        "reg_sp_institution", "internal_assessment", "media_us",
    }
)  # fmt: skip


def offices(recipients: Iterable[str]) -> list[str]:
    """Those of these that have a channel we can keep, each once, in their order."""
    return [code for code in dict.fromkeys(recipients) if code not in NO_OFFICE]


def is_for(jurisdiction: str, places: Collection[str]) -> bool:
    """Whether an authority of this place (or of any: "") may be one for people of these places.

    A part of a country has its own and its country's, and a country those of its parts; without
    places each authority may be one.
    """
    if not jurisdiction or not places:
        return True
    theirs = {*places} | {country(code) for code in places}
    return jurisdiction in theirs or country(jurisdiction) in places
