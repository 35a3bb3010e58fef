"""The secret address under which a calendar reads a person's shifts, exercises and action items."""

from django.db import models

from incidents.models import Person


class CalendarFeed(models.Model):
    """One row opens one person's calendar to who knows its token; kept only as a digest."""

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, primary_key=True, related_name="calendar_feed"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        default_permissions = ("view",)
        permissions = [("make_calendarfeed", "Can make a calendar feed of their own")]

    def __str__(self) -> str:
        return f"Calendar of {self.person}"
