"""What the page of a legal profile shows: what we are, what could concern us and why, what changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents.admin.law_pack_page import acts_of, standing_context
from incidents.admin.law_pack_words import STATUS_TAGS, STATUS_WORDS, place_of, value_words
from incidents.models import LegalProfile
from incidents.operations import legal_profile
from incidents.operations.law import legal_profile_in_force
from incidents.rules import legal_words
from incidents.rules.law_pack import Pack, Regime
from incidents.rules.legal_profile import PROFILE_FACTS, Profile, concerning, read_profile
from incidents.rules.reasons import Reason, Refused

NOT_SAID = "not said"


@dataclass(frozen=True)
class Line:
    """One regime of the list; `why` says why it could concern us, or why it is switched off."""

    regime: Regime
    place: str
    status: str
    tag: str
    why: str
    by_hand: str = ""


def profile_context(row: LegalProfile, at: datetime) -> dict[str, Any]:
    """The page of one version; a constant number of queries."""
    law = legal_profile_in_force(at)
    pack, pack_row = legal_profile.pack_for(at)
    profile, problems = _read(row, pack)
    ours = concerning(pack, profile)
    by_sector = _beyond(concerning(pack, replace(profile, sectors=())), ours)
    return {
        **standing_context(row, law, at),
        "pack": pack,
        "pack_row": pack_row,
        "problems": problems,
        "facts": list(_facts(profile, pack)),
        "concerning": [_line(pack, name, why, profile) for name, why in ours.items()],
        "off": [_line(pack, name, why, profile) for name, why in profile.off.items()],
        "by_sector": [_sectors(pack, name, profile) for name in by_sector],
        "others": [
            _line(pack, name, "", profile)
            for name in pack.regimes
            if name not in {*ours, *by_sector, *profile.off}
        ],
        "total": len(pack.regimes),
        "diff": _diff(law, row, pack) if law and law.pk != row.pk else None,
        "acts": acts_of(row),
    }


def shown_before_approval(row: LegalProfile, at: datetime) -> dict[str, Any]:
    """What a checker sees: what is said, and which regimes come in or fall away."""
    law = legal_profile_in_force(at)
    pack, _ = legal_profile.pack_for(at)
    profile, _ = _read(row, pack)
    return {
        "law": law,
        "pack": pack,
        "facts": list(_facts(profile, pack)),
        "concerns": len(concerning(pack, profile)),
        "total": len(pack.regimes),
        "diff": _diff(law, row, pack) if law and law.pk != row.pk else None,
    }


def _read(row: LegalProfile, pack: Pack) -> tuple[Profile, tuple[Reason, ...]]:
    """What it says; where the pack knows other words by now, nothing and the reasons."""
    try:
        return read_profile(row.document, pack), ()
    except Refused as refused:
        return Profile(), refused.reasons


def _facts(profile: Profile, pack: Pack) -> Iterator[tuple[str, str]]:
    """All that may be said, in words; what was not said as such."""
    for name in PROFILE_FACTS:
        if name in pack.facts:
            called = legal_words.called(name, pack.facts)
            yield f"{called[:1].upper()}{called[1:]}", _said(profile, name, pack)
    named = ", ".join(each.replace("_", " ") for each in profile.sectors)
    yield "Our sectors", named or NOT_SAID


def _said(profile: Profile, name: str, pack: Pack) -> str:
    if name not in profile.facts:
        return NOT_SAID
    return value_words(pack, name, profile.facts[name])


def _line(pack: Pack, name: str, why: str, profile: Profile) -> Line:
    regime = pack.regimes[name]
    by_hand = "on" if name in profile.on else "off" if name in profile.off else ""
    return Line(
        regime,
        place_of(regime),
        STATUS_WORDS[regime.status],
        STATUS_TAGS.get(regime.status, ""),
        why,
        by_hand,
    )


def _sectors(pack: Pack, name: str, profile: Profile) -> Line:
    """A regime that concerns others than us by nothing but its sectors: easily a slip."""
    theirs = ", ".join(pack.regimes[name].sectors).replace("_", " ")
    return _line(pack, name, f"Only for these sectors: {theirs}.", profile)


def _diff(law: LegalProfile, row: LegalProfile, pack: Pack) -> dict[str, Any]:
    """Against the profile in force: what is said otherwise, what comes in, what falls away."""
    before, now = _read(law, pack)[0], _read(row, pack)[0]
    was, will = concerning(pack, before), concerning(pack, now)
    said = zip(_facts(before, pack), _facts(now, pack), strict=True)
    return {
        "said": [(name, old, new) for (name, old), (_, new) in said if old != new],
        "comes": [_line(pack, name, why, now) for name, why in _beyond(will, was).items()],
        "goes": [_line(pack, name, now.off.get(name, ""), now) for name in _beyond(was, will)],
    }


def _beyond(these: Mapping[str, str], those: Mapping[str, str]) -> Mapping[str, str]:
    return {name: why for name, why in these.items() if name not in those}
