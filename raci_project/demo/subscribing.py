"""Who outside Northwind Pay asked for updates: some listen, one left, one has not confirmed yet."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import OutboxMessage, Service
from incidents.operations import subscribers
from raci_project.demo.company import Company
from raci_project.demo.story import Story

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Address, and of which services; none is all of them.
LISTENING: dict[str, tuple[str, ...]] = {
    "ops@corner-books.example": (),
    "amelie@velo-nord.example": ("payouts", "merchant-portal"),
    "it@bakery-blum.example": ("card-acquiring", "checkout"),
    "platform@tidy-tickets.example": ("api-gateway", "payments-api"),
}
LEFT = "hello@old-shop.example"
UNDECIDED = "info@new-shop.example"


def tell(story: Story, company: Company, began: datetime) -> None:
    """They subscribe soon after the company began, a day apart."""
    wanted: dict[str, tuple[str, ...]] = {**LISTENING, LEFT: ()}
    for days, (email, slugs) in enumerate(wanted.items(), start=1):
        services = [company.services[slug] for slug in slugs]
        at = began + days * DAY
        story.tell(at, partial(_ask, email, services))
        story.tell(at + 2 * MINUTE, partial(_confirm, email))
    story.tell(began + 30 * DAY, partial(_leave, LEFT))
    story.tell(company.today - 20 * MINUTE, partial(_ask, UNDECIDED, []))


def _ask(email: str, services: list[Service], at: datetime) -> None:
    subscribers.subscribe(email=email, services=services, at=at)


def _confirm(email: str, at: datetime) -> None:
    mail = OutboxMessage.objects.filter(kind=subscribers.KIND, address=email).latest("pk")
    subscribers.confirm(mail.link.split("/")[-2], at=at)


def _leave(email: str, at: datetime) -> None:
    subscribers.unsubscribe(subscribers.token_to_leave(email), at=at)
