"""The law of a case nobody declared, and the regimes there are; nothing is stored."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Query, Router

from incidents.api import legal_cases_shown
from incidents.api.auth import Bearer, caller
from incidents.api.fields import refuse_unknown
from incidents.api.legal_answers import Evaluated, EvaluatedMany, Explained, RegimesListed
from incidents.api.legal_said import LegalCase, LegalCases, LegalQuestioned, RegimeFilters
from incidents.operations import legal_trial, standing
from incidents.operations.legal_trial import Book
from incidents.rules.law_pack import Regime
from incidents.rules.reasons import Invalid

router = Router(tags=["legal"])

VIEW_PACK = "incidents.view_lawpack"
VIEW_PROFILE = "incidents.view_legalprofile"


@router.post(
    "/evaluate",
    auth=Bearer(VIEW_PACK, is_quick=True),
    response=Evaluated,
    operation_id="evaluate_legal",
)
def evaluate(request: HttpRequest, body: LegalCase) -> HttpResponse:
    """What the law pack in force, or without any the shipped one, says of a case; stores nothing."""
    _permit(request, body)
    outcome = legal_trial.evaluate(
        body.facts, body.clocks, body.submitted, is_ours=body.profile, at=timezone.now()
    )
    # What the rules answer has this shape already: it is not validated a second time.
    return JsonResponse(outcome.document())


@router.post(
    "/evaluate-many",
    auth=Bearer(VIEW_PACK, is_quick=True),
    response=EvaluatedMany,
    operation_id="evaluate_legal_cases",
)
def evaluate_many(request: HttpRequest, body: LegalCases) -> HttpResponse:
    """The same of up to 200 cases, such as those of a year; all of them or none."""
    _permit(request, body)
    outcomes = legal_trial.evaluate_many(
        [(each.facts, each.clocks, each.submitted) for each in body.cases],
        is_ours=body.profile,
        at=timezone.now(),
    )
    return JsonResponse({"items": [each.document() for each in outcomes]})


@router.post(
    "/explain",
    auth=Bearer(VIEW_PACK, is_quick=True),
    response=Explained,
    operation_id="explain_legal",
)
def explain(request: HttpRequest, body: LegalQuestioned) -> HttpResponse:
    """The same with the questions still open, and why each regime applies or not."""
    _permit(request, body)
    tried = legal_trial.explain(
        body.facts,
        body.clocks,
        body.submitted,
        body.unknown,
        is_ours=body.profile,
        at=timezone.now(),
    )
    return JsonResponse(legal_cases_shown.explained(tried))


@router.get(
    "/regimes",
    auth=Bearer(VIEW_PACK, VIEW_PROFILE),
    response=RegimesListed,
    operation_id="list_regimes",
)
def list_regimes(request: HttpRequest, query: Query[RegimeFilters]) -> RegimesListed:
    """The regimes of the pack in force, in its order, and whether each could concern us."""
    refuse_unknown(request, RegimeFilters)
    book = legal_trial.book(timezone.now())
    matching = [each for each in book.regimes if _matches(each, query, book)]
    shown, following = _page(request, matching, query)
    return legal_cases_shown.regimes(book, shown, following)


def _permit(request: HttpRequest, body: LegalCase | LegalCases) -> None:
    """Narrowed to ours an answer tells what we are: for who may read the profile."""
    if body.profile:
        standing.permit_to(caller(request), VIEW_PROFILE)


def _matches(regime: Regime, query: RegimeFilters, book: Book) -> bool:
    wanted = (
        (query.jurisdiction, regime.jurisdiction),
        (query.status, regime.status),
        (query.confidence, regime.confidence),
    )
    if any(said and said != found for said, found in wanted):
        return False
    return query.concerns_us in (None, regime.id in (book.concerning or {}))


def _page(
    request: HttpRequest, regimes: Sequence[Regime], query: RegimeFilters
) -> tuple[list[Regime], str | None]:
    """Those after the one the cursor names, and the address of the next page."""
    start = 0
    if query.cursor:
        ids = [each.id for each in regimes]
        start = _after(ids, query.cursor)
    shown = list(regimes[start : start + query.limit])
    if start + query.limit >= len(regimes):
        return shown, None
    asked = request.GET.copy()
    asked["cursor"] = urlsafe_b64encode(shown[-1].id.encode()).decode()
    return shown, request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")


def _after(ids: Sequence[str], cursor: str) -> int:
    try:
        return ids.index(urlsafe_b64decode(cursor).decode()) + 1
    except ValueError as error:  # no base64, no text, or a regime the pack has no more
        message = "Take the cursor from `next` as it stands, or leave it out."
        raise Invalid.because("bad_cursor", message, "cursor") from error
