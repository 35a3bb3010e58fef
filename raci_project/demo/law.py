"""The law of Northwind Pay in versions: made by one leader, approved by another, in force."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import Matrix, MatrixVersion, SeverityScheme
from incidents.operations import grids, records, scheme
from incidents.operations import matrix as matrix_verbs
from raci_project.demo import matrix
from raci_project.demo.people import Everybody
from raci_project.demo.story import Story

# Long before the first incident of the year; the second version is three and a half weeks old.
FIRST = timedelta(days=400)
SECOND = timedelta(days=24)
THIRD = timedelta(days=2)  # begun then, and still a draft
DRAFTING = timedelta(days=10)

_DAY = timedelta(days=1)
_NOTES = {
    1: "The first matrix.",
    2: "The communications lead answers for the first public update: waiting for an executive made "
    "us late twice. Evidence and recovery get owners of their own.",
    3: "Counsel wishes to read the first public update. Deputies approve updates and relieve people, "
    "so that the commander has a free mind.",
}
_CARRIED = "Commanders and owners carry more than others until more people are qualified."
_REASONS = {1: f"An executive wants to be asked before we speak. {_CARRIED}", 2: _CARRIED}
_GRIDS = {1: matrix.first, 2: matrix.second, 3: matrix.third}
_MAKERS = {1: "ada", 2: "ada", 3: "ben"}


def enact(story: Story, people: Everybody, *, at: datetime) -> None:
    """Tell how the matrix came into force twice, ben drafts a third, and the severity scheme once.

    Each time ada drafts, submits six days later, and ben approves two days after that.
    """
    for number, ago in ((1, FIRST), (2, SECOND)):
        force = at - ago
        story.tell(force - 9 * _DAY, partial(_draft_matrix, number, people))
        story.tell(force - 3 * _DAY, partial(_submit_matrix, number, people))
        story.tell(force - _DAY, partial(_approve_matrix, number, people, force))
    story.tell(at - THIRD, partial(_draft_matrix, 3, people))
    story.tell(at - FIRST - 9 * _DAY, partial(_draft_scheme, people))
    story.tell(at - FIRST - 3 * _DAY, partial(_submit_scheme, people))
    story.tell(at - FIRST - _DAY, partial(_approve_scheme, people, at - FIRST))


def _draft_matrix(number: int, people: Everybody, at: datetime) -> None:
    description = "Who answers for what when something breaks."
    standing, _ = Matrix.objects.get_or_create(
        slug="incident-response",
        defaults={"name": "Incident response", "description": description},
    )
    maker = people[_MAKERS[number]]
    version = MatrixVersion.objects.create(
        matrix=standing,
        number=number,
        note=_NOTES[number],
        maker=maker,
        created_at=at,
        based_on=standing.versions.filter(number=number - 1).first(),
    )
    grid = _GRIDS[number]()
    grids.write(version, grid, actor=maker, at=at)
    records.audit("draft_matrix", version, actor=maker, at=at, activities=len(grid.activities))


def _submit_matrix(number: int, people: Everybody, at: datetime) -> None:
    version = MatrixVersion.objects.get(number=number)
    matrix_verbs.submit(version, warnings_reason=_REASONS[number], actor=people["ada"], at=at)


def _approve_matrix(number: int, people: Everybody, force: datetime, at: datetime) -> None:
    version = MatrixVersion.objects.get(number=number)
    matrix_verbs.approve(version, effective_from=force, actor=people["ben"], at=at)


def _draft_scheme(people: Everybody, at: datetime) -> None:
    note = "Four levels, criteria anybody can check."
    scheme.draft_default(note=note, actor=people["ada"], at=at)


def _submit_scheme(people: Everybody, at: datetime) -> None:
    scheme.submit(SeverityScheme.objects.get(), actor=people["ada"], at=at)


def _approve_scheme(people: Everybody, force: datetime, at: datetime) -> None:
    drafted = SeverityScheme.objects.get()
    scheme.approve(drafted, effective_from=force, actor=people["ben"], at=at)
