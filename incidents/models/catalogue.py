"""Services, what depends on what, who owns them; and the scenarios we prepare for."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.people import Person, Team


class Service(models.Model):
    """One row is one service of the catalogue, with the one person accountable for it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    tier = models.PositiveSmallIntegerField(
        default=3, help_text="1 = the company stands still without it, 4 = nobody notices soon."
    )
    is_revenue_generating = models.BooleanField(default=False)
    handles_personal_data = models.BooleanField(default=False)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="owned_services")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="services")
    description = models.TextField(blank=True)
    public_name = models.CharField(
        max_length=120,
        blank=True,
        help_text="What customers call it; it stands on the status page. Empty: not shown there.",
    )
    runbook_url = models.URLField(blank=True)
    runbook_checked_on = models.DateField(
        null=True, blank=True, editable=False, help_text="When somebody last followed it."
    )
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        permissions = [
            ("import_service", "Can import services"),
            ("export_service", "Can export services"),
            ("check_runbook_service", "Can record that a runbook was followed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tier__gte=1, tier__lte=4), name="service_tier_one_to_four"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Dependency(models.Model):
    """One row: `downstream` needs `upstream`; trouble flows from upstream to downstream."""

    class Strength(models.TextChoices):
        HARD = "hard", "hard: fails with it"
        SOFT = "soft", "soft: degrades with it"

    upstream = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="dependents")
    downstream = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="dependencies"
    )
    strength = models.CharField(max_length=4, choices=Strength.choices, default=Strength.HARD)
    history = HistoricalRecords()

    class Meta:
        ordering = ["downstream", "upstream"]
        verbose_name_plural = "dependencies"
        permissions = [
            ("import_dependency", "Can import dependencies"),
            ("export_dependency", "Can export dependencies"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "downstream"], name="one_dependency_a_pair"
            ),
            models.CheckConstraint(
                condition=~Q(upstream=F("downstream")), name="no_service_depends_on_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.downstream} needs {self.upstream}"


class Scenario(models.Model):
    """One row is a kind of trouble we prepare words and exercises for."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
