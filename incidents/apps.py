"""The standing law and the incident run under it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IncidentsConfig(AppConfig):
    """The lowest app: it knows neither reviews nor training."""

    name = "incidents"
    verbose_name = "Law and incidents"

    def ready(self) -> None:
        """The database's own guards and first rows, whenever the tables were (re)made."""
        from incidents.models import triggers  # models load after apps
        from incidents.operations import exclusions, outlets, policies

        post_migrate.connect(triggers.install, sender=self, dispatch_uid="incidents.triggers")
        post_migrate.connect(exclusions.begin, sender=self, dispatch_uid="incidents.exclusions")
        post_migrate.connect(policies.begin, sender=self, dispatch_uid="incidents.policies")
        post_migrate.connect(outlets.begin, sender=self, dispatch_uid="incidents.outlets")
