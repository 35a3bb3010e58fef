"""A severity scheme is drafted from one document, approved by a second leader, and never changes."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    AuditEvent,
    EscalationStep,
    Person,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    UpdateCadence,
)
from incidents.operations import scheme
from incidents.operations.law import scheme_in_force
from incidents.operations.severity import evaluate
from incidents.rules.default_scheme import DEFAULT_SCHEME
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COUNSEL, DEPUTY, ENGINEERING
from tests.factories import NOW, allow, person, service, severity_scheme

pytestmark = pytest.mark.django_db

ACTS = [f"incidents.{act}_severityscheme" for act in ("draft", "submit", "approve", "withdraw")]
MANY = {"field": "customers_affected", "operator": "gte", "value": 10}


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), *ACTS)


@pytest.fixture
def ben() -> Person:
    return allow(person("ben"), *ACTS)


def small() -> dict[str, Any]:
    """Two levels, every part of the document once."""
    return {
        "levels": [
            {
                "code": "high",
                "name": "High",
                "description": "Many are hindered.",
                "review_due_days": 3,
                "public_update_required": True,
                "command_answer_minutes": 15,
                "criteria": [{"name": "Many customers", "predicate": dict(MANY)}],
                "escalation": {
                    COMMANDER: {
                        "within": 0,
                        "channel": "voice",
                        "repeat_minutes": 5,
                        "repeats": 3,
                        "next": DEPUTY,
                    },
                    ENGINEERING: {"within": 5, "repeat_minutes": 10, "repeats": 0},
                    COUNSEL: 15,
                },
                "cadences": {
                    "public": {
                        "first_minutes": 5,
                        "every_minutes": 20,
                        "until_minutes": 120,
                        "then_every_minutes": 60,
                    }
                },
            },
            {"code": "low", "name": "Low"},
        ]
    }


def submitted(maker: Person) -> SeverityScheme:
    drafted = scheme.draft_default(note="", actor=maker, at=NOW)
    return scheme.submit(drafted, actor=maker, at=NOW)


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


# --- drafting


def test_an_installation_begins_with_four_levels_in_an_empty_database(ada: Person) -> None:
    made = scheme.draft_default(note=" The first. ", actor=ada, at=NOW)
    assert (made.number, made.status, made.maker, made.note) == (1, "draft", ada, "The first.")
    assert scheme.as_document(made) == DEFAULT_SCHEME
    assert [level.rank for level in made.levels.all()] == [1, 2, 3, 4]
    assert acts() == ["draft_scheme"]


def test_the_next_version_says_what_the_one_in_force_says(ada: Person) -> None:
    law = severity_scheme()
    made = scheme.draft(document=scheme.next_document(NOW), note="", actor=ada, at=NOW)
    assert made.number == law.number + 1
    assert scheme.as_document(made) == scheme.as_document(law)


def test_without_a_scheme_in_force_the_next_one_is_the_default(ada: Person) -> None:
    severity_scheme(effective_from=NOW + timedelta(days=1))
    made = scheme.draft(document=scheme.next_document(NOW), note="", actor=ada, at=NOW)
    assert scheme.as_document(made) == DEFAULT_SCHEME


def test_the_history_of_its_rows_names_who_wrote_them_and_when(ada: Person) -> None:
    made = scheme.draft_default(note="", actor=ada, at=NOW)
    line = made.levels.get(code="sev1").history.get()
    assert (line.history_user, line.history_date) == (ada, NOW)


def test_a_document_costs_no_more_queries_when_it_is_large(ada: Person) -> None:
    made = scheme.draft_default(note="", actor=ada, at=NOW)
    with CaptureQueriesContext(connection) as queries:
        scheme.as_document(made)
    assert len(queries) == 4


# --- writing


def test_a_document_replaces_the_whole_draft(ada: Person) -> None:
    made = scheme.draft_default(note="", actor=ada, at=NOW)
    scheme.write(made, document=small(), actor=ada, at=NOW)
    high, low = scheme.as_document(made)["levels"]
    assert high == small()["levels"][0]
    assert (low["code"], low["criteria"], low["review_due_days"]) == ("low", [], None)
    assert acts() == ["draft_scheme", "write_scheme"]


def test_whoever_wrote_last_is_the_maker_and_cannot_approve(ada: Person, ben: Person) -> None:
    made = scheme.draft_default(note="", actor=ada, at=NOW)
    scheme.write(made, document=small(), actor=ben, at=NOW)
    scheme.submit(made, actor=ada, at=NOW)
    with pytest.raises(Refused) as refused:
        scheme.approve(made, actor=ben, at=NOW)
    assert codes(refused) == ["maker_is_checker"]
    assert scheme.approve(made, actor=ada, at=NOW).checker == ada


def test_only_a_draft_is_written(ada: Person) -> None:
    made = submitted(ada)
    with pytest.raises(Refused) as refused:
        scheme.write(made, document=small(), actor=ada, at=NOW)
    assert codes(refused) == ["not_a_draft"]
    assert scheme.as_document(made) == DEFAULT_SCHEME


def test_what_cannot_be_law_leaves_the_draft_as_it_was(ada: Person) -> None:
    made = scheme.draft_default(note="", actor=ada, at=NOW)
    with pytest.raises(Invalid):
        scheme.write(made, document={"levels": []}, actor=ada, at=NOW)
    assert scheme.as_document(made) == DEFAULT_SCHEME
    assert acts() == ["draft_scheme"]


def test_all_problems_are_told_together_with_their_paths(ada: Person) -> None:
    document = small()
    high = document["levels"][0]
    high["criteria"][0]["predicate"]["field"] = "luck"
    repeated = {"repeat_minutes": 5, "repeats": 3}
    high["escalation"] = {
        "wizard": -1,
        COMMANDER: {"within": 0, **repeated, "next": DEPUTY},
        DEPUTY: {"within": 5, **repeated, "next": COMMANDER},
    }
    high["cadences"]["public"]["first_minutes"] = 0
    with pytest.raises(Invalid) as refused:
        scheme.draft(document=document, note="", actor=ada, at=NOW)
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
        ("bad_predicate", "high.criteria[0].predicate"),
        ("unknown_role", "high.escalation.wizard"),
        ("bad_number", "high.escalation.wizard"),
        ("circle", f"high.escalation.{COMMANDER}.next"),
        ("bad_number", "high.cadences.public.first_minutes"),
    ]
    assert not SeverityScheme.objects.exists()


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = to

    return change


HIGH = ("levels", 0)


def _step(**said: Any) -> Callable[[dict[str, Any]], None]:
    return _set(*HIGH, "escalation", COMMANDER, to={"within": 0, **said})


PACE = (*HIGH, "cadences", "public")
BROKEN = [
    (_set("levels", to=[]), "levels_missing"),
    (_set("levels", to="high"), "levels_missing"),
    (_set("levels", to=[{"code": f"l{n}", "name": "L"} for n in range(11)]), "too_many_levels"),
    (_set("colour", to="red"), "unknown_key"),
    (_set(*HIGH, to="high"), "not_a_mapping"),
    (_set(*HIGH, "colour", to="red"), "unknown_key"),
    (_set(*HIGH, "code", to="Very High"), "bad_code"),
    (_set(*HIGH, "code", to="low"), "same_code"),
    (_set(*HIGH, "name", to=" "), "bad_text"),
    (_set(*HIGH, "name", to="x" * 81), "bad_text"),
    (_set(*HIGH, "description", to="x\0"), "bad_text"),
    (_set(*HIGH, "review_due_days", to=0), "bad_number"),
    (_set(*HIGH, "review_due_days", to=True), "bad_number"),
    (_set(*HIGH, "public_update_required", to="yes"), "bad_value"),
    (_set(*HIGH, "criteria", to={"name": "x"}), "bad_criteria"),
    (_set(*HIGH, "criteria", to=["x"]), "not_a_mapping"),
    (_set(*HIGH, "criteria", to=[{"name": "x", "predicate": MANY, "or": 1}]), "unknown_key"),
    (_set(*HIGH, "criteria", to=[{"name": "x", "predicate": MANY}] * 2), "same_name"),
    (_set(*HIGH, "criteria", 0, "predicate", to={"all": []}), "bad_predicate"),
    (_set(*HIGH, "criteria", 0, "predicate", "value", to="ten"), "bad_predicate"),
    (_set(*HIGH, "escalation", to=["incident_commander"]), "unknown_role"),
    (_set(*HIGH, "escalation", COMMANDER, to=10_081), "bad_number"),
    (_set(*HIGH, "escalation", COMMANDER, to={}), "bad_number"),
    (_step(colour="red"), "unknown_key"),
    (_step(channel="pigeon"), "unknown_channel"),
    (_step(repeat_minutes=0), "bad_number"),
    (_step(repeat_minutes=5, repeats=51), "bad_number"),
    (_step(repeats=2), "no_pace"),
    (_step(next=DEPUTY), "no_pace"),
    (_step(repeat_minutes=5, next="wizard"), "unknown_role"),
    (_step(repeat_minutes=5, next=["x"]), "unknown_role"),
    (_step(repeat_minutes=5, next=COMMANDER), "next_is_itself"),
    (_set(*HIGH, "cadences", to={"press": PACE}), "unknown_audience"),
    (_set(*PACE, to=20), "not_a_mapping"),
    (_set(*PACE, "speed", to=20), "unknown_key"),
    (_set(*PACE, "every_minutes", to=0.5), "bad_number"),
    (_set("levels", 1, "criteria", to=[{"name": "x", "predicate": MANY}]), "lowest_has_criteria"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), BROKEN)
def test_what_cannot_be_law_is_refused_by_its_code(
    change: Callable[[dict[str, Any]], None], code: str, ada: Person
) -> None:
    document = small()
    change(document)
    with pytest.raises(Invalid) as refused:
        scheme.draft(document=document, note="", actor=ada, at=NOW)
    assert refused.value.has(code)
    assert scheme.draft(document=small(), note="", actor=ada, at=NOW).is_draft


def test_a_slower_pace_is_given_whole_or_not_at_all(ada: Person) -> None:
    document = small()
    pace = document["levels"][0]["cadences"]["public"]
    del pace["then_every_minutes"]
    with pytest.raises(Invalid) as refused:
        scheme.draft(document=document, note="", actor=ada, at=NOW)
    assert codes(refused) == ["half_a_pace"]
    del pace["until_minutes"]
    assert scheme.draft(document=document, note="", actor=ada, at=NOW).is_draft


def test_what_is_no_document_at_all_is_refused(ada: Person) -> None:
    nothing: Any = None
    with pytest.raises(Invalid) as refused:
        scheme.draft(document=nothing, note="", actor=ada, at=NOW)
    assert codes(refused) == ["not_a_mapping"]


# --- submitted, approved, withdrawn


def test_a_second_leader_may_approve_and_it_is_law_at_once(ada: Person, ben: Person) -> None:
    made = scheme.approve(submitted(ada), actor=ben, at=NOW)
    made.refresh_from_db()
    assert (made.status, made.checker, made.effective_from) == ("approved", ben, NOW)
    assert scheme_in_force(NOW) == made
    assert acts() == ["draft_scheme", "submit_scheme", "approve_scheme"]


def test_once_it_is_law_severity_can_be_judged(ada: Person, ben: Person) -> None:
    with pytest.raises(Refused) as refused:
        evaluate([service()], {}, at=NOW)
    assert codes(refused) == ["no_severity_scheme"]
    scheme.approve(submitted(ada), actor=ben, at=NOW)
    assert evaluate([], {"safety_risk": True}, at=NOW).code == "sev1"


def test_the_maker_may_not_approve(ada: Person) -> None:
    made = submitted(ada)
    with pytest.raises(Refused) as refused:
        scheme.approve(made, actor=ada, at=NOW)
    assert codes(refused) == ["maker_is_checker"]
    assert scheme_in_force(NOW) is None


def test_only_what_was_submitted_is_approved(ada: Person, ben: Person) -> None:
    drafted = scheme.draft_default(note="", actor=ada, at=NOW)
    with pytest.raises(Refused) as refused:
        scheme.approve(drafted, actor=ben, at=NOW)
    assert codes(refused) == ["not_submitted"]


def test_only_a_draft_is_submitted(ada: Person) -> None:
    made = submitted(ada)
    with pytest.raises(Refused) as refused:
        scheme.submit(made, actor=ada, at=NOW)
    assert codes(refused) == ["not_a_draft"]


def test_content_that_cannot_be_judged_is_neither_submitted_nor_approved(
    ada: Person, ben: Person
) -> None:
    first = scheme.draft_default(note="", actor=ada, at=NOW)
    second = submitted(ada)
    SeverityCriterion.objects.update(predicate={"field": "luck", "operator": "is_true"})
    for refuse in (
        lambda: scheme.submit(first, actor=ada, at=NOW),
        lambda: scheme.approve(second, actor=ben, at=NOW),
    ):
        with pytest.raises(Refused) as refused:
            refuse()
        assert refused.value.has("bad_predicate")


def test_it_takes_effect_later_when_so_approved_and_never_in_the_past(
    ada: Person, ben: Person
) -> None:
    old, made = severity_scheme(), submitted(ada)
    with pytest.raises(Invalid) as refused:
        scheme.approve(made, effective_from=NOW - timedelta(seconds=1), actor=ben, at=NOW)
    assert codes(refused) == ["effective_in_the_past"]
    tomorrow = NOW + timedelta(days=1)
    scheme.approve(made, effective_from=tomorrow, actor=ben, at=NOW)
    assert (scheme_in_force(NOW), scheme_in_force(tomorrow)) == (old, made)


def test_what_has_not_taken_effect_is_withdrawn_with_a_reason_and_once(ada: Person) -> None:
    made = submitted(ada)
    with pytest.raises(Invalid) as refused:
        scheme.withdraw(made, reason=" ", actor=ada, at=NOW)
    assert codes(refused) == ["reason_missing"]
    scheme.withdraw(made, reason="Too strict.", actor=ada, at=NOW)
    line = AuditEvent.objects.get(verb="withdraw_scheme")
    assert line.detail == {"before": "submitted", "reason": "Too strict."}
    with pytest.raises(Refused) as refused:
        scheme.withdraw(made, reason="Too strict.", actor=ada, at=NOW)
    assert codes(refused) == ["already_withdrawn"]


def test_what_has_taken_effect_is_never_withdrawn(ada: Person, ben: Person) -> None:
    made = scheme.approve(submitted(ada), actor=ben, at=NOW)
    with pytest.raises(Refused) as refused:
        scheme.withdraw(made, reason="Oops.", actor=ada, at=NOW)
    assert codes(refused) == ["has_taken_effect"]
    assert scheme_in_force(NOW) == made


@pytest.mark.parametrize("act", ["draft", "write", "submit", "approve", "withdraw"])
def test_without_the_permission_nothing_may_be_done(act: str, ada: Person) -> None:
    row = (
        submitted(ada) if act == "approve" else scheme.draft_default(note="", actor=ada, at=NOW)
    )
    words = {
        "draft": {"document": small(), "note": ""},
        "write": {"document": small()},
        "withdraw": {"reason": "No."},
    }.get(act, {})
    on = () if act == "draft" else (row,)
    with pytest.raises(NotPermitted) as refused:
        getattr(scheme, act)(*on, actor=person("dan"), at=NOW, **words)
    assert codes(refused) == ["no_permission"]
    getattr(scheme, act)(*on, actor=allow(person("eve"), *ACTS), at=NOW, **deepcopy(words))


def test_objections_say_beforehand_what_the_verb_would_say(ada: Person, ben: Person) -> None:
    made = submitted(ada)

    def found(act: str, who: Person) -> list[str]:
        return [each.code for each in scheme.objections(act, made, who, at=NOW)]

    assert found("approve", ada) == ["maker_is_checker"]
    assert found("approve", ben) == []
    assert found("write", ada) == ["not_a_draft"]
    assert found("withdraw", person("dan")) == ["no_permission"]


# --- what was approved


def test_an_approved_scheme_never_changes_nor_does_any_row_of_it() -> None:
    law = severity_scheme()
    law.note = "Rewritten."
    parts = [
        kind.objects.first()
        for kind in (SeverityLevel, SeverityCriterion, EscalationStep, UpdateCadence)
    ]
    for row in (law, *parts):
        for write in (row.save, row.delete):
            with pytest.raises(Refused) as refused:
                write()
            assert codes(refused) == ["approved_never_changes"]


def test_a_row_of_a_draft_may_still_be_written(ada: Person) -> None:
    made = scheme.draft_default(note="", actor=ada, at=NOW)
    step = EscalationStep.objects.filter(level__scheme=made).first()
    step.within_minutes = 7
    step.save()
    step.delete()
    assert not EscalationStep.objects.filter(pk=step.pk).exists()
