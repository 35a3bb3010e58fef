"""`manage.py seed_demo`: the demo company, once."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.utils import timezone
from environs import Env

from raci_project.demo import seeding
from raci_project.demo.people import PERSONAS

env = Env()


def demo_password() -> str:
    """DEMO_PASSWORD, or one made now and kept under var/ for its owner's eyes only."""
    kept = settings.VAR_DIR / "demo_password"
    if given := env.str("DEMO_PASSWORD", ""):
        kept.unlink(missing_ok=True)  # of an earlier company; `serve` would announce it
        return given
    kept.touch(mode=0o600)
    kept.write_text(secrets.token_urlsafe(12))
    return kept.read_text()


class Command(BaseCommand):
    """Seeds the demo company whole or not at all; a second run changes nothing."""

    help = (
        "Seeds the demo company Northwind Pay. DEMO_PASSWORD sets the password of its people."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Says who may sign in, or that nothing was done."""
        if seeding.is_seeded():
            self.stdout.write("The demo company is there already: nothing was changed.")
            return
        password = demo_password()
        seeding.seed(password=password, at=timezone.now())
        self.stdout.write(
            f"The demo company is ready. Accounts: {', '.join(PERSONAS)}; password: {password}"
        )
