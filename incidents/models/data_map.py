"""Which services hold whose data where, and who the authorities are that we would tell."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.catalogue import Service
from incidents.models.people import Person


class Verified(models.Model):
    """What somebody looks at again from time to time, and who did last."""

    is_active = models.BooleanField(default=True)
    verified_on = models.DateField(null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class DataHolding(Verified):
    """One row is one body of data a service holds: which categories, of people where, how many.

    Codes of categories and jurisdictions are the law pack's; `persons` counts by jurisdiction.
    """

    class DataRole(models.TextChoices):
        CONTROLLER = "controller"
        PROCESSOR = "processor"

    class Protection(models.TextChoices):
        """As the fact `data_protection_state` has it."""

        NONE = "none", "not encrypted"
        KEY_SAFE = "encrypted_key_safe", "encrypted, key kept apart"
        UNKNOWN = "unknown", "not known"

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="holdings")
    title = models.CharField(max_length=160)
    data_categories = models.JSONField(default=list)
    jurisdictions = models.JSONField(default=list, help_text="Where its people live.")
    persons = models.JSONField(default=dict, blank=True, help_text="Counts by jurisdiction.")
    data_role = models.CharField(
        max_length=10, choices=DataRole.choices, default=DataRole.CONTROLLER
    )
    protection = models.CharField(
        max_length=20, choices=Protection.choices, default=Protection.UNKNOWN
    )
    note = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["service", "title"]
        constraints = [
            models.UniqueConstraint(fields=["service", "title"], name="one_holding_a_title")
        ]
        permissions = [
            ("import_dataholding", "Can import the data map"),
            ("export_dataholding", "Can export the data map"),
            ("verify_dataholding", "Can record that a data holding was verified"),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.title}"


class Regulator(Verified):
    """One row is one authority, or other recipient of a notice, and how it is reached."""

    class Way(models.TextChoices):
        PORTAL = "portal", "web portal"
        EMAIL = "email", "e-mail"
        TELEPHONE = "telephone"
        POST = "post"

    recipient = models.SlugField(
        max_length=80, help_text="The law pack's code, such as ico_uk."
    )
    jurisdiction = models.CharField(
        max_length=10, blank=True, help_text="Its country where the code has several."
    )
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=9, choices=Way.choices, default=Way.PORTAL)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    hours = models.CharField(max_length=160, blank=True, help_text="When somebody answers.")
    our_reference = models.CharField(
        max_length=120, blank=True, help_text="Our account or registration there."
    )
    note = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["recipient", "jurisdiction", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "jurisdiction", "name"], name="one_regulator_a_name"
            ),
            models.CheckConstraint(
                condition=~Q(address="") | ~Q(phone=""), name="regulator_can_be_reached"
            ),
        ]
        permissions = [
            ("import_regulator", "Can import regulators"),
            ("export_regulator", "Can export regulators"),
            ("verify_regulator", "Can record that a regulator's channel was verified"),
        ]

    def __str__(self) -> str:
        return self.name
