"""The project as an app: it holds the commands, the checks and the groups."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from raci_project import (
    checks,  # noqa: F401 - importing registers them
    database_file,
)


class ProjectConfig(AppConfig):
    """Where all rooms meet."""

    name = "raci_project"
    verbose_name = "Governance"

    def ready(self) -> None:
        """Give the groups their permissions once the last app with models has made its own."""
        from raci_project import groups  # models load after apps

        database_file.watch()
        post_migrate.connect(
            groups.sync,
            sender=apps.get_app_config("training"),
            dispatch_uid="raci_project.groups",
        )
