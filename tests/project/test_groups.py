"""The four groups hold exactly their table."""

from fnmatch import fnmatchcase

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from incidents.rules.verbs import VERBS
from raci_project.groups import GROUPS, patterns, permitted, sync
from tests import factories

pytestmark = pytest.mark.django_db

INCIDENT_VERBS = {f"incidents.{law.permission}" for law in VERBS.values()}


def held(name: str) -> set[str]:
    rows = Permission.objects.filter(group__name=name).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


def every_permission() -> set[str]:
    rows = Permission.objects.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_holds_what_the_table_says_and_nothing_else(name) -> None:
    wanted = list(patterns(GROUPS[name]))
    matching = {
        each for each in every_permission() if any(fnmatchcase(each, one) for one in wanted)
    }
    assert held(name) == matching == permitted(GROUPS[name], every_permission())


@pytest.mark.parametrize("name", GROUPS)
def test_no_line_of_the_table_is_misspelt(name) -> None:
    known = every_permission()
    idle = [
        one for one in patterns(GROUPS[name]) if not any(fnmatchcase(k, one) for k in known)
    ]
    assert {one for one in idle if not one.endswith("*")} == set()


def test_what_is_not_in_the_table_leaves_the_group_and_the_rest_returns() -> None:
    group = Group.objects.get(name="auditor")
    before = held("auditor")
    group.permissions.set([Permission.objects.get(codename="declare_incident")])
    sync()
    assert held("auditor") == before


def test_a_company_s_own_group_is_left_alone() -> None:
    own = Group.objects.create(name="night shift")
    own.permissions.add(Permission.objects.get(codename="view_incident"))
    sync()
    assert held("night shift") == {"incidents.view_incident"}


def test_migrating_again_restores_the_table() -> None:
    group = Group.objects.get(name="responder")
    before = held("responder")
    group.permissions.clear()
    call_command("migrate", verbosity=0)
    assert held("responder") == before


def test_an_auditor_reads_and_exports_and_writes_nothing() -> None:
    verbs = {permission.split(".")[1].split("_")[0] for permission in held("auditor")}
    assert verbs == {"view", "export"}
    assert {"incidents.view_auditevent", "incidents.view_historicalincident"} <= held("auditor")


def test_a_responder_has_every_verb_and_does_not_lead() -> None:
    assert held("responder") >= INCIDENT_VERBS
    assert "incidents.lead_incident" not in held("responder")
    assert "incidents.approve_matrixversion" not in held("responder")
    assert "incidents.lead_incident" in held("leadership")
    assert "incidents.approve_matrixversion" in held("leadership")


def test_a_planner_readies_people_and_moves_no_incident_beyond_declaring_an_exercise() -> None:
    assert {"training.run_gameday", "incidents.grant_qualification"} <= held("planner")
    assert held("planner") & INCIDENT_VERBS == {"incidents.declare_incident"}


@pytest.mark.parametrize("name", GROUPS)
def test_no_group_deletes_or_touches_accounts_of_the_framework(name) -> None:
    codenames = {permission.split(".")[1] for permission in held(name)}
    assert not [each for each in codenames if each.startswith("delete_")]
    foreign = {each for each in held(name) if each.startswith(("auth.", "contenttypes."))}
    assert foreign <= {"auth.view_group"}


def test_history_is_never_written_by_a_group() -> None:
    every = set().union(*(held(name) for name in GROUPS))
    assert {each for each in every if "_historical" in each and ".view_" not in each} == set()


def test_a_person_may_what_the_group_may() -> None:
    ben = factories.person("ben")
    assert not ben.has_perm("incidents.declare_incident")
    ben.groups.add(Group.objects.get(name="responder"))
    assert type(ben).objects.get(pk=ben.pk).has_perm("incidents.declare_incident")


@pytest.mark.parametrize("name", ["leadership", "responder", "planner"])
def test_whoever_is_named_to_run_or_judge_an_exercise_may(name) -> None:
    wanted = {"control", "observe", "debrief", "answer"}
    assert {f"training.{verb}_gameday" for verb in wanted} <= held(name)
