"""Spreadsheets come in as plain rows or are refused with a place; text goes out unarmed."""

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from incidents import sheets
from incidents.rules.reasons import Invalid
from incidents.sheets import formula_safe, quoted, read_rows, unquoted

HEADER = ["phase", "activity", "role", "raci"]


def workbook(*rows: list[object]) -> bytes:
    """An XLSX file with these rows in its first sheet and noise in a second."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    book.create_sheet("noise").append(["not", "this"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(content: bytes, part: str, text: bytes) -> bytes:
    """The same ZIP with one part's content replaced."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return target.getvalue()


def refusal(content: bytes, name: str = "matrix.csv") -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_rows(name, content)
    return caught.value


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_with_any_of_three_separators_and_with_or_without_bom(
    bom: bytes, separator: str
) -> None:
    text = f'phase{separator}"activity, or; so"\r\ndetect{separator}Öffnen\r\n'
    expected = [["phase", "activity, or; so"], ["detect", "Öffnen"]]
    assert read_rows("matrix.csv", bom + text.encode()) == expected


def test_a_workbook_gives_the_text_of_its_first_sheet() -> None:
    content = workbook(HEADER, ["detect", 24, None, "A"], [], ["fix", 2.0, 2.5, "R"])
    assert read_rows("Matrix.XLSX", content) == [
        HEADER,
        ["detect", "24", "", "A"],
        ["", "", "", ""],
        ["fix", "2", "2.5", "R"],
    ]


def test_empty_tails_are_dropped_and_rows_are_equally_long() -> None:
    assert read_rows("m.csv", b"a,b, ,\n\nc,,,\n , ,\n\n") == [["a", "b"], ["", ""], ["c", ""]]


cells = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8).filter(
    lambda text: formula_safe(text) == text
)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_is_written_as_csv_or_workbook_reads_back_equal(rows: list[list[str]]) -> None:
    target = io.StringIO()
    csv.writer(target).writerows([HEADER[:2], *rows])
    assert read_rows("m.csv", target.getvalue().encode()) == [HEADER[:2], *rows]
    assert read_rows("m.xlsx", workbook(HEADER[:2], *rows)) == [HEADER[:2], *rows]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b",,\n,,\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content).has("empty_file")


def test_an_empty_workbook_is_refused() -> None:
    assert refusal(workbook(), "m.xlsx").has("empty_file")


def test_another_encoding_is_refused_at_its_first_wrong_byte() -> None:
    refused = refusal(b"phase,activity\ndetect," + "Öffnen".encode("latin-1"))
    assert refused.has("wrong_encoding")
    assert "Byte 22 (line 2)" in str(refused)


def test_utf_16_is_refused_as_another_encoding() -> None:
    assert refusal("phase,activity\n".encode("utf-16")).has("wrong_encoding")


def test_a_nul_byte_is_refused_with_its_line() -> None:
    refused = refusal(b"phase,activity\ndetect,a\0b\n")
    assert refused.has("nul_byte")
    assert "Line 2" in str(refused)


@pytest.mark.parametrize("content", [b'a,b\n"c,d\n', b'a,b\n"c"d,e\n'])
def test_broken_quotes_are_refused(content: bytes) -> None:
    assert refusal(content).has("unreadable_file")


@pytest.mark.parametrize("name", ["m.xls", "m.ods", "m", "m.xlsx.exe"])
def test_any_other_kind_of_file_is_refused_by_its_name(name: str) -> None:
    assert refusal(b"phase,activity\n", name).has("unreadable_file")


@pytest.mark.parametrize(
    "content",
    [
        b"phase,activity\n",
        b"PK\x03\x04 and then nothing",
        workbook(HEADER)[:-200],
        repacked(workbook(HEADER), "xl/worksheets/sheet1.xml", b"<worksheet><oops"),
        repacked(workbook(HEADER), "xl/workbook.xml", b""),
    ],
)
def test_a_broken_workbook_is_refused(content: bytes) -> None:
    assert refusal(content, "m.xlsx").has("unreadable_file")


def test_entities_in_a_workbook_are_refused() -> None:
    sheet = (
        '<!DOCTYPE w [<!ENTITY a "aaaa">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    part = "xl/worksheets/sheet1.xml"
    harmless = sheet.partition("]>")[2].replace("&a;", "aaaa")
    assert read_rows("m.xlsx", repacked(workbook(), part, harmless.encode())) == [["aaaa"]]
    assert refusal(repacked(workbook(), part, sheet.encode()), "m.xlsx").has("unreadable_file")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = repacked(workbook(HEADER), "xl/worksheets/sheet1.xml", b" " * 2_000_000)
    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 1_000_000)
    assert len(content) < 20_000
    assert refusal(content, "m.xlsx").has("file_too_large")


def test_five_mebibytes_are_the_most() -> None:
    limit = 5 * 1024 * 1024
    line = b"a,b\n"
    assert refusal(line * (limit // len(line)) + b"\n").has("file_too_large")
    assert refusal(line * (limit // len(line))).has("too_many_rows")


def test_five_thousand_rows_are_the_most() -> None:
    assert len(read_rows("m.csv", b"a,b\n" * 5_000)) == 5_000
    assert refusal(b"a,b\n" * 5_001).has("too_many_rows")
    assert refusal(workbook(*([["a"]] * 5_001)), "m.xlsx").has("too_many_rows")


def test_two_hundred_columns_are_the_most() -> None:
    assert len(read_rows("m.csv", b",".join([b"a"] * 200) + b",,,")[0]) == 200
    refused = refusal(b"a\n" + b",".join([b"a"] * 201))
    assert refused.has("too_many_columns")
    assert "Row 2" in str(refused)


def test_two_thousand_characters_are_the_most_in_a_cell() -> None:
    assert read_rows("m.csv", b"a," + b"b" * 2_000)[0][1] == "b" * 2_000
    refused = refusal(b"a,b\nc," + b"d" * 2_001)
    assert refused.has("cell_too_long")
    assert "B2" in str(refused)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd|x", "@SUM(A1)", " =1+1"])
def test_text_that_begins_like_a_formula_is_refused_with_its_cell(text: str) -> None:
    for name, content in (
        ("m.csv", f"phase,activity\ndetect,{text}\n".encode()),
        ("m.xlsx", workbook(["phase", "activity"], ["detect", text])),
    ):
        refused = refusal(content, name)
        assert refused.has("formula_in_cell")
        assert [reason.field for reason in refused.reasons] == ["B2"]


def test_a_formula_over_several_cells_is_refused_too() -> None:
    content = workbook(["phase", ArrayFormula("B1:B2", "=A1:A2")])
    assert refusal(content, "m.xlsx").has("formula_in_cell")


def test_every_formula_is_named_up_to_twenty() -> None:
    assert len(refusal(b"=a,=b\n=c,d\n").reasons) == 3
    assert len(refusal(b"=a,=b\n" * 50).reasons) == 20


@pytest.mark.parametrize(
    "text", ["=1+1", "+a", "-a", "@a", "\ta", "\ra", "--", "-1+1", "+1 555"]
)
def test_an_exported_text_never_begins_like_a_formula(text: str) -> None:
    assert formula_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Lead", "a=b", "-12", "+3.5", "-0,25", "12", "-"])
def test_ordinary_text_and_plain_numbers_are_exported_as_they_are(text: str) -> None:
    assert formula_safe(text) == text


@given(st.text(st.sampled_from("'=-+@a1"), max_size=6))
def test_the_quote_of_an_export_is_taken_off_again_and_no_other(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert unquoted(text) == text or quoted(unquoted(text)) == text
    assert formula_safe(quoted(text)) == quoted(text)


def test_a_quoted_text_is_read_without_its_quote() -> None:
    content = b"a,b,c\n'=1+1,'quoted',-\n"
    assert read_rows("m.csv", content)[1] == ["=1+1", "'quoted'", "-"]
