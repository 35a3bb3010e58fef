"""How the story's clock of one exercise ran, from the audit lines of what was done to it."""

from incidents.models import AuditEvent
from training.models import GameDay, Inject
from training.rules.story_clock import parsed
from training.rules.story_course import VERBS, Act, StoryCourse, replayed


def of(game_day: GameDay) -> StoryCourse | None:
    """Its course from the declaration until it was closed; None before it is run; at most 3 queries."""
    incident = game_day.incident
    if incident is None:
        return None
    injects = {
        number: (is_gate, kind == Inject.Kind.SCHEDULED)
        for number, is_gate, kind in game_day.deliveries.values_list(
            "inject__number", "inject__is_gate", "inject__kind"
        )
    }
    lines = AuditEvent.objects.filter(
        verb__in=VERBS, subject_type=GameDay._meta.label_lower, subject_id=str(game_day.pk)
    )
    acts = [_act(line, injects) for line in lines.order_by("sequence")]
    pace, factor = _at_first(game_day, acts)
    return replayed(incident.declared_at, pace, factor, acts, ended_at=incident.closed_at)


def _act(line: AuditEvent, injects: dict[int, tuple[bool, bool]]) -> Act:
    said = line.detail
    inject = int(said.get("inject") or 0)
    is_gate, is_scheduled = injects.get(inject, (False, True))
    return Act(
        at=line.at,
        verb=line.verb,
        seconds=parsed(str(said.get("story", ""))) or 0,
        planned=parsed(str(said.get("planned", ""))) or 0,
        pace=str(said.get("pace", "")),
        factor=int(said.get("pace_factor") or 1),
        inject=inject,
        is_gate=is_gate,
        is_scheduled=is_scheduled,
    )


def _at_first(game_day: GameDay, acts: list[Act]) -> tuple[str, int]:
    """The pace it was run at: the row says it, unless another was set since."""
    if any(act.verb == "set_pace_gameday" for act in acts):
        rows = game_day.history.filter(status=GameDay.Status.RUNNING).order_by("history_id")
        if first := rows.values_list("pace", "pace_factor").first():
            return str(first[0]), int(first[1])
    return game_day.pace, game_day.pace_factor
