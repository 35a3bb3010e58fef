"""How a law pack is checked: small questions to plain data, each answer named by its path."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

from incidents.rules.reasons import Reason

Problems: TypeAlias = Iterator[Reason]


def wrong(code: str, path: str, text: str) -> Reason:
    """The problem at this path."""
    return Reason(code, f"{path}: {text}." if path else f"{text}.", path)


def at(path: str, key: object) -> str:
    """The path one step further; whatever the key is, it is shown and short."""
    step = key if isinstance(key, str) else type(key).__name__
    return f"{path}.{step[:60]}" if path else step[:60]


def quoted(value: object) -> str:
    """A value as it can be shown in a sentence, however large or deep it is."""
    if isinstance(value, str):
        return f"“{value[:60]}”"
    return "what stands here"


def is_text(value: object, longest: int, *, needed: bool = False) -> bool:
    """Whether this is a text of at most so many characters; with `needed` not a blank one."""
    if not isinstance(value, str) or (needed and not value.strip()):
        return False
    return len(value) <= longest and "\0" not in value


def is_whole(value: object, least: int, most: int) -> bool:
    """Whether this is a whole number within these bounds; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_one_of(value: object, known: Collection[str]) -> bool:
    """Whether this is a text among those known; anything may be asked."""
    return isinstance(value, str) and value in known


def strangers(given: Mapping[Any, Any], keys: Collection[str], path: str) -> Problems:
    """The keys nobody knows here: a misspelt `condition` would make a stage unconditional."""
    for key in given:
        if key not in keys:
            text = f"not known here; known are {', '.join(sorted(keys))}"
            yield wrong("law_unknown_key", at(path, key), text)


def members(value: object, known: Collection[str], path: str, code: str) -> Problems:
    """What is wrong with a list of one or more known words."""
    if not isinstance(value, list) or not value:
        yield wrong(code, path, "list one or more")
        return
    for index, one in enumerate(value):
        if not is_one_of(one, known):
            yield wrong(code, f"{path}[{index}]", f"{quoted(one)} is not in the vocabulary")


def twice(values: Collection[object]) -> list[str]:
    """The texts that stand here more than once."""
    seen: set[str] = set()
    found = []
    for value in values:
        if isinstance(value, str):
            found += [value] if value in seen else []
            seen.add(value)
    return list(dict.fromkeys(found))
