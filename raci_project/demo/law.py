"""The law of Northwind Pay in versions: made by one leader, approved by another, in force."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from simple_history.utils import bulk_create_with_history

from incidents.models import (
    Activity,
    Cell,
    EscalationStep,
    Matrix,
    MatrixVersion,
    Role,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    UpdateCadence,
    VersionStatus,
)
from incidents.operations import matrix as matrix_verbs
from incidents.operations import records
from raci_project.demo import matrix, severity
from raci_project.demo.people import Everybody
from raci_project.demo.severity import LevelLaw
from raci_project.demo.story import Story

# Long before the first incident of the year; the second version is three and a half weeks old.
FIRST = timedelta(days=400)
SECOND = timedelta(days=24)
DRAFTING = timedelta(days=10)

_DAY = timedelta(days=1)
_NOTES = {
    1: "The first matrix.",
    2: "The commander answers for the first public update: waiting for an executive made us late "
    "twice. Evidence and recovery get owners of their own.",
}


def enact(story: Story, people: Everybody, *, at: datetime) -> None:
    """Tell how the matrix came into force twice and the severity scheme once.

    Each time ada drafts, submits six days later, and ben approves two days after that.
    """
    for number, ago in ((1, FIRST), (2, SECOND)):
        force = at - ago
        story.tell(force - 9 * _DAY, partial(_draft_matrix, number, people))
        story.tell(force - 3 * _DAY, partial(_submit_matrix, number, people))
        story.tell(force - _DAY, partial(_approve_matrix, number, people, force))
    story.tell(at - FIRST - 9 * _DAY, partial(_draft_scheme, people))
    story.tell(at - FIRST - 3 * _DAY, partial(_submit_scheme, people))
    story.tell(at - FIRST - _DAY, partial(_approve_scheme, people, at - FIRST))


def _draft_matrix(number: int, people: Everybody, at: datetime) -> None:
    description = "Who answers for what when something breaks."
    standing, _ = Matrix.objects.get_or_create(
        slug="incident-response",
        defaults={"name": "Incident response", "description": description},
    )
    version = MatrixVersion.objects.create(
        matrix=standing, number=number, note=_NOTES[number], maker=people["ada"], created_at=at
    )
    _write_matrix(version, matrix.first() if number == 1 else matrix.second(), at)


def _write_matrix(version: MatrixVersion, rows: Sequence[matrix.Row], at: datetime) -> None:
    activities = [
        Activity(version=version, phase=phase, position=position, name=name)
        for position, (phase, name, _) in enumerate(rows)
    ]
    activities = bulk_create_with_history(activities, Activity, default_date=at)
    cells = [
        Cell(activity=activity, role_id=slug, letters=said)
        for activity, (_, _, letters) in zip(activities, rows, strict=True)
        for slug, said in letters.items()
    ]
    bulk_create_with_history(cells, Cell, default_date=at)


def _submit_matrix(number: int, people: Everybody, at: datetime) -> None:
    reason = "An executive wants to be asked before we speak." if number == 1 else ""
    version = MatrixVersion.objects.get(number=number)
    matrix_verbs.submit(version, warnings_reason=reason, actor=people["ada"], at=at)


def _approve_matrix(number: int, people: Everybody, force: datetime, at: datetime) -> None:
    version = MatrixVersion.objects.get(number=number)
    matrix_verbs.approve(version, effective_from=force, actor=people["ben"], at=at)


# The scheme has no verbs of its own yet: its acts are written as its pages will.


def _draft_scheme(people: Everybody, at: datetime) -> None:
    scheme = SeverityScheme.objects.create(
        number=1,
        note="Four levels, criteria anybody can check.",
        maker=people["ada"],
        created_at=at,
    )
    roles = {role.slug: role for role in Role.objects.all()}
    for rank, law in enumerate(severity.LEVELS, start=1):
        _write_level(scheme, rank, law, roles)


def _submit_scheme(people: Everybody, at: datetime) -> None:
    scheme = SeverityScheme.objects.get()
    scheme.status, scheme.submitted_at = VersionStatus.SUBMITTED, at
    scheme.save()
    records.audit("submit_scheme", scheme, actor=people["ada"], at=at)


def _approve_scheme(people: Everybody, force: datetime, at: datetime) -> None:
    scheme = SeverityScheme.objects.get()
    scheme.status, scheme.effective_from = VersionStatus.APPROVED, force
    scheme.checker, scheme.approved_at = people["ben"], at
    scheme.save()
    records.audit("approve_scheme", scheme, actor=people["ben"], at=at, effective_from=force)


def _write_level(
    scheme: SeverityScheme, rank: int, law: LevelLaw, roles: Mapping[str, Role]
) -> None:
    level = SeverityLevel.objects.create(
        scheme=scheme,
        rank=rank,
        code=law.code,
        name=law.name,
        description=law.description,
        review_due_days=law.review_due_days,
        public_update_required=law.is_public,
    )
    for position, (name, predicate) in enumerate(law.criteria.items()):
        SeverityCriterion.objects.create(
            level=level, position=position, name=name, predicate=predicate
        )
    for slug, minutes in law.tell.items():
        EscalationStep.objects.create(level=level, role=roles[slug], within_minutes=minutes)
    for audience, pace in law.pace.items():
        until, then = pace[2:] or (None, None)
        UpdateCadence.objects.create(
            level=level,
            audience=audience,
            first_minutes=pace[0],
            every_minutes=pace[1],
            until_minutes=until,
            then_every_minutes=then,
        )
