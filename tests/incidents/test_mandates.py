"""What the pinned matrix permits: each decided act by the people who may, and by those who must not."""

from collections.abc import Callable
from typing import Any

import pytest

from incidents.models import (
    Cell,
    Filing,
    Incident,
    LegalClock,
    MatrixVersion,
    Person,
    Update,
    Variation,
)
from incidents.operations import filing, lifecycle, mandates, severity, standing, update
from incidents.rules.reasons import NotPermitted
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    RESPONDER,
    SCRIBE,
)
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import LATER, Scene, again, hold, refused, responder, scene

pytestmark = pytest.mark.django_db

# Who is accountable for which act in the matrix of these tests; nothing as the table of verbs has it.
WHOSE = {
    "set_severity": SCRIBE,
    "publish_externally": COUNSEL,
    "notify_authority": COMMUNICATIONS,
    "stand_down": DEPUTY,
}
NAMES = {
    "set_severity": ("triage", "Judge how grave it is"),
    "publish_externally": ("mitigation", "Speak to the public"),
    "notify_authority": ("triage", "Give notice"),
    "stand_down": ("resolution", "End it"),
}


def bound(whose: dict[str, str], **more: dict[str, str]) -> MatrixVersion:
    """An approved matrix in which these roles are accountable for these acts."""
    rows = {NAMES[act]: {role: "A/R"} for act, role in whose.items()}
    version = factories.matrix_version(
        rows or {("triage", "Direct"): {COMMANDER: "A/R"}}, effective_from=None
    )
    for act in whose:
        phase, name = NAMES[act]
        version.activities.filter(phase=phase, name=name).update(act=act)
    for case, letters in more.items():
        _vary(version, case, letters)
    version.status, version.checker = "approved", factories.person()
    version.approved_at = version.effective_from = NOW
    version.save()
    return version


def _vary(version: MatrixVersion, case: str, letters: dict[str, str]) -> None:
    kind, value = case.split("_")
    varied = Variation.objects.create(version=version, depends_on=kind, value=value)
    for role, letter in letters.items():
        Cell.objects.create(
            activity=version.activities.get(act="stand_down"), variation=varied,
            role=factories.role(role), letters=letter,
        )  # fmt: skip


def under(version: MatrixVersion | None, **fields: Any) -> Scene:
    """The scene in resolution, run under this matrix."""
    return scene(matrix_version=version, state="resolution", **fields)


def everybody(stage: Scene) -> dict[str, Person]:
    """One person a role; Ada commands and Ben speaks."""
    people = {COMMANDER: stage.ada, COMMUNICATIONS: stage.ben}
    for role in (DEPUTY, SCRIBE, COUNSEL, RESPONDER):
        people[role] = responder(factories.person(f"the-{role}"))
        hold(stage.incident, people[role], role)
    return people


def publish(stage: Scene, actor: Person, audience: str = "public") -> Update:
    drafted = Update.objects.create(
        incident=stage.incident, audience=audience, text="We work on it.", status="approved",
        drafted_by=stage.cleo, drafted_at=NOW, approved_by=stage.lea, approved_at=NOW,
    )  # fmt: skip
    return update.publish(drafted, actor=actor, at=LATER)


def notify(stage: Scene, actor: Person) -> Filing:
    clock = LegalClock.objects.create(
        incident=stage.incident, kind=f"gdpr--{LegalClock.objects.count()}", regime="gdpr",
        stage="notification", title="Notification", basis="Ours", started_at=NOW, due_at=LATER,
    )  # fmt: skip
    return filing.file_notice(stage.incident, clock=clock, sent_at=LATER, actor=actor, at=LATER)


def classify(stage: Scene, actor: Person) -> Incident:
    return severity.classify(
        stage.incident, level_code="sev1", reason="It grows.", actor=actor, at=LATER
    )


def close(stage: Scene, actor: Person) -> Incident:
    return lifecycle.close(stage.incident, actor=actor, at=LATER)


ACTS: dict[str, Callable[[Scene, Person], object]] = {
    "set_severity": classify,
    "publish_externally": publish,
    "notify_authority": notify,
    "stand_down": close,
}


# --- bound: the accountable one and nobody else


@pytest.mark.parametrize("act", ACTS)
def test_who_is_accountable_performs_the_act(act: str) -> None:
    stage = under(bound(WHOSE))
    ACTS[act](stage, everybody(stage)[WHOSE[act]])


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_does_while_the_role_is_held_and_is_told_whose_act_it_is(act: str) -> None:
    stage = under(bound(WHOSE))
    people = everybody(stage)
    others = [who for role, who in people.items() if role != WHOSE[act]]
    for other in (*others, stage.lea, stage.cleo):
        with refused("not_your_role", NotPermitted) as caught:
            ACTS[act](stage, other)
        (reason,) = caught.value.reasons
        assert reason.message.startswith(
            f"The matrix (Standing v1, “{NAMES[act][1]}”) makes the "
        )


@pytest.mark.parametrize("act", ACTS)
def test_who_may_never_do_it_does_not_become_able_by_being_accountable(act: str) -> None:
    stage = under(bound(WHOSE))
    hold(stage.incident, stage.dan, WHOSE[act])
    with refused("no_permission", NotPermitted):
        ACTS[act](stage, stage.dan)


@pytest.mark.parametrize("act", ACTS)
def test_a_vacancy_leads_to_command_then_to_leadership_and_to_nobody_else(act: str) -> None:
    stage = under(bound(dict.fromkeys(WHOSE, SCRIBE)))
    for other in (stage.ben, stage.cleo, stage.lea):
        with refused("not_your_role", NotPermitted) as caught:
            ACTS[act](stage, other)
        assert "nobody holds that role now, so only the incident commander may" in str(
            caught.value
        )
    stage.incident.assignments.filter(person=stage.ada).update(ended_at=NOW)
    with refused("not_your_role", NotPermitted) as caught:
        ACTS[act](stage, stage.ben)
    assert "nobody holds that role now, so only leadership may" in str(caught.value)
    ACTS[act](stage, stage.lea)


@pytest.mark.parametrize("act", ACTS)
def test_the_commander_acts_where_nobody_is_accountable(act: str) -> None:
    stage = under(bound(dict.fromkeys(WHOSE, SCRIBE)))
    ACTS[act](stage, stage.ada)


@pytest.mark.parametrize("act", ACTS)
def test_the_deputy_acts_where_nobody_is_accountable(act: str) -> None:
    stage = under(bound(WHOSE | {"stand_down": SCRIBE, "notify_authority": COUNSEL}))
    deputy = responder(factories.person("deputy"))
    hold(stage.incident, deputy, DEPUTY)
    ACTS[act](stage, deputy)


def test_an_update_inside_the_company_is_the_speakers_as_ever() -> None:
    stage = under(bound(WHOSE))
    people = everybody(stage)
    for speaker in (stage.ben, stage.ada, people[DEPUTY]):
        publish(stage, speaker, "internal")
    for other in (people[COUNSEL], people[SCRIBE], stage.lea):
        with refused("not_your_role", NotPermitted):
            publish(stage, other, "internal")


def test_an_update_for_executives_is_published_by_who_is_accountable() -> None:
    stage = under(bound(WHOSE))
    people = everybody(stage)
    publish(stage, people[COUNSEL], "executive")
    with refused("not_your_role", NotPermitted):
        publish(stage, stage.ben, "executive")


def test_after_closing_the_last_phase_still_says_whose_act_it_is() -> None:
    stage = under(bound(WHOSE))
    people = everybody(stage)
    close(stage, people[DEPUTY])
    with refused("not_your_role", NotPermitted):
        notify(stage, people[COUNSEL])
    notify(stage, stage.ben)
    publish(stage, people[COUNSEL])
    with refused("not_your_role", NotPermitted):
        publish(stage, stage.ben)


# --- not bound: the table of verbs

BY_THE_TABLE = {
    "set_severity": {COMMANDER},
    "publish_externally": {COMMANDER, COMMUNICATIONS, DEPUTY},
    "notify_authority": {COUNSEL, "leadership"},
    "stand_down": {COMMANDER},
}


@pytest.mark.parametrize("pins_one", [True, False])
@pytest.mark.parametrize("act", ACTS)
def test_where_the_matrix_is_silent_the_table_of_verbs_decides(
    act: str, pins_one: bool
) -> None:
    others = {code: role for code, role in WHOSE.items() if code != act}
    stage = under(bound(others) if pins_one else None)
    people = {**everybody(stage), "leadership": stage.lea}
    for role in people.keys() - BY_THE_TABLE[act]:
        with refused("not_your_role", NotPermitted) as caught:
            ACTS[act](stage, people[role])
        assert "matrix" not in str(caught.value)
    for role in sorted(BY_THE_TABLE[act] & people.keys())[:1]:
        ACTS[act](stage, people[role])


def test_a_line_that_is_bound_but_has_no_accountable_role_leaves_it_to_the_table() -> None:
    version = bound({"stand_down": DEPUTY}, severity_sev2={DEPUTY: "R"})
    stage = under(version)
    close(stage, stage.ada)


# --- the line that governs now


def test_a_line_of_the_phase_itself_governs_before_one_of_an_earlier() -> None:
    version = factories.matrix_version(
        {
            ("triage", "Judge"): {SCRIBE: "A/R"},
            ("mitigation", "Judge again"): {COUNSEL: "A/R"},
        },
        effective_from=None,
    )
    version.activities.update(act="set_severity")
    version.status, version.checker = "approved", factories.person()
    version.approved_at = version.effective_from = NOW
    version.save()
    stage = scene(matrix_version=version)
    found = {}
    for state in ("detection", "triage", "mitigation", "resolution", "closed"):
        stage.incident.state = state
        found[state] = mandates.accountable(stage.incident, "set_severity")
    assert found == {
        "detection": SCRIBE, "triage": SCRIBE, "mitigation": COUNSEL, "resolution": COUNSEL,
        "closed": COUNSEL,
    }  # fmt: skip


def test_the_severity_of_the_incident_decides_whose_act_it_is() -> None:
    version = bound({"stand_down": DEPUTY}, severity_sev1={DEPUTY: "R", COMMANDER: "A"})
    stage = under(version)
    people = everybody(stage)
    assert mandates.accountable(stage.incident, "stand_down") == DEPUTY
    severity.classify(
        stage.incident, level_code="sev1", reason="It grows.", actor=stage.ada, at=LATER
    )
    with refused("not_your_role", NotPermitted):
        close(stage, people[DEPUTY])
    close(stage, stage.ada)


def test_the_gravest_tier_affected_decides_whose_act_it_is() -> None:
    version = bound({"stand_down": DEPUTY}, tier_1={DEPUTY: "R", SCRIBE: "A"})
    stage = under(version)
    stage.incident.services.set(
        [factories.service("a", tier=3), factories.service("b", tier=1)]
    )
    assert mandates.accountable(stage.incident, "stand_down") == SCRIBE


# --- what it costs


def test_asking_the_matrix_costs_no_query(django_assert_num_queries: Any) -> None:
    stage = under(bound(WHOSE))
    everybody(stage)
    incident = again(stage.incident)
    standing.circumstances(incident, stage.ada, verb="close", at=NOW)
    stage.ada.has_perm(standing.LEAD)
    holder = incident.assignments.get(role=DEPUTY).person
    holder.has_perm(standing.LEAD)
    with django_assert_num_queries(1):  # who holds what, as without a matrix
        standing.circumstances(incident, holder, verb="close", at=NOW)


def test_a_variation_that_touches_no_tier_reads_no_service(
    django_assert_num_queries: Any,
) -> None:
    version = bound({"stand_down": DEPUTY}, severity_sev1={DEPUTY: "R", COMMANDER: "A"})
    stage = under(version)
    mandates.accountable(stage.incident, "stand_down")
    with django_assert_num_queries(0):
        assert mandates.accountable(stage.incident, "stand_down") == DEPUTY
