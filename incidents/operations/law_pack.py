"""The verbs of a law pack: drafted from a document, submitted, approved by another, law.

Approving one changes nothing that runs: an incident keeps the pack it was declared under.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max

from incidents.calendars import is_holiday
from incidents.documents import shipped_pack
from incidents.models.law_pack import LawPack, LegalProfile
from incidents.models.people import Person
from incidents.operations import law_files, roles, versions, words
from incidents.operations.law import legal_profile_in_force
from incidents.operations.records import audit
from incidents.operations.versions import Content
from incidents.rules.law_pack import Pack
from incidents.rules.law_pack_cases import failures
from incidents.rules.legal_profile import read_profile
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import COUNSEL, PRIVACY

SOURCE_LONGEST = 200


def draft_shipped(*, note: str = "", actor: Person, at: datetime) -> LawPack:
    """A draft of the pack this product ships with."""
    source = "ships with this product"
    return draft(document=shipped_pack(), note=note, source=source, actor=actor, at=at)


@transaction.atomic
def draft(
    *, document: object, note: str = "", source: str = "", actor: Person, at: datetime
) -> LawPack:
    """The next version, saying what the document says. Invalid with every problem by its path.

    The roles that answer for it come with it.
    """
    versions.permit("draft", LawPack, actor)
    pack = law_files.understood(document)
    roles.make((COUNSEL, PRIVACY))
    highest = LawPack.objects.aggregate(highest=Max("number"))["highest"] or 0
    row = LawPack(
        number=highest + 1, note=words.optional(note, "note"), maker=actor, created_at=at
    )
    _say(row, document, pack, source)
    audit("draft_law_pack", row, actor=actor, at=at, **_told(row, pack))
    return row


@transaction.atomic
def write(
    row: LawPack, *, document: object, source: str = "", actor: Person, at: datetime
) -> LawPack:
    """Let a draft say what the document says; whoever writes last is the maker; nobody who wrote approves.

    Refuses `not_a_draft`; Invalid with every problem of the document, and then nothing changed.
    """
    versions.begin("write", row, _nothing, actor=actor, at=at)
    pack = law_files.understood(document)
    row.maker = actor
    _say(row, document, pack, source)
    audit("write_law_pack", row, actor=actor, at=at, **_told(row, pack))
    return row


@transaction.atomic
def submit(row: LawPack, *, actor: Person, at: datetime) -> LawPack:
    """Hand a draft to the checker.

    Refuses `not_a_draft`; `law_case_fails` where a worked case of the pack comes out otherwise,
    and `profile_does_not_fit` where the profile in force could no longer be read.
    """
    versions.begin("submit", row, _content(at), actor=actor, at=at)
    versions.submit(row, at=at)
    audit("submit_law_pack", row, actor=actor, at=at, digest=row.digest)
    return row


@transaction.atomic
def approve(
    row: LawPack, *, effective_from: datetime | None = None, actor: Person, at: datetime
) -> LawPack:
    """Make it law from an instant, `at` unless given; the one before is law until then.

    Refuses `not_submitted`, `maker_is_checker`, `effective_in_the_past`, and what `submit` does.
    """
    versions.begin("approve", row, _content(at), actor=actor, at=at)
    versions.approve(row, effective_from=effective_from, actor=actor, at=at)
    audit(
        "approve_law_pack", row, actor=actor, at=at, effective_from=row.effective_from,
        digest=row.digest,
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw(row: LawPack, *, reason: str, actor: Person, at: datetime) -> LawPack:
    """Take back what has not taken effect. Refuses `already_withdrawn` and `has_taken_effect`."""
    versions.begin("withdraw", row, _nothing, actor=actor, at=at)
    told = versions.withdraw(row, reason=reason)
    audit("withdraw_law_pack", row, actor=actor, at=at, **told)
    return row


def objections(act: str, row: LawPack, person: Person, *, at: datetime) -> tuple[Reason, ...]:
    """Why this person may not write, submit, approve or withdraw this pack now; all reasons."""
    return versions.objections(act, row, person, _content(at), at=at)


def failing(row: LawPack) -> tuple[str, ...]:
    """The worked cases of this pack that come out otherwise than it says, each in a sentence."""
    return tuple(str(each) for each in failures(law_files.pack_of(row), is_holiday))


def _content(at: datetime) -> Content[LawPack]:
    return partial(_against_its_content, at=at)


def _nothing(_row: LawPack) -> tuple[Reason, ...]:
    return ()


def _against_its_content(row: LawPack, at: datetime) -> Iterator[Reason]:
    try:
        pack = law_files.pack_of(row)
    except Invalid as refused:  # read by a stricter version of this program
        yield from refused.reasons
        return
    for each in failures(pack, is_holiday):
        yield Reason("law_case_fails", f"A worked case of the pack fails: {each}.")
    yield from _against_profiles(pack, at)


def _against_profiles(pack: Pack, at: datetime) -> Iterator[Reason]:
    """What is law together must be readable together, or no incident could be declared."""
    coming = LegalProfile.objects.filter(status="approved", effective_from__gt=at)
    for profile in (legal_profile_in_force(at), *coming):
        try:
            if profile:
                read_profile(profile.document, pack)
        except Refused as refused:
            message = f"{profile}, which is law, does not fit this pack: {refused}"
            advice = "Have a profile approved first that fits both packs."
            yield Reason("profile_does_not_fit", f"{message.rstrip('.')}. {advice}")


def _say(row: LawPack, document: object, pack: Pack, source: str) -> None:
    row.document, row.digest = document, law_files.digest(document)
    row.title, row.as_of = pack.title, pack.as_of
    row.source = words.optional(source, "source", longest=SOURCE_LONGEST)
    row.save()


def _told(row: LawPack, pack: Pack) -> Mapping[str, Any]:
    return {
        "title": row.title,
        "as_of": row.as_of,
        "regimes": len(pack.regimes),
        "digest": row.digest,
        "source": row.source,
    }
