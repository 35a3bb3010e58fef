"""The project as an app: it holds the commands, the checks and the groups."""

from django.apps import AppConfig

from raci_project import checks  # noqa: F401 - importing registers them


class ProjectConfig(AppConfig):
    """Where all rooms meet."""

    name = "raci_project"
    verbose_name = "Governance"
