"""docs/running.md leads from an empty database, without the demo, to the first incident."""

import io
import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import Model
from django.test import Client

from incidents.models import Person, Qualification, Role, Service, Team
from incidents.rules.roles import COMMANDER
from tests.incidents.admin_room import list_of, page_of, signed_in

pytestmark = pytest.mark.django_db

HEADING = "## A first installation without the demo\n"
COMMAND = re.compile(r"^ *\.venv/bin/python manage\.py (.+)$", re.MULTILINE)
TEAMS = "slug,name\nplatform,Platform\n"
PEOPLE = "username,name,email,team,is_active\nben,Ben,ben@example.com,platform,1\n"
SERVICES = "slug,name,tier,owner,team\npayments,Payments,1,ben,platform\n"
MATRIX = "phase,activity,Incident Commander\ndetection,Open the call,A/R\n"
TOTAL = {"functionality_lost": "total", "safety_risk": True}


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(monkeypatch, tmp_path: Path) -> None:
    """A folder with the matrix, and the answers createsuperuser would ask for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    (tmp_path / "matrix.csv").write_text(MATRIX)
    answers = {"EMAIL": "ada@example.com", "NAME": "Ada", "PASSWORD": "only for this test"}
    for name, answer in answers.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", answer)


def commands() -> list[str]:
    """What the section tells people to type, in its order."""
    text = (settings.BASE_DIR / "docs" / "running.md").read_text()
    return COMMAND.findall(text.partition(HEADING)[2].partition("\n## ")[0])


def run(line: str) -> str:
    """What the command says; it asks no questions here."""
    out = io.StringIO()
    quiet = ["--noinput"] if line.startswith("createsuperuser") else []
    call_command(*shlex.split(line), *quiet, stdout=out)
    return out.getvalue()


def import_sheet(client: Client, model: type[Model], text: str) -> None:
    upload = SimpleUploadedFile("rows.csv", text.encode())
    preview = client.post(list_of(model, "import"), {"import_file": upload, "resource": "0"})
    client.post(list_of(model, "process_import"), preview.context["confirm_form"].initial)


def put_into_leadership(client: Client, who: Person) -> None:
    page = client.get(page_of(who))
    shown = page.context["adminform"].form.initial
    kept = {name: value for name, value in shown.items() if value not in (None, False, [])}
    below = {
        f"{inline.formset.prefix}-{count}_FORMS": 0
        for inline in page.context["inline_admin_formsets"]
        for count in ("TOTAL", "INITIAL")
    }
    leadership = Group.objects.get(name="leadership")
    ticked = {"team": who.team_id, "groups": [leadership.pk], "is_staff": "on"}
    answer = client.post(page_of(who), {**kept, **below, **ticked})
    assert answer.status_code == 302, answer.context["errors"]


def declare(token: str):
    return Client().post(
        "/api/v1/incidents",
        {"title": "Nobody can pay", "services": ["payments"], "facts": TOTAL},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_the_steps_of_the_documentation_end_in_a_declared_incident() -> None:
    migrate, first_account, matrix, severity, token = commands()
    run(migrate)
    run(first_account)
    ada = Person.objects.get(username="ada")
    admin = signed_in(ada)
    for model, rows in ((Team, TEAMS), (Person, PEOPLE), (Service, SERVICES)):
        import_sheet(admin, model, rows)
    ben = Person.objects.get(username="ben")
    put_into_leadership(admin, ben)

    assert "approved" in run(matrix)
    key = run(token).strip()
    refused = declare(key)
    assert refused.status_code == 409
    assert refused.json()["reasons"][0]["code"] == "no_severity_scheme"
    assert "import_severity" in refused.json()["reasons"][0]["message"]

    assert "approved" in run(severity)
    role = Role.objects.get(slug=COMMANDER)
    granted = {
        "person": ben.pk,
        "role": role.pk,
        "level": Qualification.Level.QUALIFIED,
        "reason": "The first.",
    }
    admin.post(list_of(Qualification, "grant"), granted)
    answer = declare(key)
    assert answer.status_code == 201
    assert answer.json()["severity"]["code"] == "sev1"
    assert (COMMANDER, "ben") in {
        (each["role"], each["person"]) for each in answer.json()["assignments"]
    }
