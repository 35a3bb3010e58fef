"""What is asked to draft, import, replace, approve and withdraw a law pack."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from incidents.admin.forms import VerbForm
from incidents.admin.severity_forms import ApproveForm, WithdrawForm
from incidents.documents import MAX_PACK_BYTES, read_pack_document
from incidents.models import LawPack
from incidents.operations.law_pack import SOURCE_LONGEST
from incidents.rules.reasons import Refused

__all__ = ["ApproveForm", "ImportForm", "ShippedForm", "WithdrawForm", "WriteForm"]


def _note() -> forms.CharField:
    return forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What changes, and for whom. The checker reads it.",
    )


class ShippedForm(VerbForm):
    """Why there is to be a new version."""

    note = _note()


class WriteForm(VerbForm):
    """A whole pack, as a file or pasted. What a file says stays on the page when it is refused."""

    document = forms.CharField(
        label="Pasted here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "document"}),
        help_text="The whole pack, as YAML or JSON. What is wrong is said above by its path, "
        "and nothing is lost.",
    )
    file = forms.FileField(
        label="A file",
        required=False,
        # The theme's own file widget hides the focus from whoever uses a keyboard.
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json", "class": "plain-file"}),
        help_text=f"At most {MAX_PACK_BYTES // 1024} KiB, in UTF-8; used instead of the text "
        "below.",
    )
    source = forms.CharField(
        required=False,
        max_length=SOURCE_LONGEST,
        label="Where it is from",
        help_text="Who wrote or sold it, and which edition it is.",
    )
    field_order = ["file", "document", "source"]

    def prepare(self) -> None:
        """What the draft was taken from."""
        if isinstance(self.subject, LawPack):
            self.initial["source"] = self.subject.source

    def clean(self) -> dict[str, Any]:
        """The pack as data, of the file where one was chosen; a fault names its line."""
        said = dict(self.cleaned_data)
        file = said.pop("file", None)
        content = self._kept(file) if file else said.get("document", "")
        if not content.strip():
            self.add_error("file", "Choose a file, or paste the pack below.")
            return said
        try:
            said["document"] = read_pack_document(content)
        except Refused as refused:
            for reason in refused.reasons:
                self.add_error("file" if file else "document", reason.message)
        return said

    def _kept(self, file: UploadedFile[bytes]) -> str | bytes:
        """What is in the file; shown in place of the text, for a browser sends no file twice."""
        # One byte more than allowed is enough to refuse.
        content = file.read(MAX_PACK_BYTES + 1)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return content
        if isinstance(self.data, QueryDict):
            data = self.data.copy()
            data[self.add_prefix("document")] = text
            self.data = data
        return text


class ImportForm(WriteForm):
    """The same, and why there is to be a new version."""

    note = _note()
    field_order = ["note", "file", "document", "source"]
