"""What is asked to submit, approve, withdraw, upload and map a matrix."""

from collections import Counter
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.models import MatrixUpload, MatrixVersion, Role
from incidents.models.governed import VersionStatus
from incidents.operations.matrix import findings
from incidents.operations.matrix_import import MAX_NAMES, translate_rows
from incidents.rules.acts import ACTS
from incidents.rules.matrix_checks import Level
from incidents.rules.matrix_file import name_from
from incidents.rules.matrix_sheet import Sheet, Translation, bound, proposed_acts, read
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity
from incidents.rules.roles import NAMES
from incidents.sheets import MAX_BYTES

CHOOSE = ("", "— choose —")
LEAVE_OUT = "-"
PASTED = "pasted.csv"


class SubmitForm(VerbForm):
    """Why in spite of the warnings, where there are any."""

    warnings_reason = forms.CharField(
        required=False, label="Why in spite of the warnings", widget=forms.Textarea
    )

    def prepare(self) -> None:
        """Ask only where the checks warn."""
        if not isinstance(self.subject, MatrixVersion):
            return
        found = findings(self.subject, at=timezone.now())
        warnings = [each for each in found if each.level is Level.WARNING]
        if warnings:
            rules = ", ".join(sorted({each.rule for each in warnings}))
            text = (
                f"Warnings: {len(warnings)} ({rules}). The checker reads what you write here."
            )
            self.fields["warnings_reason"].help_text = text
        else:
            del self.fields["warnings_reason"]


class ApproveForm(VerbForm):
    """From when it is law."""

    effective_from = InstantField(
        required=False,
        label="In force from",
        help_text="In your own time zone. Leave both empty to put it in force at once.",
    )

    def prepare(self) -> None:
        """An emergency change is in force already: nothing is asked."""
        if getattr(self.subject, "status", "") == VersionStatus.EMERGENCY:
            del self.fields["effective_from"]


class WithdrawForm(VerbForm):
    """Why it is taken back."""

    reason = forms.CharField(widget=forms.Textarea)


class UploadForm(VerbForm):
    """A spreadsheet as a file, or its cells pasted."""

    # The theme's own file widget hides the focus from whoever uses a keyboard.
    file = forms.FileField(
        required=False,
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.yaml,.yml", "class": "plain-file"}
        ),
        help_text="CSV in UTF-8, or XLSX (its first sheet); at most 5 MiB and 5,000 rows. Or YAML as a "
        "version's page offers it: that becomes a draft at once.",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the cells",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="Copied from a spreadsheet, or CSV; the first line is the header.",
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = [name for name in ("file", "text") if self.cleaned_data.get(name)]
        if len(given) > 1:
            raise forms.ValidationError("Give a file or paste the cells, not both.")
        if not given and not self.errors:
            raise forms.ValidationError("Choose a file, or paste the cells.")
        return self.cleaned_data

    def source(self) -> tuple[str, bytes]:
        """The name and the bytes given; one byte more than allowed is enough to refuse."""
        file = self.cleaned_data["file"]
        if file:
            return file.name, file.read(MAX_BYTES + 1)
        return PASTED, self.cleaned_data["text"].encode()


class MappingForm(VerbForm):
    """Which of our phases and roles each foreign name is; known words are proposed."""

    matrix_name = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"list": "matrices"}),
        help_text="The name of a matrix you have makes its next version; a new one begins at v1.",
    )
    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What changes, and for whom.",
    )
    bind_acts = forms.BooleanField(
        required=False,
        label="Bind activities to the acts their names say",
        help_text="Then the matrix permits, routes and measures them. Unchecked, nothing is bound.",
    )

    def prepare(self) -> None:
        """One question a foreign name, preset where the word is well known."""
        upload = self.subject
        if not isinstance(upload, MatrixUpload):
            raise TypeError("A mapping is of an upload.")
        self.sheet = read(upload.rows)
        proposed = translate_rows(upload.rows, phases={}, roles={})
        phases = [(phase.value, phase.value.capitalize()) for phase in Phase]
        roles = [(LEAVE_OUT, "— leave this column out —")]
        # On a first day no role is kept yet: those the law names are made when they are used.
        roles += ({**NAMES, **dict(Role.objects.active().values_list("slug", "name"))}).items()
        letters = _letters(self.sheet)
        self.questions = {
            "phase": dict(_numbered("phase", self.sheet.phases)),
            "role": dict(_numbered("role", self.sheet.roles)),
        }
        for field, name in self.questions["phase"].items():
            count = len(self.sheet.grid.in_phase(name))
            said = f"{count} activit{'y' if count == 1 else 'ies'}"
            self._ask(field, name, phases, proposed.phases.get(name), said)
        for field, name in self.questions["role"].items():
            self._ask(field, name, roles, proposed.roles.get(name), letters[name])
        if upload.file_name != PASTED:
            self.fields["matrix_name"].initial = name_from(upload.file_name)
        if any(each.act for each in self.sheet.grid.activities):
            del self.fields["bind_acts"]

    def _ask(
        self,
        field: str,
        name: str,
        choices: list[tuple[str, str]],
        proposal: str | None,
        said: str,
    ) -> None:
        how = "Proposed, please check" if proposal else "Please choose"
        self.fields[field] = forms.ChoiceField(
            label=name,
            choices=[CHOOSE, *choices],
            initial=proposal or "",
            required="draft" in self.data,
            help_text=f"{how}. {said}.",
            error_messages={"required": f"Say what “{name}” is."},
        )

    def chosen(self, noun: str) -> dict[str, str]:
        """What is mapped so far: foreign name to ours, "" for a column left out."""
        found = {}
        for field, name in self.questions[noun].items():
            given = self.data.get(field) if self.is_bound else self.fields[field].initial
            if given:
                found[name] = "" if given == LEAVE_OUT else given
        return found

    def translated(self) -> tuple[Translation, tuple[tuple[Activity, str], ...]]:
        """The matrix with what is mapped and bound so far, and the acts proposed for its names."""
        upload = self.subject
        if not isinstance(upload, MatrixUpload):
            raise TypeError("A mapping is of an upload.")
        said = {"phases": self.chosen("phase"), "roles": self.chosen("role")}
        translation = translate_rows(upload.rows, **said)
        if translation.grid is None or "bind_acts" not in self.fields:
            return translation, ()
        acts = proposed_acts(translation.grid)
        rows = [each for each in translation.grid.activities if each.place in acts]
        proposals = tuple((each, ACTS[acts[each.place]].label) for each in rows)
        if self.data.get("bind_acts"):
            translation = replace(translation, grid=bound(translation.grid))
        return translation, proposals

    def phase_fields(self) -> list[forms.BoundField]:
        """The questions about phases."""
        return [self[field] for field in self.questions["phase"]]

    def role_fields(self) -> list[forms.BoundField]:
        """The questions about roles."""
        return [self[field] for field in self.questions["role"]]


def _numbered(noun: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{noun}_{number}", name) for number, name in enumerate(names[:MAX_NAMES])]


def _letters(sheet: Sheet) -> dict[str, str]:
    """How often each role has which letter, as people say it."""
    counts = {role: Counter(map(str, sheet.grid.letters_of(role))) for role in sheet.roles}
    return {
        role: ", ".join(f"{count} {letter}" for letter, count in sorted(count_of.items()))
        or "No letters"
        for role, count_of in counts.items()
    }
