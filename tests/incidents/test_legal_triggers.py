"""What the law put on record stands, whatever writes the rows: the database itself refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from incidents.models import FactSaid, Filing, LegalClock, LegalDecision, LegalNote
from incidents.operations import filing, legal_notes, not_notifying
from incidents.operations.filing import Attachment
from tests.incidents.legal_room import BREACH, Room, room
from tests.incidents.scene import LATER

pytestmark = pytest.mark.django_db

RECORDS: tuple[type[models.Model], ...] = (FactSaid, Filing, LegalDecision, LegalNote)
# One column of each table, and what somebody would rather have it say.
BETTER: dict[type[models.Model], tuple[str, Any]] = {
    FactSaid: ("source", "I never said so"),
    Filing: ("reference", "ANOTHER"),
    LegalDecision: ("reason", "Better reasons"),
    LegalNote: ("text", "Nothing to see"),
}


@pytest.fixture
def hall() -> Room:
    """An incident with one of each."""
    hall = room()
    hall.record(BREACH)
    by: dict[str, Any] = {"actor": hall.cora, "at": LATER}
    file = Attachment("notice.pdf", "application/pdf", b"%PDF")
    filing.file_notice(hall.incident, clock=hall.clock(), sent_at=LATER, attachment=file, **by)
    not_notifying.decide_not_to_notify(
        hall.incident, regime="eu-gdpr-art34", reason="No high risk", **by
    )
    legal_notes.write_legal_note(hall.incident, text="Between us", **by)
    return hall


def refused(name: str, write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def saved(row: models.Model, column: str, value: object) -> None:
    setattr(row, column, value)
    row.save(update_fields=[column])


@pytest.mark.parametrize("model", RECORDS)
def test_a_record_is_neither_changed_nor_deleted_by_row_by_set_or_by_statement(
    hall, model
) -> None:
    rows, row = model._base_manager, model._base_manager.latest("pk")
    column, better = BETTER[model]
    before, table = rows.values().get(pk=row.pk), model._meta.db_table
    for write in (
        lambda: saved(rows.get(pk=row.pk), column, better),
        lambda: rows.filter(pk=row.pk).update(**{column: better}),
        lambda: rows.bulk_update([row], [column]),
        lambda: sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", better, row.pk),
        row.delete,
        lambda: rows.all().delete(),
        lambda: sql(f"DELETE FROM {table}"),
    ):
        refused("legal_record_stands", write)
    assert rows.values().get(pk=row.pk) == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("outcome", "stood_down"),
        ("settled_at", None),
        ("due_at", None),
        ("regime", "eu-gdpr-art34"),
        ("stage", "other"),
        ("recipients", ["nobody"]),
        ("basis", "Another rule"),
        ("clock", "discovery"),
        ("is_fixed", False),
        ("is_assumed", None),
        ("late_reason", "It was not"),
    ],
)
def test_a_settled_clock_says_for_ever_what_it_said(hall, column, value) -> None:
    clock = hall.clock()
    value = not clock.is_assumed if column == "is_assumed" else value
    rows = LegalClock.objects.filter(pk=clock.pk)
    refused("settled_clock_stands", lambda: rows.update(**{column: value}))
    refused("settled_clock_stands", lambda: saved(clock, column, value))


def test_a_clock_that_runs_may_move_and_none_is_ever_deleted(hall) -> None:
    running = LegalClock.objects.filter(settled_at=None)
    assert running.update(due_at=LATER)
    refused("legal_clock_is_never_deleted", lambda: sql("DELETE FROM incidents_legalclock"))
