"""Two incidents are merged into each other at once: one wins, and nobody waits for ever.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from incidents.models import Incident, IncidentLink, Person
from incidents.operations.linking import relate
from incidents.operations.merging import merge
from incidents.rules.reasons import Refused
from tests import factories
from tests.factories import NOW
from tests.incidents.test_command_race import postgres  # noqa: F401 - autouse in this module too

pytestmark = pytest.mark.postgres
ROUNDS = 20


@pytest.fixture(scope="module")
def root() -> Person:
    """Leadership, with every permission."""
    return factories.person("merger", is_superuser=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Of each act "done", or the code it was refused with; a deadlock would be raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait()
        try:
            act()
        except Refused as refused:
            return refused.reasons[0].code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def incidents(count: int) -> list[Incident]:
    start = Incident.objects.count()
    return [
        Incident.objects.create(reference=f"M-{start + each}", title="Same", declared_at=NOW)
        for each in range(count)
    ]


def test_two_are_merged_into_each_other(root: Person) -> None:
    same = partial(merge, reason="The same", actor=root, at=NOW)
    for _ in range(ROUNDS):
        one, two = incidents(2)
        outcomes = at_once(
            partial(
                same, Incident.objects.get(pk=one.pk), into=Incident.objects.get(pk=two.pk)
            ),
            partial(
                same, Incident.objects.get(pk=two.pk), into=Incident.objects.get(pk=one.pk)
            ),
        )
        assert sorted(outcomes) == ["done", "other_was_merged"]
        assert Incident.objects.open().filter(pk__in=[one.pk, two.pk]).count() == 1


def test_three_in_a_circle_end_in_one_or_two_and_never_in_a_chain(root: Person) -> None:
    same = partial(merge, reason="The same", actor=root, at=NOW)
    for _ in range(ROUNDS):
        three = incidents(3)
        keys = [one.pk for one in three]
        outcomes = at_once(
            *(
                partial(
                    same,
                    Incident.objects.get(pk=keys[each]),
                    into=Incident.objects.get(pk=keys[(each + 1) % 3]),
                )
                for each in range(3)
            )
        )
        assert "done" in outcomes
        left = Incident.objects.open().filter(pk__in=keys)
        assert left.exists()
        ends = IncidentLink.objects.filter(kind="duplicate", incident__in=keys)
        assert ends.count() == 3 - left.count()
        assert all(link.other in left for link in ends.select_related("other"))


def test_two_relate_the_same_two_at_once(root: Person) -> None:
    say = partial(relate, kind="related", reason="The same week", actor=root, at=NOW)
    for _ in range(ROUNDS):
        one, two = incidents(2)
        outcomes = at_once(partial(say, one, to=two), partial(say, two, to=one))
        assert sorted(outcomes) == ["done", "linked_already"]
