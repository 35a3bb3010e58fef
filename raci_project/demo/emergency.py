"""An emergency change of the law: in force within the hour, declined when it was needed no more."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from incidents.models import Matrix, MatrixVersion
from incidents.operations import grids, matrix_review, records
from incidents.rules.raci import Activity, Grid
from raci_project.demo import matrix
from raci_project.demo.people import Everybody
from raci_project.demo.story import Story

NUMBER = 4
_ENACTED = timedelta(hours=30)
_DECLINED = timedelta(hours=26)
_SPOKEN = "publish_externally"
_LETTERS = matrix.letters("IC:A SL:R CL:I EX:I")
_NOTE = "Commanders answer for every public update while communications is away."
_WHY = (
    "Everybody who could lead communications lies in bed with the same flu, and customers wait."
)
_CARRIED = "Commanders carry more than others, for a few days."
_BACK = "Communications is back at work: who speaks for us should be who is trained to."


def tell(story: Story, people: Everybody, *, at: datetime) -> None:
    """Ada drafts it and puts it in force; four hours later ben declines it."""
    story.tell(at - _ENACTED, partial(_enact, people))
    story.tell(at - _DECLINED, partial(_decline, people))


def _enact(people: Everybody, at: datetime) -> None:
    standing = Matrix.objects.get(slug="incident-response")
    maker = people["ada"]
    version = MatrixVersion.objects.create(
        matrix=standing,
        number=NUMBER,
        note=_NOTE,
        maker=maker,
        created_at=at,
        based_on=standing.versions.get(number=2),
    )
    grid = _grid()
    grids.write(version, grid, actor=maker, at=at)
    records.audit("draft_matrix", version, actor=maker, at=at, activities=len(grid.activities))
    matrix_review.enact(version, reason=_WHY, warnings_reason=_CARRIED, actor=maker, at=at)


def _decline(people: Everybody, at: datetime) -> None:
    version = MatrixVersion.objects.get(number=NUMBER)
    matrix_review.decline(version, reason=_BACK, actor=people["ben"], at=at)


def _grid() -> Grid:
    standing = matrix.second()
    return replace(standing, activities=tuple(_spoken(each) for each in standing.activities))


def _spoken(activity: Activity) -> Activity:
    return replace(activity, letters=_LETTERS) if activity.act == _SPOKEN else activity
