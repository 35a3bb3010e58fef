"""The database refuses by itself what operations would refuse, whatever writes the rows."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from incidents.models import (
    Activity,
    Assignment,
    AuditEvent,
    Cell,
    Column,
    EscalationStep,
    HoldingStatement,
    Incident,
    MatrixVersion,
    Person,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    Update,
    UpdateCadence,
    Variation,
)
from incidents.models.triggers import GUARDS, install
from incidents.operations import records
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, SCRIBE
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def incident(reference: str = "INC-1") -> Incident:
    return Incident.objects.create(reference=reference, title="Trouble", declared_at=NOW)


def holding(person: Person, role: str, here: Incident, **fields: Any) -> Assignment:
    fields.setdefault("assigned_at", NOW)
    return Assignment(person=person, role=factories.role(role), incident=here, **fields)


def refused(name: str, write: Callable[[], object]) -> bool:
    """Whether the database refuses this write in the name of this guard or constraint."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()
    return True


# --- command


def test_an_incident_has_one_commander_and_another_after_him() -> None:
    here, ada, ben = incident(), factories.person("ada"), factories.person("ben")
    first = holding(ada, COMMANDER, here)
    first.save()
    assert refused("incident", holding(ben, COMMANDER, here).save)
    first.ended_at = NOW + timedelta(hours=1)
    first.save()
    holding(ben, COMMANDER, here, assigned_at=first.ended_at).save()


def test_a_person_commands_one_incident_at_a_time() -> None:
    ada = factories.person("ada")
    first = holding(ada, COMMANDER, incident())
    first.save()
    there = incident("INC-2")
    assert refused("person", holding(ada, COMMANDER, there).save)
    holding(ada, SCRIBE, there).save()


def test_a_commander_takes_no_other_role_whichever_comes_first() -> None:
    here, ada, ben = incident(), factories.person("ada"), factories.person("ben")
    holding(ada, COMMANDER, here).save()
    assert refused("excluded_roles_held_together", holding(ada, SCRIBE, here).save)
    holding(ben, SCRIBE, here).save()
    there = incident("INC-2")
    holding(ben, SCRIBE, there).save()
    assert refused("excluded_roles_held_together", holding(ben, COMMANDER, there).save)


def test_both_roles_in_one_statement_are_refused() -> None:
    here, ada = incident(), factories.person("ada")
    both = [holding(ada, SCRIBE, here), holding(ada, COMMANDER, here)]
    assert refused("excluded_roles_held_together", lambda: Assignment.objects.bulk_create(both))
    apart = [holding(ada, SCRIBE, here), holding(ada, DEPUTY, here)]
    Assignment.objects.bulk_create(apart)


def test_an_ended_role_is_no_obstacle_until_it_is_taken_up_again() -> None:
    here, ada = incident(), factories.person("ada")
    ended = holding(ada, SCRIBE, here, ended_at=NOW)
    ended.save()
    holding(ada, COMMANDER, here).save()
    again = Assignment.objects.filter(pk=ended.pk)
    assert refused("excluded_roles_held_together", lambda: again.update(ended_at=None))
    again.update(ended_at=NOW + timedelta(minutes=1))


def test_a_role_changed_in_place_is_seen() -> None:
    here, ada = incident(), factories.person("ada")
    for slug in (SCRIBE, DEPUTY):
        holding(ada, slug, here).save()
    deputy = Assignment.objects.filter(role=DEPUTY)
    assert refused("excluded_roles_held_together", lambda: deputy.update(role=COMMANDER))
    deputy.update(role=factories.role(COMMUNICATIONS))


# --- the audit chain


def test_an_audit_line_is_added_and_never_changed_or_deleted() -> None:
    line = records.audit("declare", incident(), actor=None, at=NOW)
    lines = AuditEvent.objects.filter(pk=line.pk)
    assert refused("audit_is_append_only", lambda: lines.update(verb="cancel"))
    assert refused("audit_is_append_only", lines.delete)
    assert records.first_broken_line() is None


# --- updates


@pytest.mark.parametrize("status", ["approved", "retired"])
def test_words_that_were_approved_never_change_a_draft_does(status: str) -> None:
    ada, ben = factories.person("ada"), factories.person("ben")
    made = HoldingStatement.objects.create(
        title="Down", audience="public", text="It is down.", maker=ada
    )
    rows = HoldingStatement.objects.filter(pk=made.pk)
    rows.update(text="It is down now.")
    rows.update(status=status, approver=ben, approved_at=NOW)
    for change in (
        {"text": "It is up."}, {"title": "Up"}, {"audience": "internal"}, {"forbidden": "x"},
        {"severity": "sev1"}, {"maker": ben, "approver": None}, {"status": "draft"},
    ):  # fmt: skip
        assert refused("approved_words_never_change", partial(rows.update, **change))
    assert refused("approved_words_never_change", rows.delete)
    rows.update(expires_on=NOW.date())  # dates may be renewed, and the words retired
    rows.update(status="retired")


def test_a_published_update_never_changes_a_draft_does() -> None:
    draft = Update.objects.create(
        incident=incident(),
        audience="public",
        text="We look into it.",
        drafted_by=factories.person("cleo"),
        drafted_at=NOW,
    )
    rows = Update.objects.filter(pk=draft.pk)
    rows.update(text="We are looking into it.", approved_by=factories.person("ben"))
    rows.update(status="published", published_at=NOW)
    assert refused("published_update", lambda: rows.update(text="Nothing happened."))
    assert refused("published_update", lambda: rows.update(status="draft"))
    assert refused("published_update", lambda: rows._raw_delete("default"))


# --- approved law


@pytest.fixture
def matrix() -> MatrixVersion:
    version = factories.matrix_version(effective_from=None)
    add_every_part(version)
    checker = factories.person("checker")
    began = NOW - timedelta(days=30)
    law(version).update(
        status="approved", checker=checker, approved_at=began, effective_from=began
    )
    return version


@pytest.fixture
def scheme() -> SeverityScheme:
    return factories.severity_scheme()


def law(version: models.Model) -> models.QuerySet[Any]:
    return type(version)._default_manager.filter(pk=version.pk)


@pytest.mark.parametrize(
    "change",
    [
        {"effective_from": NOW},
        {"effective_from": None, "status": "withdrawn"},
        {"checker": None, "status": "withdrawn"},
        {"number": 9},
        {"note": "as if it had been said"},
        {"approved_at": None, "status": "withdrawn"},
        {"status": "draft"},
    ],
)
@pytest.mark.parametrize("kind", ["matrix", "scheme"])
def test_of_an_approved_version_nothing_changes(
    kind: str, change: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    rows = law(request.getfixturevalue(kind))
    assert refused(f"approved_{kind}_never_changes", partial(rows.update, **change))
    rows.update(status="withdrawn")
    assert refused(f"approved_{kind}_never_changes", lambda: rows.update(status="approved"))


@pytest.mark.parametrize("kind", ["matrix", "scheme"])
def test_an_approved_version_is_never_deleted(
    kind: str, request: pytest.FixtureRequest
) -> None:
    rows = law(request.getfixturevalue(kind))
    assert refused(f"approved_{kind}_never_changes", lambda: rows._raw_delete("default"))


def test_a_draft_may_still_be_written_and_deleted() -> None:
    draft = factories.matrix_version(effective_from=None)
    law(draft).update(note="better")
    Cell.objects.filter(activity__version=draft).update(letters="I")
    Cell.objects.filter(activity__version=draft)._raw_delete("default")
    Activity.objects.filter(version=draft)._raw_delete("default")
    law(draft)._raw_delete("default")


PARTS: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("matrix", Activity, {"name": "another"}),
    ("matrix", Cell, {"letters": "C"}),
    ("matrix", Column, {"description": "another"}),
    ("matrix", Variation, {"note": "another"}),
    ("scheme", SeverityLevel, {"name": "another"}),
    ("scheme", SeverityCriterion, {"name": "another"}),
    ("scheme", EscalationStep, {"within_minutes": 99}),
    ("scheme", UpdateCadence, {"every_minutes": 99}),
]


@pytest.mark.parametrize(("kind", "model", "change"), PARTS)
def test_nor_does_any_row_of_it(
    kind: str,
    model: type[models.Model],
    change: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue(kind)
    name, rows = f"approved_{kind}_never_changes", model._default_manager.all()
    one = rows.filter(pk=rows.values("pk")[:1])
    another = rows.first()
    another.pk = None
    assert refused(name, partial(rows.update, **change))
    assert refused(name, lambda: one._raw_delete("default"))
    assert refused(name, lambda: rows.bulk_create([another]))


PARTS_OF_A_MATRIX = [row for row in PARTS if row[0] == "matrix"]


@pytest.mark.parametrize(("_kind", "model", "change"), PARTS_OF_A_MATRIX)
@pytest.mark.parametrize("then", ["", "approved", "withdrawn"])
def test_what_took_effect_as_an_emergency_stands_whatever_becomes_of_it(
    _kind: str, model: type[models.Model], change: dict[str, Any], then: str
) -> None:
    version = emergency()
    if then == "approved":
        law(version).update(status="approved", checker=factories.person("ben"), approved_at=NOW)
    elif then:
        law(version).update(status=then)
    name, rows = "approved_matrix_never_changes", model._default_manager.all()
    assert refused(name, partial(rows.update, **change))
    one = rows.filter(pk=rows.values("pk")[:1])
    assert refused(name, lambda: one._raw_delete("default"))
    for write in (one.get().save, one.get().delete):
        with pytest.raises(Refused, match="never changes"):
            write()


def emergency() -> MatrixVersion:
    """A version with a row of every part, in force unapproved."""
    version = factories.matrix_version(effective_from=None)
    add_every_part(version)
    law(version).update(status="emergency", effective_from=NOW)
    return version


def add_every_part(version: MatrixVersion) -> None:
    role = factories.role(COMMANDER)
    Column.objects.create(version=version, role=role)
    Variation.objects.create(version=version, depends_on="severity", value="sev1")


def test_an_emergency_is_approved_once_or_withdrawn_and_nothing_else_of_it_changes() -> None:
    rows, name = law(emergency()), "approved_matrix_never_changes"
    for change in (
        {"note": "another"},
        {"effective_from": NOW + timedelta(hours=1)},
        {"status": "submitted"},
        {"status": "draft"},
    ):
        assert refused(name, lambda change=change: rows.update(**change))
    assert refused(name, lambda: rows._raw_delete("default"))
    unchecked = {"checker": factories.person("ben")}
    assert refused("emergency_is_unchecked", lambda: rows.update(**unchecked))
    rows.update(status="approved", approved_at=NOW, **unchecked)
    another = {"checker": factories.person("cora")}
    assert refused(name, lambda: rows.update(**another))
    assert refused(
        name, lambda: rows.update(status="emergency", checker=None, approved_at=None)
    )
    rows.update(status="withdrawn")


def test_no_row_moves_into_approved_law(matrix: MatrixVersion) -> None:
    draft = factories.matrix_version(effective_from=None)
    moved = Activity.objects.filter(version=draft)
    assert refused("approved_matrix", lambda: moved.update(version=matrix, phase="review"))
    moved.update(phase="review")


# --- the guards themselves


def test_installing_twice_leaves_one_of_each() -> None:
    install()
    install()
    assert sorted(installed()) == sorted(guard.trigger for guard in GUARDS)


def installed() -> list[str]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return [name for (name,) in cursor.fetchall()]
