"""The project: settings, addresses, processes. Importing it makes the Celery app current."""

from raci_project.celery import app as celery_app

__all__ = ["celery_app"]
