"""`manage.py verify_audit`: an intact chain, and every way to break one."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from incidents.models import AuditEvent, AuditHead, triggers
from incidents.operations import records
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> None:
    """Three lines, and a table whose guard somebody with the database's password took away."""
    ada = person("ada")
    for verb in ("declare", "acknowledge", "close"):
        records.audit(verb, ada, actor=ada, at=NOW)
    of_table = {"postgresql": " ON incidents_auditevent"}.get(connection.vendor, "")
    with connection.cursor() as cursor:
        for guard in triggers.GUARDS:
            if guard.name == "audit_is_append_only":
                cursor.execute(f"DROP TRIGGER {guard.trigger}{of_table}")


def verify() -> tuple[int, str]:
    """The exit code and what was said."""
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def line(sequence: int):
    return AuditEvent.objects.filter(sequence=sequence)


def reseal(sequence: int) -> None:
    """What a forger would do next: make the changed line's own hash fit."""
    event = line(sequence).get()
    line(sequence).update(hash=records.fingerprint(event))


def change_and_reseal() -> None:
    line(2).update(actor_name="Eve")
    reseal(2)


def cut_off_the_end() -> None:
    line(3).delete()


BREAKS: dict[str, tuple[Callable[[], object], int, str]] = {
    "changed": (lambda: line(2).update(verb="approve"), 2, "content was changed"),
    "redated": (lambda: line(1).update(at="2020-01-01T00:00:00Z"), 1, "content was changed"),
    "resealed": (change_and_reseal, 3, "does not follow"),
    "removed": (lambda: line(2).delete(), 2, "line 2 is missing"),
    "first removed": (lambda: line(1).delete(), 1, "line 1 is missing"),
    "cut off": (cut_off_the_end, 3, "cut off"),
    "head moved": (lambda: AuditHead.objects.update(sequence=2), 4, "cut off"),
}


@pytest.mark.usefixtures("chain")
def test_an_intact_chain_is_said_to_be() -> None:
    assert verify() == (0, "The audit chain is intact: 3 lines.\n")


def test_an_empty_chain_is_intact() -> None:
    assert verify() == (0, "The audit chain is intact: 0 lines.\n")


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("how", BREAKS)
def test_the_first_broken_line_is_named(how: str) -> None:
    breaks, sequence, what = BREAKS[how]
    breaks()
    code, said = verify()
    assert code == 1
    assert said.startswith(f"Line {sequence} is broken")
    assert what in said
