"""Holding statements: words agreed in calm, for the troubles Northwind Pay prepares for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from simple_history.utils import bulk_update_with_history

from incidents.models import HoldingStatement, Person
from incidents.operations import agreeing, library
from incidents.rules.shipped_statements import STATEMENTS
from raci_project.demo.catalogue import Scenarios
from raci_project.demo.people import Everybody
from raci_project.demo.story import Story


@dataclass(frozen=True)
class Words:
    """One text; `lasts` are the days from today to its expiry, None for a draft.

    `review` are the days from today to when somebody looks at it again.
    """

    title: str
    scenario: str | None
    severity: str
    audience: str
    text: str
    lasts: int | None = 200
    purpose: str = "first"
    forbidden: tuple[str, ...] = ()
    approver: str = "ben"
    review: int | None = None


def _shipped(
    title: str, audience: str, scenario: str | None = None, purpose: str = "first"
) -> Words:
    """Words that ship, taken over as they are, for a scenario of Northwind Pay's own."""
    (one,) = (
        each for each in STATEMENTS
        if (each.title, each.audience, each.purpose) == (title, audience, purpose)
    )  # fmt: skip
    return Words(
        title, scenario, "", audience, one.text, purpose=purpose, forbidden=one.forbidden
    )


_NO_TIME = ("will be fixed by", "back within")

TEXTS = (
    Words("Card payments: first word", "card-payments-failing", "sev1", "public",
          "Since {time} some card payments through {company} are declined. We are working on it "
          "with everybody we need. If a payment was declined, nobody is charged for it. We write "
          "again by {next_update}.",
          forbidden=(*_NO_TIME, "nobody was charged twice"), review=60),
    Words("Card payments: still failing", "card-payments-failing", "", "public",
          "Card payments through {service} still fail for some shoppers: {impact}. What helps "
          "meanwhile: {workaround}. Next update by {next_update}.", purpose="progress"),
    Words("Card payments: to all colleagues", "card-payments-failing", "", "internal",
          "{reference} ({severity}): {impact}. Send customers to the status page; do not promise "
          "a time. Next update by {next_update}."),
    Words("Card payments: what support may say", "card-payments-failing", "", "support",
          "Since {time}, some card payments are declined. If one was declined, you are not charged "
          "for it. Please wait before you try again, or pay by bank transfer. I write to you "
          "again by {next_update}."),
    Words("Checkout slow", "checkout-slow", "", "public",
          "Since {time} our checkout page answers slowly. Payments that go through are valid; "
          "please do not pay twice. Next update by {next_update}.", forbidden=_NO_TIME),
    Words("Checkout slow: what support may say", "checkout-slow", "", "support",
          "Since {time}, our checkout page answers slowly. Please do not press the button twice: "
          "a payment that goes through is valid. I write to you again as soon as we know more."),
    Words("Payouts late", "payouts-delayed", "", "public",
          "Payouts of today reach some merchants later than promised. We name a new time by "
          "{next_update}.", forbidden=(*_NO_TIME, "all payouts were sent")),
    Words("Payouts late: to merchants' managers", "payouts-delayed", "", "internal",
          "{reference}: payouts are late since {time}. Impact: {impact}. Call your merchants with "
          "weekly payouts first. Next update by {next_update}."),
    Words("Payouts late: what support may say", "payouts-delayed", "", "support",
          "Some payouts of today arrive later than promised. Your balance is right, and the amount "
          "stays yours. You need not ask for the payout again. I write to you again by "
          "{next_update}."),
    Words("Payouts late: to large merchants", "payouts-delayed", "", "customers",
          "Your payout of today may arrive later than promised. We know of it since {time}. Our "
          "reference is {reference}. We name a new time by {next_update}.", forbidden=_NO_TIME),
    Words("Balances shown wrong", "wrong-balances", "", "public",
          "The merchant portal shows wrong balances since {time}. Payouts follow our books, not "
          "the portal. Next update by {next_update}.", 19),
    Words("Sign-in unavailable", "sign-in-unavailable", "", "public",
          "Merchants cannot sign in since {time}. Payments and payouts go on as usual. Next "
          "update by {next_update}.", review=-3),
    Words("Personal data: first word", "data-exposed", "sev1", "public",
          "We are investigating whether data of {company} was seen by people it was not meant "
          "for. Those concerned hear from us directly. Next update by {next_update}.",
          forbidden=("no unauthorised access", "no evidence of misuse", "only names")),
    Words("Personal data: to the executives", "data-exposed", "", "executive",
          "{reference}: personal data may be exposed. Known since {time}. {impact}. Counsel is "
          "engaged. Say nothing outside before it is cleared. Next update by {next_update}."),
    Words("A provider is down", "provider-down", "", "public",
          "A provider we depend on has trouble since {time}; {service} may not work as usual. We "
          "move what we can elsewhere. Next update by {next_update}.", approver="hugo"),
    Words("Certificate expired", "certificate-expired", "", "public",
          "Some clients cannot connect to {service} since {time}. Please do not switch off their "
          "warnings. Next update by {next_update}.", -6),
    Words("A region is lost", "region-lost", "sev1", "public",
          "One of our data centres is unreachable since {time}. Traffic moves to the other; "
          "expect errors meanwhile. Next update by {next_update}. Details: {link}"),
    Words("Accounts taken over", "account-takeover", "", "public",
          "We see sign-ins to merchant accounts that are not the merchants' own. We have locked "
          "the accounts concerned and write to their owners. Next update by {next_update}.",
          None),
    _shipped("No news", "public", purpose="no_news"),
    _shipped("No news", "internal", purpose="no_news"),
    _shipped("No news", "executive", purpose="no_news"),
    _shipped("It is over", "public", purpose="over"),
    _shipped("To all colleagues", "internal"),
    _shipped("To the executives", "executive"),
    _shipped("What support may say", "support"),
)  # fmt: skip

# In calm: before the first incident of the year, for none may be open while words are approved.
WRITTEN = timedelta(days=380)
READ = timedelta(hours=5)
# What the lawyers kept open: it was written long after the others and waits for approval.
STILL_A_DRAFT = timedelta(days=2)
LEFT = timedelta(days=25)
_NOTE = "Read aloud with support and two merchants: it is understood as it is meant."


def agree(story: Story, people: Everybody, scenarios: Scenarios, *, at: datetime) -> None:
    """Tell how ada wrote the statements, uma signed off what leaves the company, ben approved.

    Some were approved by hugo, who left since; one is a draft still.
    """
    for words in TEXTS:
        written = at - (WRITTEN if words.lasts else STILL_A_DRAFT)
        story.tell(written, partial(_agree, story, words, people, scenarios, at))
    story.tell(at - LEFT, partial(_leave, people))


def _agree(
    story: Story,
    words: Words,
    people: Everybody,
    scenarios: Scenarios,
    today: datetime,
    at: datetime,
) -> None:
    row = library.write(
        None,
        title=words.title,
        scenario=scenarios[words.scenario] if words.scenario else None,
        severity=words.severity,
        audience=words.audience,
        purpose=words.purpose,
        text=words.text,
        forbidden="\n".join(words.forbidden),
        actor=people["ada"],
        at=at,
    )
    if words.lasts is not None:
        if words.audience in agreeing.SIGNED_OFF:
            story.tell(at + READ, partial(_sign_off, row, people))
        story.tell(at + 2 * READ, partial(_approve, row, words, people, today))


def _sign_off(row: HoldingStatement, people: Everybody, at: datetime) -> None:
    agreeing.clear(row, actor=people["uma"], at=at)


def _approve(
    row: HoldingStatement, words: Words, people: Everybody, today: datetime, at: datetime
) -> None:
    def day(after: int | None) -> datetime | None:
        return None if after is None else today + timedelta(days=after)

    expires, review = day(words.lasts), day(words.review)
    agreeing.approve(
        row,
        expires_on=expires.date() if expires else None,
        review_on=review.date() if review else None,
        note=_NOTE,
        actor=people[words.approver],
        at=at,
    )


def _leave(people: Everybody, at: datetime) -> None:
    """Hugo works elsewhere now; what he approved is approved anew before it is used unread."""
    hugo = people["hugo"]
    hugo.is_active = False
    bulk_update_with_history([hugo], Person, ["is_active"], default_date=at)
