"""Holding statements: words agreed in calm, for the troubles Northwind Pay prepares for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from incidents.operations import statement
from raci_project.demo.catalogue import Scenarios
from raci_project.demo.people import Everybody
from raci_project.demo.story import Story


@dataclass(frozen=True)
class Words:
    """One text; `lasts` are the days from today to its expiry, None for a draft."""

    title: str
    scenario: str | None
    severity: str
    audience: str
    text: str
    lasts: int | None = 200


TEXTS = (
    Words("Card payments: first word", "card-payments-failing", "sev1", "public",
          "Since {time} some card payments through {company} fail. We are working on it with "
          "everybody we need. Payments that were confirmed are safe. We write again by "
          "{next_update}. Details: {link}"),
    Words("Card payments: still failing", "card-payments-failing", "", "public",
          "Card payments through {service} still fail for some shoppers: {impact}. What helps "
          "meanwhile: {workaround}. Next update by {next_update}."),
    Words("Card payments: to all colleagues", "card-payments-failing", "", "internal",
          "{reference} ({severity}): {impact}. Send customers to {link}; do not promise a time. "
          "Next update by {next_update}."),
    Words("Checkout slow", "checkout-slow", "", "public",
          "Since {time} our checkout page answers slowly. Payments that go through are valid; "
          "please do not pay twice. Next update by {next_update}."),
    Words("Payouts late", "payouts-delayed", "", "public",
          "Payouts of today reach some merchants later than promised. No money is lost. We name "
          "a new time by {next_update}. Details: {link}"),
    Words("Payouts late: to merchants' managers", "payouts-delayed", "", "internal",
          "{reference}: payouts are late since {time}. Impact: {impact}. Call your merchants with "
          "weekly payouts first. Next update by {next_update}."),
    Words("Balances shown wrong", "wrong-balances", "", "public",
          "The merchant portal shows wrong balances since {time}. The books themselves are "
          "right, and payouts follow the books. Next update by {next_update}.", 19),
    Words("Sign-in unavailable", "sign-in-unavailable", "", "public",
          "Merchants cannot sign in since {time}. Payments and payouts go on as usual. Next "
          "update by {next_update}."),
    Words("Personal data: first word", "data-exposed", "sev1", "public",
          "We are investigating whether data of {company} was seen by people it was not meant "
          "for. We have stopped the way in and tell those concerned directly. Next update by "
          "{next_update}."),
    Words("Personal data: to the executives", "data-exposed", "", "executive",
          "{reference}: personal data may be exposed. Known since {time}. {impact}. Counsel is "
          "engaged. Say nothing outside before it is cleared. Next update by {next_update}."),
    Words("A provider is down", "provider-down", "", "public",
          "A provider we depend on has trouble since {time}; {service} is affected: {impact}. We "
          "move what we can elsewhere. Next update by {next_update}."),
    Words("Certificate expired", "certificate-expired", "", "public",
          "Some clients cannot connect to {service} since {time}. The cause is known and the "
          "repair under way. Next update by {next_update}.", -6),
    Words("A region is lost", "region-lost", "sev1", "public",
          "One of our data centres is unreachable since {time}. Traffic moves to the other; "
          "expect errors meanwhile. Next update by {next_update}. Details: {link}"),
    Words("Accounts taken over", "account-takeover", "", "public",
          "We see sign-ins to merchant accounts that are not the merchants' own. We have locked "
          "the accounts concerned and write to their owners. Next update by {next_update}.",
          None),
)  # fmt: skip

# In calm: before the first incident of the year, for none may be open while words are approved.
WRITTEN = timedelta(days=380)
# What the lawyers kept open: it was written long after the others and waits for approval.
STILL_A_DRAFT = timedelta(days=2)


def agree(story: Story, people: Everybody, scenarios: Scenarios, *, at: datetime) -> None:
    """Tell how ada wrote the statements and ben approved all but one."""
    for words in TEXTS:
        written = at - (WRITTEN if words.lasts else STILL_A_DRAFT)
        story.tell(written, partial(_agree, words, people, scenarios, at))


def _agree(
    words: Words, people: Everybody, scenarios: Scenarios, today: datetime, at: datetime
) -> None:
    row = statement.write(
        None,
        title=words.title,
        scenario=scenarios[words.scenario] if words.scenario else None,
        severity=words.severity,
        audience=words.audience,
        text=words.text,
        actor=people["ada"],
        at=at,
    )
    if words.lasts is not None:
        expires_on = (today + timedelta(days=words.lasts)).date()
        statement.approve(row, expires_on=expires_on, actor=people["ben"], at=at)
