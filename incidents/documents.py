"""Documents at the border: YAML in as plain data with the line of each fault, YAML out to read."""

from collections.abc import Sequence
from typing import Any

import yaml

from incidents.rules.reasons import Invalid

MAX_BYTES = 64 * 1024


class _Loader(yaml.SafeLoader):
    """Safe, and stricter: what YAML silently loses or multiplies is a fault with a line."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias: a hundred bytes of them unfold to gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="write it out instead of *", problem_mark=mark)
        return super().compose_node(parent, index)

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


def read_document(content: str | bytes, most: int = MAX_BYTES) -> Any:
    """The data of one YAML (or JSON) document of at most so many bytes.

    Refuses `document_too_large`, `wrong_encoding` and `bad_yaml`, which names line and column.
    """
    raw = content.encode() if isinstance(content, str) else content
    if len(raw) > most:
        raise Invalid.because(
            "document_too_large",
            f"The document is larger than {most // 1024} KiB: say it shorter.",
        )
    try:
        return yaml.load(raw.decode(), Loader=_Loader)  # noqa: S506  (a SafeLoader, stricter)
    except UnicodeDecodeError as error:
        message = f"Byte {error.start} is not UTF-8: save the file as UTF-8."
        raise Invalid.because("wrong_encoding", message) from error
    # A number of 5,000 digits or a date of 99 June is a ValueError, deep nesting exhausts the stack.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Invalid.because("bad_yaml", f"This is no YAML: {_fault(error)}.") from error


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
