"""People: what they are qualified for, and the tokens by which programs act for them."""

import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.models.access import ApiToken, digest
from incidents.models.calendar import today
from incidents.models.obligation import Obligation
from incidents.models.people import Person
from incidents.models.roles import Qualification, Role
from incidents.operations import composing, records, standing, words
from incidents.operations.composing import Message
from incidents.operations.prepared import Prepared
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused

_TOKEN_BYTES = 32
MOST_NAMED = 5

# What a role asks for and this person has not shown by this instant, one reason each.
Open = Callable[[Person, Role, datetime], Iterable[Reason]]
_asked: list[Open] = []


def asks_before_granting(still_open: Open) -> None:
    """Ask this as well before somebody is qualified; once, however often it is said."""
    if still_open not in _asked:
        _asked.append(still_open)


@transaction.atomic
def grant_qualification(
    person: Person,
    role: Role,
    *,
    level: str,
    expires_on: date | None,
    reason: str = "",
    actor: Person,
    at: datetime,
) -> Qualification:
    """From today on, until it expires (exclusive), this person is this far with this role.

    Replaces what was granted before. Refuses to grant oneself (`self_granted`), and somebody
    who has left (`not_active`). That somebody is qualified is for a person to say who holds the
    role validly (`not_held`); where nobody else does, for leadership, with a reason
    (`reason_missing`). Who was qualified and is to learn again is told, with the reason.
    """
    standing.permit_to(actor, "incidents.grant_qualification")
    _require_grantable(person, level, expires_on, actor, at)
    said = words.optional(reason, "reason", longest=300)
    is_taken = _is_taken(person, role, level)
    if level == Qualification.Level.QUALIFIED:
        _require_holder(person, role, said, actor, at)
        _require_shown(person, role, said, at)
    elif is_taken and not said:
        message = f"Say why {person} is no longer to hold {role}: they are told."
        raise Invalid.because("reason_missing", message, "reason")
    qualification, _ = Qualification.objects.update_or_create(
        person=person,
        role=role,
        defaults={
            "level": level,
            "granted_on": today(at),
            "granted_by": actor,
            "expires_on": expires_on,
            "reason": said,
        },
    )
    Obligation.objects.about(qualification).settle(at=at)  # renewed; the next look judges anew
    records.audit(
        "grant_qualification", qualification, actor=actor, at=at,
        person=person.username, role=role.slug, level=level, expires_on=expires_on,
        reason=said,
    )  # fmt: skip
    if is_taken:
        composing.compose([_taken(qualification, at)], at=at)
    return qualification


def holders(role: Role, at: datetime) -> QuerySet[Qualification, Qualification]:
    """The valid qualifications for this role of people who are still here."""
    valid = Qualification.objects.valid(today(at)).filter(role=role, person__is_active=True)
    return valid.select_related("person").order_by("person__name")


def _require_grantable(
    person: Person, level: str, expires_on: date | None, actor: Person, at: datetime
) -> None:
    if person.pk == actor.pk:
        message = "Nobody grants it to themselves: ask another person who may."
        raise Refused.because("self_granted", message, "person")
    _require_active(person)
    if level not in Qualification.Level.values:
        known = ", ".join(Qualification.Level.values)
        raise Invalid.because("unknown_level", f"Choose one of {known}.", "level")
    if expires_on is not None and expires_on <= today(at):
        message = "It would end before it begins: choose a later day, or none."
        raise Invalid.because("expires_before_grant", message, "expires_on")


def _is_taken(person: Person, role: Role, level: str) -> bool:
    """Whether somebody who was qualified is to learn again; read under the lock of the grant."""
    held = Qualification.objects.select_for_update().filter(person=person, role=role).first()
    was = held.level if held else ""
    return was == Qualification.Level.QUALIFIED != level


def _taken(held: Qualification, at: datetime) -> Message:
    return Message(
        key=f"qualification-taken:{held.pk}:{at.isoformat()}",
        kind="qualification_taken",
        to=held.person,
        subject=f"You are no longer qualified as {held.role}",
        body=(
            f"{held.granted_by} put you down as learning it: until it is granted anew the role is "
            f"not given to you.\nWhy: {held.reason}\nSomebody who holds the role can grant it anew."
        ),
        link=f"/admin/incidents/qualification/{held.pk}/change/",
    )


def _require_holder(
    person: Person, role: Role, reason: str, actor: Person, at: datetime
) -> None:
    """Whoever holds the role knows what it asks for; a role nobody holds must begin somewhere."""
    others = [held.person for held in holders(role, at).exclude(person=person)]
    if actor in others:
        return
    if others:
        names = ", ".join(map(str, others[:MOST_NAMED]))
        message = f"{role} is granted by somebody who holds it: ask {names}."
        raise NotPermitted.because("not_held", message, "role")
    if not actor.has_perm(standing.LEAD):
        message = f"Nobody else holds {role}: leadership begins it, with a reason."
        raise NotPermitted.because("not_held", message, "role")
    if not reason:
        message = f"Nobody else holds {role}: say why this person may."
        raise Invalid.because("reason_missing", message, "reason")


def _require_shown(person: Person, role: Role, reason: str, at: datetime) -> None:
    """What practice asks for, on whatever page it is granted; a reason says why not all of it."""
    if reason:
        return
    if still_open := [one for ask in _asked for one in ask(person, role, at)]:
        raise Refused(*still_open)


@transaction.atomic
def issue_token(
    person: Person, *, label: str, actor: Person | None = None, at: datetime
) -> str:
    """A new token by which a program acts as this person; told once, kept only as a digest.

    Without an actor the command line makes it. Refuses to make another's (`not_your_token`).
    """
    if actor is not None and actor.pk != person.pk:
        raise NotPermitted.because("not_your_token", "A token is made by whom it speaks for.")
    _require_active(person)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = ApiToken.objects.create(
        person=person,
        digest=digest(token),
        label=words.optional(label, "label", longest=80),
        created_at=at,
    )
    records.audit("issue_token", row, actor=actor, at=at, person=person.username)
    return token


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Person, at: datetime) -> ApiToken:
    """From now on it opens nothing. Refuses another's, except to a superuser; `already_revoked`."""
    token.refresh_from_db(from_queryset=ApiToken.objects.select_for_update())
    if token.person_id != actor.pk and not actor.is_superuser:
        message = "It is another person's token: ask them, or a superuser."
        raise NotPermitted.because("not_your_token", message)
    if token.revoked_at is not None:
        raise Refused.because(
            "already_revoked", "It is revoked already: nothing is left to do."
        )
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    records.audit("revoke_token", token, actor=actor, at=at, person=token.person.username)
    return token


def person_for_token(token: str) -> Person | None:
    """Whom this token lets a program act as; None if it is unknown, revoked, or they have left."""
    rows = ApiToken.objects.select_related("person__team")
    found = rows.filter(digest=digest(token), revoked_at=None, person__is_active=True).first()
    return found.person if found else None


def _permitted_by(token: str, app: str, codename: str) -> QuerySet[ApiToken, Any]:
    own = Person.user_permissions.through.objects.filter(
        person=OuterRef("person"),
        permission__codename=codename,
        permission__content_type__app_label=app,
    )
    of_groups = Person.groups.through.objects.filter(
        person=OuterRef("person"),
        group__permissions__codename=codename,
        group__permissions__content_type__app_label=app,
    )
    may = Q(person__is_superuser=True) | Exists(own) | Exists(of_groups)
    rows = ApiToken.objects.filter(digest=token, revoked_at=None, person__is_active=True)
    return rows.filter(may).values_list(*(f"person__{name}" for name in _NAMED))


_NAMED = ("id", "username", "name")
_permitted = Prepared(_permitted_by, "<token>", "<app>", "<codename>")


def permitted_by_token(token: str, permission: str) -> Person | None:
    """The same person where they have this standing permission, all asked in one quick statement.

    None says nothing of the reason: ask the two on their own. Only the names are loaded.
    """
    rows = _permitted(digest(token), *permission.split("."))
    return Person.from_db("default", _NAMED, rows[0]) if rows else None


def _require_active(person: Person) -> None:
    if not person.is_active:
        message = f"{person} is deactivated: choose somebody active."
        raise Refused.because("not_active", message, "person")
