"""Roles that the law itself names need no preparing: an empty installation gets them when asked."""

from collections.abc import Iterable

from incidents.models.roles import Role
from incidents.rules.roles import KINDS, NAMES, REPORTS_TO


def make(slugs: Iterable[str]) -> None:
    """Make those of these roles that the law names and that are not there yet.

    Each comes with the role it reports to.
    """
    known = set(Role.objects.values_list("slug", flat=True))
    for slug in slugs:
        _make(slug, known)


def _make(slug: str, known: set[str]) -> None:
    if slug in known or slug not in NAMES:
        return
    known.add(slug)
    superior = REPORTS_TO.get(slug)
    if superior:
        _make(superior, known)
    Role.objects.create(
        slug=slug,
        name=NAMES[slug],
        position=list(NAMES).index(slug),
        kind=KINDS[slug],
        reports_to_id=superior,
    )
