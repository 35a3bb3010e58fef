"""Who a command acts for: the maker of a law, and the second person who approves it."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from incidents.models import Person


def add_arguments(parser: ArgumentParser) -> None:
    """`--as` and `--publish-as`."""
    parser.add_argument(
        "--as",
        dest="maker",
        metavar="USERNAME",
        help="who makes it; a superuser by default",
    )
    parser.add_argument(
        "--publish-as", metavar="USERNAME", help="who approves it and puts it in force now"
    )


def signers(maker: str | None, checker: str | None) -> tuple[Person, Person | None]:
    """Maker and checker, if any. The maker is who was named, else a superuser who is not the checker."""
    checking = _person(checker) if checker else None
    if maker is None:
        return _a_superuser_beside(checking), checking
    if maker == checker:
        raise CommandError("Nobody approves their own work: --as and --publish-as must differ.")
    return _person(maker), checking


def _a_superuser_beside(checker: Person | None) -> Person:
    superusers = Person.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    for each in superusers:
        if each != checker:
            return each
    raise CommandError("Say with --as USERNAME who makes it.")


def _person(username: str) -> Person:
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active person “{username}”.")
    return person
