"""Who is ready at Northwind Pay, and what shows it: trainings, shadowing, two new commanders."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import Role
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, EXECUTIVE, SCRIBE
from raci_project.demo.company import Company
from raci_project.demo.story import Story
from training.operations import competence, evidence, role_standards
from training.rules.competence import PLAYED, REVERSE, SHADOWED, TRAINING, Asked

DAY = timedelta(days=1)
EXAMINER = "elif"
_COURSE = "Incident command"

# who, for which role, what it shows, its title, how many days ago
SHOWN = (
    ("ada", COMMANDER, TRAINING, _COURSE, 64),
    ("ben", COMMANDER, TRAINING, _COURSE, 64),
    ("cleo", COMMANDER, TRAINING, _COURSE, 41),
    ("ada", COMMANDER, SHADOWED, "Beside Grace, a week on duty", 40),
    ("ada", COMMANDER, REVERSE, "Maya beside her, a week on duty", 26),
    ("ben", COMMANDER, SHADOWED, "Beside Jonas, a week on duty", 33),
    ("ben", COMMANDER, REVERSE, "Theo beside him, a week on duty", 19),
    ("cleo", COMMANDER, SHADOWED, "Beside Maya, two days on duty", 13),
    ("rosa", COMMUNICATIONS, TRAINING, "Crisis communication", 380),
    ("uma", COUNSEL, TRAINING, "Notification duties", 150),
)
# Their exercises elsewhere count; why, stays on the qualification.
LEADERS = {
    "ada": "Six years in command at her last company; two incidents here seen from outside.",
    "ben": "Led the two rehearsals of his last company.",
}


def tell(story: Story, company: Company) -> None:
    """Every proof on its day; a week ago ada and ben became commanders."""
    today = company.today
    story.tell(today - 70 * DAY, partial(_ask_of_executives, company))
    for username, role, kind, title, ago in SHOWN:
        story.tell(today - ago * DAY, partial(_record, company, username, role, kind, title))
    story.tell(today - 10 * DAY, evidence.from_incidents)
    story.tell(today - 9 * DAY, partial(_qualify_leaders, company))
    story.tell(today - 8 * DAY, partial(_withdraw, company))


def _ask_of_executives(company: Company, at: datetime) -> None:
    """Nothing ships for them: leadership says what speaking to regulators asks for."""
    asked = (Asked(TRAINING, title="Speaking to regulators"), Asked(PLAYED, 1, 730))
    role_standards.set_standard(
        Role.objects.get(slug=EXECUTIVE), asked=asked, valid_days=730, holders_wanted=2,
        note="Agreed with the board.", actor=company.people["ben"], at=at,
    )  # fmt: skip


def _record(
    company: Company, username: str, role: str, kind: str, title: str, at: datetime
) -> None:
    evidence.record(
        company.people[username], role=Role.objects.get(slug=role), kind=kind, title=title,
        happened_on=at.date(), actor=company.people[EXAMINER], at=at,
    )  # fmt: skip


def _qualify_leaders(company: Company, at: datetime) -> None:
    """By somebody who holds the role; neither has commanded yet."""
    role = Role.objects.get(slug=COMMANDER)
    for username, reason in LEADERS.items():
        competence.qualify(
            company.people[username], role, reason=reason, actor=company.people[EXAMINER], at=at
        )


def _withdraw(company: Company, at: datetime) -> None:
    """One proof was another person's: it stays to be read, and no longer counts."""
    mistaken = evidence.record(
        company.people["farid"], role=Role.objects.get(slug=SCRIBE), kind=TRAINING,
        title="Keeping a timeline", happened_on=at.date(), actor=company.people[EXAMINER], at=at,
    )  # fmt: skip
    reason = "It was Anton who attended."
    evidence.withdraw(mistaken, reason=reason, actor=company.people[EXAMINER], at=at)
