"""What the database enforces and a constraint cannot say, on SQLite and PostgreSQL alike.

Installed after every migrate, because SQLite drops a table's triggers when it remakes it.
Each trigger raises an integrity error that bears its guard's name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections

from incidents.rules.roles import COMMANDER


@dataclass(frozen=True, slots=True)
class Guard:
    """One kind of write to one table, refused when the condition holds.

    Conditions compare with IS DISTINCT FROM: with <> a comparison to null would let it pass.
    """

    name: str
    table: str
    event: str
    refused_when: str

    @property
    def trigger(self) -> str:
        """Unique in the database: one guard may watch several tables and events."""
        return f"{self.name}_{self.table.removeprefix('incidents_')}_{self.event.lower()}"


# Who commands does no technical work and does not speak: a floor that nobody lifts. Beside it
# stand the exclusions leadership keeps.
_FLOOR = """
    ({one}.role_id = '{commander}' AND EXISTS (
        SELECT 1 FROM incidents_role kept WHERE kept.slug = {two}.role_id
          AND kept.kind IN ('technical', 'voice')))
"""
_EXCLUDED = """
    EXISTS (
        SELECT 1 FROM incidents_roleexclusion pair WHERE pair.lifted_at IS NULL AND (
            (pair.role = NEW.role_id AND pair.other IN ('', held.role_id))
            OR (pair.role = held.role_id AND pair.other IN ('', NEW.role_id))))
"""
_HOLDS_BOTH = """
    NEW.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM incidents_assignment held
        WHERE held.incident_id = NEW.incident_id AND held.person_id = NEW.person_id
          AND held.ended_at IS NULL {besides} AND held.role_id <> NEW.role_id
          AND ({floor} OR {excluded})
    )
"""
_LAW = "SELECT 1 FROM {law} law WHERE law.effective_from IS NOT NULL AND law.id = {key}"

_VERSION = (
    "number", "note", "maker_id", "created_at", "submitted_at", "warnings_reason",
    "effective_from",
)  # fmt: skip
_CHECKED = ("checker_id", "approved_at")  # what an emergency's version gets later, once
# What an emergency change says from the first, and what is said of it once.
_DONE = ("version_id", "reason", "enacted_by_id", "enacted_at", "due_at")
_DECIDED = ("decided_by_id", "decided_at", "outcome", "decision_note")
# All a decision says; that the commander was told to look at it again is kept beside it.
_DECISION = (
    "incident_id", "topic", "question", "inputs", "decision", "decided_by_id", "authority",
    "decided_at", "revisit_at", "proposal_id",
)  # fmt: skip
# The words of a statement, and for whom they are; dates and who answers for them may be renewed.
_WORDS = (
    "title", "text", "forbidden", "audience", "language", "purpose", "scenario_id", "severity",
    "maker_id", "version", "replaces_id",
)  # fmt: skip
# What a legal clock that is over says for ever.
_SETTLED = (
    "incident_id", "kind", "regime", "stage", "title", "recipients", "confidence", "basis",
    "clock", "is_assumed", "is_fixed", "zone", "started_at", "due_at", "permitted_until",
    "outcome", "settled_at", "settled_by_id", "answer", "late_reason",
)  # fmt: skip
# Where a row of each table finds the law it is part of.
_MATRIX_PARTS = {
    "incidents_activity": "{row}.version_id",
    "incidents_cell": "(SELECT version_id FROM incidents_activity WHERE id = {row}.activity_id)",
    "incidents_column": "{row}.version_id",
    "incidents_variation": "{row}.version_id",
}
_OF_LEVEL = "(SELECT scheme_id FROM incidents_severitylevel WHERE id = {row}.level_id)"
_SCHEME_PARTS = {
    "incidents_severitylevel": "{row}.scheme_id",
    "incidents_severitycriterion": _OF_LEVEL,
    "incidents_escalationstep": _OF_LEVEL,
    "incidents_updatecadence": _OF_LEVEL,
}


def _excluded_roles() -> Iterator[Guard]:
    floor = " OR ".join(
        _FLOOR.format(one=one, two=two, commander=COMMANDER)
        for one, two in (("NEW", "held"), ("held", "NEW"))
    )
    # Before an insert the row has no key yet, so it is compared with itself only on update.
    for event, besides in (("INSERT", ""), ("UPDATE", "AND held.id <> NEW.id")):
        both = _HOLDS_BOTH.format(besides=besides, floor=floor, excluded=_EXCLUDED)
        yield Guard("excluded_roles_held_together", "incidents_assignment", event, both)


def _law_stands(
    name: str, law: str, columns: Iterable[str], parts: Mapping[str, str]
) -> Iterator[Guard]:
    """Once approved, a version may only be withdrawn, and no row of it comes, goes or changes.

    What took effect as an emergency may be approved besides, once.
    """
    changed = _any_differs(columns)
    was_law, unchecked = "OLD.effective_from IS NOT NULL", "OLD.status = 'emergency'"
    checked = f"NOT ({unchecked}) AND ({_any_differs(_CHECKED)})"
    restored = (
        "NEW.status <> OLD.status AND NEW.status <> 'withdrawn' "
        f"AND NOT ({unchecked} AND NEW.status = 'approved')"
    )
    yield Guard(name, law, "UPDATE", f"{was_law} AND ({changed} OR {checked} OR {restored})")
    yield Guard(name, law, "DELETE", was_law)
    for table, key in parts.items():
        old, new = (
            f"EXISTS ({_LAW.format(law=law, key=key.format(row=row))})"
            for row in ("OLD", "NEW")
        )
        yield Guard(name, table, "INSERT", new)
        yield Guard(name, table, "UPDATE", f"{old} OR {new}")
        yield Guard(name, table, "DELETE", old)


def _emergencies() -> Iterator[Guard]:
    """An emergency change says for ever what was done, and is decided once, by a third person."""
    table, name = "incidents_emergencychange", "emergency_change_stands"
    changed = (
        f"{_any_differs(_DONE)} OR (OLD.decided_at IS NOT NULL AND ({_any_differs(_DECIDED)}))"
    )
    yield Guard(name, table, "UPDATE", changed)
    yield Guard(name, table, "DELETE", "TRUE")
    decides_own = (
        "NEW.decided_by_id IS NOT NULL AND NEW.decided_by_id = "
        "(SELECT maker_id FROM incidents_matrixversion WHERE id = NEW.version_id)"
    )
    checks_own = (
        "NEW.checker_id IS NOT NULL AND NEW.checker_id = "
        "(SELECT enacted_by_id FROM incidents_emergencychange WHERE version_id = NEW.id)"
    )
    for event in ("INSERT", "UPDATE"):
        yield Guard("maker_decides_no_emergency", table, event, decides_own)
    yield Guard("enactor_is_not_checker", "incidents_matrixversion", "UPDATE", checks_own)


def _edits() -> Iterator[Guard]:
    """What an edit made of a draft stands, and whoever made one does not check the version."""
    table = "incidents_matrixrevision"
    for event in ("UPDATE", "DELETE"):
        yield Guard("revision_never_changes", table, event, "TRUE")
    checks_own = (
        "NEW.checker_id IS NOT NULL AND EXISTS (SELECT 1 FROM incidents_matrixrevision "
        "WHERE version_id = NEW.id AND edited_by_id = NEW.checker_id)"
    )
    yield Guard("editor_is_not_checker", "incidents_matrixversion", "UPDATE", checks_own)


def _any_differs(columns: Iterable[str]) -> str:
    return " OR ".join(f"NEW.{each} IS DISTINCT FROM OLD.{each}" for each in columns)


def _decisions() -> Iterator[Guard]:
    """What was decided stands as it was written; who thinks better of it decides anew."""
    table, name = "incidents_decision", "decision_never_changes"
    yield Guard(name, table, "UPDATE", _any_differs(_DECISION))
    yield Guard(name, table, "DELETE", "TRUE")


def _statements() -> Iterator[Guard]:
    """Words that were approved stand, also once they are retired; other words are a new version."""
    table, name = "incidents_holdingstatement", "approved_words_never_change"
    was_approved = "OLD.status <> 'draft'"
    restored = "NEW.status = 'draft'"
    changed = _any_differs(_WORDS)
    yield Guard(name, table, "UPDATE", f"{was_approved} AND ({changed} OR {restored})")
    yield Guard(name, table, "DELETE", was_approved)


def _legal() -> Iterator[Guard]:
    """What was said, filed, decided or noted stands; a clock is never deleted, nor unsettled."""
    for table in ("factsaid", "filing", "legaldecision", "legalnote"):
        for event in ("UPDATE", "DELETE"):
            yield Guard("legal_record_stands", f"incidents_{table}", event, "TRUE")
    table, name = "incidents_legalclock", "settled_clock_stands"
    yield Guard(
        name, table, "UPDATE", f"OLD.settled_at IS NOT NULL AND ({_any_differs(_SETTLED)})"
    )
    yield Guard("legal_clock_is_never_deleted", table, "DELETE", "TRUE")
    pack, profile = "incidents_lawpack", "incidents_legalprofile"
    said = ("title", "as_of", "document", "digest", "source")
    yield from _law_stands("approved_law_pack_never_changes", pack, (*_VERSION, *said), {})
    yield from _law_stands(
        "approved_legal_profile_never_changes", profile, (*_VERSION, "document"), {}
    )


_MATRIX, _SCHEME = "incidents_matrixversion", "incidents_severityscheme"
_PUBLISHED = ("published_update_never_changes", "incidents_update")

GUARDS: tuple[Guard, ...] = (
    *_excluded_roles(),
    Guard("audit_is_append_only", "incidents_auditevent", "UPDATE", "TRUE"),
    Guard("audit_is_append_only", "incidents_auditevent", "DELETE", "TRUE"),
    Guard("confirmation_never_changes", "incidents_matrixconfirmation", "UPDATE", "TRUE"),
    Guard("confirmation_never_changes", "incidents_matrixconfirmation", "DELETE", "TRUE"),
    *_emergencies(),
    *_edits(),
    *_decisions(),
    *_statements(),
    *_legal(),
    Guard(*_PUBLISHED, "UPDATE", "OLD.status = 'published'"),
    Guard(*_PUBLISHED, "DELETE", "OLD.status = 'published'"),
    *_law_stands(
        "approved_matrix_never_changes",
        _MATRIX,
        (*_VERSION, "matrix_id", "based_on_id", "revision"),
        _MATRIX_PARTS,
    ),
    *_law_stands("approved_scheme_never_changes", _SCHEME, _VERSION, _SCHEME_PARTS),
)


def install(*, using: str = "default", **_kwargs: Any) -> None:
    """(Re)make every guard; safe to repeat."""
    connection = connections[using]
    statements = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in GUARDS:
            if guard.table in tables:
                for statement in statements(guard):
                    cursor.execute(statement)


def remove(*, using: str = "default") -> None:
    """Drop every guard there is: before SQLite remakes a guarded table, which it cannot else."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")


def _sqlite(guard: Guard) -> list[str]:
    """SQLite before 3.39 spells IS DISTINCT FROM as IS NOT."""
    refused_when = guard.refused_when.replace("IS DISTINCT FROM", "IS NOT")
    return [
        f"DROP TRIGGER IF EXISTS {guard.trigger}",
        f"CREATE TRIGGER {guard.trigger} BEFORE {guard.event} ON {guard.table} "
        f"WHEN {refused_when} BEGIN SELECT RAISE(ABORT, '{guard.name}'); END",
    ]


def _postgresql(guard: Guard) -> list[str]:
    """A function and a trigger; 23514 makes it an IntegrityError like any check constraint."""
    return [
        f"""CREATE OR REPLACE FUNCTION {guard.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {guard.refused_when} THEN
                RAISE EXCEPTION '{guard.name}'
                USING ERRCODE = '23514', CONSTRAINT = '{guard.name}';
            END IF;
            RETURN {"OLD" if guard.event == "DELETE" else "NEW"};
        END $$""",
        f"DROP TRIGGER IF EXISTS {guard.trigger} ON {guard.table}",
        f"CREATE TRIGGER {guard.trigger} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {guard.trigger}()",
    ]
