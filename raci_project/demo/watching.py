"""What Northwind Pay's monitoring said lately: one alert that waits, two that were dismissed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from incidents.models import Alert
from incidents.operations import alerts
from raci_project.demo.company import Company
from raci_project.demo.story import Story

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Seen:
    """One alert; `ago` are minutes to today. Dismissed by whom, how long after, and why."""

    external_id: str
    title: str
    ago: int
    services: tuple[str, ...]
    facts: dict[str, Any]
    dismissed: tuple[str, int, str] | None = None


ALERTS = (
    Seen(
        "latency-merchant-portal-5511", "Merchant portal: p95 over 4 s for ten minutes", 3 * 24 * 60,
        ("merchant-portal",), {"functionality_lost": "degraded"},
        ("ines", 6, "The month-end report ran; it does so every month. The threshold is raised "
                    "for that hour."),
    ),
    Seen(
        "lag-event-stream-5533", "Event stream: consumer lag over 100,000", 26 * 60,
        ("event-stream",), {},
        ("farid", 4, "Planned replay of yesterday's events, announced in the change calendar."),
    ),
    Seen(
        "errors-status-page-5540", "Status page: 2 % of requests fail", 6,
        ("status-page",), {"customers_affected_percent": 2},
    ),
)  # fmt: skip


def tell(story: Story, company: Company) -> None:
    """Each at its minute, handed in by the platform team's token."""
    for seen in ALERTS:
        at = company.today - seen.ago * MINUTE
        story.tell(at, partial(_receive, seen, company))
        if seen.dismissed:
            who, after, why = seen.dismissed
            story.tell(at + after * MINUTE, partial(_dismiss, seen, company, who, why))


def _receive(seen: Seen, company: Company, at: datetime) -> None:
    alerts.receive(
        source="grafana",
        external_id=seen.external_id,
        title=seen.title,
        services=list(seen.services),
        facts=seen.facts,
        detected_at=(at - MINUTE).isoformat(),
        url="https://grafana.northwind.example/alerting",
        payload={"rule": seen.external_id, "state": "alerting"},
        actor=company.people["farid"],
        at=at,
    )


def _dismiss(seen: Seen, company: Company, who: str, why: str, at: datetime) -> None:
    alert = Alert.objects.get(external_id=seen.external_id)
    alerts.dismiss(alert, reason=why, actor=company.people[who], at=at)
