"""The metrics as JSON: the same numbers as the dashboard's, for one period."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from incidents.api.auth import VIEW, Bearer
from incidents.api.fields import Said, Slug, refuse_unknown
from reviews.metrics import Report, measure

router = Router(tags=["metrics"])


class Asked(Said):
    """The organisation's days [from, to), by the instant of detection; of one level or service."""

    from_on: date = Field(alias="from", description="First day, such as 2026-01-01.")
    until_on: date = Field(alias="to", description="First day no longer counted.")
    severity: Slug = Field("", description="Code of a severity level.")
    service: Slug = Field("", description="Slug of a service.")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DurationAnswer(_Answer):
    """Minutes of the `n` measured; the others of the period are counted, never dropped."""

    n: int
    median_minutes: float | None = Field(description="By linear interpolation.")
    p90_minutes: float | None = Field(description="By linear interpolation.")
    running: int = Field(description="Still open without an end.")
    never: int = Field(description="Closed without an end.")
    missing: int = Field(description="Not known, or out of order.")


class ShareAnswer(_Answer):
    """`count` of `n`; `missing` could not be asked."""

    n: int
    count: int
    share: float | None = Field(description="Between 0 and 1; null of nothing.")
    missing: int


class CauseAnswer(ShareAnswer):
    """Repeats of one class of cause."""

    cause_class: str


class RepeatAnswer(ShareAnswer):
    """Repeats among closed incidents: by the 90-day rule, linked by a person, or both."""

    by_rule: int
    by_link: int
    by_cause_class: list[CauseAnswer]


class ChurnAnswer(_Answer):
    """How steady the severity was: changes of level, and incidents called too low or too high."""

    n: int = Field(description="Incidents with a register of levels.")
    changes: int = Field(description="Times a level was set after the declaration.")
    missing: int = Field(description="Without a register, such as imported history.")
    under_called: ShareAnswer = Field(
        description="Once below the computed level, or declared below the gravest it had."
    )
    over_called: ShareAnswer = Field(description="Once above the computed level.")


class MetricsAnswer(_Answer):
    """Every metric of the period; exercises are left out."""

    time_to_first_public_update: DurationAnswer
    detection_to_containment: DurationAnswer
    detection_to_resolution: DurationAnswer
    time_to_commander: DurationAnswer
    time_to_acknowledge: DurationAnswer
    comms_lead_share: ShareAnswer
    repeat_rate: RepeatAnswer
    update_adherence: ShareAnswer
    review_on_time: ShareAnswer
    action_completion_on_time: ShareAnswer
    severity_churn: ChurnAnswer
    counsel_engagement: ShareAnswer = Field(
        description="Of the counsel clocks due in the period, those met within the hour."
    )
    notifications_on_time: ShareAnswer = Field(
        description="Of the legal notices with a fixed deadline due in the period, those in time."
    )


@router.get("", auth=Bearer(VIEW), response=MetricsAnswer, operation_id="metrics")
def metrics(request: HttpRequest, asked: Query[Asked]) -> Report:
    """Medians and 90th percentiles first, each beside what it does not cover."""
    refuse_unknown(request, Asked)
    return measure(
        asked.from_on,
        asked.until_on,
        at=timezone.now(),
        severity=asked.severity,
        service=asked.service,
    )
