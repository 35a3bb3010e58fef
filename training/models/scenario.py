"""The library of exercises: a story, what it is to show, and what happens when."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Incident, Role, Scenario


class ExerciseScenario(models.Model):
    """One row is a story to practise (HSEEP: the scenario with its situation manual).

    `chronicle` is what happened in the outage it is told after: [{"at", "kind", "fact",
    "confidence", "note"}]; only a fact that is `confirmed` may be quoted as one.
    """

    class Kind(models.TextChoices):
        GAME_DAY = "game_day", "game day"
        TABLETOP = "tabletop"
        COMMS_DRILL = "comms_drill", "communications drill"
        CALL_TREE = "call_tree", "call-tree test"

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.GAME_DAY)
    summary = models.TextField(blank=True, help_text="What players may read beforehand.")
    background = models.TextField(
        blank=True, help_text="What only those who run the exercise may read."
    )
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, null=True, blank=True, related_name="exercises"
    )
    facts = models.JSONField(
        default=dict, blank=True, help_text="Facts the exercise begins with."
    )
    organisation = models.CharField(
        max_length=120, blank=True, help_text="Whose outage it is told after."
    )
    chronicle = models.JSONField(default=list, blank=True)
    questions = models.JSONField(default=list, blank=True, help_text="For the hot wash.")
    twist = models.TextField(
        blank=True, help_text="What changes when personal data turns out to be concerned."
    )
    sources = models.JSONField(default=list, blank=True, help_text="Addresses, one each.")
    duration_minutes = models.PositiveSmallIntegerField(default=90)
    drawn_from = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="stories"
    )
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["title"]
        permissions = [("retire_exercisescenario", "Can retire an exercise and bring it back")]

    def __str__(self) -> str:
        return self.title


class Objective(models.Model):
    """One row is one thing an exercise is to show, measurably; rated P, S, M or U by evaluators.

    `activities` names what of the matrix it tests: keys of activities, or codes of acts.
    """

    exercise_scenario = models.ForeignKey(
        ExerciseScenario, on_delete=models.PROTECT, related_name="objectives"
    )
    number = models.PositiveSmallIntegerField()
    capability = models.CharField(
        max_length=80, help_text="What it belongs to, such as command or communication."
    )
    text = models.TextField()
    target = models.CharField(
        max_length=200, blank=True, help_text="The threshold, such as “within 15 minutes”."
    )
    activities = models.JSONField(default=list, blank=True)
    role = models.ForeignKey(
        Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Whose doing it judges; none: everybody's.",
    )  # fmt: skip
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["exercise_scenario", "number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["exercise_scenario", "number"], name="one_objective_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class ScenarioModule(models.Model):
    """One row is one part of a story: the facts are shared, there is a response, a recovery."""

    exercise_scenario = models.ForeignKey(
        ExerciseScenario, on_delete=models.PROTECT, related_name="modules"
    )
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    history = HistoricalRecords()

    class Meta:
        ordering = ["exercise_scenario", "position"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["exercise_scenario", "position"], name="one_module_a_position"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Inject(models.Model):
    """One row is one thing fed to the players (a row of HSEEP's MSEL); never renumbered.

    `offset_minutes` counts the story's minutes from the start; a contingency has none that holds
    and comes when its trigger does. `facts` are said to the incident when it is released.
    """

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled"
        CONTINGENCY = "contingency"

    class Method(models.TextChoices):
        ALERT = "alert", "alert"
        CALL = "call", "phone call"
        CHAT = "chat", "chat"
        MAIL = "mail", "e-mail"
        NEWS = "news", "news or social media"
        SCREEN = "screen", "dashboard"
        TICKET = "ticket", "ticket"

    exercise_scenario = models.ForeignKey(
        ExerciseScenario, on_delete=models.PROTECT, related_name="injects"
    )
    number = models.PositiveSmallIntegerField()
    module = models.ForeignKey(
        ScenarioModule, on_delete=models.PROTECT, null=True, blank=True, related_name="injects"
    )
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.SCHEDULED)
    trigger = models.CharField(
        max_length=200, blank=True, help_text="Of a contingency: when it is to come."
    )
    offset_minutes = models.PositiveIntegerField()
    title = models.CharField(max_length=120, blank=True)
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.CHAT)
    sender = models.CharField(max_length=80, blank=True, help_text="Who says it in the story.")
    to_role = models.ForeignKey(
        Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Who hears it first; none: all players.",
    )  # fmt: skip
    text = models.TextField()
    background = models.TextField(blank=True, help_text="For those who run the exercise only.")
    expected_action = models.TextField(blank=True)
    observer_focus = models.TextField(blank=True)
    is_gate = models.BooleanField(
        default=False, help_text="The clock waits until the players have decided."
    )
    facts = models.JSONField(default=dict, blank=True)
    activities = models.JSONField(default=list, blank=True)
    objectives = models.ManyToManyField(Objective, related_name="injects", blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["exercise_scenario", "offset_minutes", "number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["exercise_scenario", "number"], name="one_inject_a_number"
            ),
            models.CheckConstraint(
                condition=Q(kind="scheduled") | ~Q(trigger=""),
                name="contingency_has_a_trigger",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title or self.text[:60]}"
