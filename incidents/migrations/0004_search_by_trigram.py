"""Search of incidents by any part of title or reference without reading every row.

PostgreSQL only, and only where its extension pg_trgm can be had: without it the search is
slower and nothing else. Django's icontains compares UPPER(column), so that is what is indexed.
"""

from django.db import ProgrammingError, migrations, transaction

COLUMNS = ("title", "reference")


def _has_trigrams(schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return False
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
            if cursor.fetchone() is None:
                return False
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except ProgrammingError:  # this user may not create extensions
        return False
    return True


def index(apps, schema_editor):
    if not _has_trigrams(schema_editor):
        return
    with schema_editor.connection.cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS incident_{column}_trigrams "
                f"ON incidents_incident USING gin (UPPER({column}) gin_trgm_ops)"
            )


def forget(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(f"DROP INDEX IF EXISTS incident_{column}_trigrams")


class Migration(migrations.Migration):

    dependencies = [("incidents", "0003_running_clocks_by_due")]

    operations = [migrations.RunPython(index, forget)]
