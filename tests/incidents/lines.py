"""A matrix of a few lines, pinned to an incident: who is asked, told and measured by it."""

from collections.abc import Mapping
from datetime import timedelta

from incidents.models import Activity, Cell, Incident, MatrixVersion, Variation
from incidents.rules.raci import Activity as Line
from incidents.rules.raci import Letter
from tests import factories
from tests.factories import NOW


def line(
    phase: str,
    name: str,
    letters: Mapping[str, str],
    act: str = "",
    *,
    waits: int | None = None,
    within: int | None = None,
) -> Line:
    """One activity as the rules know it."""
    given = {role: Letter(letter) for role, letter in letters.items()}
    return Line(phase, name, given, act, proceed_after=waits, within=within)


def version(*lines: Line, sev2: Mapping[str, str] | None = None) -> MatrixVersion:
    """An approved version that says this, in force at NOW; `sev2` differs for the first line."""
    rows = {
        each.place: {role: str(one) for role, one in each.letters.items()} for each in lines
    }
    made = factories.matrix_version(rows, effective_from=None)
    for each in lines:
        made.activities.filter(phase=each.phase, name=each.name).update(
            act=each.act,
            proceed_after_minutes=each.proceed_after,
            within_minutes=each.within,
        )
    if sev2:
        varied = Variation.objects.create(version=made, depends_on="severity", value="sev2")
        for role, letters in sev2.items():
            Cell.objects.create(
                activity=made.activities.first(), role=factories.role(role), letters=letters,
                variation=varied,
            )  # fmt: skip
    made.status, made.checker = "approved", factories.person()
    made.approved_at = made.effective_from = NOW - timedelta(days=1)
    made.save()
    return made


def pin(
    incident: Incident, *lines: Line, sev2: Mapping[str, str] | None = None
) -> MatrixVersion:
    """Run the incident under these lines."""
    made = version(*lines, sev2=sev2)
    incident.matrix_version = made
    incident.save()
    return made


def row(incident: Incident, name: str) -> Activity:
    """The row of a line of the incident's matrix."""
    return Activity.objects.get(version=incident.matrix_version_id, name=name)
