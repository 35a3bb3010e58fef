from django.db import migrations


def owe(apps, schema_editor):
    """Closed before the column was there, and no review opened yet."""
    incidents = apps.get_model("incidents", "Incident").objects.using(schema_editor.connection.alias)
    owing = incidents.filter(state="closed", review_due_at__isnull=False, review__isnull=True)
    owing.update(is_review_owed=True)


class Migration(migrations.Migration):

    dependencies = [
        ("incidents", "0007_reviews_owed"),
        ("reviews", "0002_drafts_by_due"),
    ]

    operations = [migrations.RunPython(owe, migrations.RunPython.noop)]
