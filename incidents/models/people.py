"""People and teams. People are deactivated, never deleted: audit lines name them."""

import zoneinfo
from datetime import time

import holidays
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


def validate_time_zone(value: str) -> None:
    """Refuse what is not a zone of the IANA database, such as "CET+1"."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            f"“{value}” is not an IANA time zone. Use a name such as Europe/Berlin or UTC.",
            code="unknown_time_zone",
        )


def validate_holidays(value: str) -> None:
    """Refuse what names no country, or no region of it, whose public holidays are known."""
    country, has_region, region = value.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise ValidationError(
            f"“{country}” is not a country whose public holidays are known. Use two letters, "
            "such as DE, or country and region, such as DE-BY.",
            code="unknown_country",
        )
    if has_region and region not in known[country]:
        regions = ", ".join(known[country][:20]) or "none"
        raise ValidationError(
            f"“{region}” is not a region of {country}. Regions known there: {regions}.",
            code="unknown_region",
        )


class Team(models.Model):
    """One row is one team that owns services."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    lead = models.ForeignKey(
        "Person", on_delete=models.PROTECT, null=True, blank=True, related_name="leads_teams"
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        permissions = [("import_team", "Can import teams"), ("export_team", "Can export teams")]

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """One row is one person: somebody who can sign in, hold a role or be told something."""

    first_name = None  # type: ignore[assignment]  # one name, as the person writes it
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=150)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    manager = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="IANA name; pages and due dates are shown in it.",
    )
    phone = models.CharField(max_length=32, blank=True, help_text="With country code: +49 …")
    works_from = models.TimeField(
        null=True, blank=True, help_text="Local time; empty: at any hour."
    )
    works_until = models.TimeField(
        null=True, blank=True, help_text="Local time; before “works from” it is the next day."
    )
    works_weekends = models.BooleanField(default=True)
    quiet_from = models.TimeField(
        null=True, blank=True, help_text="Local time; from then on only pages come through."
    )
    quiet_until = models.TimeField(
        null=True, blank=True, help_text="Local time; before “quiet from” it is the next day."
    )
    holidays = models.CharField(
        max_length=10,
        blank=True,
        validators=[validate_holidays],
        help_text="Country, or country and region, such as DE or DE-BY: on its public holidays "
        "only pages come through. Empty: none.",
    )
    digest_at = models.TimeField(
        default=time(8), help_text="Local time at which the day's digest comes."
    )
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    REQUIRED_FIELDS = ["email", "name"]

    class Meta:
        ordering = ["name", "username"]
        verbose_name_plural = "people"
        permissions = [
            ("import_person", "Can import people"),
            ("export_person", "Can export people"),
            ("verify_person", "Can verify addresses of their own"),
            ("prove_person", "Can record that an address of a person was verified"),
            ("reach_person", "Can say how they want to be reached themselves"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(works_from=None, works_until=None)
                | Q(works_from__isnull=False, works_until__isnull=False),
                name="person_works_from_and_until",
                violation_error_message="Give both hours, or neither: empty is at any hour.",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="person_quiet_from_and_until",
                violation_error_message="Give both hours, or neither: empty is never quiet.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The one name there is."""
        return str(self)

    def get_short_name(self) -> str:
        """The first word of the name."""
        return str(self).split(" ", 1)[0]


class Channel(models.TextChoices):
    """How somebody is reached; each goes to one address of the person."""

    EMAIL = "email", "e-mail"
    SMS = "sms", "text message"
    VOICE = "voice", "phone call"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"
    DISCORD = "discord", "Discord"
    PAGERDUTY = "pagerduty", "PagerDuty"
    OPSGENIE = "opsgenie", "Opsgenie"
    WEBHOOK = "webhook", "webhook"
    ATLASSIAN = "atlassian", "Atlassian Statuspage"  # a place, never a way to a person


class ContactProof(models.Model):
    """One row: an address was shown to reach a person, once; it counts while the address stays."""

    class Means(models.TextChoices):
        CODE = "code", "the person gave back the code sent there"
        SPOKEN = "spoken", "somebody spoke to the person there"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contact_proofs")
    channel = models.CharField(max_length=9, choices=Channel.choices)
    address = models.CharField(max_length=254, help_text="As it was then.")
    means = models.CharField(max_length=6, choices=Means.choices)
    proved_at = models.DateTimeField()
    proved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["person", "channel", "-proved_at"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["person", "channel", "-proved_at"], name="contact_proved")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_channel_display()}"
