"""The timeline of a review: everything that happened, in order, whatever it is kept in."""

from datetime import timedelta

import pytest

from incidents.models import Decision, TimelineEntry, Update
from reviews.timeline import read
from tests.factories import NOW, person
from tests.reviews.rows import commanded_by, incident

pytestmark = pytest.mark.django_db


def minutes(count: int):
    return NOW - timedelta(minutes=60 - count)


def test_everything_that_happened_is_told_in_order_of_time():
    ada, ben = person("ada"), person("ben")
    row = incident(
        detected_at=minutes(0),
        resolved_at=minutes(50),
        provenance={"resolved_at": {"source": "human", "by": "ada", "reason": "Seen later."}},
    )
    TimelineEntry.objects.create(
        incident=row, at=minutes(5), text="Errors rise.", author=ben, recorded_at=NOW
    )
    TimelineEntry.objects.create(
        incident=row, at=minutes(6), text="Rolled back.", source="deployment", recorded_at=NOW
    )
    for status, published_at in (("published", minutes(20)), ("draft", None)):
        Update.objects.create(
            incident=row, audience="public", text="We know.", status=status, drafted_by=ben, drafted_at=minutes(10),
            approved_by=ada, approved_at=minutes(15), published_by=ada, published_at=published_at,
        )  # fmt: skip
    Decision.objects.create(
        incident=row, question="Roll back?", decision="Yes", decided_by=ada, authority="Commander", decided_at=minutes(30)
    )  # fmt: skip
    commanded_by(row, ada, minutes(1))

    told = [(moment.at, moment.text, moment.by) for moment in read(row)]
    assert told == [
        (minutes(0), "Detected", ""),
        (minutes(0), "Declared", ""),
        (minutes(1), "Ada becomes Incident commander: named", ""),
        (minutes(5), "Errors rise.", "Ben"),
        (minutes(6), "Rolled back.", "Deployment"),
        (minutes(20), "Public update: We know.", "Ada"),
        (minutes(30), "Roll back? → Yes", "Ada"),
        (minutes(50), "Resolved: Seen later.", "ada"),
        (NOW, "Closed", ""),
        (NOW, "Ada is no longer Incident commander", ""),
    ]


def test_a_long_timeline_takes_four_queries(django_assert_num_queries):
    row = incident()
    for count in range(30):
        TimelineEntry.objects.create(
            incident=row, at=minutes(count), text="x", author=person(), recorded_at=NOW
        )
        commanded_by(row, person(), minutes(count))
    with django_assert_num_queries(4):
        assert len(read(row)) == 93
