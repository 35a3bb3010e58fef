"""Publishing: what follows in the instant an update is said, whoever approved it and when."""

from collections.abc import Iterable, Sequence, Sized
from datetime import datetime

from incidents.models.audience import Destination, Subscriber
from incidents.models.customer import Customer
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import AuditEvent
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import (
    broadcasts,
    cadence,
    composing,
    escalation,
    notices,
    places,
    routing,
    standing,
    status_page,
    timeline,
    waiting,
)
from incidents.operations.moves import clock, provenance
from incidents.rules.reasons import Reason, Refused
from incidents.rules.updates import as_published

_FIRST = {
    Audience.INTERNAL: "first_internal_update_at",
    Audience.PUBLIC: "first_public_update_at",
}


def put_out(
    update: Update, *, giver: Person | None = None, actor: Person, at: datetime
) -> None:
    """All that publishing does but asking whose act it is and the audit line; in its transaction.

    The incident is locked; the update bears its approver. Refuses what waits for a consultation
    and what is not so any more: `promise_has_passed`, `reopened_since`.
    """
    require_current(update, at=at)
    incident, act = update.incident, waiting.act_of_update(update.audience)
    if act:
        waiting.require_consulted(incident, act, actor=actor, at=at)
    update.status = Update.Status.PUBLISHED
    update.published_by, update.published_at = actor, at
    update.services = _named(update)
    update.save()
    _keep_first(update, actor, at)
    text = standing.signed(f"Update published ({update.audience})", giver)
    timeline.record(incident, text, at=at, author=actor)
    cadence.answered(update, at=at)
    cadence.start_clocks(incident, actor=actor, at=at)
    told = escalation.participants(incident)
    composing.compose(_told(update, told), at=at)
    _reach(update, actor, at)
    if act:
        people = [person for person, _ in told]
        routing.performed(incident, act, actor=actor, at=at, note=update.text, told=people)


def require_current(update: Update, *, at: datetime) -> None:
    """Return only if it is still so. Refuses `promise_has_passed` and `reopened_since`."""
    if reason := outdated(update, at=at):
        raise Refused(reason)


def outdated(update: Update, *, at: datetime) -> Reason | None:
    """Why it would be untrue in the instant it is said, whoever agreed to it before."""
    return _broken_promise(update, at) or _came_back(update)


def _broken_promise(update: Update, at: datetime) -> Reason | None:
    promised_at = update.promised_next_at
    if promised_at is None or at < promised_at:
        return None
    instead = "rewrite it with a later one" if update.incident.is_open else "say approved words"
    message = (
        f"It promises the next update by {clock(promised_at)}, which has passed: {instead}."
    )
    return Reason("promise_has_passed", message)


def _came_back(update: Update) -> Reason | None:
    """Approved when it was over, of what was reopened since; no query for all that says no such thing."""
    incident = update.incident
    says_over = update.stage == Update.Stage.RESOLVED and incident.resolved_at is None
    if not says_over or update.approved_at is None:
        return None
    since = AuditEvent.objects.filter(
        subject_type=incident._meta.label_lower,
        subject_id=str(incident.pk),
        verb="reopen",
        at__gte=update.approved_at,
    )
    if not since.exists():
        return None
    message = (
        f"{incident.reference} was reopened after it was approved: rewrite it, it is not over."
    )
    return Reason("reopened_since", message)


def _named(update: Update) -> list[dict[str, str]]:
    """The services as its audience calls them; of what strangers have no name for, "" is kept."""
    is_outside = update.audience in places.OUTSIDE
    return [
        {"slug": one.slug, "name": one.public_name or ("" if is_outside else one.name)}
        for one in update.incident.services.all()
    ]


def _told(update: Update, told: Sequence[escalation.Told]) -> Iterable[composing.Message]:
    """To everybody with a role here, in the words everybody else reads."""
    correction = " (correction)" if update.corrects else ""
    return escalation.about(
        update.incident, told, key=f"update:{update.pk}", kind="update",
        subject=f"{update.audience} update{correction}", body=published_words(update),
    )  # fmt: skip


def _reach(update: Update, actor: Person, at: datetime) -> None:
    """Beyond this site: what is to go out is kept in this transaction, and sent after it."""
    places.compose(update, at=at)
    broadcasts.ask(update, at=at)
    if update.audience == Audience.PUBLIC and update.incident.kind == Incident.Kind.INCIDENT:
        status_page.ask(at=at)
    if update.audience == Audience.CUSTOMERS:
        notices.given_by(update, actor=actor, at=at)


def published_words(update: Update) -> str:
    """Its text as everybody reads it: a correction says that it is one."""
    return as_published(update.text, update.corrects.published_at if update.corrects else None)


def _keep_first(update: Update, actor: Person, at: datetime) -> None:
    """The incident keeps when its first internal and its first public update were published."""
    incident, field = update.incident, _FIRST.get(Audience(update.audience))
    if field is None or getattr(incident, field) is not None:
        return
    setattr(incident, field, at)
    incident.provenance[field] = provenance("auto", actor)
    incident.save(update_fields=[field, "provenance"])


def goes_to(update: Update) -> tuple[str, ...]:
    """Who hears it once it is published, as people say it; at most four queries."""
    incident = update.incident
    people = {person for person, _ in escalation.participants(incident)}
    found = [f"{len(people)} {_plural('person', 'people', people)} with a role in {incident}"]
    if not places.is_heard(update):
        what = "an exercise" if incident.kind == Incident.Kind.EXERCISE else "private"
        return (*found, f"nobody else: the incident is {what}")
    if update.customer is not None:
        return (*found, f"{update.customer}, by e-mail")
    there = Destination.objects.filter(audience=update.audience, is_active=True)
    found += [f"{place.name} ({place.get_channel_display()})" for place in there]
    if update.audience == Audience.PUBLIC:
        count = Subscriber.objects.listening().count()
        found += ["the status page", f"subscribers by e-mail, at most {count:,}"]
    if update.audience == Audience.CUSTOMERS:
        use = Customer.objects.filter(is_active=True, services__in=incident.services.all())
        found.append(f"customers who use what is affected: {use.distinct().count():,}")
    return tuple(found)


def _plural(one: str, many: str, things: Sized) -> str:
    return one if len(things) == 1 else many
