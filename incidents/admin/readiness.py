"""Legal readiness as a page: what could concern us, what we hold where, whom we would tell, who would."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin
from incidents.models import DataHolding, Regulator
from incidents.operations import readiness
from incidents.operations.readiness import Gap, Mapped, Office, Readiness
from incidents.rules import legal_places
from incidents.rules.readiness import Concern

PAGE = "admin:incidents_dataholding_readiness"
SEE = ("incidents.view_dataholding", "incidents.view_regulator")
_PLACES_NAMED = 3
# A page is read: of gaps of one kind so many, of services so many; the lists have the rest.
GAPS_NAMED = 25
SERVICES_SHOWN = 200


@dataclass(frozen=True)
class Step:
    """A gap, and where it is closed: `url` "" for who may not."""

    text: str
    url: str = ""
    act: str = ""


@dataclass(frozen=True)
class Cell:
    """One category of one service: the first codes, and for a screen reader the places by name."""

    text: str
    says: str


@dataclass(frozen=True)
class Row:
    """One service of the map."""

    mapped: Mapped
    url: str
    cells: tuple[Cell, ...]
    people: str


@dataclass(frozen=True)
class RegimeRow:
    """One regime with whom it makes us tell, in words; empty: people and customers alone."""

    concern: Concern
    told: str


@dataclass(frozen=True)
class OfficeRow:
    """One recipient; `add_url` "" for who may not add an authority."""

    office: Office
    add_url: str


def pages(admin: GovernedAdmin) -> list[URLPattern]:
    """The page; it comes before the rows, whose addresses would swallow it."""
    view = admin.admin_site.admin_view(partial(readiness_page, admin))
    return [path("readiness/", view, name="incidents_dataholding_readiness")]


def readiness_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """All four parts, the gaps first; it changes nothing."""
    if not request.user.has_perms(SEE):
        raise PermissionDenied
    at = timezone.now()
    found = readiness.look(at=at)
    shown = found.services[:SERVICES_SHOWN]
    regimes = list(_regimes(found))
    offices = [_office(each, request) for each in found.offices]
    context = {
        **admin.admin_site.each_context(request),
        "title": "Legal readiness",
        "opts": admin.opts,
        "found": found,
        "steps": list(_steps(found.gaps, request)),
        "rows": tuple(_rows(found, shown)),
        "services_more": len(found.services) - len(shown),
        # What our own data speaks against is a click away: the page is read from the top.
        "regimes_first": [each for each in regimes if each.concern.is_mapped is not False],
        "regimes_more": [each for each in regimes if each.concern.is_mapped is False],
        "offices_first": [each for each in offices if each.office.is_needed],
        "offices_more": [each for each in offices if not each.office.is_needed],
        "figures": _figures(found),
        "may_map": request.user.has_perm("incidents.add_dataholding"),
    }
    return TemplateResponse(request, "admin/law/readiness.html", context)


def _figures(found: Readiness) -> list[tuple[str, str]]:
    on = [each for each in found.concerns if not each.is_off]
    mapped = [each for each in found.services if each.holdings]
    needed = [each for each in found.offices if each.is_needed]
    on_file = [each for each in needed if each.rows]
    ready = sum(len(people) for _, people in found.people)
    return [
        (str(len(found.gaps)), "gap" if len(found.gaps) == 1 else "gaps"),
        (str(len(on)), "regimes could concern us"),
        (f"{len(mapped)} of {len(found.services)}", "services mapped"),
        (f"{len(on_file)} of {len(needed)}", "authorities on file"),
        (str(ready), "qualified for the law"),
    ]


def _steps(gaps: Sequence[Gap], request: HttpRequest) -> Iterator[Step]:
    """In their order; of a kind the first, and how many more."""
    left = Counter(gap.code for gap in gaps)
    named: Counter[str] = Counter()
    for gap in gaps:
        left[gap.code] -= 1
        named[gap.code] += 1
        if named[gap.code] <= GAPS_NAMED:
            yield _step(gap, request)
            if named[gap.code] == GAPS_NAMED and left[gap.code]:
                yield Step(f"And {left[gap.code]:,} more of this kind.")


def _step(gap: Gap, request: HttpRequest) -> Step:
    """What closes the gap, for who may."""
    label, permission, url = _way(gap)
    may = bool(url) and request.user.has_perm(permission)
    return Step(gap.text, url, label) if may else Step(gap.text)


def _way(gap: Gap) -> tuple[str, str, str]:
    """What the act is called, which permission it needs, where it is."""
    if gap.code == "unmapped" and gap.row:
        query = _query(service=str(gap.row.pk))
        add = reverse("admin:incidents_dataholding_add")
        return "Map it", "incidents.add_dataholding", f"{add}?{query}"
    if gap.code == "no_office":
        return "Add it", "incidents.add_regulator", _adding(gap.recipient)
    if isinstance(gap.row, DataHolding | Regulator):
        name = gap.row._meta.model_name
        url = reverse(f"admin:incidents_{name}_change", args=[gap.row.pk])
        return "Look at it", f"incidents.view_{name}", url
    if gap.code in ("no_pack", "no_profile", "off_but_mapped"):
        model = "lawpack" if gap.code == "no_pack" else "legalprofile"
        list_of = reverse(f"admin:incidents_{model}_changelist")
        return "Go there", f"incidents.view_{model}", list_of
    people = reverse("admin:incidents_qualification_changelist")
    return "See who is qualified", "incidents.view_qualification", people


def _adding(recipient: str) -> str:
    return f"{reverse('admin:incidents_regulator_add')}?{_query(recipient=recipient)}"


def _query(**said: str) -> str:
    query = QueryDict(mutable=True)
    query.update(said)
    return query.urlencode()


def _rows(found: Readiness, services: Iterable[Mapped]) -> Iterator[Row]:
    change, add = "admin:incidents_dataholding_change", "admin:incidents_dataholding_add"
    for each in services:
        if len(each.holdings) == 1:
            url = reverse(change, args=[each.holdings[0].pk])
        elif each.holdings:
            listed = reverse("admin:incidents_dataholding_changelist")
            url = f"{listed}?{_query(q=each.service.slug)}"
        else:
            url = f"{reverse(add)}?{_query(service=str(each.service.pk))}"
        cells = tuple(
            _cell(each.places.get(code), f"{each.service}, {words}")
            for code, words in found.categories
        )
        yield Row(each, url, cells, f"{each.people:,}" if each.people else "")


def _regimes(found: Readiness) -> Iterator[RegimeRow]:
    words = {each.code: each.words for each in found.offices}
    for each in found.concerns:
        yield RegimeRow(each, "; ".join(words.get(code, code) for code in each.offices))


def _cell(places: tuple[str, ...] | None, where: str) -> Cell:
    if places is None:
        return Cell("", f"{where}: none")
    more = len(places) - _PLACES_NAMED
    text = ", ".join(places[:_PLACES_NAMED]) + (f" +{more}" if more > 0 else "")
    names = ", ".join(legal_places.name(code) for code in places) or "no place"
    return Cell(text or "yes", f"{where}: {names}")


def _office(office: Office, request: HttpRequest) -> OfficeRow:
    may_add = request.user.has_perm("incidents.add_regulator")
    return OfficeRow(office, _adding(office.code) if may_add else "")
