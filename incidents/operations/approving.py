"""Approving an update: what stands before the approver, and what needs a reason in spite of it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import verifying, wording
from incidents.operations.verifying import Ground
from incidents.rules.findings import Level
from incidents.rules.reasons import Reason, Refused
from incidents.rules.wording_checks import Remark

_AGREED = (
    "text", "audience", "language", "stage", "impact", "promised_next_at", "facts",
    "corrects_id", "customer_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What an approver has to look at: the facts the words rest on, what the wording checks say.

    Remarks of level error forbid the words; facts that are not firm and, of words that leave the
    responders, warnings want a reason.
    """

    grounds: tuple[Ground, ...]
    remarks: tuple[Remark, ...]
    is_internal: bool

    @property
    def forbidding(self) -> tuple[Remark, ...]:
        """What has to be rewritten first."""
        return self._of(Level.ERROR)

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """What wants a reason; among responders nothing does."""
        return () if self.is_internal else self._of(Level.WARNING)

    @property
    def shaky(self) -> tuple[Ground, ...]:
        """The facts nobody verified, and those that changed since."""
        return tuple(one for one in self.grounds if not one.is_firm)

    @property
    def wants_reason(self) -> bool:
        """Whether approving needs a note that says why."""
        return bool(self.shaky or self.warnings)

    def _of(self, level: Level) -> tuple[Remark, ...]:
        return tuple(one for one in self.remarks if one.level == level)


def case_of(update: Update, *, at: datetime) -> Case:
    """What stands before the approver, were it published at `at`."""
    return Case(
        grounds=verifying.rests_on(update),
        remarks=tuple(wording.of_update(update, at=at)),
        is_internal=update.audience == Audience.INTERNAL,
    )


def require_fit(case: Case, note: str) -> None:
    """Return only if these words may be approved with this note, which may be empty.

    Refuses `wording_forbids`, whatever the note, and without one `rests_on_unverified` and
    `wording_needs_reason`; each names all it is about.
    """
    if case.forbidding:
        raise Refused(*_forbidden(case.forbidding))
    if note or not case.wants_reason:
        return
    raise Refused(*_unfirm(case.shaky), *_warned(case.warnings))


def findings(case: Case) -> list[dict[str, Any]]:
    """What the wording checks said, as it is kept on the update."""
    return [{**asdict(one), "level": str(one.level)} for one in case.remarks]


def fingerprint(update: Update) -> str:
    """SHA-256 over all that an approval agrees to; a page keeps it to say what was seen."""
    agreed = [getattr(update, name) for name in _AGREED]
    return hashlib.sha256(json.dumps(agreed, cls=DjangoJSONEncoder).encode()).hexdigest()


def require_seen(update: Update, seen: str) -> None:
    """Return only if it still reads as it was `seen` (empty: not asked). `changed_meanwhile`."""
    if seen and seen != fingerprint(update):
        message = (
            f"{update.drafted_by} rewrote it after you opened it: read it again, then approve."
        )
        raise Refused.because("changed_meanwhile", message)


def _forbidden(remarks: Iterable[Remark]) -> Iterable[Reason]:
    for one in remarks:
        message = f"{_about(one)} Rewrite it, or send it back."
        yield Reason("wording_forbids", message, "text")


def _unfirm(grounds: Iterable[Ground]) -> Iterable[Reason]:
    for one in grounds:
        message = f"It rests on {one}: verify it first, or write why it can be said."
        yield Reason("rests_on_unverified", message, "note")


def _warned(remarks: Iterable[Remark]) -> Iterable[Reason]:
    for one in remarks:
        message = f"{_about(one)} Rewrite it, or write why it stays."
        yield Reason("wording_needs_reason", message, "note")


def _about(remark: Remark) -> str:
    """What it says, naming the words it is about unless it does so itself."""
    is_named = not remark.quote or remark.quote in remark.message
    return remark.message if is_named else f"“{remark.quote}”: {remark.message}"
