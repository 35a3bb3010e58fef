"""The incident, and who holds which role in it."""

from datetime import datetime
from typing import Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Prefetch, Q
from simple_history.models import HistoricalRecords

from incidents.models.catalogue import Scenario, Service
from incidents.models.law_pack import LawPack, LegalProfile
from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.models.severity import SeverityLevel, SeverityScheme
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.roles import COMMANDER
from incidents.rules.verbs import VERBS


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Sentences about incidents."""

    def open(self) -> Self:
        """Declared, neither closed nor cancelled."""
        return self.filter(state__in=OPEN_STATES)

    def with_command(self) -> Self:
        """Each with `command`: the open assignment of its commander, or an empty list."""
        held = Assignment.objects.commanding().select_related("person")
        return self.prefetch_related(Prefetch("assignments", queryset=held, to_attr="command"))

    def owing_a_review(self) -> Self:
        """Closed, and nobody has opened the review yet that is due; the longest owed first."""
        owing = self.filter(is_review_owed=True, state=State.CLOSED)
        return owing.order_by("review_due_at", "id")

    def visible_to(self, person: Person) -> Self:
        """Those not private, and the private ones this person takes or took part in, or may see.

        No rank opens a private one, not even that of a superuser.
        """
        return self.exclude(pk__in=Incident.objects.hidden_from(person).values("pk"))

    def hidden_from(self, person: Person) -> Self:
        """The private ones this person may not see; asked on its own, since there are few.

        Shown to him are those he holds or held a role in or declared, those in which he acted for
        somebody or was offered command, and those of a group of his that was named.
        """
        return self.filter(is_private=True).exclude(
            pk__in=Incident.objects.filter(is_private=True)
            .filter(
                Q(declared_by=person)
                | Q(pk__in=Assignment.objects.filter(person=person).values("incident"))
                | Q(delegations__to=person)
                | Q(hand_overs__to=person)
                | Q(seen_by__user=person)
            )
            .values("pk")
        )

    def real(self) -> Self:
        """Without exercises and cancelled ones: what every metric counts."""
        return self.filter(kind=Incident.Kind.INCIDENT).exclude(state=State.CANCELLED)


class Incident(models.Model):
    """One row is one incident or exercise, run under the versions of the law pinned to it.

    Every instant is UTC and null until it happened. `provenance` says of each instant where it
    came from: {"detected_at": {"source": "human", "by": "ada", "reason": ""}} with source
    auto (a verb set it), human (typed) or backfilled (imported history).
    """

    command: "list[Assignment]"  # by with_command()

    class Kind(models.TextChoices):
        INCIDENT = "incident"
        EXERCISE = "exercise"

    reference = models.CharField(max_length=20, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.INCIDENT)
    title = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.value.capitalize()) for state in State],
        default=State.DETECTION,
    )
    facts = models.JSONField(default=dict)
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents"
    )
    services = models.ManyToManyField(Service, related_name="incidents", blank=True)

    level = models.ForeignKey(
        SeverityLevel, on_delete=models.PROTECT, null=True, related_name="incidents"
    )
    computed_level = models.ForeignKey(
        SeverityLevel, on_delete=models.PROTECT, null=True, related_name="+"
    )
    severity_reasons = models.JSONField(default=list)
    severity_missed = models.JSONField(
        default=list, help_text="The criteria of this level and above that did not hold."
    )
    judge_at = models.DateTimeField(
        null=True, blank=True, editable=False,
        help_text="When the passing of time alone may change what the criteria say.",
    )  # fmt: skip
    severity_override_reason = models.TextField(blank=True)
    matrix_version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, null=True, related_name="incidents"
    )
    severity_scheme = models.ForeignKey(
        SeverityScheme, on_delete=models.PROTECT, null=True, related_name="incidents"
    )

    law_pack = models.ForeignKey(LawPack, on_delete=models.PROTECT, null=True, related_name="+")
    legal_profile = models.ForeignKey(
        LegalProfile, on_delete=models.PROTECT, null=True, related_name="+"
    )

    impact_started_at = models.DateTimeField(null=True, blank=True)
    detected_at = models.DateTimeField(null=True, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    commander_assigned_at = models.DateTimeField(null=True, blank=True)
    contained_at = models.DateTimeField(null=True, blank=True)
    mitigated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    first_internal_update_at = models.DateTimeField(null=True, blank=True)
    first_public_update_at = models.DateTimeField(null=True, blank=True)
    provenance = models.JSONField(default=dict)

    unfilled = models.JSONField(
        default=list, help_text="Roles nobody could be found for: [{role, service, reasons}]."
    )
    review_due_at = models.DateTimeField(null=True, blank=True)
    is_review_owed = models.BooleanField(
        default=False, editable=False,
        help_text="Closing set when a review is due, and no sweep has seen to that yet.",
    )  # fmt: skip
    is_private = models.BooleanField(
        default=False, help_text="Seen only by who takes part and by the groups named."
    )
    seen_by = models.ManyToManyField(Group, related_name="+", blank=True)
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Grows with every audit line about this incident."
    )
    source = models.CharField(max_length=40, blank=True, help_text="Where history came from.")
    external_id = models.CharField(max_length=120, blank=True)

    history = HistoricalRecords(excluded_fields=["is_review_owed", "judge_at", "revision"])
    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-declared_at", "-id"]
        default_permissions = ("view",)
        permissions = [
            ("lead_incident", "Leadership: may act where a role is held by nobody"),
            *((law.permission, f"{law.label} (incident)") for law in VERBS.values()),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(source=""),
                name="imported_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False),
                name="closed_has_an_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["-declared_at", "-id"], name="incident_newest"),
            models.Index(
                fields=["-declared_at"],
                condition=Q(state__in=[state.value for state in OPEN_STATES]),
                name="incident_open",
            ),
            models.Index(fields=["detected_at"], name="incident_detected"),
            models.Index(fields=["kind", "state", "closed_at"], name="incident_closed"),
            models.Index(
                fields=["review_due_at", "id"],
                condition=Q(is_review_owed=True),
                name="incident_review_owed",
            ),
            models.Index(
                fields=["judge_at"],
                condition=Q(judge_at__isnull=False),
                name="incident_judge_due",
            ),
            # Few are private: who may not see which is settled within this index alone.
            models.Index(fields=["id"], condition=Q(is_private=True), name="incident_private"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def is_open(self) -> bool:
        """Neither closed nor cancelled."""
        return self.state in OPEN_STATES

    @property
    def is_severity_proposed(self) -> bool:
        """The criteria say another level, and nobody has said yet why it keeps the one it has."""
        differs = self.computed_level_id not in (None, self.level_id)
        return self.is_open and differs and not self.severity_override_reason

    def owe_review(self, due_at: datetime | None) -> None:
        """Set by when its review is due, without saving; None owes none."""
        self.review_due_at, self.is_review_owed = due_at, due_at is not None


REVIEW_OWED = ["review_due_at", "is_review_owed"]  # the columns `owe_review` sets


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Sentences about who holds what."""

    def open(self) -> Self:
        """Held now."""
        return self.filter(ended_at=None)

    def commanding(self) -> Self:
        """Held now, and it is the command."""
        return self.open().filter(role=COMMANDER)


class Assignment(models.Model):
    """One row: this person holds this role in this incident in [assigned_at, ended_at).

    The constraints are the law's own: one commander an incident, one command a person; that
    the commander holds nothing else beside is a trigger (incidents.models.triggers).
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=300, help_text="Why this person.")
    rejected = models.JSONField(default=list, help_text="Who was not chosen, each with why.")
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "role__position", "assigned_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(role=COMMANDER, ended_at=None),
                name="one_commander_an_incident",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(role=COMMANDER, ended_at=None),
                name="one_command_a_person",
            ),
            models.UniqueConstraint(
                fields=["incident", "role", "person"],
                condition=Q(ended_at=None, service=None),
                name="no_role_held_twice",
            ),
            models.UniqueConstraint(
                fields=["incident", "role", "person", "service"],
                condition=Q(ended_at=None),
                name="no_service_owned_twice",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("assigned_at")),
                name="assignment_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(ended_at=None), name="assignment_open_person"
            ),
            # Who commanded when last, whatever the number of past incidents.
            models.Index(fields=["role", "person", "-assigned_at"], name="assignment_rotation"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person}"
