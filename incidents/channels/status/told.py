"""What the public was told, as the status page says it: never an internal title or name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils.safestring import SafeString
from django.utils.text import slugify

from incidents import markup
from incidents.models import Update

Stage, Impact = Update.Stage, Update.Impact

DAYS = 14  # of history on the first page
_SEVERITY = tuple(Impact.values)  # from operational to major outage
OVERALL = {
    Impact.NONE: "All services operational",
    Impact.DEGRADED: "Degraded performance",
    Impact.PARTIAL: "Partial outage",
    Impact.MAJOR: "Major outage",
}


def worst(impacts: Sequence[str]) -> str:
    """The gravest of these; operational where there are none."""
    return max(impacts, key=_SEVERITY.index, default=Impact.NONE.value)


@dataclass(frozen=True, slots=True)
class Post:
    """One published update: its words as published, what they correct and what corrects them."""

    key: int
    at: datetime
    stage: str
    impact: str
    text: str
    language: str
    services: tuple[str, ...]
    promised_next_at: datetime | None = None
    corrects: int | None = None
    corrected_by: int | None = None

    @property
    def html(self) -> SafeString:
        """The words as HTML that cannot harm."""
        return markup.as_html(self.text)

    @property
    def stage_name(self) -> str:
        """As readers call it."""
        return "Correction" if self.corrects else str(Stage(self.stage).label)

    @property
    def impact_name(self) -> str:
        """As readers call it."""
        return str(Impact(self.impact).label)


@dataclass(frozen=True)
class Told:
    """One incident as the public knows it; its posts, of which there is at least one, newest first.

    `ended` is in a word how it ended without anybody saying so in public; empty: it did not.
    """

    reference: str
    posts: tuple[Post, ...]
    ended: str = ""

    @property
    def slug(self) -> str:
        """How its page is called."""
        return slugify(self.reference)

    @property
    def newest(self) -> Post:
        """What was said last: it says what is so now."""
        return self.posts[0]

    @property
    def began_at(self) -> datetime:
        """When the public first heard of it."""
        return self.posts[-1].at

    @property
    def is_open(self) -> bool:
        """Until somebody says in public that it is over, or it is closed or called off."""
        return not self.ended and self.newest.stage != Stage.RESOLVED

    @property
    def impact(self) -> str:
        """What its services are like now."""
        return self.newest.impact if self.is_open else Impact.NONE.value

    @cached_property
    def worst(self) -> str:
        """The gravest it was said to be, and not corrected since."""
        return worst([post.impact for post in self.posts if post.corrected_by is None])

    @cached_property
    def services(self) -> tuple[str, ...]:
        """Every service that was named, each once, and not corrected since."""
        named = (post.services for post in reversed(self.posts) if post.corrected_by is None)
        return tuple(dict.fromkeys(name for names in named for name in names))

    @property
    def title(self) -> str:
        """By what the public knows: “Card payments: partial outage”."""
        impact = Impact(self.worst)
        what = "incident" if impact == Impact.NONE else impact.label
        if not self.services:
            return f"{what[:1].upper()}{what[1:]}"
        return f"{', '.join(self.services)}: {what}"

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.ended and self.newest.stage != Stage.RESOLVED:
            return self.ended
        return str(Stage(self.newest.stage).label)


@dataclass(frozen=True, slots=True)
class Line:
    """One service and what it is like now."""

    name: str
    impact: str

    @property
    def impact_name(self) -> str:
        """As readers call it, with a capital."""
        return str(Impact(self.impact).label).capitalize()


@dataclass(frozen=True, slots=True)
class Day:
    """One day, UTC, and what began on it."""

    on: date
    incidents: tuple[Told, ...]


@dataclass(frozen=True)
class Board:
    """Everything on the page: services by name, incidents by when they became known, newest first."""

    today: date
    names: tuple[str, ...]
    incidents: tuple[Told, ...]

    @cached_property
    def open(self) -> tuple[Told, ...]:
        """Those not over, the newest first."""
        return tuple(one for one in self.incidents if one.is_open)

    @cached_property
    def services(self) -> tuple[Line, ...]:
        """Each with the gravest that the last word on any open incident says of it."""
        said: dict[str, list[str]] = {name: [] for name in self.names}
        for one in self.open:
            for name in one.newest.services:
                said.setdefault(name, []).append(one.impact)
        return tuple(Line(name, worst(said[name])) for name in self.names)

    @property
    def impact(self) -> str:
        """The gravest of all that is open."""
        return worst([one.impact for one in self.open])

    @property
    def overall(self) -> str:
        """The same in words."""
        return OVERALL[Impact(self.impact)]

    @property
    def days(self) -> list[Day]:
        """The last fourteen, today first."""
        return [self._day(self.today - timedelta(days=ago)) for ago in range(DAYS)]

    @property
    def recent(self) -> tuple[Told, ...]:
        """What is open, and what began on one of those days."""
        since = self.today - timedelta(days=DAYS - 1)
        return tuple(
            one for one in self.incidents if one.is_open or one.began_at.date() >= since
        )

    @cached_property
    def months(self) -> dict[str, tuple[Told, ...]]:
        """By “2026-11”, the newest month first; months without any are left out."""
        found: dict[str, list[Told]] = {}
        for one in self.incidents:
            found.setdefault(f"{one.began_at:%Y-%m}", []).append(one)
        return {month: tuple(some) for month, some in found.items()}

    @cached_property
    def updated_at(self) -> datetime | None:
        """When the public was last told anything."""
        return max((one.newest.at for one in self.incidents), default=None)

    def posts(self, most: int) -> list[tuple[Told, Post]]:
        """The newest of all incidents, each with its own."""
        every = [(one, post) for one in self.incidents for post in one.posts]
        return sorted(every, key=lambda pair: (pair[1].at, pair[1].key), reverse=True)[:most]

    def _day(self, on: date) -> Day:
        return Day(on, tuple(one for one in self.incidents if one.began_at.date() == on))
