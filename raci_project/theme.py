"""How the admin looks and how its sidebar reads: Unfold's settings on one page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _link(title: str, icon: str, model: str) -> dict[str, Any]:
    """One line of the sidebar, shown to whoever may view that model."""
    app_label, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app_label}_{name}_changelist"),
        "permission": _may_view(app_label, name),
    }


def _page(title: str, icon: str, name: str, app_label: str, model: str) -> dict[str, Any]:
    """A page of its own, shown to whoever may view that model."""
    permission = _may_view(app_label, model)
    return {"title": title, "icon": icon, "link": reverse_lazy(name), "permission": permission}


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _may_view(app_label: str, name: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(f"{app_label}.view_{name}")


def _in_incidents(request: HttpRequest) -> bool:
    here, board = request.path, reverse("admin:incidents_incident_board")
    return here.startswith(reverse("admin:incidents_incident_changelist")) and here != board


def _in_attestation(request: HttpRequest) -> bool:
    """The campaigns, and what is asked of one person in one of them."""
    return request.path.startswith(reverse("admin:incidents_attestation_changelist")) or (
        request.path.startswith(reverse("admin:incidents_attestationcampaign_changelist"))
    )


def _in_statements(request: HttpRequest) -> bool:
    here, say = request.path, reverse("admin:incidents_holdingstatement_say")
    return (
        here.startswith(reverse("admin:incidents_holdingstatement_changelist")) and here != say
    )


def _beneath(listed: str, *, but: str) -> Callable[[HttpRequest], bool]:
    """In this list or a row of it, and not on the page that lies beneath it in the address alone."""

    def is_there(request: HttpRequest) -> bool:
        return request.path.startswith(reverse(listed)) and request.path != reverse(but)

    return is_there


_in_data_map = _beneath(
    "admin:incidents_dataholding_changelist", but="admin:incidents_dataholding_readiness"
)
_in_evidence = _beneath(
    "admin:training_evidence_changelist", but="admin:training_evidence_board"
)
_in_legal_clocks = _beneath(
    "admin:incidents_legalclock_changelist", but="admin:incidents_legalclock_ledger"
)

_in_game_days = _beneath(
    "admin:training_gameday_changelist", but="admin:training_gameday_coverage"
)


def _room(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": False, "items": list(items)}


# The sidebar in reading order: what burns, the law, who and what it is about, learning, evidence.
NAVIGATION = [
    {
        "items": [
            {"title": "Overview", "icon": "dashboard", "link": reverse_lazy("admin:index")},
            {
                "title": "Board",
                "icon": "view_list",
                "link": reverse_lazy("admin:incidents_incident_board"),
                "permission": _may_view("incidents", "incident"),
            },
            # The board lies beneath the incidents, and is not one.
            _link("Incidents", "emergency_home", "incidents.incident")
            | {"active": _in_incidents},
            _page(
                "What may I say?",
                "support_agent",
                "admin:incidents_holdingstatement_say",
                "incidents",
                "holdingstatement",
            ),
            _link("Alerts", "notification_important", "incidents.alert"),
            _link("Updates", "campaign", "incidents.update"),
            _link("Legal clocks", "gavel", "incidents.legalclock")
            | {"active": _in_legal_clocks},
            _link("Notices", "mark_email_unread", "incidents.noticeclock"),
            _link("Owed", "pending_actions", "incidents.obligation"),
        ]
    },
    _room(
        "The law",
        _link("RACI matrices", "grid_on", "incidents.matrixversion"),
        _link("Emergency changes", "e911_emergency", "incidents.emergencychange"),
        _link("Severity", "thermostat", "incidents.severityscheme"),
        _link("Duties to notify", "policy", "incidents.lawpack"),
        _link("What we are by law", "domain", "incidents.legalprofile"),
        _page(
            "Legal readiness",
            "checklist",
            "admin:incidents_dataholding_readiness",
            "incidents",
            "dataholding",
        ),
        _link("Attestation", "how_to_reg", "incidents.attestationcampaign")
        | {"active": _in_attestation},
        _link("Roles kept apart", "group_off", "incidents.roleexclusion"),
        _link("Thresholds of the checks", "tune", "incidents.checklimits"),
        _link("Nudges", "edit_notifications", "incidents.nudgepolicy"),
        # What support may say lies beneath the statements, and is no list of them.
        _link("Holding statements", "chat_paste_go", "incidents.holdingstatement")
        | {"active": _in_statements},
        _link("Where updates go", "hub", "incidents.destination"),
        _link("Subscribers", "mark_email_read", "incidents.subscriber")
        | {"permission": _may("incidents.list_subscriber")},
    ),
    _room(
        "Services and people",
        _link("Services", "dns", "incidents.service"),
        _link("Dependencies", "account_tree", "incidents.dependency"),
        _link("Data map", "database", "incidents.dataholding") | {"active": _in_data_map},
        _link("Regulators", "account_balance", "incidents.regulator"),
        _link("Customers", "handshake", "incidents.customer"),
        _link("Contract clauses", "receipt_long", "incidents.noticeclause"),
        _link("Scenarios", "theater_comedy", "incidents.scenario"),
        _link("People", "person", "incidents.person"),
        _link("Teams", "groups", "incidents.team"),
        _link("Roles", "badge", "incidents.role"),
        _link("Qualifications", "verified", "incidents.qualification"),
        _link("Absences", "event_busy", "incidents.absence"),
    ),
    _room(
        "Learning and practice",
        _link("Reviews", "rate_review", "reviews.review"),
        _link("Action items", "task_alt", "reviews.actionitem"),
        _link("Cause classes", "category", "reviews.causeclass"),
        # The map of what was practised lies beneath the game days, and is not one.
        _link("Game days", "sports_esports", "training.gameday") | {"active": _in_game_days},
        _page(
            "Coverage of practice",
            "grid_view",
            "admin:training_gameday_coverage",
            "training",
            "gameday",
        ),
        _page(
            "Competence",
            "diversity_3",
            "admin:training_evidence_board",
            "training",
            "evidence",
        ),
        _link("Rotations", "autorenew", "training.rota"),
        _link("Shifts", "schedule", "incidents.shift"),
        _link("Evidence of competence", "verified", "training.evidence")
        | {"active": _in_evidence},
        _link("What roles ask for", "rule", "training.rolestandard"),
        _link("Year's plan", "calendar_view_month", "training.yearplan"),
        _page("Does practice show?", "monitoring", "practice", "training", "gameday"),
        _link("Exercise scenarios", "menu_book", "training.exercisescenario"),
        _link("My calendar", "calendar_month", "training.calendarfeed"),
    ),
    _room(
        "Evidence",
        _page("Health", "monitor_heart", "health", "incidents", "incident"),
        _link("Calls", "ring_volume", "incidents.escalationcall"),
        _link("Audit trail", "history_edu", "incidents.auditevent"),
        _page(
            "Legal ledger",
            "menu_book",
            "admin:incidents_legalclock_ledger",
            "incidents",
            "legalclock",
        ),
        _link("Messages", "outgoing_mail", "incidents.outboxmessage"),
        _link("Channels", "cell_tower", "incidents.outlet"),
        _link("Replies", "reply", "incidents.reply"),
        _link("API tokens", "key", "incidents.apitoken"),
        _link("Groups", "admin_panel_settings", "auth.group"),
    ),
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Incident governance",
    "SITE_HEADER": "Incident governance",
    "SITE_SUBHEADER": "The matrix is the law",
    "SITE_SYMBOL": "balance",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "DASHBOARD_CALLBACK": "raci_project.dashboard.context",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("governance/favicon.svg"),
        }
    ],
    "STYLES": [lambda request: static("governance/governance.css")],
    "SCRIPTS": [lambda request: static("governance/governance.js")],
    "BORDER_RADIUS": "6px",
    # Chosen for contrast: 600 on white and 400 on the dark ground both exceed 4.5:1.
    "COLORS": {
        "primary": {
            "50": "oklch(97.0% .014 254)",
            "100": "oklch(93.2% .032 255)",
            "200": "oklch(88.2% .059 254)",
            "300": "oklch(80.9% .105 252)",
            "400": "oklch(74.0% .130 254)",
            "500": "oklch(68.0% .150 256)",
            "600": "oklch(50.5% .190 262)",
            "700": "oklch(45.0% .180 263)",
            "800": "oklch(39.0% .150 265)",
            "900": "oklch(33.0% .120 266)",
            "950": "oklch(26.0% .090 267)",
        }
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}
