"""Roles that the law itself names need no preparing: an empty installation gets them when asked."""

from collections.abc import Iterable

from incidents.models.roles import Role
from incidents.rules.roles import NAMES


def make(slugs: Iterable[str]) -> None:
    """Make those of these roles that the law names and that are not there yet."""
    for slug in slugs:
        if slug in NAMES:
            Role.objects.get_or_create(
                slug=slug,
                defaults={"name": NAMES[slug], "position": list(NAMES).index(slug)},
            )
