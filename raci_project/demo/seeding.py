"""Seeds the demo company: its rooms in order, then its year played act by act."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from incidents.models import CheckLimits, OutboxMessage, Person, Team
from incidents.operations import broadcasts, records
from raci_project.demo import (
    catalogue,
    customers,
    duties,
    emergency,
    law,
    notifying,
    owing,
    past,
    people,
    places,
    practice,
    present,
    reaching,
    readying,
    rotating,
    statements,
    subscribing,
    watching,
)
from raci_project.demo.answering import Answer
from raci_project.demo.company import Company
from raci_project.demo.story import Story
from reviews.models import CauseClass


def is_seeded() -> bool:
    """Whether the demo company is there: it is seeded whole or not at all."""
    return Person.objects.filter(email__endswith=f"@{people.DOMAIN}").exists()


@transaction.atomic
def seed(*, password: str, at: datetime) -> None:
    """The whole company as it stands in this minute; everybody signs in with this password."""
    at = at.replace(second=0, microsecond=0)
    began = at - law.FIRST - law.DRAFTING
    CheckLimits.objects.create()  # as they ship
    everybody = people.found(password=make_password(password), began=began, at=at)
    services, scenarios = catalogue.stock(everybody)
    customers.sign(everybody, services, began=began)
    causes = {
        slug: CauseClass.objects.create(slug=slug, name=name, description=text)
        for slug, name, text in catalogue.CAUSES
    }
    company = Company(everybody, services, scenarios, causes, at)
    places.open_up()
    practice.write_stories(company)
    story = Story()
    story.tell(began, _found)
    law.enact(story, everybody, at=at)
    duties.enact(story, everybody, force=at - law.FIRST)
    duties.draw_up(story, everybody, services, at=at)
    emergency.tell(story, everybody, at=at)
    statements.agree(story, everybody, scenarios, at=at)
    owing.tell(story, everybody, services, at=at)
    for script in (*past.PAST, *present.PRESENT):
        Answer(script, company).tell(story)
        notifying.tell(story, script, company)
    practice.practise(story, company)
    rotating.tell(story, company)
    watching.tell(story, company)
    reaching.tell(story, company, began)
    readying.tell(story, company, "cards-now")
    subscribing.tell(story, company, began)
    story.play()
    broadcasts.sweep(at)
    _consider_sent(at)


def _found(at: datetime) -> None:
    """The first line of the audit chain: people and services were there when it began."""
    records.audit("seed_demo", Team.objects.get(slug="office"), actor=None, at=at)


def _consider_sent(at: datetime) -> None:
    """What the past composed was sent in the past; what is to be sent later stays to be sent."""
    OutboxMessage.objects.filter(status="pending", next_attempt_at__lte=at).update(
        status="sent", attempts=1, sent_at=F("next_attempt_at")
    )
