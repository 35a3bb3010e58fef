"""Which versions of the law are in force at an instant."""

from datetime import datetime

from incidents.models.matrix import MatrixVersion
from incidents.models.severity import SeverityScheme


def matrix_in_force(at: datetime) -> MatrixVersion | None:
    """The approved matrix version that took effect last at or before `at`; None if there is none."""
    return MatrixVersion.objects.select_related("matrix").in_force(at)


def scheme_in_force(at: datetime) -> SeverityScheme | None:
    """The approved severity scheme that took effect last; None if there is none."""
    return SeverityScheme.objects.in_force(at)
