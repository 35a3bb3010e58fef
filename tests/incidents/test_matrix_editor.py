"""Leaders draft in a grid: what its page and its two calls answer, to whom, and at what cost."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import MatrixRevision, MatrixVersion, Person
from incidents.operations import matrix_edit
from incidents.operations.grids import grid_of
from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.roles import COMMANDER, DEPUTY, NAMES, SCRIBE
from incidents.rules.starting_matrix import GRID
from tests.factories import NOW, matrix_version, role
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of

pytestmark = pytest.mark.django_db

SMALL = Grid(
    (
        Activity("triage", "Judge it", {COMMANDER: Letter.AR}, key="judge"),
        Activity("review", "Learn from it", {}, key="learn"),
    ),
    (COMMANDER, SCRIBE),
)


@pytest.fixture
def ada(client: Client) -> Person:
    """The leader who is signed in."""
    who = member("ada", "leadership")
    client.force_login(who)
    return who


@pytest.fixture
def draft(ada: Person) -> MatrixVersion:
    return matrix_edit.start("Law", source=SMALL, actor=ada, at=NOW)


def post(
    client: Client, version: MatrixVersion, page: str = "save", **said: Any
) -> HttpResponse:
    said.setdefault("revision", version.revision)
    return client.post(page_of(version, page), json.dumps(said), "application/json")


def letter(key: str, role_: str, text: str, variation: str = "") -> dict[str, str]:
    return {"do": "set", "activity": key, "role": role_, "text": text, "variation": variation}


def codes(answer: HttpResponse) -> list[str]:
    return [each["code"] for each in answer.json()["reasons"]]


def state_of(page: HttpResponse) -> dict[str, Any]:
    return page.context["state"]


# --- who may


@pytest.mark.parametrize("groups", [(), ("responder",), ("planner",), ("auditor",)])
def test_nobody_but_leadership_drafts(client, draft, groups):
    other = signed_in(member("dan", *groups))
    assert other.get(page_of(draft, "editor")).status_code == 403
    for page in ("save", "undo"):
        assert (
            post(other, draft, page, changes=[letter("judge", SCRIBE, "I")]).status_code == 403
        )
    for page in (list_of(MatrixVersion, "draft"), page_of(draft, "copy")):
        assert other.post(page, {"origin": "blank", "matrix_name": "Mine"}).status_code == 403
    assert MatrixVersion.objects.get().revision == 0


def test_whoever_may_read_but_not_draft_is_told_so_in_the_answer(draft):
    answer = post(
        signed_in(member("cleo", "responder")), draft, changes=[letter("judge", SCRIBE, "I")]
    )
    assert (answer.status_code, codes(answer)) == (403, ["no_permission"])


def test_who_is_not_signed_in_is_asked_to(draft):
    answer = post(Client(), draft, changes=[letter("judge", SCRIBE, "I")])
    assert (answer.status_code, "login" in answer["Location"]) == (302, True)


def test_a_call_from_another_site_is_refused(ada, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert post(client, draft, changes=[letter("judge", SCRIBE, "I")]).status_code == 403
    draft.refresh_from_db()
    assert draft.revision == 0


def test_a_look_changes_nothing(client, draft):
    for page in ("save", "undo"):
        assert client.get(page_of(draft, page)).status_code == 405
    client.get(page_of(draft, "editor"))
    assert (MatrixVersion.objects.get().revision, MatrixRevision.objects.count()) == (0, 0)


def test_what_is_not_there_is_not_found(client, ada):
    for page in ("editor", "save", "undo"):
        address = reverse(f"admin:incidents_matrixversion_{page}", args=[999])
        assert client.post(address, "{}", "application/json").status_code == 404


# --- how one begins


def test_an_empty_installation_begins_with_the_starting_matrix_in_one_click(client, ada):
    page = client.get(list_of(MatrixVersion))
    assert "Begin with the starting matrix" in text_of(page)
    answer = client.post(
        list_of(MatrixVersion, "draft"),
        {"origin": "starting", "matrix_name": "Incident response"},
    )
    version = MatrixVersion.objects.get()
    assert answer["Location"] == page_of(version, "editor")
    assert len(grid_of(version).activities) == len(GRID.activities) == 60
    assert "Begin with" not in text_of(client.get(list_of(MatrixVersion)))


def test_an_empty_list_offers_nothing_to_whoever_may_not_draft():
    page = signed_in(member("cleo", "responder")).get(list_of(MatrixVersion))
    assert "Begin with the starting matrix" not in text_of(page)


def test_a_new_draft_begins_with_what_is_in_force(client, ada):
    law = matrix_version()
    page = text_of(client.get(list_of(MatrixVersion, "draft")))
    assert f"What is in force: {law}" in page
    client.post(list_of(MatrixVersion, "draft"), {"origin": "law", "matrix_name": "Standing"})
    version = MatrixVersion.objects.get(status="draft")
    assert (str(version), version.based_on) == ("Standing v2", law)


def test_without_a_law_nothing_is_copied_from_it(client, ada):
    answer = client.post(
        list_of(MatrixVersion, "draft"), {"origin": "law", "matrix_name": "Standing"}
    )
    assert answer.status_code == 409
    assert not MatrixVersion.objects.exists()


def test_any_version_is_copied_from_its_page(client, ada):
    law = matrix_version()
    assert "New draft from it" in text_of(client.get(page_of(law)))
    answer = client.post(page_of(law, "copy"), {"note": "More voices"})
    version = MatrixVersion.objects.get(based_on=law)
    assert answer["Location"] == page_of(version, "editor")


def test_the_page_of_a_draft_leads_to_the_editor(client, draft):
    assert page_of(draft, "edit") in client.get(page_of(draft)).content.decode()
    assert client.get(page_of(draft, "edit"))["Location"] == page_of(draft, "editor")


def test_what_is_no_draft_is_read_and_not_edited(client, ada):
    law = matrix_version()
    answer = client.get(page_of(law, "editor"))
    assert answer["Location"] == page_of(law)
    assert said(answer) == [f"{law} is approved: make a new draft from it to change it."]
    assert codes(post(client, law, changes=[letter("x", SCRIBE, "I")])) == ["not_a_draft"]


# --- what the page knows


def test_the_page_brings_the_draft_and_what_may_be_named(client, draft):
    state = state_of(client.get(page_of(draft, "editor")))
    assert state["content"]["activities"][0]["name"] == "Judge it"
    assert state["roles"][SCRIBE] == "Scribe"
    assert state["cases"]["tier 1"] == "Tier 1 services"
    assert state["urls"]["save"] == page_of(draft, "save")
    assert [each["rule"] for each in state["findings"] if each["activity"] == "Learn from it"]


def test_rubbish_in_a_name_stays_text(client, ada):
    bad = Grid(
        (Activity("triage", "</script><img src=x onerror=alert(1)>", {}, key="bad"),), ()
    )
    version = matrix_edit.start("Law", source=bad, actor=ada, at=NOW)
    assert "<img src=x" not in client.get(page_of(version, "editor")).content.decode()


def test_an_act_is_proposed_where_a_name_suggests_it(client, draft):
    changes = [{"do": "add_activity", "phase": "mitigation", "name": "Contain the damage"}]
    state = post(client, draft, changes=changes).json()
    (key,) = [
        each["key"]
        for each in state["content"]["activities"]
        if each["name"].startswith("Contain")
    ]
    assert state["proposals"][key] == "contain"
    bind = {"do": "change_activity", "activity": key, "words": {"act": "contain"}}
    answer = post(client, draft, revision=1, changes=[bind]).json()
    assert key not in answer["proposals"]


# --- what is saved


def test_a_save_answers_with_the_draft_and_what_the_checks_find(client, draft):
    answer = post(
        client, draft, changes=[letter("learn", SCRIBE, "a/r"), letter("judge", SCRIBE, "A")]
    )
    state = answer.json()
    assert (answer.status_code, state["revision"]) == (200, 1)
    assert state["content"]["activities"][1]["letters"] == {SCRIBE: "A/R"}
    found = [each for each in state["findings"] if each["rule"] == "R01"]
    assert [(each["level"], each["activity"]) for each in found] == [("error", "Judge it")]
    assert state["counts"]["error"] >= 1
    assert [(each["number"], each["by"], each["summary"]) for each in state["revisions"]] == [
        (1, "Ada", "2 cells"),
        (0, "Ada", "as it was drafted"),
    ]


def test_a_save_can_be_undone_and_done_again(client, draft):
    post(client, draft, changes=[letter("learn", SCRIBE, "R")])
    undone = post(client, draft, "undo", revision=1).json()
    assert undone["content"]["activities"][1]["letters"] == {}
    again = post(client, draft, "undo", revision=2, to=1).json()
    assert (again["revision"], again["content"]["activities"][1]["letters"]) == (
        3,
        {SCRIBE: "R"},
    )


def test_pasted_rubbish_is_refused_cell_by_cell_and_changes_nothing(client, draft):
    rows = [["R", "responsible?"], ["=cmd()", "C"]]
    block = {"do": "paste", "activity": "judge", "role": COMMANDER, "rows": rows}
    answer = post(client, draft, changes=[block])
    assert (answer.status_code, codes(answer)) == (422, ["unknown_letter"] * 2)
    assert [each["field"] for each in answer.json()["reasons"]] == ["1,2", "2,1"]
    assert grid_of(draft) == SMALL


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "bad_json"),
        ("[]", "bad_json"),
        ("{" * 100_000, "bad_json"),
        ("[" * 100_000, "bad_json"),
        ('{"revision": 0, "changes": "all"}', "nothing_to_change"),
        ('{"revision": 0, "changes": [{"do": "drop"}]}', "bad_change"),
        ('{"changes": [{"do": "add_role", "role": "scribe"}]}', "bad_number"),
        ('{"revision": 1e400, "changes": [{"do": "add_role", "role": "x"}]}', "bad_number"),
        ('{"revision": 99999999999999999999, "changes": [{"do": "add_role", "role": "x"}]}', "bad_number"),
        ('{"revision": 7, "changes": [{"do": "add_role", "role": "x"}]}', "unknown_revision"),
        ('{"revision": 0, "changes": [{"do": "add_activity", "phase": "triage", "name": "\\ud800"}]}', "bad_name"),
    ],
)  # fmt: skip
def test_rubbish_is_answered_with_a_reason(client, draft, body, code):
    answer = client.post(page_of(draft, "save"), body, "application/json")
    assert (answer.status_code, codes(answer)) == (422, [code])


# --- two editors


def test_the_second_editor_gets_both(client, draft):
    other = signed_in(member("ben", "leadership"))
    post(client, draft, changes=[letter("judge", SCRIBE, "I")])
    mine = [letter("judge", SCRIBE, "C"), letter("learn", SCRIBE, "R")]
    answer = post(other, draft, revision=0, changes=mine)
    both = answer.json()
    assert (answer.status_code, codes(answer)) == (409, ["edited_meanwhile"])
    assert [(each["by"], each["summary"]) for each in both["edits"]] == [
        ("Ada", "Judge it, Scribe: I")
    ]
    assert both["free"] == [mine[1]]
    (clash,) = both["clashes"]
    assert (clash["change"], clash["before"], clash["theirs"]) == (mine[0], "", "I")
    assert both["now"]["revision"] == 1
    settled = post(other, draft, revision=1, changes=[*both["free"], clash["change"]]).json()
    assert settled["content"]["activities"][0]["letters"][SCRIBE] == "C"
    assert settled["content"]["activities"][1]["letters"] == {SCRIBE: "R"}


# --- at any size


def test_page_and_save_cost_the_same_queries_however_large_the_matrix(client, ada):
    for slug in NAMES:
        role(slug)
    counts = []
    for size in (2, 40):
        rows = [
            Activity("triage", f"Do {n}", {COMMANDER: Letter.AR}, key=str(n))
            for n in range(size)
        ]
        source = Grid(tuple(rows), (COMMANDER, DEPUTY, SCRIBE))
        version = matrix_edit.start(f"Law {size}", source=source, actor=ada, at=NOW)
        post(client, version, changes=[letter("0", SCRIBE, "I")])
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(page_of(version, "editor"))
            changes = [letter(str(n), SCRIBE, "C") for n in range(size)]
            assert post(client, version, revision=1, changes=changes).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
