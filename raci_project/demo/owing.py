"""What the company owes outside of incidents: runbooks followed or not, and a round of attestation."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import Attestation, AttestationCampaign, Service
from incidents.operations import attestation, obligations, runbooks
from raci_project.demo.catalogue import Services
from raci_project.demo.people import Everybody
from raci_project.demo.story import Story

_DAY = timedelta(days=1)
_OPENED = 8 * _DAY
_LAST = 6 * _DAY  # from today
# How many days ago the owner of each last followed its runbook; nobody followed the others.
_FOLLOWED = (212, 171, 160, 96, 41, 20, 9)
_FOUND = "Two steps named a host we no longer have; mended."
# Who answered so many days after they were asked; ada and some others have not yet.
_ANSWERS = (
    ("grace", 0), ("jonas", 0), ("elif", 1), ("maya", 1), ("uma", 1), ("pablo", 2), ("hiro", 2),
    ("farid", 3), ("anton", 3), ("quinn", 5), ("viktor", 6), ("zofia", 7),
)  # fmt: skip
_OBJECTS, _OBJECTED = "theo", 4
_WHY = (
    "I am named as commander at night, and I have never practised it with payments down. I will "
    "gladly do it after the next game day."
)


def tell(story: Story, people: Everybody, services: Services, *, at: datetime) -> None:
    """Owners follow runbooks; ben asks everybody, and most have answered; a look finds the rest."""
    for service, ago in zip(sorted(services), _FOLLOWED, strict=False):
        story.tell(at - ago * _DAY, partial(_follow, services[service]))
    asked = at - _OPENED
    story.tell(asked, partial(_ask, people, at))
    for username, after in _ANSWERS:
        story.tell(asked + after * _DAY + 3 * _DAY / 24, partial(_answer, people, username))
    story.tell(asked + _OBJECTED * _DAY, partial(_object, people))
    story.tell(at, obligations.look_hourly)


def _follow(service: Service, at: datetime) -> None:
    runbooks.check_runbook(service, note=_FOUND, actor=service.owner, at=at)


def _ask(people: Everybody, today: datetime, at: datetime) -> None:
    due_on = (today + _LAST).date()
    attestation.open_campaign(due_on=due_on, actor=people["ben"], at=at)


def _answer(people: Everybody, username: str, at: datetime) -> None:
    row = _asked(people, username)
    attestation.attest(row, answer="confirmed", actor=people[username], at=at)


def _object(people: Everybody, at: datetime) -> None:
    row, theo = _asked(people, _OBJECTS), people[_OBJECTS]
    attestation.attest(row, answer="objected", note=_WHY, actor=theo, at=at)


def _asked(people: Everybody, username: str) -> Attestation:
    campaign = AttestationCampaign.objects.get()
    return campaign.attestations.get(person=people[username])
