"""Takes whatever is due, pages and the rest, without a pause, until killed: more than any timetable."""

import os

import django
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci_project.settings")
django.setup()

from incidents import channels  # noqa: E402 - models load after the settings


def main() -> None:
    """Never returns."""
    while True:
        for urgent in (True, False):
            channels.deliver(timezone.now(), urgent=urgent, limit=3)


if __name__ == "__main__":
    main()
