"""The words for the rehearsal of last quarter: what was to be shown, seen, said and improved."""

from dataclasses import dataclass

from raci_project.demo.script import Learnt


@dataclass(frozen=True)
class Remark:
    """What an evaluator saw, so many minutes after the start."""

    minute: int
    by: str
    kind: str
    text: str
    objectives: tuple[int, ...]
    injects: tuple[int, ...] = ()
    rating: str = ""


@dataclass(frozen=True)
class Rated:
    """What an evaluator made of one objective."""

    objective: int
    by: str
    rating: str
    reason: str


@dataclass(frozen=True)
class Improvement:
    """One line of the improvement plan; `due` and `done` count days from today."""

    issue: str
    title: str
    capability: str
    element: str
    kind: str
    owner: str
    due: int
    done: int | None = None
    outcome: str = ""


# capability, text, target, what of the matrix it tests
OBJECTIVES = (
    ("Command", "Command is taken and acknowledged by the person who was planned for it.",
     "within 5 minutes", ["assign_commander"]),
    ("Decision", "The commander decides to switch acquirers on what we measure, without the acquirer's word.",
     "before minute 25", ["decide", "contain"]),
    ("Communication", "Merchants read a true first word from us before the press does.",
     "within 30 minutes", ["first_internal_update", "publish_externally"]),
    ("Recovery", "Authorisations run through the second acquirer by the runbook alone.",
     "within 45 minutes", ["contain", "mitigate"]),
)  # fmt: skip

# inject: what is expected of it, what it is to set off, the objectives it supports
EXPECTED: dict[int, tuple[str, list[str], tuple[int, ...]]] = {
    1: ("Command is acknowledged; somebody looks at both acquirers.", ["assign_commander"], (1,)),
    2: ("A first word to everybody inside, with what support may say.", ["first_internal_update"], (3,)),
    3: ("The commander decides on our own measurements.", ["decide"], (2,)),
    4: ("A public word that says what is safe; the journalist gets the same.", ["publish_externally"], (3,)),
    5: ("Traffic is on the second acquirer; nobody waits for the first.", ["contain", "mitigate"], (2, 4)),
}  # fmt: skip

SEEN = (
    Remark(5, "grace", "strength", "Command was acknowledged four minutes after the call, with a sentence that named the deputy.",
           (1,), (1,), "P"),
    Remark(20, "grace", "strength", "The decision to switch was taken on our own figures, four minutes after the hotline saw nothing.",
           (2,), (3,), "P"),
    Remark(24, "pablo", "improve", "Support asked three times what it may promise about refunds; the question had no owner.",
           (3,), (2,), "M"),
    Remark(33, "pablo", "improve", "The public word came after the journalist's question, and two minutes past the target: it waited for the refunds to be settled.",
           (3,), (4,), "M"),
    Remark(44, "grace", "strength", "The switch took one command and two minutes.", (4,), (5,), "P"),
    Remark(46, "grace", "improve", "The runbook names a host that was renamed in spring; the responder knew it by heart.",
           (4,), (5,), "S"),
    Remark(60, "pablo", "neutral", "The scribe's notes were complete enough to write this from.", ()),
)  # fmt: skip

RATINGS = (
    Rated(1, "grace", "P", "Acknowledged in four minutes of five, and said aloud."),
    Rated(2, "grace", "P", "Decided at minute 19 on what we measured."),
    Rated(
        3,
        "pablo",
        "M",
        "First word inside at minute 11, but the public one at 32: the press asked first.",
    ),
    Rated(
        4,
        "grace",
        "S",
        "Contained in 40 minutes; the runbook would have misled whoever did not know it.",
    ),
)

HOT_WASH = (
    ("hiro", "strength", "The switch to the second acquirer took one command and two minutes."),
    ("maya", "strength", "We knew whom to call within four minutes."),
    ("quinn", "gap", "Nobody knew who may promise refunds, so the public word waited."),
    ("cleo", "gap", "The runbook has a host that does not exist any more."),
    ("jonas", "priority", "Write down who may promise refunds."),
    ("quinn", "priority", "Publish what is safe at once, and what we do not know later."),
    ("hiro", "priority", "Walk through the runbook after every rename."),
)

FEEDBACK = (
    ("jonas", 3, 4, "Deciding without the acquirer was easier than I feared."),
    ("maya", 3, 4, ""),
    ("quinn", 4, 3, "I know now what I do not know: what we may promise."),
    ("cleo", 2, 4, "Writing along taught me how command sounds."),
    ("hiro", 4, 5, ""),
)

LEARNT = Learnt(
    "We knew whom to call within four minutes, and nobody knew who may promise refunds.",
    "None: an exercise.",
    "provider-failure",
    (("process", "Who may promise refunds stands nowhere."),),
    went_well="The switch to the second acquirer took one command and two minutes.",
    published_after=4,
)

IMPROVEMENTS = (
    Improvement(
        "The first public word waited until minute 32 because nobody knew who may promise refunds.",
        "Write down who may promise refunds", "Communication", "planning", "respond", "pablo", 9,
    ),
    Improvement(
        "The runbook of the second acquirer names a host that was renamed in spring.",
        "Have a newcomer follow the acquirer's runbook each quarter", "Recovery", "training",
        "mitigate", "hiro", -20, -24, "Ines followed it alone and corrected four lines; the next walk is in the calendar.",
    ),
)  # fmt: skip

SUMMARY = "\n\n".join(
    (
        "We can lose our primary acquirer and still take payments: command was taken in "
        "four minutes, the decision to switch was made on our own figures, and the switch "
        "itself took two minutes.",
        "**What we cannot do yet is say so.** The first public word came at minute 32, "
        "after a journalist had asked. It was written in time; it waited because nobody "
        "knew who may promise refunds. That is a gap in what we agreed, not in anybody's "
        "work: the matrix says who publishes, and nothing says who promises.",
        "Two things follow. Who may promise refunds is written down and approved, so that "
        "the first word never waits for it again; and the runbook of the second acquirer "
        "is walked through by somebody who has never used it, once a quarter. We propose "
        "to run this story again in half a year, with another commander and another "
        "voice, and to expect the first public word by minute 15.",
    )
)
