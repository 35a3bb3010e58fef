"""The columns of versions that were made before columns had rows; what the law's own roles are."""

from typing import Any

from django.db import migrations

from incidents.rules.roles import KINDS, REPORTS_TO


def columns(apps: Any, schema_editor: Any) -> None:
    """One column for each role that holds a letter, in the order they were shown until now."""
    cell = apps.get_model("incidents", "Cell")
    column = apps.get_model("incidents", "Column")
    pairs = (
        cell.objects.order_by("activity__version_id", "role__position", "role__name")
        .values_list("activity__version_id", "role_id")
        .distinct()
    )
    positions: dict[int, int] = {}
    rows = []
    for version, role in pairs:
        positions[version] = positions.get(version, -1) + 1
        rows.append(column(version_id=version, role_id=role, position=positions[version]))
    column.objects.bulk_create(rows, batch_size=1000)


def kinds(apps: Any, schema_editor: Any) -> None:
    """The law's own roles: what they do and whom they answer to."""
    role = apps.get_model("incidents", "Role")
    known = set(role.objects.values_list("slug", flat=True))
    for slug in known & KINDS.keys():
        superior = REPORTS_TO.get(slug)
        role.objects.filter(slug=slug).update(
            kind=KINDS[slug].value, reports_to_id=superior if superior in known else None
        )


class Migration(migrations.Migration):
    dependencies = [("incidents", "0008_the_matrix_as_law")]

    operations = [
        migrations.RunPython(columns, migrations.RunPython.noop),
        migrations.RunPython(kinds, migrations.RunPython.noop),
    ]
