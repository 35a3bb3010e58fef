"""What the law says of a case, and the pack itself, as the API shows them."""

from collections.abc import Mapping
from typing import Any

from incidents.api import legal_answers as answers
from incidents.api.legal_shown import question
from incidents.operations.legal_trial import Book, Tried
from incidents.rules.law_pack import Deadline, Regime, Stage
from incidents.rules.legal_explanation import Node, Walked, WalkedStage


def explained(tried: Tried) -> dict[str, Any]:
    """One case with its reasons."""
    return {
        **tried.outcome.document(),
        "open_questions": list(tried.open),
        "next_question": question(tried.question),
        "regimes": [_walked(each) for each in tried.walked],
        "counsel": [
            {"rule": each.rule, "reason": each.reason, "tree": _tree(each.tree)}
            for each in tried.counsel
        ],
    }


def regimes(book: Book, items: list[Regime], following: str | None) -> answers.RegimesListed:
    """A page of the pack."""
    return {
        "law_pack": book.number,
        "as_of": book.pack.as_of,
        "disclaimer": book.pack.disclaimer,
        "items": [regime(each, book.concerning) for each in items],
        "next": following,
    }


def regime(law: Regime, concerning: Mapping[str, str] | None) -> answers.RegimeListed:
    """One regime of the pack, and whether it could concern us."""
    return {
        "id": law.id,
        "name": law.name,
        "jurisdiction": law.jurisdiction,
        "status": law.status,
        "confidence": law.confidence,
        "applies_from": law.applies_from,
        "applies_until": law.applies_until,
        "concerns_us": None if concerning is None else law.id in concerning,
        "why": (concerning or {}).get(law.id, ""),
        "legal_basis": law.legal_basis,
        "source": law.source,
        "stages": [_stage(each) for each in law.stages],
    }


def _walked(walked: Walked) -> answers.RegimeWalked:
    return {
        "regime": walked.regime,
        "confidence": walked.confidence,
        "verdict": walked.verdict,
        "counted_as": walked.counted_as,
        "applies": walked.applies_text,
        "because": list(walked.because),
        "trigger": _tree(walked.trigger),
        "watch": _tree(walked.watch) if walked.watch else None,
        "stages": [_walked_stage(each) for each in walked.stages],
    }


def _walked_stage(walked: WalkedStage) -> answers.StageWalked:
    return {
        "stage": walked.stage,
        "name": walked.name,
        "is_asked": walked.is_asked,
        "condition": _tree(walked.condition) if walked.condition else None,
    }


def _tree(node: Node) -> answers.TreeShown:
    return {
        "text": node.text,
        "kind": node.kind,
        "field": node.field,
        "negated": node.negated,
        "holds": node.holds,
        "counted": node.counted,
        "assumed": node.assumed,
        "basis": node.basis if node.field else "",
        "parts": [_tree(part) for part in node.parts],
    }


def _stage(stage: Stage) -> answers.StageListed:
    return {
        "id": stage.id,
        "name": stage.name,
        "recipients": list(stage.recipients),
        "deadline": _period(stage.deadline),
        "cap": _period(stage.cap),
    }


def _period(deadline: Deadline | None) -> answers.PeriodShown | None:
    if deadline is None:
        return None
    return {"value": deadline.value, "unit": deadline.unit.value, "clock": deadline.clock}
