"""What an after-action report consists of: plain values, ready to be put into words and pages."""

from dataclasses import dataclass, field
from datetime import date, datetime

from training.rules.after_action import MET, Readiness, minutes
from training.rules.story_course import Counted


@dataclass(frozen=True, slots=True)
class Participant:
    """One person by what they did there: the role first, the name beside it."""

    part: str
    name: str
    is_shadow: bool = False
    is_player: bool = True

    def __str__(self) -> str:
        beside = ", learning it" if self.is_shadow else ""
        return f"{self.part} ({self.name}{beside})"


@dataclass(frozen=True, slots=True)
class Timing:
    """One activity of the matrix with a target; `took` is None where it was not done."""

    activity: str
    within: int
    took: int | None

    @property
    def is_met(self) -> bool:
        """Done, and in time."""
        return self.took is not None and self.took <= self.within


@dataclass(frozen=True, slots=True)
class Act:
    """What was done or said, by which role, in which minute after the inject, from 1 on."""

    at: datetime
    minute: int
    by: str
    text: str

    @property
    def within(self) -> str:
        """Such as “within 3 minutes”: minutes begun, as every figure of the report."""
        return f"within {minutes(self.minute)}"


@dataclass(frozen=True, slots=True)
class Step:
    """One inject as it was given, what was expected of it, and what the players did then."""

    number: int
    at: datetime
    story: str
    title: str
    method: str
    sender: str
    text: str
    expected: str
    decided: str
    acts: tuple[Act, ...]
    answered: tuple[str, ...]  # a sentence for each activity it was to set off


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one evaluator made of an objective; named by duty, never by person."""

    duty: str
    rating: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One objective with its final rating, "" where nobody rated it, and that of the time before."""

    number: int
    capability: str
    text: str
    target: str
    rating: str
    opinions: tuple[Opinion, ...]
    before: str = ""
    moved: str = ""

    @property
    def is_met(self) -> bool:
        """Performed, with some challenges or none."""
        return bool(self.rating) and self.rating in MET


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation, with the injects and the lines of the matrix it refers to."""

    kind: str
    text: str
    story: str
    injects: tuple[str, ...]
    activities: tuple[str, ...]
    rating: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability: its objectives, its rating, and what was seen of it."""

    name: str
    rating: str
    objectives: tuple[Judged, ...]
    strengths: tuple[Seen, ...]
    improvements: tuple[Seen, ...]
    others: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Improvement:
    """One line of the improvement plan: an action item of the one register."""

    key: int
    reference: str
    issue: str
    action: str
    capability: str  # "" where it lies beside the objectives
    element: str
    owner: str
    starts_on: date
    due_on: date
    original_due_on: date
    status: str
    verification: str
    stands: bool = True  # neither cancelled nor accepted as a risk


@dataclass(frozen=True, slots=True)
class Gained:
    """What of the law was exercised: in all, and for the first time ever."""

    cells: int
    first: tuple[str, ...]
    others: tuple[str, ...]  # statements, duties and services, in words


@dataclass(frozen=True, slots=True)
class Followed:
    """What the matrix asked until the end, and where it was not followed; times stand apart."""

    owed: int = 0
    otherwise: tuple[str, ...] = ()  # a sentence each
    undone: tuple[str, ...] = ()  # names of activities

    @property
    def as_said(self) -> int:
        """How many were done as the matrix says."""
        return self.owed - len(self.otherwise) - len(self.undone)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The exercise this one is compared with."""

    title: str
    on: datetime
    is_same_story: bool
    acknowledged: int | None
    contained: int | None
    counted: Counted = Counted.PLAIN


@dataclass(frozen=True, slots=True)
class Overview:
    """The facts of the title page."""

    title: str
    reference: str
    kind: str
    starts_at: datetime
    ended_at: datetime | None
    minutes: int  # of the wall's clock
    pace: str
    scenario: str
    summary: str  # of the story, for its players
    capabilities: tuple[str, ...]
    told_after: str
    scope: tuple[str, ...]
    organiser: str
    owner: str
    due_at: datetime | None
    published_at: datetime | None
    players: tuple[Participant, ...]
    staff: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. What is empty is said to be, with what to do about it.

    Its minutes are all of one kind, `counted`, except how long the exercise itself took.
    """

    key: int
    overview: Overview
    summary: str
    timings: tuple[Timing, ...]
    steps: tuple[Step, ...]
    objectives: tuple[Judged, ...]
    capabilities: tuple[Capability, ...]
    hot_wash: dict[str, tuple[str, ...]]
    readiness: Readiness | None
    comments: tuple[str, ...]
    earlier: Earlier | None
    acknowledged: int | None
    contained: int | None
    gained: Gained
    improvements: tuple[Improvement, ...]
    no_improvement_because: str
    suggestions: tuple[str, ...]
    counted: Counted = Counted.PLAIN
    untested: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    followed: Followed = field(default_factory=Followed)
    review: int | None = None
    unrated: tuple[int, ...] = field(default=())
    unrated_because: str = ""  # said when it was published

    @property
    def met(self) -> int:
        """How many objectives were met."""
        return sum(each.is_met for each in self.objectives)

    @property
    def standing(self) -> int:
        """How many improvements are done or to be done."""
        return sum(each.stands for each in self.improvements)

    @property
    def in_time(self) -> int:
        """How many targets were met."""
        return sum(each.is_met for each in self.timings)
