"""The words that ship, laid into the library: as drafts, for the company's own people to approve."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from incidents.models.catalogue import Scenario
from incidents.models.people import Person
from incidents.models.statement import HoldingStatement
from incidents.operations import records, standing
from incidents.rules.reasons import Refused
from incidents.rules.shipped_statements import SCENARIOS, STATEMENTS
from incidents.rules.shipped_words import Shipped

LANGUAGE = "en"
PROMISE = (
    f"{len(STATEMENTS)} drafts for {len(SCENARIOS)} scenarios any company may meet. Scenarios that "
    "are missing are made; what you have stays as it is. Nothing may be used before your own people "
    "have read it, changed it to what is true here, signed it off and approved it."
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was added: how many scenarios, and how many drafts for which audiences."""

    scenarios: int
    statements: int

    def __str__(self) -> str:
        return (
            f"{self.statements} drafts and {self.scenarios} scenarios were added. Read each, change "
            "it to what is true here, then have it signed off and approved."
        )


@transaction.atomic
def unpack(*, actor: Person, at: datetime) -> Unpacked:
    """Add a draft of every shipped statement that is not there yet, and the scenarios they need.

    One is there where one of its title, audience and language is, in whatever state. Refuses
    `unpacked_already` where there is nothing to add.
    """
    standing.permit_to(actor, "incidents.add_holdingstatement")
    records.next_number("unpackings")  # of two at once the second waits, and finds all there
    there = set(
        HoldingStatement.objects.filter(language=LANGUAGE).values_list("title", "audience")
    )
    missing = [one for one in STATEMENTS if (one.title, one.audience) not in there]
    if not missing:
        message = f"All {len(STATEMENTS)} are here: edit, revise or retire them as you need."
        raise Refused.because("unpacked_already", message)
    scenarios, made = _scenarios(missing, actor, at)
    drafts = [_draft(one, scenarios, actor) for one in missing]
    bulk_create_with_history(drafts, HoldingStatement, default_user=actor, default_date=at)
    done = Unpacked(scenarios=made, statements=len(drafts))
    records.audit(
        "unpack_statements", actor, actor=actor, at=at,
        scenarios=done.scenarios, statements=done.statements,
    )  # fmt: skip
    return done


def _scenarios(
    missing: list[Shipped], actor: Person, at: datetime
) -> tuple[dict[str, Scenario], int]:
    """The scenarios these words are for by slug, and how many of them had to be made."""
    wanted = {one.scenario for one in missing}
    known = {row.slug: row for row in Scenario.objects.filter(slug__in=wanted)}
    new = [
        Scenario(slug=one.slug, name=one.name, description=one.description)
        for one in SCENARIOS
        if one.slug in wanted and one.slug not in known
    ]
    if new:
        standing.permit_to(actor, "incidents.add_scenario")
        bulk_create_with_history(new, Scenario, default_user=actor, default_date=at)
    return {**known, **{row.slug: row for row in new}}, len(new)


def _draft(one: Shipped, scenarios: dict[str, Scenario], actor: Person) -> HoldingStatement:
    return HoldingStatement(
        title=one.title,
        scenario=scenarios.get(one.scenario),
        audience=one.audience,
        language=LANGUAGE,
        purpose=one.purpose,
        text=one.text,
        forbidden="\n".join(one.forbidden),
        maker=actor,
    )
