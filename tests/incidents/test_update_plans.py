"""What was said of one incident is found by its incident, however much was said to its audience."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.operations import support, wording
from tests.factories import NOW
from tests.incidents.scene import scene

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ask", ["wording", "support"])
def test_no_question_about_one_incident_walks_all_that_its_audience_was_told(ask) -> None:
    incident = scene().incident
    with CaptureQueriesContext(connection) as asked:
        if ask == "wording":
            wording.of_text(incident, text="We know.", audience="public", at=NOW)
        else:
            support._published([incident])
    about = [one["sql"] for one in asked if "incidents_update" in one["sql"]]
    assert about
    if connection.vendor == "sqlite":  # its planner, without figures, prefers the sorted index
        for sql in about:
            with connection.cursor() as cursor:
                plan = str(cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
            assert "update_published" not in plan
