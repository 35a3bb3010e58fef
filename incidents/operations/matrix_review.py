"""What becomes of a matrix that cannot wait for its checker, and of one that stood for long.

An emergency change takes effect at once and owes a decision by another person within a set time;
declined, the version before is law again. Incidents pinned to it stay pinned: it was their law.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from incidents.models import (
    EmergencyChange,
    MatrixConfirmation,
    MatrixVersion,
    NudgePolicy,
    Obligation,
    OutboxMessage,
    Person,
)
from incidents.models.governed import LAW, VersionStatus
from incidents.operations import (
    composing,
    matrix,
    nudges,
    policies,
    recipients,
    records,
    standing,
    versions,
    words,
)
from incidents.operations.composing import Message, page_of
from incidents.operations.law import matrix_in_force
from incidents.operations.matrix import Judged
from incidents.operations.matrix_facts import limits
from incidents.rules.nudges import OWNER, DueStep, Step
from incidents.rules.policy import Policy
from incidents.rules.reasons import Reason, Refused

PAGE = OutboxMessage.Priority.PAGE
WHAT = NudgePolicy.What.EMERGENCY_CHANGE


@transaction.atomic
def enact(
    version: MatrixVersion,
    *,
    reason: str,
    warnings_reason: str = "",
    actor: Person,
    at: datetime,
) -> MatrixVersion:
    """Make a draft or submitted version law at once; its approval is owed, and leaders are told.

    Refuses `not_to_be_enacted`, `matrix_is_empty`, `matrix_has_errors`, `reason_missing` and
    `warnings_need_a_reason`.
    """
    begin("enact", version, actor=actor, at=at)
    reason = words.required(reason, "reason", "Say why it cannot wait for a checker.")
    spite = warnings_reason.strip() or version.warnings_reason
    matrix.require_reason(version, spite, at=at)
    before = matrix_in_force(at)
    versions.enact(version, warnings_reason=spite, at=at)
    hours = limits().emergency_hours
    change = EmergencyChange(
        version=version,
        reason=reason,
        enacted_by=actor,
        enacted_at=at,
        due_at=at + timedelta(hours=hours),
    )
    nudges.schedule(change, policies.of(WHAT), at=at)
    change.save()
    composing.compose(_told_of(change, "enacted", _enacted(change, before)), at=at)
    records.audit(
        "enact_matrix",
        version,
        actor=actor,
        at=at,
        reason=reason,
        warnings_reason=spite,
        due_at=change.due_at,
    )
    return version


@transaction.atomic
def decline(
    version: MatrixVersion, *, reason: str, actor: Person, at: datetime
) -> MatrixVersion:
    """End an emergency change: the version before is law again at once, and leaders are told.

    Refuses `not_an_emergency`, `maker_is_checker` and `reason_missing`.
    """
    begin("decline", version, actor=actor, at=at)
    reason = words.required(reason, "reason", "Say why it is declined.")
    version.status = VersionStatus.WITHDRAWN
    version.save()
    matrix.settle(version, EmergencyChange.Outcome.DECLINED, note=reason, actor=actor, at=at)
    change = EmergencyChange.objects.get(version=version)
    law = matrix_in_force(at)
    composing.compose(_told_of(change, "declined", _declined(change, law)), at=at)
    records.audit(
        "decline_matrix",
        version,
        actor=actor,
        at=at,
        reason=reason,
        law=str(law) if law else "",
    )
    return version


@transaction.atomic
def confirm(
    version: MatrixVersion, *, note: str = "", actor: Person, at: datetime
) -> MatrixConfirmation:
    """Keep that somebody looked at the version in force and found it still right (R27).

    Refuses `not_in_force`.
    """
    begin("confirm", version, actor=actor, at=at)
    note = words.optional(note, "note")
    made = MatrixConfirmation.objects.create(
        version=version, confirmed_by=actor, confirmed_at=at, note=note
    )
    Obligation.objects.about(version).settle(at=at)
    records.audit("confirm_matrix", version, actor=actor, at=at, note=note)
    return made


def begin(act: str, version: MatrixVersion, *, actor: Person, at: datetime) -> None:
    """Lock the version and return only if this person may do this to it now."""
    versions.lock(version)
    versions.permit(act, MatrixVersion, actor)
    if reasons := objections(act, version, actor, at=at):
        raise Refused(*reasons)


def objections(
    act: str,
    version: MatrixVersion,
    person: Person,
    *,
    at: datetime,
    judged: Judged | None = None,
) -> tuple[Reason, ...]:
    """Every reason why this person may not enact, decline or confirm this version now."""
    if act != "confirm":
        return matrix.objections(act, version, person, at=at, judged=judged)
    return tuple(_against_confirming(version, person, at))


def _against_confirming(
    version: MatrixVersion, person: Person, at: datetime
) -> Iterator[Reason]:
    if reason := standing.missing(person, "incidents.confirm_matrixversion"):
        yield reason
    law = matrix_in_force(at)
    if law is None or law.pk != version.pk:
        yield Reason(
            "not_in_force", "It is not in force: only the version that is can be confirmed."
        )


def as_of(at: datetime) -> MatrixVersion | None:
    """The version that was, is or by now would be law at this instant; None if none.

    An emergency change that was declined was law until then, so it is found where it was.
    """
    was_law = Q(status__in=LAW) | Q(
        status=VersionStatus.WITHDRAWN, emergency__decided_at__gt=at
    )
    return _law_before(MatrixVersion.objects.filter(was_law, effective_from__lte=at))


def predecessor(version: MatrixVersion, *, at: datetime) -> MatrixVersion | None:
    """What to compare a version with: the law in force; of law, what was law before it took effect.

    What it was based on where there was no law before.
    """
    laws = MatrixVersion.objects.filter(status__in=LAW).exclude(pk=version.pk)
    since = version.effective_from
    limit = at if since is None or since > at else since
    found = _law_before(laws.filter(effective_from__lte=limit))
    return found or version.based_on


def _law_before(rows: QuerySet[MatrixVersion]) -> MatrixVersion | None:
    known = rows.select_related("matrix", "maker", "checker")
    return known.order_by("-effective_from", "-id").first()


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Remind those who may decide of emergency changes that nobody has decided yet."""
    owed = EmergencyChange.objects.filter(decided_at=None)
    policy = policies.of(WHAT)
    nudges.sweep(
        owed.select_related("version__matrix", "enacted_by__manager"), policy, writer(policy, at),
        at=at, say=say, called=lambda change: f"emergency change {change.version}",
    )  # fmt: skip


def writer(
    policy: Policy, at: datetime
) -> Callable[[EmergencyChange, DueStep], Iterator[Message]]:
    """What writes the reminders of one sweep, or of a policy that is tried out."""
    desk = recipients.Recipients()

    def write(change: EmergencyChange, step: DueStep) -> Iterator[Message]:
        told = _may_decide(change, step.step, desk)
        return _reminders(change, step, told, policy, at)

    return write


def _may_decide(
    change: EmergencyChange, step: Step, desk: recipients.Recipients
) -> Sequence[Person]:
    """Whom the step means; who made it or put it in force only where it means the owner."""
    out = {change.enacted_by_id, change.version.maker_id}
    if OWNER in step.to:
        out.discard(change.enacted_by_id)
    told = desk.told(step, owner=change.enacted_by)
    return [person for person, _ in told if person.pk not in out]


def _reminders(
    change: EmergencyChange,
    step: DueStep,
    told: Sequence[Person],
    policy: Policy,
    at: datetime,
) -> Iterator[Message]:
    is_late = change.due_at is not None and at >= change.due_at
    state = "is OVERDUE" if is_late else "is owed"
    for person in told:
        yield Message(
            key=nudges.key(change, step, person),
            kind="emergency-nudge",
            to=person,
            subject=f"{change.version}: a decision on the emergency change {state}",
            body=f"{change.reason}\n\n{change.enacted_by} put it in force {_instant(change.enacted_at)}. "
            f"A decision is owed by {_instant(change.due_at)}: another leader approves it, or "
            "declines it, and the version before is law again.",
            link=page_of(change.version),
            topic=str(change.version),
            **policies.manner(policy, step.step),
        )


def _told_of(change: EmergencyChange, what: str, said: tuple[str, str]) -> Iterator[Message]:
    """All leaders hear at once that the law is another; also whoever made it so."""
    subject, body = said
    for person in standing.leaders():
        yield Message(
            key=f"emergency:{change.pk}:{what}:{person.pk}",
            kind=f"emergency-{what}",
            to=person,
            subject=subject,
            body=body,
            link=page_of(change.version),
            topic=str(change.version),
            priority=PAGE,
        )


def _enacted(change: EmergencyChange, before: MatrixVersion | None) -> tuple[str, str]:
    instead = f" instead of {before}" if before else ""
    return (
        f"{change.version} is in force as an emergency change",
        f"{change.enacted_by} put it in force{instead}, unapproved, because: {change.reason}\n\n"
        f"It governs every incident declared from now on. By {_instant(change.due_at)} another "
        "leader approves it, or declines it, and the version before is law again.",
    )


def _declined(change: EmergencyChange, law: MatrixVersion | None) -> tuple[str, str]:
    now = f"{law} is in force now" if law else "No matrix is in force now"
    return (
        f"The emergency change {change.version} was declined",
        f"{change.decided_by} declined it, because: {change.decision_note}\n\n{now}. Incidents "
        "that were declared under it stay under it.",
    )


def _instant(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "once"
