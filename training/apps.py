"""Who is ready: game days and qualification."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Knows the incident, never the reviews."""

    name = "training"
    verbose_name = "Training"
