"""The quick look-up of a token on a real PostgreSQL, its SQL made for that database."""

import pytest

from incidents.operations import people
from tests.incidents import test_api_quick as quick
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module the default database is a PostgreSQL
pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process has one database: what was made for SQLite is not asked here."""
    ours = people.Prepared(people._permitted_by, "<token>", "<app>", "<codename>")
    monkeypatch.setattr(people, "_permitted", ours)


def test_it_lets_in_whom_the_slow_way_lets_in_and_nobody_else() -> None:
    quick.judge_all()


def test_what_is_taken_back_opens_nothing_at_the_next_request() -> None:
    quick.taken_back()
