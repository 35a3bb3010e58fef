"""An incident under the shipped law, and the few people its law asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from incidents.models import DataHolding, Incident, LegalClock, Person
from incidents.operations import facts
from incidents.rules.roles import COMMUNICATIONS, COUNSEL, PRIVACY
from tests import factories
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.scene import LATER, Scene, hold, incident_under, responder, scene

# What makes art. 33 GDPR a duty of a controller in Germany.
BREACH: Mapping[str, Any] = {
    "personal_data_exposure": "confirmed",
    "data_categories": ["personal_data"],
    "affected_jurisdictions": ["DE"],
    "risk_to_individuals": "risk",
}
NOTIFICATION = "eu-gdpr-art33--notification"


@dataclass
class Room(Scene):
    """Cora is counsel here and Petra the privacy officer; beside them the people of a scene."""

    cora: Person
    petra: Person

    def record(self, given: Mapping[str, Any] | None = None, **fields: Any) -> Incident:
        """What Ben says is known."""
        return facts.record_facts(
            self.incident, facts=given, **({"actor": self.ben, "at": LATER} | fields)
        )

    def clock(self, kind: str = NOTIFICATION) -> LegalClock:
        return LegalClock.objects.get(incident=self.incident, kind=kind)

    def kinds(self) -> list[str]:
        rows = LegalClock.objects.filter(incident=self.incident).order_by("kind")
        return list(rows.values_list("kind", flat=True))


def room(profile: Mapping[str, Any] = lawful.OURS, **fields: Any) -> Room:
    """Under the shipped pack, of a controller in Germany unless said otherwise."""
    law, ours = lawful.pack(), lawful.profile(profile)
    made = scene(law_pack=law, legal_profile=ours, **fields)
    cora = responder(factories.person("cora", qualified=(COUNSEL,)))
    petra = responder(factories.person("petra", qualified=(PRIVACY,)))
    hold(made.incident, cora, COUNSEL)
    hold(made.incident, petra, PRIVACY)
    return Room(**vars(made), cora=cora, petra=petra)


def beside(here: Room, profile: Mapping[str, Any] | None = None, **fields: Any) -> Room:
    """Another incident of the same people, under the same law, or under another profile."""
    ours = lawful.profile(profile) if profile else here.incident.legal_profile
    law = {"law_pack": here.incident.law_pack, "legal_profile": ours}
    made = incident_under(here.incident.severity_scheme, "sev2", **(law | fields))
    for person, role in (
        (here.ben, COMMUNICATIONS),
        (here.cora, COUNSEL),
        (here.petra, PRIVACY),
    ):
        hold(made, person, role)
    return replace(here, incident=made)


def holding(incident: Incident, **fields: Any) -> DataHolding:
    """A body of data of a service that the incident affects from now on."""
    service = factories.service(f"crm{DataHolding.objects.count()}")
    incident.services.add(service)
    given: dict[str, Any] = {
        "title": "Customers",
        "data_categories": ["personal_data", "credentials"],
        "jurisdictions": ["DE"],
        "persons": {"DE": 900},
    }
    return DataHolding.objects.create(service=service, **(given | fields))


__all__ = ["BREACH", "NOTIFICATION", "NOW", "Room", "beside", "holding", "room"]
