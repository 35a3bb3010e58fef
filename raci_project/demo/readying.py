"""Getting the words ready: what somebody was asked to write, and what support took from them."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import HoldingStatement
from incidents.operations import coverage, support
from raci_project.demo.company import Company
from raci_project.demo.story import Story

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The coverage map showed it: a region lost at the second level has no words for the public.
PLANNED = ("region-lost", "sev2", "public")
# Who of support read out which words, how many minutes before this one.
TAKEN = (("sam", 31), ("tara", 24), ("sam", 12))
WORDS = "Card payments: what support may say"


def tell(story: Story, company: Company, incident: str) -> None:
    """Ben asked ada three days ago; support answers customers of the incident of this key."""
    story.tell(company.today - 3 * DAY, partial(_plan, company))
    for username, minutes in TAKEN:
        story.tell(
            company.today - minutes * MINUTE, partial(_take, company, incident, username)
        )


def _plan(company: Company, at: datetime) -> None:
    scenario, severity, audience = PLANNED
    coverage.plan(
        scenario=company.scenarios[scenario],
        severity=severity,
        audience=audience,
        owner=company.people["ada"],
        actor=company.people["ben"],
        at=at,
    )


def _take(company: Company, incident: str, username: str, at: datetime) -> None:
    support.copied(
        HoldingStatement.objects.get(title=WORDS),
        incident=company.incidents[incident],
        actor=company.people[username],
        at=at,
    )
