"""Action items as spreadsheets: new rows are added by the operation, all or none, formula-safe."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from incidents.models import AuditEvent, OutboxMessage
from reviews.models import ActionItem
from tests.factories import allow, person
from tests.reviews.rows import item, leader, review

pytestmark = pytest.mark.django_db

COLUMNS = ("reference", "review", "title", "kind", "owner", "due_on", "detail")
CSV, XLSX = "0", "1"


@pytest.fixture
def ada(client):
    """A leader who may bring sheets in and out, signed in."""
    who = allow(leader("ada"), "reviews.import_actionitem", "reviews.export_actionitem")
    who.is_staff = True
    who.save()
    client.force_login(who)
    return who


@pytest.fixture
def draft(ada):
    return review(ada)


def tomorrow():
    return timezone.now().date() + timedelta(days=1)


def sheet(*rows: tuple) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    return out.getvalue().encode()


def preview(client, content: bytes, *, name: str = "items.csv", kind: str = CSV):
    upload = SimpleUploadedFile(name, content)
    address = reverse("admin:reviews_actionitem_import")
    return client.post(address, {"import_file": upload, "format": kind})


def bring_in(client, content: bytes, **options) -> None:
    page = preview(client, content, **options)
    form = page.context["confirm_form"]
    client.post(reverse("admin:reviews_actionitem_process_import"), form.initial)


def errors(page) -> str:
    """What the preview says is wrong, with row numbers; there is nothing to confirm."""
    assert page.context.get("confirm_form") is None
    result = page.context["result"]
    invalid = [f"{row.number}: {row.error}" for row in result.invalid_rows]
    return "\n".join(
        [
            *invalid,
            *(f"{n}: {error.error}" for n, found in result.row_errors() for error in found),
        ]
    )


def test_new_rows_become_action_items_of_the_importer(client, ada, draft):
    person("ben")
    row = (
        "",
        draft.incident.reference,
        "Check values",
        "prevent",
        "ben",
        tomorrow(),
        "In the form",
    )
    bring_in(client, sheet(row))
    made = ActionItem.objects.get()
    assert (made.reference, made.owner.username, made.original_due_on) == (
        "AI-1",
        "ben",
        tomorrow(),
    )
    assert made.due_at is not None
    assert AuditEvent.objects.get(verb="add_actionitem").actor == ada
    assert OutboxMessage.objects.filter(kind="action-item-yours").count() == 1


def test_a_preview_stores_nothing(client, ada, draft):
    preview(
        client, sheet(("", draft.incident.reference, "Check", "prevent", "ada", tomorrow(), ""))
    )
    assert not ActionItem.objects.exists()
    assert not OutboxMessage.objects.filter(kind="action-item-yours").exists()


def test_a_workbook_with_real_dates_is_read_too(client, ada, draft):
    book = Workbook()
    book.active.append(COLUMNS)
    book.active.append(("", draft.incident.reference, "Check", "detect", "ada", tomorrow(), ""))
    out = io.BytesIO()
    book.save(out)
    bring_in(client, out.getvalue(), name="items.xlsx", kind=XLSX)
    assert ActionItem.objects.get().due_on == tomorrow()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"owner": "nobody"}, "There is no person “nobody”"),
        ({"owner": ""}, "There is no person “”"),
        ({"review": "INC-999"}, "There is no review “INC-999”"),
        ({"due_on": "2020-01-01"}, "Choose a day that is not over yet."),
        ({"due_on": ""}, "“” is no day such as"),
        ({"due_on": "01/02/2030"}, "“01/02/2030” is no day such as"),
        ({"kind": "hope"}, "Choose one of prevent, detect, mitigate, respond."),
        ({"title": ""}, "Say what is to be done."),
        ({"title": "=HYPERLINK(1)"}, "begins like a formula"),
        ({"reference": "AI-77"}, "There is no AI-77: leave it empty for a new item."),
    ],
)
def test_one_bad_row_is_named_and_no_row_comes_in(client, ada, draft, change, said):
    good = dict(
        zip(
            COLUMNS,
            ("", draft.incident.reference, "Check", "prevent", "ada", tomorrow(), ""),
            strict=True,
        )
    )
    page = preview(client, sheet(tuple(good.values()), tuple((good | change).values())))
    wrong = errors(page)
    assert said in wrong
    assert wrong.startswith("2: ")
    assert not ActionItem.objects.exists()


def test_what_exists_comes_in_unchanged_or_not_at_all(client, ada, draft):
    made = item(draft, ada, ada, due_on=tomorrow())
    row = (
        made.reference,
        draft.incident.reference,
        made.title,
        made.kind,
        "ada",
        tomorrow(),
        "",
    )
    bring_in(client, sheet(row))
    assert ActionItem.objects.count() == 1
    other = (*row[:2], "Another title", *row[3:])
    assert "AI-1 exists and reads otherwise: change it on its page" in errors(
        preview(client, sheet(other))
    )
    made.refresh_from_db()
    assert made.title == "Check values"


def test_an_export_is_safe_to_open_and_comes_back_in(client, ada, draft):
    item(draft, ada, ada, title="=1+1", due_on=tomorrow())
    form = {"format": CSV, "resource": "0"} | {
        f"actionitemresource_{name}": "on" for name in (*COLUMNS, "status")
    }
    answer = client.post(reverse("admin:reviews_actionitem_export"), form)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert rows[0]["reference"] == "AI-1"
    assert rows[0]["review"] == draft.incident.reference
    assert not rows[0]["title"].startswith("=")


def test_sheets_are_for_whoever_may(client, ada):
    plain = leader("ben")
    plain.is_staff = True
    plain.save()
    client.force_login(plain)
    for name in ("import", "export"):
        assert client.get(reverse(f"admin:reviews_actionitem_{name}")).status_code == 403
