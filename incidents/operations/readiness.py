"""Legal readiness as of an instant: what could concern us, what we hold, whom we would tell, who would."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.data_map import DataHolding, Regulator
from incidents.models.law_pack import LawPack, LegalProfile
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification
from incidents.operations import contacts, data_map, law
from incidents.operations.contacts import Proofs
from incidents.rules import data_map as mapping
from incidents.rules import legal_profile, readiness
from incidents.rules.data_map import is_stale
from incidents.rules.law_pack import Pack
from incidents.rules.legal_profile import Profile
from incidents.rules.readiness import Concern
from incidents.rules.roles import COUNSEL, NAMES, PRIVACY

ROLES = (COUNSEL, PRIVACY)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing, in a sentence, and the row it is about; `code` says what kind."""

    code: str
    text: str
    row: Service | DataHolding | Regulator | None = None
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One service with what it holds; `places` are codes of places by category."""

    service: Service
    holdings: tuple[DataHolding, ...]
    places: dict[str, tuple[str, ...]]
    people: int
    verified_on: date | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Office:
    """Somebody the law could make us tell, and what we have on file of them."""

    code: str
    words: str
    concerns: tuple[Concern, ...]
    rows: tuple[Regulator, ...]
    is_stale: bool

    @property
    def is_mapped(self) -> bool:
        """Whether a regime that our data map speaks for makes us tell them."""
        return any(each.is_mapped is not False for each in self.concerns)

    @property
    def is_needed(self) -> bool:
        """Whether it is worth a place on the page: the map speaks for it, or it is on file."""
        return self.is_mapped or bool(self.rows)


@dataclass(frozen=True, slots=True)
class Ready:
    """One person who may hold a role of the law; whether they are here, and were shown to be reached."""

    person: Person
    is_away: bool
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole page; `categories` are code and words, in the order of the law."""

    pack: LawPack | None
    disclaimer: str
    profile: LegalProfile | None
    concerns: tuple[Concern, ...]
    categories: tuple[tuple[str, str], ...]
    services: tuple[Mapped, ...]
    offices: tuple[Office, ...]
    people: tuple[tuple[str, tuple[Ready, ...]], ...]
    gaps: tuple[Gap, ...]


def look(*, at: datetime) -> Readiness:
    """How ready we are. A constant number of queries; stores nothing."""
    row, ours = law.law_pack_in_force(at), law.legal_profile_in_force(at)
    pack = law.pack_of(row) if row else None
    services = _services(today(at))
    concerns = _concerns(pack, ours, services)
    offices = _offices(pack, concerns, today(at))
    people = tuple(_people(at))
    held = {code for each in services for code in each.places}
    known = data_map.categories(at=at)
    return Readiness(
        pack=row,
        disclaimer=pack.disclaimer if pack else "",
        profile=ours,
        concerns=concerns,
        categories=tuple((code, words) for code, words in known.items() if code in held),
        services=services,
        offices=offices,
        people=people,
        gaps=(
            *_gaps_of_law(row, ours, concerns),
            *_gaps_of_people(people),
            *_gaps_of_map(services),
            *_gaps_of_offices(offices, knows_us=ours is not None),
        ),
    )


def _concerns(
    pack: Pack | None, row: LegalProfile | None, services: Iterable[Mapped]
) -> tuple[Concern, ...]:
    if pack is None:
        return ()
    profile = law.profile_of(row, pack) if row else Profile()
    held = mapping.assumed(
        data_map.holding_of(holding) for each in services for holding in each.holdings
    )
    why = legal_profile.concerning(pack, profile)
    return readiness.concerns(pack, profile, why, held)


def _services(on: date) -> tuple[Mapped, ...]:
    """Services that hold something, or handle personal data; two queries."""
    holdings: dict[int, list[DataHolding]] = defaultdict(list)
    rows = DataHolding.objects.filter(is_active=True, service__is_active=True)
    for row in rows.select_related("service", "verified_by"):
        holdings[row.service_id].append(row)
    services = Service.objects.filter(is_active=True).order_by("name")
    asked = services.filter(handles_personal_data=True) | services.filter(pk__in=holdings)
    return tuple(_mapped(service, holdings[service.pk], on) for service in asked)


def _mapped(service: Service, rows: Sequence[DataHolding], on: date) -> Mapped:
    places: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for code in row.data_categories:
            places[code] |= {*row.jurisdictions}
    dates = [row.verified_on for row in rows]
    known = [each for each in dates if each]
    return Mapped(
        service,
        tuple(rows),
        {code: tuple(sorted(where)) for code, where in places.items()},
        sum(mapping.total(row.persons) for row in rows),
        min(known) if known and len(known) == len(dates) else None,
        any(is_stale(each, on) for each in dates),
    )


def _offices(pack: Pack | None, concerns: Iterable[Concern], on: date) -> tuple[Office, ...]:
    """Whom they make us tell, those on file last; one query."""
    if pack is None:
        return ()
    wanted = readiness.wanted(concerns)
    on_file: dict[str, list[Regulator]] = defaultdict(list)
    rows = Regulator.objects.filter(recipient__in=wanted, is_active=True)
    for row in rows.select_related("verified_by"):
        on_file[row.recipient].append(row)
    words = pack.words["recipients"]
    found = [
        Office(
            code,
            words.get(code, code),
            tuple(theirs),
            tuple(on_file[code]),
            any(is_stale(row.verified_on, on) for row in on_file[code]),
        )
        for code, theirs in wanted.items()
    ]
    return tuple(sorted(found, key=lambda each: (not each.is_mapped, bool(each.rows))))


def _people(at: datetime) -> Iterator[tuple[str, tuple[Ready, ...]]]:
    """Who may hold each role of the law today; three queries."""
    valid = Qualification.objects.valid(today(at)).filter(
        role__in=ROLES, person__is_active=True, granted_on__lte=today(at)
    )
    rows = list(valid.select_related("person").order_by("person__name", "person__username"))
    away = set(Absence.objects.covering(at).values_list("person", flat=True))
    proofs = contacts.proofs([row.person for row in rows])
    for role in ROLES:
        held = {row.person_id: row.person for row in rows if row.role_id == role}
        yield (
            NAMES[role],
            tuple(
                Ready(person, person.pk in away, _proved(person, proofs))
                for person in held.values()
            ),
        )


def _proved(person: Person, proofs: Proofs) -> datetime | None:
    own = (person.email, person.phone)
    found = (proofs.get((person.pk, address)) for address in own if address)
    return max(filter(None, found), default=None)


def _gaps_of_law(
    pack: LawPack | None, profile: LegalProfile | None, concerns: Iterable[Concern]
) -> Iterator[Gap]:
    if pack is None:
        yield Gap("no_pack", "No law pack is in force: no duty follows from any incident.")
    if profile is None:
        text = "No legal profile is in force: nobody said what we are, so every regime could concern us."
        yield Gap("no_profile", text)
    for each in concerns:
        if each.is_off:
            text = (
                f"{each.regime.name} is switched off, and our data map holds what it is about."
            )
            yield Gap("off_but_mapped", text)


def _gaps_of_people(people: Iterable[tuple[str, Sequence[Ready]]]) -> Iterator[Gap]:
    for role, ready in people:
        if not ready:
            yield Gap("nobody", f"Nobody is qualified as {role.lower()}.")
        elif all(each.is_away for each in ready):
            yield Gap("all_away", f"Everybody qualified as {role.lower()} is away now.")
        elif not any(each.proved_at for each in ready):
            text = f"No address of anybody qualified as {role.lower()} was shown to reach them."
            yield Gap("unproved", text)
        elif len(ready) == 1:
            yield Gap("only_one", f"{ready[0].person} is the only {role.lower()}.")


def _gaps_of_map(services: Iterable[Mapped]) -> Iterator[Gap]:
    for each in services:
        if not each.holdings:
            text = f"{each.service} handles personal data, and nothing of it is mapped."
            yield Gap("unmapped", text, each.service)
        elif each.is_stale:
            when = "for half a year" if each.verified_on else "at all"
            yield Gap(
                "map_stale",
                f"What {each.service} holds was not verified {when}.",
                min(each.holdings, key=lambda row: row.verified_on or date.min),
            )


def _gaps_of_offices(offices: Iterable[Office], *, knows_us: bool) -> Iterator[Gap]:
    """Before anybody said what we are every authority of the world would be one."""
    for each in offices:
        if not each.rows and each.is_mapped and knows_us:
            text = f"No channel is on file: {each.words}."
            yield Gap("no_office", text, recipient=each.code)
        elif each.is_stale:
            row = min(each.rows, key=lambda row: row.verified_on or date.min)
            when = "for half a year" if row.verified_on else "at all"
            yield Gap("office_stale", f"The channel of {row} was not verified {when}.", row)
