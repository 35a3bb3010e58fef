"""The whole life of one incident by API alone: from an alert to its closing, and what is left of it.

One test tells one story; each act is a program's that knows nothing but the documentation.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from incidents.models import Assignment, AuditEvent, Incident
from incidents.operations import records
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from incidents.rules.tenure import tenure_faults
from tests import factories
from tests.callers import Caller, caller, codes

pytestmark = pytest.mark.django_db

ALERT = {
    "source": "grafana",
    "external_id": "rule-7",
    "title": "Card payments are declined",
    "services": ["payments", "no-such-service"],
    "facts": {"customers_affected": 20},
}


@pytest.fixture
def people() -> dict[str, Caller]:
    """Ada commands, Cleo speaks, Fay stands by, Lea leads, Dan may nothing."""
    factories.law()
    factories.service("payments", owner=factories.person("omar"))
    return {
        "ada": caller("ada", "responder", qualified=(COMMANDER,)),
        "cleo": caller("cleo", "responder", qualified=(COMMUNICATIONS,)),
        "fay": caller("fay", "responder", qualified=(DEPUTY,)),
        "lea": caller("lea", "leadership"),
        "dan": caller("dan"),
    }


def holder(document: dict[str, Any], role: str) -> str:
    """Who holds it now."""
    return next(one["person"] for one in document["assignments"] if one["role"] == role)


def test_an_alert_becomes_an_incident_that_changes_severity_and_hands_and_is_closed(
    people: dict[str, Caller],
) -> None:
    ada, cleo, lea, dan = (people[name] for name in ("ada", "cleo", "lea", "dan"))

    # Detection: an alert proposes; the same alert again is the same; somebody accepts it.
    assert dan.post("/alerts", ALERT).status_code == 403
    received = lea.post("/alerts", ALERT)
    assert received.status_code == 201, received.content
    alert = received.json()
    assert [one["code"] for one in alert["problems"]] == ["unknown_service"]
    assert lea.post("/alerts", ALERT).json()["id"] == alert["id"]
    accepted = lea.post(f"/alerts/{alert['id']}/accept", {})
    assert accepted.status_code == 200, accepted.content
    reference = accepted.json()["reference"]
    assert codes(lea.post(f"/alerts/{alert['id']}/dismiss", {"reason": "Too late"})) == [
        "already_decided"
    ]

    # Declared under the law: level, law, roles, each with its reason.
    said = ada.get(f"/incidents/{reference}").json()
    assert said["phase"] == "detection"
    assert (said["severity"]["code"], said["severity"]["computed"]) == ("sev2", "sev2")
    assert said["severity"]["not_fired"]
    assert said["matrix_version"]
    assert holder(said, COMMANDER) == "ada"
    assert holder(said, COMMUNICATIONS) == "cleo"
    assert all(one["reason"] for one in said["assignments"])

    # Command: verbs out of order are refused, a stranger sees nothing.
    assert dan.get(f"/incidents/{reference}").status_code == 403
    assert codes(ada.post(f"/incidents/{reference}/close", {})) == ["wrong_state"]
    assert ada.act(reference, "acknowledge")["phase"] == "triage"
    assert codes(ada.post(f"/incidents/{reference}/acknowledge")) == ["wrong_state"]

    # The facts change: the new level is proposed, and set by the commander alone.
    said = ada.act(reference, "legal", {"facts": {"customers_affected": 4000}})
    assert said["severity"]["code"] == "sev2"
    assert said["severity"]["proposed"] == "sev1"
    assert codes(cleo.post(f"/incidents/{reference}/classify", {"level": "sev1"})) == [
        "not_your_role"
    ]
    said = ada.act(reference, "classify", {"level": "sev1"})
    assert (said["severity"]["code"], said["severity"]["proposed"]) == ("sev1", None)
    assert said["next_update_due_at"]["public"]

    # Others propose, the commander decides, with the authority kept.
    said = cleo.act(
        reference,
        "propose",
        {"topic": "operations", "question": "Roll back?", "text": "It began with the release."},
    )
    proposal = said["proposals"][0]["id"]
    said = ada.act(
        reference, "decide", {"proposal": proposal, "decision": "Yes, region by region."}
    )
    assert said["decisions"][0]["question"] == "Roll back?"
    assert said["decisions"][0]["authority"] == "Incident commander"

    # Command is offered with a briefing, and moves once it is accepted.
    ben = caller("ben", "responder", qualified=(COMMANDER,))
    said = ada.act(
        reference,
        "hand-over",
        {"to": "ben", "note": "Half is rolled back.", "open_questions": "Why only cards?"},
    )
    assert holder(said, COMMANDER) == "ada"
    assert said["hand_over"]["to"] == "ben"
    assert "Roll back?" in said["hand_over"]["decisions"]
    assert codes(cleo.post(f"/incidents/{reference}/accept-command")) == ["not_offered_to_you"]
    said = ben.act(reference, "accept-command")
    assert holder(said, COMMANDER) == "ben"
    assert said["hand_over"] is None
    assert codes(ada.post(f"/incidents/{reference}/advance", {})) == ["not_your_role"]

    # Words: drafted by one, approved by another, published.
    update = cleo.act(
        reference, "updates", {"audience": "internal", "text": "We are rolling back."}
    )["updates"][0]["id"]
    assert codes(cleo.post(f"/incidents/{reference}/updates/{update}/approve")) == [
        "approve_own_update"
    ]
    ben.act(reference, f"updates/{update}/approve")
    cleo.act(reference, f"updates/{update}/publish")

    # Through the phases to the end; the same key acts once.
    assert ben.act(reference, "advance")["phase"] == "mitigation"
    for verb in ("contain", "mitigate", "resolve"):
        ben.act(reference, verb)
    first, again = (
        ben.client.post(
            f"/api/v1/incidents/{reference}/close",
            '{"note": "Rolled back."}',
            content_type="application/json",
            headers={"Idempotency-Key": "closing-1"},
        )
        for _ in range(2)
    )
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again["Idempotent-Replay"] == "true"
    closed = first.json()
    assert closed["phase"] == "closed"
    assert closed["review_due_at"]

    _nothing_is_missing(reference, lea)


def _nothing_is_missing(reference: str, lea: Caller) -> None:
    """One commander at any moment, one audit line an act, an intact chain, and the reading of it."""
    incident = Incident.objects.get(reference=reference)
    commands = Assignment.objects.filter(incident=incident, role=COMMANDER)
    spans = list(commands.order_by("assigned_at").values_list("assigned_at", "ended_at"))
    assert len(spans) == 2
    assert tenure_faults(spans, incident.declared_at, incident.closed_at) == ()
    lines = AuditEvent.objects.filter(
        subject_type="incidents.incident", subject_id=str(incident.pk)
    )
    acts = list(lines.order_by("sequence").values_list("verb", flat=True))
    assert acts == [
        "declare", "acknowledge", "record_facts", "classify", "propose", "decide", "hand_over",
        "accept_command", "draft_update", "approve_update", "publish_update", "advance",
        "contain", "mitigate", "resolve", "close",
    ]  # fmt: skip
    assert records.first_broken_line() is None
    now = datetime.now(UTC)
    metrics = lea.get(
        "/metrics", **{"from": "2020-01-01", "to": f"{now.year + 1}-01-01"}
    ).json()
    churn = metrics["severity_churn"]
    assert churn["under_called"]["count"] == 1
