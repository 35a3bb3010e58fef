"""The standing law and the incident run under it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IncidentsConfig(AppConfig):
    """The lowest app: it knows neither reviews nor training."""

    name = "incidents"
    verbose_name = "Law and incidents"

    def ready(self) -> None:
        """Install the database's own guards whenever the tables were (re)made."""
        from incidents.models import triggers  # models load after apps

        post_migrate.connect(triggers.install, sender=self, dispatch_uid="incidents.triggers")
