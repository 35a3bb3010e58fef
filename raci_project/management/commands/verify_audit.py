"""`verify_audit`: proves that no line of the audit chain was changed, removed or inserted."""

from typing import Any

from django.core.management.base import BaseCommand

from incidents.models import AuditEvent
from incidents.operations import records


class Command(BaseCommand):
    """Exit 0 when the chain is intact, 1 with the first broken line otherwise."""

    help = "Checks the whole audit chain; names the first line that does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = records.first_broken_line()
        if broken is not None:
            self.stdout.write(f"Line {broken.sequence} is broken: {broken.what}.")
            raise SystemExit(1)
        self.stdout.write(f"The audit chain is intact: {AuditEvent.objects.count()} lines.")
