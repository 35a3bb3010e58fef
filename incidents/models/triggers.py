"""What the database enforces and a constraint cannot say, on SQLite and PostgreSQL alike.

Installed after every migrate, because SQLite drops a table's triggers when it remakes it.
Each trigger raises an integrity error that bears its name.
"""

from typing import Any

from django.db import connections

from incidents.rules.roles import COMMANDER

_CONFLICT = f"""
    SELECT 1 FROM incidents_assignment other
    WHERE other.incident_id = NEW.incident_id AND other.person_id = NEW.person_id
      AND other.ended_at IS NULL AND other.id <> NEW.id
      AND (other.role_id = '{COMMANDER}') <> (NEW.role_id = '{COMMANDER}')
"""

# name -> (table, events, condition under which the write is refused)
GUARDS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "commander_holds_no_other_role": (
        "incidents_assignment",
        ("INSERT", "UPDATE"),
        f"NEW.ended_at IS NULL AND EXISTS ({_CONFLICT})",
    ),
    "audit_is_append_only": ("incidents_auditevent", ("UPDATE", "DELETE"), "TRUE"),
    "approved_matrix_never_changes": (
        "incidents_matrixversion",
        ("UPDATE",),
        "OLD.status = 'approved' AND (NEW.status NOT IN ('approved', 'withdrawn')"
        " OR NEW.checker_id <> OLD.checker_id OR NEW.maker_id <> OLD.maker_id"
        " OR NEW.effective_from <> OLD.effective_from OR NEW.number <> OLD.number)",
    ),
    "published_update_never_changes": (
        "incidents_update",
        ("UPDATE", "DELETE"),
        "OLD.status = 'published'",
    ),
}


def install(*, using: str = "default", **_kwargs: Any) -> None:
    """(Re)make every guard; safe to repeat."""
    connection = connections[using]
    statements = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name, (table, events, refused_when) in GUARDS.items():
            if table in tables:
                for statement in statements(name, table, events, refused_when):
                    cursor.execute(statement)


def _sqlite(name: str, table: str, events: tuple[str, ...], refused_when: str) -> list[str]:
    """SQLite wants one trigger an event."""
    made = []
    for event in events:
        trigger = f"{name}_{event.lower()}"
        made += [
            f"DROP TRIGGER IF EXISTS {trigger}",
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} WHEN {refused_when} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END",
        ]
    return made


def _postgresql(name: str, table: str, events: tuple[str, ...], refused_when: str) -> list[str]:
    """A function and a trigger; 23514 makes it an IntegrityError like any check constraint."""
    return [
        f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {refused_when} THEN
                RAISE EXCEPTION '{name}' USING ERRCODE = '23514', CONSTRAINT = '{name}';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$""",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE {' OR '.join(events)} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
