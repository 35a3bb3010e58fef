"""An imported matrix that binds no act is offered to be bound by name; never silently."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents.models import MatrixVersion, Person
from tests.factories import allow, person
from tests.incidents.admin_room import list_of, signed_in, text_of

pytestmark = pytest.mark.django_db

FOREIGN = "phase,activity,Incident Commander,Scribe\ndeclare,Declare the incident,A/R,I\ndeclare,Sing,,A/R\n"
BOUND = FOREIGN.replace("Scribe\n", "Scribe,act\n").replace("A/R,I\n", "A/R,I,declare\n").replace("Sing,,A/R\n", "Sing,,A/R,\n")  # fmt: skip


@pytest.fixture
def client() -> Client:
    acts = ("view", "import")
    ada: Person = allow(
        person("ada", is_staff=True), *(f"incidents.{act}_matrixversion" for act in acts)
    )
    return signed_in(ada)


def mapping(client: Client, content: str) -> str:
    """The address of the second page for this upload."""
    file = SimpleUploadedFile("law.csv", content.encode())
    address: str = client.post(list_of(MatrixVersion, "import"), {"file": file}).url
    return address


def answers(client: Client, address: str, **more: str) -> dict[str, str]:
    """Everything as proposed."""
    form = client.get(address).context["form"]
    said = {name: str(field.initial or "") for name, field in form.fields.items()}
    del said["bind_acts"]
    return {**said, **more}


def acts() -> list[str]:
    version = MatrixVersion.objects.get()
    return list(version.activities.order_by("position").values_list("act", flat=True))


def test_the_proposals_are_listed_by_activity_before_anything_is_bound(client: Client) -> None:
    page = text_of(client.get(mapping(client, FOREIGN)))
    assert "Bind activities to the acts their names say" in page
    assert "detection Declare the incident Declare the incident" in page
    assert "detection Sing" not in page


def test_unchecked_nothing_is_bound(client: Client) -> None:
    address = mapping(client, FOREIGN)
    client.post(address, answers(client, address, draft="1"))
    assert acts() == ["", ""]


def test_checked_what_was_listed_is_bound(client: Client) -> None:
    address = mapping(client, FOREIGN)
    client.post(address, answers(client, address, draft="1", bind_acts="on"))
    assert acts() == ["declare", ""]


def test_a_matrix_that_binds_acts_itself_is_not_asked_about(client: Client) -> None:
    address = mapping(client, BOUND)
    page = client.get(address)
    assert "bind_acts" not in page.context["form"].fields
    assert "Bind activities" not in text_of(page)
    said = {
        name: str(field.initial or "") for name, field in page.context["form"].fields.items()
    }
    client.post(address, {**said, "draft": "1", "bind_acts": "on"})
    assert acts() == ["declare", ""]
