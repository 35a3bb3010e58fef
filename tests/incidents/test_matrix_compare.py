"""Pages that review a matrix: what changed, what was law when, what tomorrow would bring, emergencies."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.models import EmergencyChange, MatrixVersion, Person
from incidents.operations import grids, matrix, matrix_review
from incidents.operations.law import matrix_in_force
from incidents.rules.raci import Activity as Row
from incidents.rules.raci import Grid, Letter, VariationKind
from incidents.rules.raci import Variation as Case
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, EXECUTIVE, SCRIBE
from raci_project.coverage import holes
from raci_project.dashboard import debts
from tests.factories import NOW, SOUND_MATRIX, matrix_version, person, role
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import again

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
A, R, I, AR = Letter.A, Letter.R, Letter.I, Letter.AR  # noqa: E741
COMPARE = "/admin/incidents/matrixversion/compare/"
AS_OF = "/admin/incidents/matrixversion/as-of/"
BEFORE = {
    ("triage", "Direct the response"): {COMMANDER: "A/R", COMMUNICATIONS: "I"},
    ("mitigation", "Publish"): {COMMANDER: "A", COMMUNICATIONS: "R"},
}
AFTER = Grid(
    (
        Row("triage", "Direct the response", {COMMANDER: AR, COMMUNICATIONS: I}),
        Row("mitigation", "Publish", {COMMUNICATIONS: AR, COMMANDER: I}),
        Row("review", "Write the report", {SCRIBE: R, COMMANDER: A}),
    ),
    (COMMANDER, COMMUNICATIONS, SCRIBE),
    (
        Case(
            VariationKind.TIER,
            "1",
            {("mitigation", "Publish"): {COMMANDER: None}},
            "They ask anyway.",
        ),
        Case(
            VariationKind.SEVERITY,
            "sev1",
            {("mitigation", "Publish"): {SCRIBE: R}},
            "Somebody writes it down.",
        ),
    ),
)


@pytest.fixture
def ada() -> Person:
    return member("ada", "leadership")


@pytest.fixture
def ben() -> Person:
    return member("ben", "leadership")


@pytest.fixture
def auditor() -> Person:
    return member("vera", "auditor")


@pytest.fixture
def dan() -> Person:
    return member("dan")


@pytest.fixture
def law() -> MatrixVersion:
    """In force for thirty days before NOW; nobody knows yet whether the clock is past NOW."""
    return matrix_version(BEFORE)


@pytest.fixture
def new(law: MatrixVersion, ada: Person) -> MatrixVersion:
    """Ada's draft that follows it."""
    version = matrix_version(BEFORE, effective_from=None)
    for slug in (SCRIBE, EXECUTIVE):
        role(slug)
    MatrixVersion.objects.filter(pk=version.pk).update(
        maker=ada, based_on=law, note="Speakers answer for what they say."
    )
    grids.write(version, AFTER, actor=ada, at=NOW)
    return again(version)


def sound(maker: Person) -> MatrixVersion:
    version = matrix_version(SOUND_MATRIX, effective_from=None)
    MatrixVersion.objects.filter(pk=version.pk).update(maker=maker)
    return again(version)


def enacted(maker: Person, *, ago: timedelta = timedelta()) -> MatrixVersion:
    return matrix_review.enact(
        sound(maker), reason="Counsel is away.", warnings_reason="known",
        actor=maker, at=timezone.now() - ago,
    )  # fmt: skip


def opened(who: Person, address: str, **asked: Any) -> str:
    answer = signed_in(who).get(address, asked)
    assert answer.status_code == 200, answer.status_code
    return text_of(answer)


def queries(who: Person, address: str) -> int:
    client = signed_in(who)
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def consequence_of(version: MatrixVersion) -> str:
    return reverse("admin:incidents_matrixversion_consequence", args=[version.pk])


# --- comparing


def test_the_diff_says_for_whom_what_and_why(
    law: MatrixVersion, new: MatrixVersion, ada: Person
) -> None:
    text = opened(ada, COMPARE, a=law.pk, b=new.pk)
    assert "From Standing v1 to Standing v2" in text
    assert "now accountable for “Publish”" in text
    assert "Publish (mitigation) Communications lead R A/R" in text
    assert "added Write the report (review) New: Incident commander A, Scribe R." in text
    assert "Speakers answer for what they say." in text
    assert "Made by Ada" in text
    assert "Approved by Checker" in text


def test_it_names_the_case_a_letter_differs_in(new: MatrixVersion, ada: Person) -> None:
    text = opened(ada, COMPARE, b=new.pk)
    assert "Publish (mitigation) tier 1 Incident commander as the base: A none" in text
    assert "added tier 1 New: it differs from the base, because: They ask anyway." in text


def test_without_a_first_it_is_the_law_in_force(
    law: MatrixVersion, new: MatrixVersion, ada: Person
) -> None:
    assert opened(ada, COMPARE, b=new.pk) == opened(ada, COMPARE, a=law.pk, b=new.pk)


def test_without_an_address_it_is_the_law_and_what_it_replaced(
    law: MatrixVersion, ada: Person
) -> None:
    assert "From nothing to Standing v1" in opened(ada, COMPARE)


def test_a_version_beside_itself_says_the_same(law: MatrixVersion, ada: Person) -> None:
    assert "Both say the same." in opened(ada, COMPARE, a=law.pk, b=law.pk)


def test_on_a_first_day_there_is_nothing_to_compare(ada: Person) -> None:
    assert "nothing can be compared" in opened(ada, COMPARE)


@pytest.mark.parametrize("said", ["0", "99999", "x", "-1", "9" * 30, "²"])
def test_a_version_that_is_none_is_not_found(
    law: MatrixVersion, ada: Person, said: str
) -> None:
    assert signed_in(ada).get(COMPARE, {"a": said}).status_code == 404


def test_a_larger_matrix_is_compared_in_as_many_queries(
    law: MatrixVersion, new: MatrixVersion, ada: Person
) -> None:
    few = queries(ada, f"{COMPARE}?a={law.pk}&b={new.pk}")
    rows = {("triage", f"Activity {number}"): {COMMANDER: "A/R"} for number in range(40)}
    large = matrix_version(rows, effective_from=None)
    assert queries(ada, f"{COMPARE}?a={law.pk}&b={large.pk}") <= few
    assert few <= 25


# --- the version's own page


def test_the_page_of_a_version_leads_to_its_reviews(new: MatrixVersion, ada: Person) -> None:
    page = signed_in(ada).get(page_of(new)).content.decode()
    for address in (f"b={new.pk}", consequence_of(new), AS_OF):
        assert address in page


def test_a_letter_is_shown_with_the_variation_that_decided_it(
    new: MatrixVersion, ada: Person
) -> None:
    text = opened(ada, page_of(new), tier="1", severity="sev1")
    assert "1 decided by tier 1: They ask anyway." in text
    assert "2 decided by severity sev1: Somebody writes it down." in text
    page = signed_in(ada).get(page_of(new), {"tier": "1"}).content.decode()
    assert 'title="no part in it; decided by tier 1"' in page
    assert 'title="accountable and responsible; from the base"' in page


def test_without_a_case_the_variations_are_only_named(new: MatrixVersion, ada: Person) -> None:
    text = opened(ada, page_of(new))
    assert "Tier 1 has letters of its own: They ask anyway." in text
    assert "decided by" not in text


@pytest.mark.parametrize("said", ["x", "99", "-1", "²", "<script>"])
def test_a_case_that_is_none_asks_for_none(new: MatrixVersion, ada: Person, said: str) -> None:
    assert "has letters of its own" in opened(ada, page_of(new), tier=said)
    assert "No variation applies" in opened(ada, page_of(new), severity=said)


def test_a_matrix_that_never_varies_says_so(law: MatrixVersion, ada: Person) -> None:
    assert "Every letter is from the base" in opened(ada, page_of(law))


def test_verbs_are_offered_where_they_could_be_meant(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    def verbs(version: MatrixVersion) -> set[str]:
        page = signed_in(ben).get(page_of(version))
        names = {offer.verb.name for offer in page.context["offers"]}
        return names & {"enact", "decline", "confirm"}

    assert verbs(sound(ada)) == {"enact"}
    assert verbs(law) == {"confirm"}
    assert verbs(enacted(ada)) == {"decline", "confirm"}


# --- verbs


def act(who: Person, version: MatrixVersion, verb: str, **said: str) -> Any:
    return signed_in(who).post(page_of(version, verb), said)


def test_an_emergency_from_a_draft_to_its_decline(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    version = sound(ada)
    said = {"reason": "Counsel is away.", "warnings_reason": "known"}
    assert act(ada, version, "enact", **said).status_code == 302
    text = opened(ben, page_of(version))
    assert "An emergency change: in force, approval owed until" in text
    assert "in force approval owed" in opened(ben, list_of(MatrixVersion))
    assert "Submitted never: it could not wait" in text
    assert "Ada put it in force as an emergency" in text
    assert act(ada, version, "decline", reason="No.").status_code == 409
    assert act(ben, version, "decline", reason="They are back.").status_code == 302
    text = opened(ben, page_of(version))
    assert "declined by Ben" in text
    assert "They are back." in text
    assert matrix_in_force(timezone.now()) == law


def test_an_emergency_is_approved_without_being_asked_from_when(
    ada: Person, ben: Person
) -> None:
    version = enacted(ada)
    page = signed_in(ben).get(page_of(version, "approve"))
    assert "effective_from" not in page.content.decode()
    assert act(ben, version, "approve").status_code == 302
    assert again(version).status == "approved"


def test_to_enact_asks_for_a_reason_beside_the_warnings(ada: Person) -> None:
    version = sound(ada)
    answer = act(ada, version, "enact", reason="")
    assert answer.status_code == 409
    assert "This field is required" in text_of(answer)
    assert again(version).is_draft


def test_a_leader_confirms_the_law_and_it_stands_on_its_page(
    law: MatrixVersion, ada: Person
) -> None:
    assert act(ada, law, "confirm", note="Read all incidents of May.").status_code == 302
    assert "Read all incidents of May." in opened(ada, page_of(law))
    assert "Ada confirmed that it is still right" in opened(ada, page_of(law))


@pytest.mark.parametrize("verb", ["enact", "decline", "confirm"])
def test_who_may_not_is_refused_before_and_after(
    law: MatrixVersion, ada: Person, auditor: Person, dan: Person, verb: str
) -> None:
    version = {"enact": sound(ada), "decline": enacted(ada), "confirm": law}[verb]
    for who in (auditor, dan):
        client = signed_in(who)
        assert client.get(page_of(version, verb)).status_code == 403
        assert client.post(page_of(version, verb), {"reason": "x"}).status_code == 403
    assert again(version).status == version.status
    assert not version.confirmations.exists()


def test_whoever_approves_sees_what_it_changes_right_there(
    law: MatrixVersion, new: MatrixVersion, ben: Person
) -> None:
    MatrixVersion.objects.filter(pk=new.pk).update(status="submitted")
    text = opened(ben, page_of(new, "approve"))
    assert "What it changes from Standing v1" in text
    assert "now accountable for “Publish”" in text


def test_whoever_decides_an_emergency_sees_why_and_what(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    text = opened(ben, page_of(enacted(ada), "approve"))
    assert "An emergency change by Ada: Counsel is away." in text
    assert "What it changes from Standing v1" in text


# --- as of


def test_what_was_law_then_is_shown_in_the_readers_zone(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    Person.objects.filter(pk=ben.pk).update(time_zone="Asia/Tokyo")
    version = sound(ada)
    MatrixVersion.objects.filter(pk=version.pk).update(
        status="approved", checker=ben, approved_at=NOW, effective_from=NOW + HOUR
    )
    # NOW is 09:00 UTC: the second took effect at 19:00 in Tokyo.
    assert "Open the version" in opened(ben, AS_OF, at="2026-11-23T18:59")
    assert f"Version: {law}" in opened(ben, AS_OF, at="2026-11-23T18:59")
    assert f"Version: {version}" in opened(ben, AS_OF, at="2026-11-23T19:00")
    assert "in Asia/Tokyo" in opened(ben, AS_OF, at="2026-11-23T19:00")


def test_where_nothing_was_in_force_it_says_so(law: MatrixVersion, ada: Person) -> None:
    assert "No matrix was in force" in opened(ada, AS_OF, at="2020-01-01T12:00")


def test_a_declined_emergency_is_found_where_it_was_law(
    law: MatrixVersion, ada: Person, ben: Person
) -> None:
    version = matrix_review.enact(
        sound(ada), reason="x", warnings_reason="known", actor=ada, at=NOW
    )
    matrix_review.decline(version, reason="x", actor=ben, at=NOW + 2 * HOUR)
    assert f"Version: {version}" in opened(ada, AS_OF, at="2026-11-23T10:00")
    assert f"Version: {law}" in opened(ada, AS_OF, at="2026-11-23T11:00")


def test_the_law_of_then_is_shown_for_a_case(
    new: MatrixVersion, ada: Person, ben: Person
) -> None:
    MatrixVersion.objects.filter(pk=new.pk).update(
        status="approved", checker=ben, approved_at=NOW, effective_from=NOW
    )
    text = opened(ada, AS_OF, at="2026-11-24T12:00", tier="1")
    assert "decided by tier 1: They ask anyway." in text


@pytest.mark.parametrize("said", ["yesterday", "2026-13-01T00:00", "2026-10-01T12:00'"])
def test_what_is_no_instant_is_said_to_be_none(ada: Person, said: str) -> None:
    answer = signed_in(ada).get(AS_OF, {"at": said})
    assert answer.status_code == 422
    assert "Write a date and a time such as 2026-10-01T12:00." in text_of(answer)


# --- tomorrow


def test_tomorrow_is_foreseen_by_role_and_person(
    law: MatrixVersion, new: MatrixVersion, ada: Person
) -> None:
    person("ivo", qualified=(COMMANDER,))
    person("kim", qualified=(COMMUNICATIONS,))
    text = opened(ada, consequence_of(new))
    assert "Publish (mitigation) Incident commander Ivo Communications lead Kim" in text
    assert "Write the report (review) not in the matrix Incident commander Ivo" in text
    assert "Nobody could be scribe , who answers or acts in 1 activity from then on." in text
    assert "Kim 1.0 2.0 +1.0" in text
    assert "Communications lead 0 → 1 1 → 1" in text


def test_tomorrow_is_foreseen_for_a_case(new: MatrixVersion, ada: Person) -> None:
    person("sam", qualified=(SCRIBE,))
    assert "Sam 0.0 1.0 +1.0" in opened(ada, consequence_of(new))
    assert "Sam 0.0 2.0 +2.0" in opened(ada, consequence_of(new), severity="sev1")


def test_of_what_is_law_already_nothing_is_foreseen(law: MatrixVersion, ada: Person) -> None:
    assert "nothing to foresee" in opened(ada, consequence_of(law))


def test_more_people_cost_no_more_queries(new: MatrixVersion, ada: Person) -> None:
    person(qualified=(COMMANDER,))
    few = queries(ada, consequence_of(new))
    for _ in range(20):
        person(qualified=(COMMANDER, COMMUNICATIONS, SCRIBE))
    assert queries(ada, consequence_of(new)) == few
    assert few <= 30


# --- the report, the overview


def test_the_report_names_reason_decision_and_lateness(
    ada: Person, ben: Person, auditor: Person
) -> None:
    late = enacted(ada, ago=timedelta(hours=100))
    matrix.approve(late, actor=ben, at=timezone.now() - timedelta(hours=4))
    matrix_review.decline(enacted(ada), reason="No.", actor=ben, at=timezone.now())
    enacted(ada)
    text = opened(auditor, list_of(EmergencyChange))
    assert "Counsel is away." in text
    assert "approved Ben late by 1 day" in text
    assert "declined Ben in time" in text
    assert "owed" in text
    row = opened(auditor, page_of(EmergencyChange.objects.get(version=late)))
    assert str(late) in row
    address = page_of(late)
    page = signed_in(auditor).get(page_of(EmergencyChange.objects.get(version=late)))
    assert address in page.content.decode()


def test_the_report_asks_no_more_for_more(ada: Person, auditor: Person) -> None:
    enacted(ada)
    few = queries(auditor, list_of(EmergencyChange))
    for _ in range(5):
        enacted(ada)
    assert queries(auditor, list_of(EmergencyChange)) == few


def test_who_may_see_nothing_sees_none_of_these_pages(
    law: MatrixVersion, new: MatrixVersion, ada: Person, dan: Person
) -> None:
    change = EmergencyChange.objects.get(version=enacted(ada))
    for who, status in ((dan, 403), (ada, 200)):
        client = signed_in(who)
        for address in (
            COMPARE, AS_OF, consequence_of(new), list_of(EmergencyChange), page_of(change),
        ):  # fmt: skip
            assert client.get(address).status_code == status, address
    assert Client().get(COMPARE).status_code == 302


def test_an_overdue_emergency_is_a_grave_hole_and_an_owed_one_is_due(
    ada: Person, ben: Person
) -> None:
    version = enacted(ada, ago=timedelta(hours=71))
    at = timezone.now()
    assert not any("overdue" in hole.text for hole in holes(ada, at))
    (debt,) = [one for one in debts(ada) if "emergency" in one.what]
    assert (debt.who, debt.url) == ("leadership", page_of(version))
    (hole,) = [one for one in holes(ada, at + 2 * HOUR) if "overdue" in one.text]
    assert hole.is_grave
    assert (str(version) in hole.text, hole.url) == (True, page_of(version))
    matrix.approve(version, actor=ben, at=at + 2 * HOUR)
    assert not any("overdue" in hole.text for hole in holes(ada, at + 3 * HOUR))
    assert not any("emergency" in one.what for one in debts(ada))
