"""What an update says beside its words: to whom, how far it has come, on what it rests, what it corrects."""

from collections.abc import Iterable
from typing import Any

from incidents.models.customer import Customer
from incidents.models.incident import Incident
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import verifying
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.updates import impact_of, stage_of


def require_audience(audience: str, customer: Customer | None) -> None:
    """Return only if there is such an audience and this customer is part of it; Invalid else."""
    if audience not in Audience.values:
        known = ", ".join(Audience.values)
        raise Invalid.because("unknown_audience", f"Choose one of {known}.", "audience")
    if customer is not None and audience != Audience.CUSTOMERS:
        message = "Only an update to customers speaks to one of them: leave the customer out."
        raise Invalid.because("customer_of_another_audience", message, "customer")


def corrected(update: Update, said: Update | None, customer: Customer | None) -> Update | None:
    """What it corrects, where those who read that will read this as well."""
    if said is None:
        return None
    if said.status != Update.Status.PUBLISHED:
        message = "Nobody read it yet: rewrite it instead of correcting it."
        raise Refused.because("corrects_what_is_not_published", message, "corrects")
    if said.incident_id != update.incident_id:
        message = f"It is about {said.incident}: draft the correction there."
        raise Refused.because("corrects_another_incident", message, "corrects")
    if said.audience != update.audience or customer not in (None, said.customer):
        whom = f"the {said.audience} audience" if said.customer is None else said.customer
        message = f"It was said to {whom}: those who read it read its correction."
        raise Refused.because("corrects_for_another_audience", message, "corrects")
    return said


def say_how_far(update: Update, stage: str, impact: str) -> None:
    """Stage and impact: as they are given, else as the incident has them."""
    incident = update.incident
    update.stage = stage or stage_of(
        contained_at=incident.contained_at,
        mitigated_at=incident.mitigated_at,
        resolved_at=incident.resolved_at,
    )
    update.impact = impact or impact_of(incident.facts, update.stage)
    for field, values in (("stage", Update.Stage.values), ("impact", Update.Impact.values)):
        if getattr(update, field) not in values:
            raise Invalid.because(
                f"unknown_{field}", f"Choose one of {', '.join(values)}.", field
            )


def grounds(incident: Incident, names: Iterable[str]) -> list[dict[str, Any]]:
    """What it rests on, with the values of now."""
    wanted = list(dict.fromkeys(names))
    verifying.require_recorded(incident, wanted, code="unknown_fact", field="facts")
    return [{"name": name, "value": incident.facts[name]} for name in wanted]
