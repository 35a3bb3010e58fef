"""Documents at the border: YAML in as plain data with the line of each fault, YAML out to read."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from incidents.rules.reasons import Invalid

MAX_BYTES = 64 * 1024
# A law pack is larger and shares its parts: unfolded it is held to a size as well.
MAX_PACK_BYTES = 1024 * 1024
MAX_PACK_UNFOLDED = 8 * MAX_PACK_BYTES
_LONGEST_NUMBER = 100  # characters
_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_TEXT = "tag:yaml.org,2002:str"
# RFC 8259, 7: JSON may say one character as two escapes; YAML reads each for itself.
_HALF = re.compile("[\ud800-\udfff]")
SHIPPED_PACK = Path(__file__).parent / "packs" / "notification_duties.yaml"


class _Loader(yaml.SafeLoader):
    """Safe, and stricter: what YAML silently loses or multiplies is a fault with a line."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias: a hundred bytes of them unfold to gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="write it out instead of *", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_number(self, node: Any) -> Any:
        """Refuse a number of very many digits: in hexadecimal or base 60 nothing else bounds it."""
        if len(node.value) > _LONGEST_NUMBER:
            problem = "no number is this long, put it in quotes"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        is_int = node.tag == _INT
        return self.construct_yaml_int(node) if is_int else self.construct_yaml_float(node)

    def construct_text(self, node: Any) -> str:
        """Join what came as two halves of a character; refuse a half alone, which nothing keeps."""
        text = str(self.construct_yaml_str(node))
        if not _HALF.search(text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            problem = "half of a character is none"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Refuse a key given twice: YAML would keep the last and lose the first."""
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                problem = f"“{name}” stands here a second time"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


for _tag in (_INT, _FLOAT):
    _Loader.add_constructor(_tag, _Loader.construct_number)
_Loader.add_constructor(_TEXT, _Loader.construct_text)


class _Dumper(yaml.SafeDumper):
    """Everything written out, nothing abbreviated."""

    def ignore_aliases(self, data: Any) -> bool:
        """Two equal parts are two parts."""
        return True


class _LineByLine(_Dumper):
    """One thing a line, so that a difference between two documents is a line; text as it reads."""

    def represent_str(self, data: str) -> Any:
        """Several lines stand as several lines."""
        style = "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_LineByLine.add_representer(str, _LineByLine.represent_str)


class _Sharing(_Loader):
    """The same, with parts said once and used again by `&name` and `*name`; never by `<<`."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Leave out the refusal of an alias."""
        return yaml.SafeLoader.compose_node(self, parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Refuse a merge: what came from where would be lost."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                problem = "write it out instead of <<"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        return super().construct_mapping(node, deep)


def read_document(
    content: str | bytes, most: int = MAX_BYTES, *, unfolded: int | None = None
) -> Any:
    """The data of one YAML (or JSON) document of at most so many bytes.

    With `unfolded`, parts may be shared by `&` and `*`, if written out in full it would be no
    more than so many bytes.

    Refuses `document_too_large`, `wrong_encoding` and `bad_yaml`, which names line and column.
    """
    raw = content.encode() if isinstance(content, str) else content
    if len(raw) > most:
        raise Invalid.because(
            "document_too_large",
            f"The document is larger than {most // 1024} KiB: say it shorter.",
        )
    loader = _Loader if unfolded is None else _Sharing
    try:
        data = yaml.load(raw.decode(), Loader=loader)  # noqa: S506  (a SafeLoader, stricter)
    except UnicodeDecodeError as error:
        message = f"Byte {error.start} is not UTF-8: save the file as UTF-8."
        raise Invalid.because("wrong_encoding", message) from error
    # A number of 5,000 digits or a date of 99 June is a ValueError, deep nesting exhausts the stack.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Invalid.because("bad_yaml", f"This is no YAML: {_fault(error)}.") from error
    if unfolded is not None and not _fits(data, unfolded):
        raise Invalid.because(
            "document_too_large",
            f"Written out in full it is larger than {unfolded // 1024} KiB: use fewer aliases.",
        )
    return data


def read_pack_document(content: str | bytes) -> Any:
    """The data of one law pack, at most 1 MiB; parts may be shared by `&` and `*`, not by `<<`.

    Refuses as `read_document` does.
    """
    return read_document(content, MAX_PACK_BYTES, unfolded=MAX_PACK_UNFOLDED)


@cache
def shipped_pack() -> dict[str, Any]:
    """The document of the law pack that ships; read once a process, never to be written to."""
    document: dict[str, Any] = read_pack_document(SHIPPED_PACK.read_bytes())
    return document


def _fits(data: Any, most: int) -> bool:
    """Whether it is at most about so many bytes once nothing is shared; what holds itself is not."""
    waiting, size = [data], 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
        size += len(part) + 1 if isinstance(part, str | bytes | dict | list) else 1
        if size > most:
            return False
    return True


def write_document(data: Any, comments: Sequence[str] = (), *, one_a_line: bool = False) -> str:
    """The data as YAML below the comments: leaves on one line each, or every value on its own."""
    text = yaml.dump(
        data,
        Dumper=_LineByLine if one_a_line else _Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False if one_a_line else None,
        width=110,
    )
    return "".join(f"# {line}".rstrip() + "\n" for line in comments) + text


def _fault(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split())
    problem = getattr(error, "problem", None) or "it breaks off"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"
