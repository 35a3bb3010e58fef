"""Who is ready: game days and qualification."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Knows the incident, never the reviews."""

    name = "training"
    verbose_name = "Training"

    def ready(self) -> None:
        """Say to incidents who is in an exercise, how it waits, what spoils it, and what a role asks for."""
        from incidents.models import NudgePolicy  # models load after apps
        from incidents.operations import exercises, obligations, people, privacy
        from training.operations import competence, roster, running, secrets

        exercises.invited_by(roster.of_exercises)
        exercises.held_by(running.wait)
        privacy.keeps_back(secrets.audited)
        obligations.adds_to(NudgePolicy.What.QUALIFICATION, competence.to_renew)
        people.asks_before_granting(competence.still_open)
