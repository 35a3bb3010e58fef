"""Callers of the API: a person with a token, and what each verb may be told."""

import json
from typing import Any

from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client

from incidents.models import Person
from incidents.operations.people import issue_token
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import factories
from tests.factories import NOW

API = "/api/v1"

# Every verb of an incident: where it stands and a body that its schema accepts.
VERB_CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "acknowledge": ("acknowledge", {}),
    "assign": ("assign", {"role": DEPUTY, "person": "cleo", "reason": "She is free"}),
    "hand_over": ("hand-over", {"to": "ben", "note": "All is calm"}),
    "accept_command": ("accept-command", {}),
    "decline_command": ("decline-command", {"reason": "On a train"}),
    "withdraw_hand_over": ("withdraw-hand-over", {}),
    "call_commander": ("call-commander", {}),
    "classify": ("classify", {"level": "sev1", "reason": "It grows"}),
    "advance": ("advance", {"to": "mitigation"}),
    "decide": ("decide", {"question": "Roll back?", "decision": "Yes"}),
    "merge": ("merge", {"into": "INC-1", "reason": "The same"}),
    "relate": ("relate", {"to": "INC-1", "kind": "related", "reason": "The same week"}),
    "split": ("split", {"title": "Search", "services": [], "reason": "Another cause"}),
    "set_privacy": ("set-privacy", {"private": True, "seen_by": [], "reason": "Personal data"}),
    "accept_suggestion": ("accept-suggestion", {"suggestion": 1}),
    "dismiss_suggestion": ("dismiss-suggestion", {"suggestion": 1, "reason": "Not now"}),
    "propose": ("propose", {"question": "Roll back?", "text": "Yes, by hand"}),
    "decline_proposal": ("decline-proposal", {"proposal": 1, "reason": "Not yet"}),
    "escalate": ("escalate", {"reason": "We need more people"}),
    "answer_call": ("answer-call", {}),
    "contain": ("contain", {}),
    "mitigate": ("mitigate", {}),
    "resolve": ("resolve", {}),
    "close": ("close", {"note": "Rolled back"}),
    "reopen": ("reopen", {"reason": "It came back"}),
    "cancel": ("cancel", {"reason": "False alarm"}),
    "record_facts": ("legal", {"facts": {"customers_affected": 7}}),
    "set_services": ("set-services", {"services": []}),
    "give_notice": ("give-notice", {"notice": 1, "how": "By telephone"}),
    "engage_counsel": ("legal/engage-counsel", {"person": "cleo", "how": "By telephone"}),
    "file_notice": ("legal/counsel/file", {"sent_at": "2026-11-23T08:00:00Z"}),
    "stand_down_clock": ("legal/counsel/stand-down", {"reason": "Nobody saw the data"}),
    "keep_clock": ("legal/counsel/keep", {"reason": "To be safe"}),
    "decide_not_to_notify": (
        "legal/not-to-notify",
        {"regime": "eu-gdpr-art33", "reason": "No risk to anybody"},
    ),
    "write_legal_note": ("legal/notes", {"text": "Only between us"}),
    "draft_update": ("updates", {"audience": "internal", "text": "We know and work on it"}),
    "approve_update": ("updates/1/approve", {}),
    "publish_update": ("updates/1/publish", {}),
    "redraft_update": ("updates/1/redraft", {"text": "We know why"}),
    "return_update": ("updates/1/return", {"reason": "Too long"}),
    "verify_facts": (
        "verify-facts",
        {"names": ["customers_affected"], "source": "The dashboard"},
    ),
    "publish_statement": ("publish-statement", {"statement": 1}),
    "delegate": (
        "delegate",
        {
            "role": COMMANDER,
            "to": "cleo",
            "ends_at": "2026-11-23T11:00:00Z",
            "reason": "I fetch the vendor",
        },
    ),
    "consult": ("consult", {"activity": 1, "question": "May we roll back?"}),
    "advise": ("advise", {"consultation": 1, "answer": "No objection"}),
    "perform": ("perform", {"activity": 1}),
    "explain": ("explain", {"activity": 1, "reason": "There was no time"}),
    "note": ("note", {"text": "The graph turns"}),
}


class Caller:
    """Speaks to the API as one person; `last` is the last answer."""

    def __init__(self, person: Person) -> None:
        token = issue_token(person, label="test", at=NOW)
        self.person = person
        self.client = Client(headers={"authorization": f"Bearer {token}"})
        self.client.raise_request_exception = False

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(path if path.startswith("http") else API + path, query or None)

    def post(self, path: str, body: object = None) -> HttpResponse:
        said = b"" if body is None else json.dumps(body).encode()
        return self.client.post(API + path, said, content_type="application/json")

    def act(self, incident: str, verb: str, body: object = None) -> Any:
        """One verb of an incident, which must succeed; the incident as it is then."""
        response = self.post(f"/incidents/{incident}/{verb}", body)
        assert response.status_code == 200, response.content
        return response.json()


def caller(username: str, *groups: str, qualified: tuple[str, ...] = ()) -> Caller:
    """A new person in these groups."""
    person = factories.person(username, qualified=qualified)
    person.groups.set(Group.objects.filter(name__in=groups))
    return Caller(person)


def ada() -> Caller:
    """Commands."""
    return caller("ada", "leadership", qualified=(COMMANDER,))


def ben() -> Caller:
    """Speaks for the incident; could command."""
    return caller("ben", "responder", qualified=(COMMUNICATIONS,))


def cleo() -> Caller:
    """Stands by as deputy."""
    return caller("cleo", "responder", qualified=(DEPUTY,))


def dan() -> Caller:
    """Must never see it."""
    return caller("dan")


def codes(response: HttpResponse) -> list[str]:
    """The codes of a problem's reasons."""
    assert response["Content-Type"] == "application/problem+json", response.content
    return [reason["code"] for reason in response.json()["reasons"]]


def fields(response: HttpResponse) -> list[str]:
    """The fields of a problem's reasons."""
    return [reason["field"] for reason in response.json()["reasons"]]
