"""The life of a version, whichever law it is: submitted, approved by a second person, withdrawn.

Each law has verbs of its own with an audit line of its own; what all laws ask stands here.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from incidents.models.governed import GovernedVersion, VersionStatus
from incidents.models.people import Person
from incidents.operations import words
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused

V = TypeVar("V", bound=GovernedVersion)

# What stands against the content of a version, asked when it is submitted and again at approval.
Content: TypeAlias = Callable[[V], Iterable[Reason]]

# An act whose permission bears another name.
_PERMISSIONS = {"write": "draft", "decline": "approve"}


def begin(act: str, version: V, content: Content[V], *, actor: Person, at: datetime) -> None:
    """Lock the version and return only if this person may do this to it now."""
    lock(version)
    permit(act, type(version), actor)
    if reasons := tuple(_standing(act, version, actor, content, at)):
        raise Refused(*reasons)


def objections(
    act: str, version: V, person: Person, content: Content[V], *, at: datetime
) -> tuple[Reason, ...]:
    """Every reason why this person may not do this to this version now."""
    missing = _missing_permission(act, type(version), person)
    now = _standing(act, version, person, content, at)
    return (missing, *now) if missing else tuple(now)


def permit(act: str, kind: type[GovernedVersion], person: Person) -> None:
    """Return only if this person may ever do this; NotPermitted `no_permission` otherwise."""
    if reason := _missing_permission(act, kind, person):
        raise NotPermitted(reason)


def lock(version: GovernedVersion) -> None:
    """Lock the row until the transaction ends and read it anew: what was decided on may be stale."""
    rows: Any = type(version)._default_manager
    version.refresh_from_db(from_queryset=rows.select_for_update())


def submit(version: GovernedVersion, *, warnings_reason: str = "", at: datetime) -> None:
    """From a draft to what a checker reads."""
    version.status, version.submitted_at = VersionStatus.SUBMITTED, at
    version.warnings_reason = warnings_reason
    version.save()


def approve(
    version: GovernedVersion, *, effective_from: datetime | None, actor: Person, at: datetime
) -> None:
    """Law from an instant on, `at` unless given; an emergency's from when it took effect.

    Refuses `effective_in_the_past`, `emergency_is_in_force`.
    """
    is_law = version.status == VersionStatus.EMERGENCY
    if is_law and effective_from is not None:
        raise Invalid.because(
            "emergency_is_in_force",
            "It is in force already, and stays so: give no instant.",
            "effective_from",
        )
    if effective_from is not None and effective_from < at:
        raise Invalid.because(
            "effective_in_the_past",
            "A law cannot take effect in the past: give a later instant, or none for at once.",
            "effective_from",
        )
    version.status = VersionStatus.APPROVED
    version.checker, version.approved_at = actor, at
    if not is_law:
        version.effective_from = effective_from or at
    version.save()


def enact(version: GovernedVersion, *, warnings_reason: str, at: datetime) -> None:
    """Law at once, unchecked: its approval is owed."""
    version.status, version.effective_from = VersionStatus.EMERGENCY, at
    version.warnings_reason = warnings_reason
    version.save()


def withdraw(version: GovernedVersion, *, reason: str) -> dict[str, str]:
    """Never law. Refuses without a reason; what the audit line tells."""
    reason = words.required(reason, "reason", "Say why it is withdrawn.")
    before, version.status = version.status, VersionStatus.WITHDRAWN
    version.save()
    return {"before": before, "reason": reason}


def _missing_permission(act: str, kind: type[GovernedVersion], person: Person) -> Reason | None:
    meta = kind._meta
    if person.has_perm(f"incidents.{_PERMISSIONS.get(act, act)}_{meta.model_name}"):
        return None
    message = (
        f"You have no permission to {act} a {meta.verbose_name}: ask an administrator to add you "
        "to a group that has it."
    )
    return Reason("no_permission", message)


def _standing(
    act: str, version: V, person: Person, content: Content[V], at: datetime
) -> Iterator[Reason]:
    """What stands against this act, given where the version stands and what it says."""
    match act, version.status:
        case "write", VersionStatus.DRAFT:
            return
        case "submit", VersionStatus.DRAFT:
            yield from content(version)
        case "approve", VersionStatus.SUBMITTED:
            yield from _against_checking(version, person)
            yield from content(version)
        # What took effect unapproved is law already: the checks are asked no more.
        case "approve" | "decline", VersionStatus.EMERGENCY:
            yield from _against_checking(version, person)
        case "enact", VersionStatus.DRAFT | VersionStatus.SUBMITTED:
            yield from content(version)
        case "enact", _:
            message = (
                f"It is {version.status}: only a draft or a submitted one is put in force."
            )
            yield Reason("not_to_be_enacted", message)
        case "decline", _:
            message = f"It is {version.status}: only an emergency change is declined."
            yield Reason("not_an_emergency", message)
        case "withdraw", _:
            yield from _against_withdrawing(version, at)
        case "approve", _:
            message = f"It is {version.status}: only a submitted one can be approved."
            yield Reason("not_submitted", message)
        case _:
            message = f"It is {version.status}: only a draft can be changed or submitted."
            yield Reason("not_a_draft", message)


def _against_checking(version: GovernedVersion, person: Person) -> Iterator[Reason]:
    if person.pk in version.authors():
        is_maker = person.pk == version.maker_id
        did = "made this version" if is_maker else "edited it or put it in force"
        yield Reason(
            "maker_is_checker",
            f"You {did}, and nobody approves their own work: ask another leader.",
        )


def _against_withdrawing(version: GovernedVersion, at: datetime) -> Iterator[Reason]:
    if version.status == VersionStatus.WITHDRAWN:
        yield Reason("already_withdrawn", "It is withdrawn already.")
    elif version.status == VersionStatus.EMERGENCY:
        yield Reason(
            "has_taken_effect",
            "It is in force as an emergency: decline it, and the version before is law again.",
        )
    elif version.effective_from is not None and version.effective_from <= at:
        yield Reason(
            "has_taken_effect",
            "It has taken effect, and what was law is never withdrawn: make a better version "
            "and have it approved; that supersedes this one.",
        )
