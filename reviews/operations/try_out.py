"""Reviews and action items, for trying out how people are reminded of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F, QuerySet

from incidents.models import NudgePolicy, Person
from incidents.models.private import seen_by
from incidents.operations.nudged import begun, during, sample_incident
from incidents.operations.recipients import Recipients
from incidents.operations.try_out import Owed, Source, Writer
from incidents.rules.policy import Policy
from reviews.models import ActionItem, Review
from reviews.operations.due import page
from reviews.operations.sweeps import action_item_messages, review_messages

What = NudgePolicy.What


class Reviews:
    """Reviews of closed incidents: owed from the closing on."""

    what, kind = What.REVIEW, "review-nudge"
    model = Review

    def owed(
        self, reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        """Once published, or reopened with its incident, nobody is nudged."""
        rows = Review.objects.filter(due_at__isnull=False, incident__closed_at__isnull=False)
        opened: QuerySet[Any] = rows.annotate(opened_at=F("incident__closed_at"))
        found = during(opened, "opened_at", "published_at", since=since, until=until)
        seen = seen_by(found.select_related("owner__manager", "incident"), reader)
        return [
            Owed(row, str(row), page(row), row.opened_at, row.published_at)
            for row in seen[:limit]
        ]

    def writer(self, policy: Policy, at: datetime) -> Writer:
        """As the sweep writes them."""
        return partial(review_messages, policy=policy, desk=Recipients(), at=at)

    def sample(self, reader: Person, at: datetime) -> Owed:
        """The review of an incident that stands in no table."""
        row = Review(pk=0, incident=sample_incident(reader, at), owner=reader, due_at=at)
        return Owed(row, str(row), "", at - timedelta(days=7))


class ActionItems:
    """Action items: owed from the day they were added."""

    what, kind = What.ACTION_ITEM, "action-item-nudge"
    model = ActionItem

    def owed(
        self, reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        """Done, cancelled or accepted as a risk: nobody is nudged any more."""
        rows = ActionItem.objects.filter(due_at__isnull=False).annotate(
            opened_at=begun(ActionItem, "add_actionitem")
        )
        found = during(rows, "opened_at", "finished_at", since=since, until=until)
        seen = seen_by(
            found.select_related("owner__manager", "review__incident"),
            reader,
            "review__incident",
        )
        return [
            Owed(row, str(row), page(row), row.opened_at, row.finished_at)
            for row in seen[:limit]
        ]

    def writer(self, policy: Policy, at: datetime) -> Writer:
        """As the sweep writes them."""
        return partial(action_item_messages, policy=policy, desk=Recipients(), at=at)

    def sample(self, reader: Person, at: datetime) -> Owed:
        """An item that stands in no table."""
        review = Review(pk=0, incident=sample_incident(reader, at), owner=reader)
        row = ActionItem(
            pk=0, reference="AI-0", review=review, title="Renew the certificate", owner=reader,
            due_on=(at - timedelta(seconds=1)).date(), due_at=at,
        )  # fmt: skip
        return Owed(row, str(row), "", at - timedelta(days=30))


SOURCES: tuple[Source, ...] = (Reviews(), ActionItems())
