"""Who is ready: game days and qualification."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Knows the incident, never the reviews."""

    name = "training"
    verbose_name = "Training"

    def ready(self) -> None:
        """Say to the exercises of incidents who takes part in one."""
        from incidents.operations import exercises  # models load after apps
        from training.operations import roster

        exercises.invited_by(roster.of_exercises)
