"""Plays what was learnt of an incident: its review, its factors, its action items."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import Incident
from raci_project.demo.company import Company
from raci_project.demo.script import Item, Learnt
from raci_project.demo.story import Story
from reviews.models import ActionItem, Review
from reviews.operations import action_item, review

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Lesson:
    """One review: opened because it is owed, written the next day, published or not."""

    def __init__(self, learnt: Learnt, incident: Incident, company: Company) -> None:
        self.learnt = learnt
        self.incident = incident
        self.company = company

    def tell(self, story: Story, closed_at: datetime) -> None:
        """Every act of the review at its instant; items end long after it is published."""
        story.tell(closed_at + HOUR, review.open_owed)
        story.tell(closed_at + DAY, self.write)
        for item in self.learnt.items:
            story.tell(closed_at + DAY, partial(self.add, item))
            if item.done is not None:
                story.tell(self.company.today + item.done * DAY, partial(self.finish, item))
        if self.learnt.published_after is not None:
            story.tell(closed_at + self.learnt.published_after * DAY, self.publish)

    @property
    def review(self) -> Review:
        """The row as it is now."""
        return Review.objects.select_related("owner").get(incident=self.incident)

    def write(self, at: datetime) -> None:
        """By its owner: whoever commanded."""
        learnt, row = self.learnt, self.review
        review.write(
            row,
            summary=learnt.summary,
            impact=learnt.impact,
            went_well=learnt.went_well,
            cause_class=self.company.causes[learnt.cause],
            repeat_of=self.company.incidents.get(learnt.repeat_of),
            actor=row.owner,
            at=at,
        )
        for category, text in learnt.factors:
            review.add_factor(row, category=category, text=text, actor=row.owner, at=at)

    def add(self, item: Item, at: datetime) -> None:
        """Agreed in the review's meeting."""
        row = self.review
        action_item.add(
            row,
            title=item.title,
            kind=item.kind,
            owner=self.company.people[item.owner],
            due_on=(self.company.today + item.due * DAY).date(),
            actor=row.owner,
            at=at,
        )

    def finish(self, item: Item, at: datetime) -> None:
        """Done by its owner, in time or not."""
        row = ActionItem.objects.select_related("owner").get(title=item.title)
        action_item.finish(row, status="done", outcome=item.outcome, actor=row.owner, at=at)

    def publish(self, at: datetime) -> None:
        """By its owner."""
        row = self.review
        review.publish(row, actor=row.owner, at=at)
