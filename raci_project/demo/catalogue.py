"""What Northwind Pay runs: thirteen services, what needs what; its troubles and their causes."""

from collections.abc import Mapping
from typing import TypeAlias

from incidents.models import Dependency, Scenario, Service, Team
from raci_project.demo.people import HOME, Everybody

Services: TypeAlias = Mapping[str, Service]
Scenarios: TypeAlias = Mapping[str, Scenario]

# slug, name, tier, earns money, holds personal data, owner, what it does
SERVICES = (
    ("datastore", "Primary datastore", 1, False, True, "farid",
     "Replicated database clusters every other service keeps its state in."),
    ("api-gateway", "API gateway", 1, True, False, "farid",
     "Terminates TLS, authenticates merchants and routes every API call."),
    ("event-stream", "Event stream", 2, False, True, "elif",
     "Ordered events between services; delay shows as stale balances and late webhooks."),
    ("payments-api", "Payments API", 1, True, True, "ines",
     "Creates, authorises and captures payments."),
    ("checkout", "Checkout page", 1, True, True, "hiro",
     "The hosted page on which shoppers pay."),
    ("card-acquiring", "Card acquiring", 1, True, True, "hiro",
     "Connections to the card schemes; tokenises card numbers."),
    ("fraud-scoring", "Fraud scoring", 2, False, True, "olga",
     "Scores each payment; without it payments pass under stricter limits."),
    ("identity", "Identity and sign-in", 1, False, True, "nils",
     "Accounts, sign-in and permissions of merchants and staff."),
    ("ledger", "Ledger", 1, False, True, "kavya",
     "Double-entry books: the one truth about whose money is whose."),
    ("settlement", "Settlement", 2, False, False, "liam",
     "Nets the day's payments per merchant and reconciles with banks."),
    ("payouts", "Payouts", 2, True, True, "kavya",
     "Sends merchants their money."),
    ("merchant-portal", "Merchant portal", 3, False, True, "ines",
     "Where merchants see payments, refunds and reports."),
    ("status-page", "Status page", 2, False, False, "quinn",
     "Says in public how we are; hosted apart from everything else."),
)  # fmt: skip

# What customers call those they know of; the others stand on no status page.
PUBLIC_NAMES = {
    "api-gateway": "API",
    "payments-api": "Payments API",
    "checkout": "Checkout",
    "card-acquiring": "Card payments",
    "identity": "Sign-in",
    "ledger": "Balances",
    "settlement": "Settlement",
    "payouts": "Payouts",
    "merchant-portal": "Merchant portal",
    "status-page": "Status page",
}

# downstream: what it needs; a soft need only degrades it
NEEDS = {
    "api-gateway": ("identity",),
    "card-acquiring": ("datastore", "~event-stream"),
    "checkout": ("payments-api", "~fraud-scoring"),
    "fraud-scoring": ("event-stream", "~ledger"),
    "identity": ("datastore",),
    "ledger": ("datastore", "event-stream"),
    "merchant-portal": ("api-gateway", "identity", "~ledger", "~settlement"),
    "payments-api": ("api-gateway", "card-acquiring", "ledger", "~fraud-scoring"),
    "payouts": ("ledger", "settlement", "~fraud-scoring"),
    "settlement": ("ledger", "datastore"),
}

# slug, name, what it looks like
SCENARIOS = (
    ("card-payments-failing", "Card payments failing", "Authorisations are declined or time out."),
    ("checkout-slow", "Checkout slow", "Shoppers wait or give up; payments that arrive succeed."),
    ("payouts-delayed", "Payouts delayed", "Merchants receive their money later than promised."),
    ("wrong-balances", "Wrong balances shown", "The portal shows figures the ledger does not hold."),
    ("sign-in-unavailable", "Sign-in unavailable", "Merchants cannot reach their accounts."),
    ("data-exposed", "Personal data exposed", "Somebody could see data that is not theirs."),
    ("account-takeover", "Accounts taken over", "Attackers act in the name of merchants."),
    ("provider-down", "A provider is down", "A bank, scheme or cloud we depend on fails."),
    ("certificate-expired", "Certificate expired", "Clients refuse to connect to us."),
    ("region-lost", "A region is lost", "One data centre is gone; traffic moves to the other."),
)  # fmt: skip

# slug, name, what belongs to it
CAUSES = (
    ("capacity", "Capacity", "Demand grew past what was provided or allowed."),
    ("configuration-change", "Configuration change", "A change of settings did harm."),
    ("expired-credential", "Expired credential", "A certificate, key or token ran out."),
    ("provider-failure", "Provider failure", "Somebody we depend on failed."),
    ("software-defect", "Software defect", "The program did what it should not."),
)


def stock(people: Everybody) -> tuple[Services, Scenarios]:
    """The services with their owners and dependencies, and the scenarios."""
    teams = {team.slug: team for team in Team.objects.all()}
    services = {}
    for slug, name, tier, earns, personal, owner, description in SERVICES:
        services[slug] = Service.objects.create(
            slug=slug,
            name=name,
            tier=tier,
            is_revenue_generating=earns,
            handles_personal_data=personal,
            owner=people[owner],
            team=teams[HOME[owner]],
            description=description,
            public_name=PUBLIC_NAMES.get(slug, ""),
            runbook_url=f"https://runbooks.northwind.example/{slug}",
        )
    for downstream, needs in NEEDS.items():
        for need in needs:
            Dependency.objects.create(
                downstream=services[downstream],
                upstream=services[need.removeprefix("~")],
                strength="soft" if need.startswith("~") else "hard",
            )
    scenarios = {
        slug: Scenario.objects.create(slug=slug, name=name, description=text)
        for slug, name, text in SCENARIOS
    }
    return services, scenarios
