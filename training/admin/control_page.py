"""Control of a running exercise on one page: its clock, what comes next, what the players do.

It keeps itself up to date as the incident's page does; a player, whoever else they are, never sees it.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin import incident_timeline
from incidents.admin.exercise_rooms import Room
from incidents.admin.verbs import Verb, VerbAdmin, acting
from incidents.models import Incident, Person
from incidents.rules.reasons import Reason
from training.admin import control as steering
from training.admin import debrief, evaluation, evaluation_page, play_page
from training.models import Delivery, GameDay, Inject
from training.operations import completing, control, story
from training.rules.story_clock import shown

State = Delivery.State
ENTRIES = 40
_TEMPLATES = "admin/training/gameday"
# The panels of each page, each a template of its own; every one is renewed by itself.
PANELS = {
    "control": {
        "top": ("clock", "gates"),
        "left": ("next", "contingencies", "done"),
        "right": ("doings", "people"),
    },
    "evaluate": {"top": ("clock",), "left": ("notes",), "right": ("objectives", "focus")},
    "play": {"top": ("part",), "left": ("told",), "right": ()},
}
_TITLES = {"control": "Control of {}", "evaluate": "Evaluation of {}", "play": "{}"}

# On whose page each act is done; the stop word is anybody's.
PAGE_OF = {
    **dict.fromkeys(steering.NAMES - {"stop"}, "control"),
    **dict.fromkeys(evaluation.NAMES, "evaluate"),
}

View = Callable[..., HttpResponse]


class ExercisePages(VerbAdmin):
    """Adds to the admin of game days the three pages from which one is lived through."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow them."""
        own = []
        for name in PANELS:
            for route, view, suffix in (
                (f"{name}/", self._page_of(name), ""),
                (f"{name}/live/", self._live_of(name), "_live"),
            ):
                own.append(
                    path(
                        f"<path:object_id>/{route}",
                        self.admin_site.admin_view(view),
                        name=f"training_gameday_{name}{suffix}",
                    )
                )
        return own + super().get_urls()

    def verb_view(
        self, request: HttpRequest, verb: Verb, object_id: str | None = None
    ) -> HttpResponse:
        """The form of an act lists what its page shows, so it is nobody else's either."""
        if object_id is not None and (name := PAGE_OF.get(verb.name)):
            self._seen(request, object_id, name)
        if verb.name == "stop":
            row = self._subject(request, object_id)
            if isinstance(row, GameDay) and (reason := control.may_stop(row, acting(request))):
                raise PermissionDenied(reason.message)
        return super().verb_view(request, verb, object_id)

    def _page_of(self, name: str) -> View:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            game_day = self._seen(request, object_id, name)
            context = {
                **self.admin_site.each_context(request),
                **_context(name, game_day, acting(request)),
                "title": _TITLES[name].format(game_day),
                "opts": self.opts,
                "original": game_day,
                "live": reverse(f"admin:training_gameday_{name}_live", args=[game_day.pk]),
            }
            return TemplateResponse(request, f"{_TEMPLATES}/{name}.html", context)

        return view

    def _live_of(self, name: str) -> View:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            game_day = self._seen(request, object_id, name)
            if _revision(game_day) == request.GET.get("seen"):
                return HttpResponse(status=HTTPStatus.NO_CONTENT)
            context = _context(name, game_day, acting(request))
            return TemplateResponse(request, f"{_TEMPLATES}/live.html", context)

        return view

    def _seen(self, request: HttpRequest, object_id: str, name: str) -> GameDay:
        """The game day, if this page of it is the reader's: 404 without it, 403 with why not else."""
        found = self.get_object(request, unquote(object_id))
        if not isinstance(found, GameDay):
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        if reason := _refused(name, found, acting(request)):
            # Of a permission the page of refusals says itself who gives it.
            raise PermissionDenied("" if reason.code == "no_permission" else reason.message)
        return found


def is_of_a_page(verb: Verb) -> bool:
    """Whether this act is done on a page of the exercise, and is whose that page is."""
    return verb.name in PAGE_OF or verb.name in debrief.NAMES


def of_exercise(incident: Incident, reader: Person) -> list[Room]:
    """Where the page of an exercise leads this person: the pages of its game day, the stop word."""
    rows = GameDay.objects.select_related("organiser").filter(incident=incident)
    if not reader.has_perm("training.view_gameday") or (game_day := rows.first()) is None:
        return []
    game_day.incident = incident
    found = [Room(*one) for one in rooms(game_day, reader)]
    if not control.stopping(game_day, reader):
        address = reverse("admin:training_gameday_stop", args=[game_day.pk])
        found.append(Room("dangerous", "Stop the exercise", address, is_stop=True))
    return found


def rooms(game_day: GameDay, reader: Person) -> list[tuple[str, str, str]]:
    """The pages of it that are this person's: icon, what it is called, address."""
    found = []
    if game_day.incident_id is not None:
        if control.may_steer(game_day, reader) is None:
            found.append(("tune", "Control", "control"))
        if control.may_judge(game_day, reader) is None:
            found.append(("visibility", "Evaluate", "evaluate"))
        if control.plays(game_day, reader):
            found.append(("forum", "What you were told", "play"))
        found.append(("chat", "Hot wash", "hot_wash"))
    return [
        (icon, label, reverse(f"admin:training_gameday_{page}", args=[game_day.pk]))
        for icon, label, page in found
    ]


def _refused(name: str, game_day: GameDay, reader: Person) -> Reason | None:
    """Why this page is not the reader's; what players were told is read by who may see the game day."""
    if name == "control":
        return control.may_steer(game_day, reader)
    return control.may_judge(game_day, reader) if name == "evaluate" else None


def _revision(game_day: GameDay) -> str:
    """Every act on the game day or its exercise makes it grow."""
    return str(game_day.incident.revision) if game_day.incident else f"{game_day.status}"


def _context(name: str, game_day: GameDay, reader: Person) -> dict[str, Any]:
    at = timezone.now()
    deliveries = list(game_day.deliveries.select_related("inject__to_role", "released_by"))
    context: dict[str, Any] = {
        "page": name,
        "panels": {
            where: [f"{_TEMPLATES}/panel_{each}.html" for each in some]
            for where, some in PANELS[name].items()
        },
        "game_day": game_day,
        "incident": game_day.incident,
        "seen": _revision(game_day),
        "may_complete": reader.has_perm(completing.COMPLETE),
        "may_cancel": reader.has_perm("training.cancel_gameday"),
        "is_over": game_day.status in (GameDay.Status.COMPLETED, GameDay.Status.CANCELLED),
        "at": at,
        "reader": reader,
        "clock": story.clock_of(game_day),
        "story_now": shown(story.seconds(game_day, at)),
        "gates": [one for one in deliveries if _waits(one)],
    }
    if name == "evaluate":
        return {**context, **evaluation_page.context(game_day, reader, deliveries)}
    if name == "play":
        return {**context, **play_page.context(game_day, reader, deliveries)}
    return {**context, **_steered(game_day, game_day.incident, deliveries)}


def _waits(one: Delivery) -> bool:
    return one.inject.is_gate and one.state == State.RELEASED and one.passed_at is None


def _steered(
    game_day: GameDay, incident: Incident | None, deliveries: list[Delivery]
) -> dict[str, Any]:
    """What only those who steer it see."""
    contingency = Inject.Kind.CONTINGENCY
    waiting = [one for one in deliveries if one.state == State.HELD]
    done = [one for one in deliveries if one.state != State.HELD]
    entries = (
        incident.timeline.select_related("author").order_by("-at", "-id") if incident else ()
    )
    parts = game_day.roles.select_related("role", "person")
    return {
        "upcoming": [one for one in waiting if one.inject.kind != contingency],
        "contingencies": [one for one in waiting if one.inject.kind == contingency],
        "done": sorted(done, key=_when, reverse=True),
        "timeline": incident_timeline.ready(entries[:ENTRIES]),
        "parts": list(parts),
        "staff": list(game_day.staff.select_related("person")),
        "urls": {
            name: reverse(f"admin:training_gameday_{name}", args=[game_day.pk])
            for name in (
                "pause", "resume", "release", "skip", "hold", "restore", "pass_gate", "jump",
                "shift", "set_pace", "stop",
            )
        },
    }  # fmt: skip


def _when(one: Delivery) -> tuple[bool, float, int]:
    """Released ones by when they came, what was skipped beneath."""
    came = one.released_at.timestamp() if one.released_at else 0.0
    return (one.released_at is not None, came, one.story_seconds)
