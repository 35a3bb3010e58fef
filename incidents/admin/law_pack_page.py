"""What the page of a law pack shows: its numbers, its regimes, those that concern us, its acts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse

from incidents.admin.law_pack_words import STATUS_WORDS, recipients, shown
from incidents.admin.matrix_page import STANDING_TAGS, Act
from incidents.models import AuditEvent, LawPack, LegalProfile
from incidents.models.governed import GovernedVersion
from incidents.operations import law_files, law_pack
from incidents.operations.law import law_pack_in_force, legal_profile_in_force, profile_of
from incidents.rules import legal_places
from incidents.rules.law_pack import Pack, Regime
from incidents.rules.law_pack_check import CONFIDENCE
from incidents.rules.legal_compare import LawChange, compare
from incidents.rules.legal_profile import Profile, concerning
from incidents.rules.reasons import Refused

WORDS = {
    "draft_law_pack": "made the draft",
    "write_law_pack": "replaced its content",
    "submit_law_pack": "submitted it",
    "approve_law_pack": "approved it",
    "withdraw_law_pack": "withdrew it",
    "draft_legal_profile": "made the draft",
    "write_legal_profile": "edited the draft",
    "switch_legal_regime": "switched a regime",
    "submit_legal_profile": "submitted it",
    "approve_legal_profile": "approved it",
    "withdraw_legal_profile": "withdrew it",
}
YES, NO = "yes", "no"


class FilterForm(forms.Form):
    """Which regimes are listed; everything may be left open."""

    q = forms.CharField(required=False, label="Words", max_length=100)
    place = forms.ChoiceField(required=False, label="Where")
    status = forms.ChoiceField(required=False, label="Status")
    confidence = forms.ChoiceField(required=False, label="Confidence")
    ours = forms.ChoiceField(required=False, label="Concerns us")

    def __init__(self, data: QueryDict, pack: Pack) -> None:
        super().__init__(data)
        codes = dict.fromkeys(each.jurisdiction for each in pack.regimes.values())
        places = sorted((legal_places.name(code), code) for code in codes)
        statuses = dict.fromkeys(each.status for each in pack.regimes.values())
        self._offer("place", [(code, name) for name, code in places])
        self._offer("status", [(each, STATUS_WORDS[each]) for each in statuses])
        self._offer("confidence", [(each, each) for each in CONFIDENCE])
        self._offer("ours", [(YES, "it could"), (NO, "it could not")])
        self.fields["q"].widget = forms.TextInput(
            attrs={"class": "case-select", "type": "search"}
        )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(
            required=False,
            label=self.fields[name].label,
            choices=[("", "any"), *choices],
            widget=forms.Select(attrs={"class": "case-select"}),
        )

    def takes(self, pack: Pack, regime: Regime, ours: Mapping[str, str] | None) -> bool:
        """Whether this regime is among those asked for."""
        said = self.cleaned_data if self.is_valid() else {}
        wanted = (
            (said.get("place"), regime.jurisdiction),
            (said.get("status"), regime.status),
            (said.get("confidence"), regime.confidence),
            (said.get("ours"), YES if ours is None or regime.id in ours else NO),
        )
        words = str(said.get("q") or "").casefold().split()
        text = _text(pack, regime).casefold() if words else ""
        return all(not asked or asked == has for asked, has in wanted) and all(
            word in text for word in words
        )


def _text(pack: Pack, regime: Regime) -> str:
    """All in which a word is looked for."""
    stages = (stage.name for stage in regime.stages)
    place = legal_places.name(regime.jurisdiction)
    told = recipients(pack, regime.recipients)
    said = (regime.id, regime.name, place, regime.legal_basis, regime.source, regime.notes)
    return "\n".join([*said, *told, *stages, *regime.sectors])


@dataclass(frozen=True)
class Law:
    """The profile in force and what it says of a pack; None where no profile is, or it does not fit."""

    row: LegalProfile | None
    profile: Profile | None
    ours: Mapping[str, str] | None


def pack_context(row: LawPack, at: datetime, asked: QueryDict) -> dict[str, Any]:
    """The page of one version; a constant number of queries, however many regimes."""
    pack = law_files.pack_of(row)
    law = our_law(pack, at)
    form = FilterForm(asked, pack)
    listed = [each for each in pack.regimes.values() if form.takes(pack, each, law.ours)]
    ours = law.ours or {}
    return {
        **standing_context(row, law_pack_in_force(at), at),
        "pack": pack,
        "law_profile": law.row,
        "fits": law.ours is not None,
        "numbers": list(_numbers(pack, law)),
        "form": form,
        "regimes": [shown(pack, each, ours.get(each.id, "")) for each in listed],
        "total": len(pack.regimes),
        "failing": [] if row.is_enacted else law_pack.failing(row),
        "acts": acts_of(row),
    }


def our_law(pack: Pack, at: datetime) -> Law:
    """What the profile in force says of this pack; one query."""
    row = legal_profile_in_force(at)
    try:
        profile = profile_of(row, pack) if row else None
    except Refused:
        profile = None
    return Law(row, profile, concerning(pack, profile) if profile else None)


def standing_context(
    row: GovernedVersion, law: GovernedVersion | None, at: datetime
) -> dict[str, Any]:
    """How the version stands, and which one is in force."""
    standing = row.standing(at, law)
    return {"standing": standing, "standing_tag": STANDING_TAGS.get(standing, ""), "law": law}


def acts_of(row: GovernedVersion) -> list[Act]:
    """What was done to this version, as people say it; one query."""
    lines = AuditEvent.objects.filter(
        subject_type=row._meta.label_lower, subject_id=str(row.pk)
    )
    return [
        Act(line.actor_name, _words(line), line.at, line.detail.get("reason", ""))
        for line in lines
    ]


def _words(line: AuditEvent) -> str:
    said = WORDS.get(line.verb, line.verb)
    if line.verb != "switch_legal_regime":
        return said
    to = {"off": "off", "on": "on"}.get(line.detail.get("to", ""), "back to what the facts say")
    return f"switched {line.detail.get('regime')} {to}"


def _numbers(pack: Pack, law: Law) -> Iterator[tuple[str, str]]:
    regimes = pack.regimes.values()
    yield "Regimes", str(len(pack.regimes))
    yield "Stages", str(sum(len(each.stages) for each in regimes))
    yield "Low confidence", str(sum(each.is_doubtful for each in regimes))
    yield "Worked cases", str(len(pack.test_cases))
    yield "Could concern us", "unknown" if law.ours is None else str(len(law.ours))


def changes_between(
    before: LawPack | None, after: LawPack, at: datetime
) -> tuple[LawChange, ...]:
    """What the second says otherwise, what concerns us first; nothing without a first.

    Without a profile in force nothing is ruled out, so that everything could concern us.
    """
    if before is None:
        return ()
    old, new = law_files.pack_of(before), law_files.pack_of(after)
    return compare(old, new, our_law(new, at).profile or Profile())


def shown_before_approval(row: LawPack, at: datetime) -> dict[str, Any]:
    """What a checker sees: the numbers, and what changes against the law in force."""
    before = law_pack_in_force(at)
    pack = law_files.pack_of(row)
    return {
        "before": before,
        "pack": pack,
        "numbers": list(_numbers(pack, our_law(pack, at))),
        "changes": changes_between(before, row, at),
        "compare_url": compare_url(before, row),
    }


def compare_url(before: LawPack | None, after: LawPack) -> str:
    """The address of the page on which these two are compared."""
    address = reverse("admin:incidents_lawpack_compare")
    first = f"a={before.pk}&" if before else ""
    return f"{address}?{first}b={after.pk}"
