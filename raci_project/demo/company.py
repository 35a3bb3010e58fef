"""Who and what the stories of the demo are about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incidents.models import Incident
from raci_project.demo.catalogue import Scenarios, Services
from raci_project.demo.people import Everybody
from reviews.models import CauseClass


@dataclass
class Company:
    """The rows the stories need; incidents by the key of their script, once declared."""

    people: Everybody
    services: Services
    scenarios: Scenarios
    causes: Mapping[str, CauseClass]
    today: datetime
    incidents: dict[str, Incident] = field(default_factory=dict)
