"""`api_token USERNAME`: a new API token, printed once and stored as a digest."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.models import Person
from incidents.operations.people import issue_token
from incidents.rules.reasons import Refused


class Command(BaseCommand):
    """Prints the token and nothing else; exit 1 where there is no such active person."""

    help = "Prints a new API token for a person; revoke it in the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--label", default="api_token", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        person = Person.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active person “{username}”.")
        try:
            token = issue_token(person, label=options["label"], at=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(token)
