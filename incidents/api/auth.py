"""Who calls: a bearer token acts as one person, and each address names its permissions."""

from django.http import Http404, HttpRequest
from ninja.security import HttpBearer

from incidents.models import Incident, Person
from incidents.operations.people import permitted_by_token, person_for_token
from incidents.operations.standing import permit_to
from incidents.rules.verbs import VERBS

VIEW = "incidents.view_incident"


class Bearer(HttpBearer):
    """Lets in who holds a token and every standing permission named; asked before the body is.

    `is_quick`: for an address that only reads, names no incident, wants one permission and is
    asked very often. Both are looked up in one statement, and only the person's names are loaded.
    """

    def __init__(self, *permissions: str, is_quick: bool = False) -> None:
        super().__init__()
        self.permissions = permissions
        self.is_quick = is_quick

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """The token's person; NotPermitted `no_permission` where a permission is missing."""
        if self.is_quick and (known := permitted_by_token(token, *self.permissions)):
            request.user = known
            return known
        # Whoever is refused is so by the ordinary way, which says why.
        person = person_for_token(token)
        if person is None:
            return None
        for permission in self.permissions:
            permit_to(person, permission)
        _refuse_hidden(request, person)
        request.user = person  # row history names who wrote
        return person


def _refuse_hidden(request: HttpRequest, person: Person) -> None:
    """Every address about one incident names its reference: who may not see it finds nothing there."""
    at = request.resolver_match
    reference = at.kwargs.get("reference") if at else None
    if not reference or "\0" in reference:  # which no row has, and PostgreSQL does not take
        return
    if Incident.objects.hidden_from(person).filter(reference=reference).exists():
        raise Http404(f"There is no incident “{reference}”: look it up first.")


def may(verb: str) -> Bearer:
    """Who may ever do this verb; all but declaring answers with the incident, so may see it."""
    permission = f"incidents.{VERBS[verb].permission}"
    return Bearer(permission) if verb == "declare" else Bearer(VIEW, permission)


def caller(request: HttpRequest) -> Person:
    """The person whose token this is."""
    if isinstance(request.user, Person):
        return request.user
    raise TypeError("This address was left open: give it a Bearer.")
