"""The fields of a legal profile: places by name or code, and the words of a law pack to tick."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from incidents.rules import legal_places, legal_words
from incidents.rules.law_pack import Pack

# What people write for a code; the law pack reads EU as every country of the EEA.
_MEANT = {"eea": "EU", "the eu": "EU", "uk": "GB"}
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_BY_NAME = {name.casefold(): code for code, name in legal_places.NAMES.items()}
# Whose law an entity type belongs to, where its first word is not the code of a country.
_OF = {"nis2": "EU", "dora": "EU", "hipaa": "US", "ny": "US", "card": "", "business": ""}
_ANYWHERE = "Anywhere"


class Boxes(UnfoldAdminCheckboxSelectMultipleWidget):
    """Boxes to tick under headings, each with all of its explanation: the theme's cuts it off."""

    template_name = "admin/incidents/legalprofile/choices.html"
    input_type = "boxes"  # the theme takes what is of type checkbox for one single box

    def __init__(self, title: str) -> None:
        super().__init__()
        self.attrs["title"] = title

    def _render(self, template_name: str, context: Any, renderer: Any = None) -> SafeString:
        # The renderer of forms does not look where the pages of this project stand.
        return render_to_string(template_name, context)


class PlacesField(forms.CharField):
    """Countries and their parts, as codes or names, separated by commas; cleaned to codes."""

    def clean(self, value: Any) -> list[str]:
        """The codes, each once; what names no place is said."""
        words = [each.strip() for each in re.split(r"[,;\n]", super().clean(value) or "")]
        found = {word: _code(word) for word in words if word}
        if strangers := [word for word, code in found.items() if not code]:
            names = ", ".join(f"“{word[:40]}”" for word in strangers[:10])
            raise forms.ValidationError(
                f"No place is called {names}: write a code such as DE or US-CA, or its name."
            )
        return list(dict.fromkeys(found.values()))


def _code(word: str) -> str:
    """The code of this place, "" where it is none."""
    name = word.casefold()
    code = _MEANT.get(name) or _BY_NAME.get(name) or word.upper()
    return code if _CODE.fullmatch(code) else ""


def plain(pack: Pack, name: str) -> list[tuple[str, str]]:
    """The choices of a fact in plain words."""
    fact = pack.facts.get(name)
    choices = fact.choices if fact else ()
    return [(each, legal_words.label(name, each, pack.words)) for each in choices]


def explained(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The words of a vocabulary, each with its meaning."""
    return [(each, f"{spaced(each)}: {said}") for each, said in words.items()]


def grouped(words: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Under the place whose law it is; what is so anywhere comes first."""
    rows: dict[str, list[tuple[str, str]]] = {_ANYWHERE: []}
    for word, said in words.items():
        first = word.partition("_")[0]
        code = _OF.get(first, first.upper())
        place = legal_places.NAMES.get(code, _ANYWHERE).removeprefix("the ")
        rows.setdefault(place, []).append((word, f"{spaced(word)}: {said}"))
    return list(rows.items())


def spaced(word: str) -> str:
    """A word of a pack as people write it."""
    return word.replace("_", " ")
