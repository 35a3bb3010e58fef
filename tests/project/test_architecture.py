"""The shape of the code, where an import graph cannot see it. docs/architecture.md says why."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import PROTECT, Model

from incidents.models import Incident
from incidents.rules.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]
OURS = {  # app label -> labels its foreign keys may point at; auth is the groups of a person
    "incidents": {"incidents", "auth"},
    "reviews": {"reviews", "incidents"},
    "training": {"training", "incidents"},
}
HIGHER = {
    "incidents": ("reviews", "training"),
    "reviews": ("training",),
    "training": ("reviews",),
}


def models_of(label: str) -> list[type[Model]]:
    """Without the tables of row history, which copy their model's keys loosely on purpose."""
    return [
        model
        for model in apps.get_app_config(label).get_models()
        if not hasattr(model, "instance_type")
    ]


def foreign_keys(label: str) -> list:
    return [
        field
        for model in models_of(label)
        for field in model._meta.get_fields()
        if field.concrete and field.related_model
    ]


@pytest.mark.parametrize("label", OURS)
def test_foreign_keys_point_down(label):
    assert {field.related_model._meta.app_label for field in foreign_keys(label)} <= OURS[label]


@pytest.mark.parametrize("label", OURS)
def test_nothing_is_ever_cascaded_away(label):
    loose = [
        str(field)
        for field in foreign_keys(label)
        if (field.many_to_one or field.one_to_one)
        and field.remote_field.on_delete is not PROTECT
    ]
    assert loose == []


@pytest.mark.parametrize("label", OURS)
def test_no_address_or_task_of_a_higher_app_is_named(label):
    forbidden = re.compile(rf"""["'](?:admin:)?(?:{"|".join(HIGHER[label])})[_.]""")
    named = [
        str(path.relative_to(ROOT))
        for path in (ROOT / label).rglob("*.py")
        if "migrations" not in path.parts and forbidden.search(path.read_text())
    ]
    assert named == []


@pytest.mark.django_db
def test_every_verb_has_its_standing_permission():
    kept = set(
        Permission.objects.filter(content_type__model="incident").values_list(
            "codename", flat=True
        )
    )
    assert {law.permission for law in VERBS.values()} <= kept


def test_no_module_is_longer_than_a_person_reads_in_one_go():
    long = {
        str(path.relative_to(ROOT)): lines
        for app in ("incidents", "reviews", "training", "raci_project")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        and (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_an_incident_is_never_added_changed_or_deleted_by_a_form():
    assert Incident._meta.default_permissions == ("view",)
