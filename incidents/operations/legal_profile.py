"""The verbs of a legal profile: what we are before the law, drafted, approved by another, law.

Approving one changes nothing that runs: an incident keeps the profile it was declared under.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max

from incidents.models.governed import VersionStatus
from incidents.models.law_pack import LawPack, LegalProfile
from incidents.models.people import Person
from incidents.operations import law_files, versions, words
from incidents.operations.law import law_pack_in_force, legal_profile_in_force
from incidents.operations.records import audit
from incidents.operations.versions import Content
from incidents.rules.law_pack import Pack
from incidents.rules.legal_profile import Profile, read_profile
from incidents.rules.reasons import Invalid, Reason, Refused

WHY_LONGEST = 500


class Switch(StrEnum):
    """How a regime stands in a profile: as the facts say, or by hand."""

    FOLLOWS = "follows"
    OFF = "off"
    ON = "on"


def pack_for(at: datetime) -> tuple[Pack, LawPack | None]:
    """The pack a profile is read against: the law, else the newest version, else what ships."""
    row = law_pack_in_force(at) or _newest_pack()
    return (law_files.pack_of(row), row) if row else (law_files.shipped_pack(), None)


def next_document(at: datetime) -> Mapping[str, Any]:
    """What the next version begins with: the profile in force, else nothing said."""
    law = legal_profile_in_force(at)
    return law.document if law else {}


@transaction.atomic
def draft(
    *, document: Mapping[str, Any], note: str = "", actor: Person, at: datetime
) -> LegalProfile:
    """The next version, saying what the document says. Invalid with every problem by its path."""
    versions.permit("draft", LegalProfile, actor)
    profile = read_profile(document, pack_for(at)[0])
    highest = LegalProfile.objects.aggregate(highest=Max("number"))["highest"] or 0
    row = LegalProfile.objects.create(
        number=highest + 1,
        document=document,
        note=words.optional(note, "note"),
        maker=actor,
        created_at=at,
    )
    audit("draft_legal_profile", row, actor=actor, at=at, **_told(profile))
    return row


@transaction.atomic
def write(
    row: LegalProfile, *, document: Mapping[str, Any], actor: Person, at: datetime
) -> LegalProfile:
    """Let a draft say what the document says; whoever writes last is the maker; nobody who wrote approves.

    Refuses `not_a_draft`; Invalid with every problem of the document, and then nothing changed.
    """
    versions.begin("write", row, _nothing, actor=actor, at=at)
    profile = _written(row, document, actor, at)
    audit("write_legal_profile", row, actor=actor, at=at, **_told(profile))
    return row


@transaction.atomic
def switch(
    row: LegalProfile, *, regime: str, to: str, reason: str = "", actor: Person, at: datetime
) -> LegalProfile:
    """Switch one regime of a draft off or on by hand, with a reason; or let it follow the facts.

    Refuses `not_a_draft`, `regime_unknown`, `reason_missing`, `switched_already`.
    """
    versions.begin("write", row, _nothing, actor=actor, at=at)
    pack, _ = pack_for(at)
    if regime not in pack.regimes:
        message = "The law pack knows no such regime: choose one of its list."
        raise Invalid.because("regime_unknown", message, "regime")
    document = _switched(row, regime, Switch(to), reason)
    _written(row, document, actor, at)
    told = {"regime": regime, "to": to, "reason": reason.strip()}
    audit("switch_legal_regime", row, actor=actor, at=at, **told)
    return row


@transaction.atomic
def submit(row: LegalProfile, *, actor: Person, at: datetime) -> LegalProfile:
    """Hand a draft to the checker. Refuses `not_a_draft`, and what the law packs say against it."""
    versions.begin("submit", row, _content(at), actor=actor, at=at)
    versions.submit(row, at=at)
    audit("submit_legal_profile", row, actor=actor, at=at)
    return row


@transaction.atomic
def approve(
    row: LegalProfile, *, effective_from: datetime | None = None, actor: Person, at: datetime
) -> LegalProfile:
    """Make it law from an instant, `at` unless given; the one before is law until then.

    Refuses `not_submitted`, `maker_is_checker`, `effective_in_the_past`, and what `submit` does.
    """
    versions.begin("approve", row, _content(at), actor=actor, at=at)
    versions.approve(row, effective_from=effective_from, actor=actor, at=at)
    since = row.effective_from
    audit("approve_legal_profile", row, actor=actor, at=at, effective_from=since)
    return row


@transaction.atomic
def withdraw(row: LegalProfile, *, reason: str, actor: Person, at: datetime) -> LegalProfile:
    """Take back what has not taken effect. Refuses `already_withdrawn` and `has_taken_effect`."""
    versions.begin("withdraw", row, _nothing, actor=actor, at=at)
    told = versions.withdraw(row, reason=reason)
    audit("withdraw_legal_profile", row, actor=actor, at=at, **told)
    return row


def objections(
    act: str, row: LegalProfile, person: Person, *, at: datetime
) -> tuple[Reason, ...]:
    """Why this person may not write, submit, approve or withdraw this profile now; all reasons."""
    return versions.objections(act, row, person, _content(at), at=at)


def _newest_pack() -> LawPack | None:
    rows = LawPack.objects.exclude(status=VersionStatus.WITHDRAWN)
    return rows.defer("document").order_by("-number").first()


def _nothing(_row: LegalProfile) -> tuple[Reason, ...]:
    return ()


def _content(at: datetime) -> Content[LegalProfile]:
    return partial(_against_its_content, at=at)


def _against_its_content(row: LegalProfile, at: datetime) -> Iterator[Reason]:
    """It must be readable against the pack in force, and any that will be."""
    coming = LawPack.objects.filter(status=VersionStatus.APPROVED, effective_from__gt=at)
    known = [law_pack_in_force(at), *coming.defer("document")]
    packs = [(str(each), law_files.pack_of(each)) for each in known if each]
    for name, pack in packs or [("the newest law pack", pack_for(at)[0])]:
        try:
            read_profile(row.document, pack)
        except Refused as refused:
            for reason in refused.reasons:
                message = f"By {name}: {reason.message}"
                yield Reason("profile_does_not_fit", message, reason.field)


def _written(
    row: LegalProfile, document: Mapping[str, Any], actor: Person, at: datetime
) -> Profile:
    profile = read_profile(document, pack_for(at)[0])
    row.document, row.maker = document, actor
    row.save()
    return profile


def _switched(row: LegalProfile, regime: str, to: Switch, reason: str) -> Mapping[str, Any]:
    before = _stands(row.document, regime)
    if to is Switch.FOLLOWS:
        if before is Switch.FOLLOWS:
            message = "It follows the facts already: nothing is switched by hand."
            raise Refused.because("switched_already", message, "to")
    else:
        ask = "Say why: whoever audits this will ask."
        reason = words.required(reason, "reason", ask, longest=WHY_LONGEST)
    by_hand = {
        key: {name: why for name, why in row.document.get(key, {}).items() if name != regime}
        for key in (Switch.OFF, Switch.ON)
    }
    if to in by_hand:
        by_hand[to][regime] = reason
    return {**row.document, **{str(key): said for key, said in by_hand.items()}}


def _stands(document: Mapping[str, Any], regime: str) -> Switch:
    for key in (Switch.OFF, Switch.ON):
        if regime in (document.get(key) or {}):
            return key
    return Switch.FOLLOWS


def _told(profile: Profile) -> Mapping[str, Any]:
    """What the audit line says of it; `operates_in` is what an auditor looks for first."""
    return {
        "operates_in": list(profile.facts.get("operates_in", ())),
        "off": dict(profile.off),
        "on": dict(profile.on),
    }
