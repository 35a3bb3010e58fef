"""The coverage map of holding statements as of an instant, and the work that fills its holes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from incidents.models.calendar import today
from incidents.models.catalogue import Scenario
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.operations import composing, obligations, records, standing, words
from incidents.operations.composing import Message, page_of
from incidents.operations.law import levels, scheme_in_force
from incidents.rules import coverage as rules
from incidents.rules import owed
from incidents.rules.coverage import Cell, Totals, Words
from incidents.rules.nudges import end_of_day
from incidents.rules.reasons import Invalid, Refused

ADD, WRITE = "incidents.add_holdingstatement", "incidents.change_holdingstatement"
LANGUAGE = "en"
# How long whoever is to write the words has, unless another day is named.
DAYS = 14
_TITLE = 120
# Who is spoken to outside comes first: what is said there cannot be taken back.
AUDIENCES = ("public", "customers", "executive", "support", "internal")
_Status = HoldingStatement.Status


@dataclass(frozen=True, slots=True)
class Coverage:
    """The map: its axes, its cells in the order of the axes, and how much is covered.

    `levels` are code and name, "" and "any level" first; `scenarios` end with None, any scenario.
    """

    scheme: str
    language: str
    languages: tuple[str, ...]
    scenarios: tuple[Scenario | None, ...]
    levels: tuple[tuple[str, str], ...]
    audiences: tuple[str, ...]
    cells: tuple[Cell, ...]
    totals: Totals


def look(*, audience: str = "", language: str = LANGUAGE, at: datetime) -> Coverage:
    """How every cell stands on this day, in one language, for one audience or all of them.

    First words alone: progress and the end are written when they are known. Constant queries.
    Invalid: an audience that is none.
    """
    if audience:
        _known(audience)
    codes, asked, scheme = _law(at)
    every = list(_words())
    scenarios = (*Scenario.objects.defer("description"), None)
    audiences = (audience,) if audience else AUDIENCES
    cells = tuple(
        rules.cover(
            [each for spoken, each in every if spoken == language],
            scenarios=[scenario.pk if scenario else None for scenario in scenarios],
            levels=tuple(codes),
            audiences=audiences,
            asked=asked,
            on=today(at),
        )
    )
    return Coverage(
        scheme=scheme,
        language=language,
        languages=tuple(sorted({LANGUAGE, language, *(spoken for spoken, _ in every)})),
        scenarios=scenarios,
        levels=tuple(codes.items()),
        audiences=audiences,
        cells=cells,
        totals=rules.totals(cells),
    )


@transaction.atomic
def plan(
    *,
    scenario: Scenario | None = None,
    severity: str = "",
    audience: str,
    language: str = LANGUAGE,
    owner: Person | None = None,
    by: date | None = None,
    actor: Person,
    at: datetime,
) -> HoldingStatement:
    """Create the work for one cell: an empty draft, owed by its owner (the actor unless named).

    `by` is the day on which it is due, in two weeks unless given; the owner is told, and nudged
    from then on. Refuses `work_exists` where a draft for the cell is there. Invalid: an unknown
    audience or level, a day that is over, an owner who may not write.
    """
    standing.permit_to(actor, ADD)
    _known(audience)
    order = _order(owner or actor, by, language, at)
    codes = _law(at)[0]
    if severity not in codes:
        known = ", ".join(code for code in codes if code) or "none: no scheme is in force"
        raise Invalid.because(
            "unknown_level", f"Choose any level, or one of {known}.", "severity"
        )
    _lock(scenario)
    if (severity, audience) in _at_work(scenario, order.language):
        message = "A draft for this cell is there already: write on it, or wait for its owner."
        raise Refused.because("work_exists", message)
    (row,) = _created([(severity, audience)], scenario, order, codes, actor, at)
    records.audit(
        "plan_statement", row, actor=actor, at=at,
        owner=order.owner.username, by=order.by, audience=audience, severity=severity,
    )  # fmt: skip
    return row


@transaction.atomic
def plan_row(
    *,
    scenario: Scenario,
    language: str = LANGUAGE,
    owner: Person | None = None,
    by: date | None = None,
    actor: Person,
    at: datetime,
) -> list[HoldingStatement]:
    """Create the work for every cell of a scenario that the law asks for and nobody works on.

    Those are holes, words that expired and words whose approver left; one message tells the owner
    of all. Refuses `nothing_to_plan`. Invalid: a day that is over, an owner who may not write.
    """
    standing.permit_to(actor, ADD)
    order = _order(owner or actor, by, language, at)
    _lock(scenario)
    there = _at_work(scenario, order.language)
    cells = [
        (cell.severity, cell.audience)
        for cell in look(language=order.language, at=at).cells
        if cell.scenario == scenario.pk and cell.wants_work
    ]
    missing = [cell for cell in cells if cell not in there]
    if not missing:
        message = f"“{scenario}” has no hole that nobody works on."
        raise Refused.because("nothing_to_plan", message, "scenario")
    rows = _created(missing, scenario, order, _law(at)[0], actor, at)
    records.audit(
        "plan_statements", scenario, actor=actor, at=at,
        owner=order.owner.username, by=order.by, statements=[row.pk for row in rows],
    )  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True)
class _Order:
    """Who writes, in which language, by which day."""

    owner: Person
    by: date
    language: str


def _order(owner: Person, by: date | None, language: str, at: datetime) -> _Order:
    on = by or today(at) + timedelta(days=DAYS)
    if on < today(at):
        message = "This day is over: choose today or a later one."
        raise Invalid.because("due_in_the_past", message, "by")
    end_of_day(on, settings.ORGANISATION_ZONE)  # Invalid where there is no day after it
    if not owner.is_active or not owner.has_perm(WRITE):
        message = f"{owner} may not write statements: choose somebody who may."
        raise Invalid.because("owner_may_not_write", message, "owner")
    return _Order(
        owner, on, words.required(language, "language", "Name the language.", longest=10)
    )


def _created(
    cells: Sequence[tuple[str, str]],
    scenario: Scenario | None,
    order: _Order,
    codes: Mapping[str, str],
    actor: Person,
    at: datetime,
) -> list[HoldingStatement]:
    """The drafts, what is owed of them, and what their owner is told."""
    drafts = [
        HoldingStatement(
            title=_title(scenario, codes[severity], audience),
            scenario=scenario,
            severity=severity,
            audience=audience,
            language=order.language,
            purpose=HoldingStatement.Purpose.FIRST,
            maker=order.owner,
            review_on=order.by,
        )
        for severity, audience in cells
    ]
    rows: list[HoldingStatement] = bulk_create_with_history(
        drafts, HoldingStatement, default_user=actor, default_date=at
    )
    obligations.compare(owed.STATEMENT, at)
    composing.compose(_told(rows, order, actor), at=at)
    return rows


def _title(scenario: Scenario | None, level: str, audience: str) -> str:
    cell = f": first word, {level}, {audience}"
    return f"{str(scenario or 'Any scenario')[: _TITLE - len(cell)]}{cell}"


def _told(rows: Sequence[HoldingStatement], order: _Order, actor: Person) -> Iterator[Message]:
    """Nobody is told of what they did themselves."""
    if order.owner == actor:
        return
    titles = "\n".join(f"- {row.title}" for row in rows)
    what = "a holding statement" if len(rows) == 1 else f"{len(rows)} holding statements"
    yield Message(
        key=f"statement-planned:{rows[0].pk}",
        kind="statement-planned",
        to=order.owner,
        subject=f"Please write {what} by {order.by:%-d %B %Y}",
        body=f"{actor} asks you for words that nobody has prepared:\n\n{titles}\n\nWrite them in "
        "calm; another person approves them. Until then nothing can be said at once.",
        link=page_of(rows[0])
        if len(rows) == 1
        else "/admin/incidents/holdingstatement/coverage/",
        may_wait=True,
    )


def _law(at: datetime) -> tuple[Mapping[str, str], rules.Asked, str]:
    """Levels by code, any level first; of whom the scheme in force asks an update; its name."""
    codes, scheme = {rules.ANY: "any level"}, scheme_in_force(at)
    if scheme is None:
        return codes, (), ""
    asked: set[tuple[str, str]] = set()
    for code, law in levels(scheme).items():
        codes[code] = law.row.name
        asked |= {(code, audience) for audience in law.cadences}
        if law.row.public_update_required:
            asked.add((code, Audience.PUBLIC.value))
    return codes, asked, str(scheme)


def _words() -> Iterator[tuple[str, Words]]:
    """Every first word that is not retired, with its language."""
    rows = HoldingStatement.objects.exclude(status=_Status.RETIRED).filter(
        purpose=HoldingStatement.Purpose.FIRST
    )
    for row in rows.defer("text", "forbidden").select_related("approver").order_by("pk"):
        yield (
            row.language,
            Words(
                key=row.pk,
                title=row.title,
                scenario=row.scenario_id,
                severity=row.severity,
                audience=row.audience,
                is_approved=row.status == _Status.APPROVED,
                has_approver=row.approver is None or row.approver.is_active,
                effective_from=row.effective_from,
                review_on=row.review_on,
                expires_on=row.expires_on,
            ),
        )


def _at_work(scenario: Scenario | None, language: str) -> set[tuple[str, str]]:
    """The cells of this scenario that have a draft of their own."""
    drafts = HoldingStatement.objects.filter(
        scenario=scenario,
        language=language,
        status=_Status.DRAFT,
        purpose=HoldingStatement.Purpose.FIRST,
    )
    return set(drafts.order_by().values_list("severity", "audience"))


def _lock(scenario: Scenario | None) -> None:
    """Two who fill the same row at once do it one after the other."""
    if scenario is not None:
        Scenario.objects.select_for_update().get(pk=scenario.pk)


def _known(audience: str) -> None:
    if audience not in Audience.values:
        known = ", ".join(Audience.values)
        raise Invalid.because("unknown_audience", f"Choose one of {known}.", "audience")
