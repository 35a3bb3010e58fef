"""Two people at one statement in the same moment: one is heard, the other told what became of it.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from collections.abc import Callable
from functools import partial

import pytest

from incidents.models import AuditEvent, HoldingStatement, Person
from incidents.operations import agreeing, library, pack
from incidents.rules.shipped_statements import STATEMENTS
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import LATER, at_once
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 5


def allowed(username: str, *verbs: str) -> Person:
    who = factories.person(username)
    return factories.allow(who, *(f"incidents.{verb}_holdingstatement" for verb in verbs))


def drafted(writer: Person, title: str) -> HoldingStatement:
    return library.write(
        None, title=title, text="We look.", audience="internal", actor=writer, at=NOW
    )


def _each(
    act: Callable[[HoldingStatement], object], row: HoldingStatement
) -> Callable[[], object]:
    """The act, each time on a row of its own."""
    return lambda: act(HoldingStatement.objects.get(pk=row.pk))


def test_of_two_approvals_and_of_two_next_versions_one_is_made() -> None:
    writer, checker = allowed("wanda", "add", "change"), allowed("carl", "approve")
    approve = partial(agreeing.approve, actor=checker, at=LATER)
    revise = partial(library.revise, title="Next", text="We see.", actor=writer, at=LATER)
    for number in range(ROUNDS):
        made = drafted(writer, f"Words {number}")
        assert sorted(at_once(_each(approve, made))) == ["done", "not_a_draft"]
        assert sorted(at_once(_each(revise, made))) == ["done", "is_revised_already"]
        assert made.replaced_by.count() == 1


def test_of_two_who_add_the_words_that_ship_one_does() -> None:
    lea = factories.allow(allowed("lea", "add"), "incidents.add_scenario")
    before = HoldingStatement.objects.count()
    said = at_once(partial(pack.unpack, actor=lea, at=LATER), times=3)
    assert sorted(said) == ["done", "unpacked_already", "unpacked_already"]
    assert HoldingStatement.objects.count() == before + len(STATEMENTS)
    assert AuditEvent.objects.filter(verb="unpack_statements").count() == 1
