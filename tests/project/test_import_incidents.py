"""Histories of real incidents come in whole, and the figures agree with a computation of our own."""

import csv
import os
import statistics
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.models import AuditEvent, Incident
from incidents.operations.records import first_broken_line
from reviews.metrics import measure
from reviews.models import Review
from reviews.operations.review import open_owed
from tests.factories import NOW

pytestmark = pytest.mark.django_db

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = SHARED / "incident-histories" / "normalised.csv"
HEADER = "source,id,title,impact,components,start,first_public,identified,mitigated,resolved,updates,maintenance"
GOOD = "status,1,Login fails,major,login;api,2026-01-02T10:00:00Z,2026-01-02T10:07:00Z,,,2026-01-02T11:00:00+01:00,3,0"


@pytest.fixture
def sheet(tmp_path):
    """Writes rows beneath the header; returns the file."""

    def write(*rows: str) -> Path:
        path = tmp_path / "history.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        return path

    return write


@pytest.fixture
def real():
    if not REAL.exists():
        pytest.skip(f"the real histories are not at {REAL}")
    return REAL


def run(path: Path, capsys, **options) -> str:
    call_command("import_incidents", str(path), **options)
    return capsys.readouterr().out


def refusal(path: Path) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("import_incidents", str(path))
    assert not Incident.objects.exists()
    return str(refused.value)


def minutes(rows, start, stop) -> list[float]:
    """Independent of the product: what is known and not negative, from the file itself."""
    pairs = [
        (datetime.fromisoformat(row[start]), datetime.fromisoformat(row[stop]))
        for row in rows
        if row["maintenance"] == "0" and row[start] and row[stop]
    ]
    return [(stop - start) / timedelta(minutes=1) for start, stop in pairs]


def percentile_90(values: list[float]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[-1]


def test_real_histories_come_in_once_and_maintenance_is_left_out(real, capsys):
    said = run(real, capsys)
    assert "722 new incidents imported, 0 known already." in said
    assert "139 rows of planned maintenance left out." in said
    assert "5 of the new ones have instants out of order" in said
    assert Incident.objects.real().count() == 722

    said = run(real, capsys)
    assert "0 new incidents imported, 722 known already." in said
    assert Incident.objects.count() == 722


def test_medians_agree_with_an_independent_computation(real, capsys):
    run(real, capsys)
    with real.open() as file:
        rows = list(csv.DictReader(file))
    public = [max(0.0, waited) for waited in minutes(rows, "start", "first_public")]
    resolved = [took for took in minutes(rows, "start", "resolved") if took >= 0]

    report = measure(date(2020, 1, 1), date(2027, 1, 1), at=NOW)
    first = report.time_to_first_public_update
    assert (len(public), statistics.median(public)) == (645, 0.0)
    assert (first.n, first.median_minutes) == (645, 0.0)
    assert first.p90_minutes == pytest.approx(percentile_90(public))
    assert (first.running, first.never, first.missing) == (0, 722 - 645, 0)

    end = report.detection_to_resolution
    assert (end.n, end.missing) == (len(resolved), 722 - len(resolved))
    assert end.median_minutes == pytest.approx(statistics.median(resolved))
    assert end.p90_minutes == pytest.approx(percentile_90(resolved))


def test_each_year_of_the_real_histories_agrees_too(real, capsys):
    run(real, capsys)
    with real.open() as file:
        rows = list(csv.DictReader(file))
    for year in range(2020, 2026):
        of_year = [row for row in rows if row["start"].startswith(str(year))]
        expected = [took for took in minutes(of_year, "start", "resolved") if took >= 0]
        found = measure(date(year, 1, 1), date(year + 1, 1, 1), at=NOW).detection_to_resolution
        assert (found.n, found.median_minutes) == (
            len(expected),
            pytest.approx(statistics.median(expected)),
        )


def test_what_the_source_does_not_say_is_missing_and_not_never(sheet, capsys):
    run(sheet(GOOD), capsys)
    report = measure(date(2026, 1, 1), date(2026, 2, 1), at=NOW)
    contained = report.detection_to_containment
    assert (contained.n, contained.never, contained.missing) == (0, 0, 1)
    led = report.comms_lead_share
    assert (led.n, led.count, led.missing, led.share) == (0, 0, 1, None)
    assert report.time_to_first_public_update.median_minutes == 7.0


def test_a_row_becomes_a_closed_incident_with_its_provenance(sheet, capsys):
    run(sheet(GOOD), capsys)
    incident = Incident.objects.get(source="status", external_id="1")
    assert incident.reference == "H-1"
    assert incident.state == "closed"
    assert incident.level is None
    assert incident.facts["components"] == ["login", "api"]
    assert incident.detected_at == incident.declared_at == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert incident.contained_at is None
    assert incident.provenance["detected_at"]["source"] == "backfilled"
    assert incident.history.count() == 1


def test_an_end_before_the_beginning_is_kept_and_flagged(sheet, capsys):
    said = run(sheet(GOOD.replace("11:00:00+01:00", "09:00:00Z")), capsys)
    assert "1 of the new ones have instants out of order" in said
    incident = Incident.objects.get()
    assert incident.provenance["resolved_at"]["reason"].startswith(
        "Kept as the source tells it"
    )
    assert incident.provenance["detected_at"]["reason"] == ""


def test_a_dry_run_says_the_same_and_stores_nothing(sheet, capsys):
    path = sheet(GOOD, GOOD.replace("status,1", "status,2"))
    assert "2 new incidents would be imported, 0 known" in run(path, capsys, dry_run=True)
    assert not Incident.objects.exists()
    assert not AuditEvent.objects.exists()
    run(path, capsys)
    assert "0 new incidents would be imported, 2 known" in run(path, capsys, dry_run=True)


def test_an_import_is_one_audit_line_and_its_references_follow_on(sheet, capsys):
    run(sheet(GOOD), capsys)
    run(sheet(GOOD, GOOD.replace("status,1", "status,2")), capsys)
    assert AuditEvent.objects.filter(verb="import_incidents").count() == 2
    assert list(Incident.objects.order_by("id").values_list("reference", flat=True)) == [
        "H-1",
        "H-2",
    ]
    assert first_broken_line() is None


def test_four_hundred_rows_and_their_history_are_written_in_bulk(
    sheet, capsys, django_assert_max_num_queries
):
    rows = [GOOD.replace("status,1", f"status,{n}") for n in range(400)]
    with django_assert_max_num_queries(50):
        run(sheet(*rows), capsys)
    assert Incident.objects.count() == 400


def test_imported_history_owes_no_reviews(sheet, capsys):
    run(sheet(GOOD), capsys)
    assert open_owed(NOW) == []
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (GOOD.replace("2026-01-02T10:00:00Z", "yesterday"), "Row 3, start: “yesterday” is no instant"),
        (GOOD.replace("10:00:00Z", "10:00:00"), "Row 3, start: “2026-01-02T10:00:00” is no instant"),
        (GOOD.replace("Login fails", ""), "Row 3, title: is empty"),
        (GOOD.replace("2026-01-02T11:00:00+01:00", ""), "Row 3, resolved: is empty"),
        (GOOD.replace(",3,0", ",three,0"), "Row 3, updates: “three” is no whole number"),
        (GOOD.replace(",3,0", ",3,perhaps"), "Row 3, maintenance: “perhaps” is neither 0 nor 1"),
        (GOOD.replace("Login fails", "x" * 201), "Row 3, title: is longer than 200 characters"),
        (GOOD.replace("status,1", "status,0"), "Row 3 tells of the same incident as row 2"),
        (GOOD.replace("Login fails", "=HYPERLINK(1)"), "C3"),
    ],
)  # fmt: skip
def test_one_bad_row_is_named_and_nothing_is_imported(sheet, row, problem):
    good = GOOD.replace("status,1", "status,0")
    assert problem in refusal(sheet(good, row))


def test_every_bad_row_is_named_at_once(sheet):
    said = refusal(
        sheet(
            GOOD.replace("major,", "major,").replace("Login fails", ""),
            GOOD.replace(",0", ",9"),
        )
    )
    assert "Row 2" in said
    assert "Row 3" in said


def test_a_sheet_of_another_kind_is_refused_by_its_columns(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("username,name\nada,Ada\n")
    assert "Row 1 names no column source, id, title, start, resolved" in refusal(path)


def test_what_cannot_be_read_is_refused_in_words(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes(b"source,id\n\xff\xfe")
    assert "not UTF-8" in refusal(path)
    assert "No such file" in refusal(tmp_path / "nowhere.csv")
