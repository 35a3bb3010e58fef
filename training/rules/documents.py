"""Plain data taken apart field by field, noting what is wrong by its path, all of it at once."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from incidents.rules.reasons import Reason

# PostgreSQL keeps no NUL, and nothing keeps half of a surrogate pair, which JSON can say.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Reader:
    """One mapping of a document. What cannot be read is noted and stands at its default."""

    def __init__(self, said: object, path: str, problems: list[Reason]) -> None:
        self.path = path
        self.problems = problems
        self._asked: set[str] = set()
        self._said: Mapping[Any, Any] = said if isinstance(said, Mapping) else {}
        if not isinstance(said, Mapping):
            problems.append(Reason("not_a_mapping", f"{path} must be fields by name.", path))

    def wrong(self, code: str, name: str, demand: str) -> None:
        """Note that this field must be something else."""
        where = f"{self.path}.{name}" if self.path else name
        self.problems.append(Reason(code, f"{where} must be {demand}.", where))

    def text(self, name: str, longest: int, *, needed: bool = False) -> str:
        """A text, trimmed; "" where there is none."""
        value = self._get(name, "")
        if not isinstance(value, str):
            self.wrong("not_a_text", name, "a text: put it in quotes")
            return ""
        value = str(value).strip()
        if needed and not value:
            self.wrong("missing", name, "there: write it")
        elif len(value) > longest:
            self.wrong("too_long", name, f"at most {longest:,} characters")
        elif _UNSTORABLE.search(value):
            self.wrong("unusable", name, "without NUL, and without half of a character")
            return ""  # nothing can be looked up by it
        return str(value)

    def matching(self, name: str, pattern: str, demand: str, *, needed: bool = False) -> str:
        """A text of this form, or none."""
        value = self.text(name, 200, needed=needed)
        if value and not re.fullmatch(pattern, value):
            self.wrong("bad_value", name, demand)
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of these."""
        value = self._get(name, default)
        if value not in choices:
            self.wrong("not_a_choice", name, "one of " + ", ".join(choices))
            return default
        return str(value)

    def number(self, name: str, least: int, most: int, default: int) -> int:
        """A whole number between these; a `default` below `least` says that it is needed."""
        value = self._get(name, default)
        if value is default and default < least:
            self.wrong("missing", name, f"a whole number from {least}: number it")
        elif isinstance(value, bool) or not isinstance(value, int):
            self.wrong("not_a_number", name, "a whole number")
            return default
        elif not (least <= value <= most or value == default):
            self.wrong("out_of_range", name, f"between {least:,} and {most:,}")
        return int(value)

    def flag(self, name: str) -> bool:
        """True or false; false where nothing is said."""
        value = self._get(name, default=False)
        if not isinstance(value, bool):
            self.wrong("not_a_flag", name, "true or false")
        return value is True

    def texts(self, name: str, longest: int, most: int) -> tuple[str, ...]:
        """A list of texts. None is empty: left out, it would let what follows bear its number."""
        found = []
        for place, value in enumerate(self._list(name, most), start=1):
            if not isinstance(value, str) or len(value) > longest or _UNSTORABLE.search(value):
                self.wrong(
                    "not_a_text", name, f"a list of texts of at most {longest} characters"
                )
                return ()
            if not value.strip():
                self.wrong(
                    "empty", f"{name}.{place}", "a text: write it, or leave its line out"
                )
            found.append(value.strip())
        return tuple(found)

    def numbers(self, name: str, most: int) -> tuple[int, ...]:
        """A list of whole numbers, each once."""
        values = self._list(name, most)
        if any(isinstance(one, bool) or not isinstance(one, int) for one in values):
            self.wrong("not_a_number", name, "a list of whole numbers")
            return ()
        return tuple(dict.fromkeys(values))

    def mapping(self, name: str) -> dict[str, Any]:
        """Values by name, such as facts; only what JSON can say."""
        value = self._get(name, {})
        is_named = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
        if not is_named or not _is_json(value):
            self.wrong("not_a_mapping", name, "values by name; put dates in quotes")
            return {}
        return dict(value)

    def parts(self, name: str, most: int) -> "Iterator[Reader]":
        """A list of mappings, each with the number it bears, else its place, in its path."""
        for place, value in enumerate(self._list(name, most), start=1):
            number = value.get("number") if isinstance(value, Mapping) else None
            called = number if isinstance(number, int) else f"#{place}"
            path = f"{self.path}.{name}.{called}" if self.path else f"{name}.{called}"
            yield Reader(value, path, self.problems)

    def no_strangers(self) -> None:
        """Note every field that nothing asked for: a slip of the pen would go unnoticed."""
        for name in self._said:
            if name not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.wrong("unknown_field", str(name)[:60], f"left out; known are {known}")

    def _get(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        value = self._said.get(name)
        return default if value is None else value

    def _list(self, name: str, most: int) -> list[Any]:
        value = self._get(name, [])
        if not isinstance(value, list):
            self.wrong("not_a_list", name, "a list")
            return []
        if len(value) > most:
            self.wrong("too_many", name, f"a list of at most {most}")
            return []
        return value


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
