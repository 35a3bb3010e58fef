"""Whom Northwind Pay serves: eight customers, and what five of their contracts promise to tell them."""

from dataclasses import dataclass
from datetime import datetime

from simple_history.utils import bulk_create_with_history

from incidents.models import Customer, Incident, NoticeClause, Person
from incidents.operations import notices
from raci_project.demo.catalogue import Services
from raci_project.demo.people import Everybody

# slug, name, whom we write to there, what they use, who looks after them
CUSTOMERS = (
    ("harbour-books", "Harbour Books", "Alma Reyes", ("checkout", "card-acquiring"), "pablo"),
    ("fennel-grocers", "Fennel Grocers", "Bo Lindgren", ("payouts", "settlement"), "quinn"),
    ("kite-rail", "Kite Rail", "Control room", ("checkout", "payments-api"), "pablo"),
    ("lumen-clinics", "Lumen Clinics", "Dr Esi Owusu", ("merchant-portal", "identity"), "rosa"),
    ("orbit-travel", "Orbit Travel", "Duty manager", ("payments-api", "api-gateway", "payouts"), "mei"),
    ("pine-and-post", "Pine & Post", "Greta Holm", ("checkout", "merchant-portal"), "quinn"),
    ("salt-studio", "Salt Studio", "", ("checkout",), "rosa"),
    ("tern-charity", "Tern Charity", "Ivo Marek", ("checkout", "payouts"), "mei"),
)  # fmt: skip


@dataclass(frozen=True)
class Promised:
    """One clause; without levels it is about any, without services about all they use."""

    customer: str
    title: str
    hours: int
    starts: str
    source: str
    content: str
    levels: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    concerns: str = "any"


CLAUSES = (
    Promised("harbour-books", "Payments unavailable", 4, "detected", "Master agreement, 7.2",
             "Which payments fail, since when, and when we write again.", ("sev1", "sev2")),
    Promised("fennel-grocers", "Late payouts", 2, "detected", "Payout schedule, 3.1",
             "Which payouts are late, by how much, and the day they will arrive.",
             services=("payouts",)),
    Promised("kite-rail", "Ticket sales stop", 1, "detected", "Operations annex, 4",
             "That ticket sales are affected, and whether to open the counters. By telephone to "
             "the control room: they read no mail.", ("sev1",), ("checkout",)),
    Promised("lumen-clinics", "Incidents of personal data", 24, "awareness",
             "Data processing agreement, 9", "What data, of how many people, what was done, and "
             "whom to ask.", services=("merchant-portal",), concerns="personal_data"),
    Promised("orbit-travel", "Any grave incident", 24, "declared", "Service description, 12",
             "A summary for their duty manager: cause as far as known, and what comes next.",
             ("sev1",)),
)  # fmt: skip
# They are called, not written to.
NO_MAIL = {"kite-rail", "salt-studio"}


def sign(people: Everybody, services: Services, *, began: datetime) -> None:
    """The customers with what they use, and their clauses; there before the first incident."""
    rows = [
        Customer(
            slug=slug,
            name=name,
            contact_name=contact,
            contact_email="" if slug in NO_MAIL else f"incidents@{slug}.example",
            account_manager=people[manager],
        )
        for slug, name, contact, _, manager in CUSTOMERS
    ]
    made = bulk_create_with_history(rows, Customer, default_date=began)
    known = {row.slug: row for row in made}
    for slug, _, _, uses, _ in CUSTOMERS:
        known[slug].services.set(services[each] for each in uses)
    clauses = bulk_create_with_history(
        [_clause(each, known[each.customer]) for each in CLAUSES],
        NoticeClause,
        default_date=began,
    )
    for clause, each in zip(clauses, CLAUSES, strict=True):
        clause.services.set(services[slug] for slug in each.services)


def _clause(each: Promised, customer: Customer) -> NoticeClause:
    return NoticeClause(
        customer=customer,
        title=each.title,
        hours=each.hours,
        starts=each.starts,
        concerns=each.concerns,
        levels=list(each.levels),
        content=each.content,
        source=each.source,
    )


def call(incident: Incident, *, actor: Person, at: datetime) -> None:
    """Everybody whom a contract promises a notice was called."""
    for clock in notices.open_of(incident):
        who = clock.clause.contact_name or clock.clause.customer.contact_name
        how = f"Called {who or 'the desk'}; they had noticed and thanked us for the call."
        notices.give_notice(incident, clock=clock, how=how, actor=actor, at=at)
