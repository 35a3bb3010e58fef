"""Acts asked for with a key: done once, answered alike ever after."""

from django.db import models

from incidents.models.people import Person


class DoneOnce(models.Model):
    """One row: this person asked for this act under this key, and was answered so.

    `digest` is of the request: the same key for another request is a mistake. `location` is where
    the answer led: to what was made, or to the page that followed. Kept for a day.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    done_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    location = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="done_once_a_key")
        ]

    def __str__(self) -> str:
        return self.key
