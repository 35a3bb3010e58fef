"""How some people of Northwind Pay want to be reached, and what two of them replied."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import OutboxMessage
from incidents.operations import acknowledging, ways
from incidents.rules.ways import Way
from raci_project.demo.company import Company
from raci_project.demo.story import Story

MINUTE = timedelta(minutes=1)

# Who, and for pages by what: text messages and calls pass over to mail where none are set up.
PAGES: dict[str, tuple[Way, ...]] = {
    "ada": (Way("sms", wait_minutes=3), Way("voice", wait_minutes=5), Way("email")),
    "elif": (Way("sms", wait_minutes=5), Way("email")),
    "grace": (Way("email", wait_minutes=5), Way("sms", wait_minutes=5), Way("voice")),
    "jonas": (Way("slack", "U0JONAS", wait_minutes=2), Way("voice"), Way("email")),
}
NOTICES: dict[str, tuple[Way, ...]] = {"jonas": (Way("slack", "U0JONAS"), Way("email"))}


def tell(story: Story, company: Company, began: datetime) -> None:
    """Said when the company began; the replies came in within the last hour."""
    for username in PAGES:
        story.tell(began, partial(_say, company, username))
    story.tell(company.today - 6 * MINUTE, _thank)
    story.tell(company.today - 5 * MINUTE, partial(_wonder, company))


def _say(company: Company, username: str, at: datetime) -> None:
    said = {"page": PAGES[username]}
    if username in NOTICES:
        said["notice"] = NOTICES[username]
    person = company.people[username]
    ways.set_ways(person, said, actor=company.people["ada"], at=at)


def _thank(at: datetime) -> None:
    """Whoever has the newest page that is no call says so by mail."""
    pages = OutboxMessage.objects.exclude(code="").exclude(kind=acknowledging.CALLED)
    message = pages.filter(acknowledged_at=None, channel="email").order_by("-id").first()
    if message is None:
        return
    text = f"Got it, thanks. {message.code}"
    _come_in("email", "mail-7710", message.address, text, at)


def _wonder(company: Company, at: datetime) -> None:
    phone = company.people["dan"].phone
    _come_in("sms", "SM5512", phone, "Who is this? I am not on call today.", at)


def _come_in(channel: str, external_id: str, sender: str, text: str, at: datetime) -> None:
    payload = {"id": external_id, "from": sender, "text": text}
    acknowledging.reply(
        channel, external_id=external_id, sender=sender, text=text, payload=payload, at=at
    )
