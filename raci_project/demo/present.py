"""What burns at Northwind Pay right now: three of the gravest at once, and a small one."""

from raci_project.demo.script import Found, Said, Script

PRESENT = (
    Script(
        "payouts-now",
        "Payouts wait at the partner bank",
        104,
        ("payouts", "settlement"),
        {"functionality_lost": "total", "customers_affected": 3200},
        "payouts-delayed",
        "kavya",
        impact=-12, declared=4, acknowledged=7,
        mitigation=26, contained=70,
        said=(
            Said("public", 15, "Payouts of today reach some merchants later than promised. No "
                 "money is lost. We write again within the hour."),
            Said("internal", 18, "The partner bank accepts files and books none of them."),
            Said("internal", 47, "The bank confirms a stuck queue on its side."),
            Said("support", 13, "You may say: payouts of today reach some merchants later than "
                 "promised, no money is lost. Do not name the bank."),
            Said("customers", 18, "Your payout of today may reach you later than promised. No "
                 "money is lost, and you need to do nothing."),
            Said("support", 42, "Nothing new: payouts wait, no money is lost. Take down who asks "
                 "for one payout in particular."),
            Said("customers", 47, "Your payout of today may still wait. No money is lost, and you "
                 "need to do nothing."),
            Said("public", 52, "Payouts of today have not reached 3,200 merchants, more than the "
                 "some we wrote of. No money is lost. We write again within the hour.",
                 facts=("customers_affected",), known="Counted in reconciliation", corrects=15),
            Said("executive", 58, "3,200 merchants wait for payouts; treasury is informed.",
                 facts=("customers_affected",)),
            Said("support", 76, "You may say: payouts ordered from now on take another way; those "
                 "of this morning wait."),
            Said("customers", 77, "Payouts ordered from now on take another way. Those of this "
                 "morning still wait."),
            Said("internal", 94, "New payouts go through the second bank since 12 minutes."),
        ),
        notes=(
            (11, "Reconciliation shows 14 files without an answer since the morning."),
            (66, "First payout through the second bank confirmed."),
        ),
        decided=(61, "Send new payouts through the second bank?",
                 "Yes, up to 5 million a day; treasury agrees."),
        done=(
            (4, "Watch services against their objectives"),
            (5, "Pass on what customers report"),
            (8, "Call in the owners of affected services"),
            (8, "Open channel, bridge and timeline"),
            (9, "Assign roles"),
            (12, "Establish the facts"),
            (20, "Find what else is affected up and down the stream"),
            (25, "Keep the timeline"),
        ),
        explained=(
            (30, "Send the first public update", "The bank had to confirm which payouts wait."),
            (31, "Stand in while the commander is on the way", "The commander was there at once."),
        ),
    ),
    Script(
        "cards-now",
        "Card payments are declined at checkout",
        47,
        ("card-acquiring", "checkout"),
        {"functionality_lost": "total", "customers_affected": 41000,
         "customers_affected_percent": 62, "workaround_available": False},
        "card-payments-failing",
        "hiro",
        impact=-3, declared=2, acknowledged=5,
        mitigation=21,
        said=(
            Said("internal", 11, "Authorisations fail since the new certificate was installed."),
            Said("public", 14, "Card payments are declined at the moment. Nobody is charged for a "
                 "declined payment. We write again within 20 minutes."),
            Said("support", 11, "You may say: card payments are declined at the moment, nobody is "
                 "charged for a declined payment. Bank transfers work."),
            Said("customers", 16, "Card payments in your shop are declined at the moment. Nobody "
                 "is charged for a declined payment. Bank transfers work."),
            Said("internal", 25, "We go back to the certificate of yesterday, region by region."),
            Said("executive", 30, "62 % of card payments have been declined for half an hour; "
                 "the way back is found and under way."),
            Said("public", 33, "We are going back to the certificate of yesterday, region by "
                 "region. We write again within 20 minutes."),
            Said("support", 39, "You may say: some cards are accepted again. Promise no time."),
            Said("internal", 40, "Two of five regions take cards again."),
            Said("customers", 44, "Some card payments in your shop are accepted again; most are "
                 "still declined. Bank transfers work."),
            Said("public", 46, "Some cards are accepted again; most are still declined. We write "
                 "again within 20 minutes.", facts=("customers_affected_percent",), waits=True),
        ),
        notes=(
            (8, "Declines began at the minute the certificate was rotated."),
            (27, "First region back on the old certificate: approvals at 94 %."),
        ),
        decided=(19, "Go back to the old certificate at once, or mend the new one?",
                 "Back, region by region, the smallest first."),
        found=(
            Found(30, {"dora_classification": "major", "incident_kinds": ["system_malfunction"]},
                  {"awareness": 5, "classification": 28},
                  source="Yara with the classification sheet: clients and downtime both exceed it"),
        ),
    ),
    Script(
        "export-now",
        "Merchant exports show data of other merchants",
        26,
        ("merchant-portal", "identity"),
        {"personal_data_exposure": "confirmed", "persons_affected_total": 1800,
         "customers_affected": 140, "functionality_lost": "none"},
        "data-exposed",
        "olga",
        impact=-55, declared=4, acknowledged=7,
        said=(
            Said("public", 10, "Exports in the merchant portal are switched off while we look into "
                 "a fault. Payments are not affected."),
            Said("support", 13, "You may say: exports are switched off while we look into a fault, "
                 "payments are not affected. Pass every other question on to us."),
            Said("internal", 16, "Exports are switched off. What was downloaded is being counted."),
            Said("customers", 18, "Exports in the merchant portal are switched off while we look "
                 "into a fault. Payments are not affected."),
        ),
        notes=((12, "Exports switched off at the gateway; nobody can download any more."),),
        found=(
            Found(9, {"data_categories": ["personal_data", "credentials"],
                      "affected_jurisdictions": ["DE", "FR", "GB", "US-CA"],
                      "persons_affected_by_jurisdiction": {"DE": 1040, "FR": 380, "GB": 60,
                                                           "US-CA": 320}},
                  source="Log of exports since the last release"),
            Found(20, {"data_categories": ["personal_data"]},
                  source="Olga opened thirty exports: names and amounts, no keys"),
            Found(23, unknown=("risk_to_individuals",),
                  source="Who downloaded what is still being counted"),
        ),
    ),
    Script(
        "scores-now",
        "Fraud scores arrive late",
        38,
        ("fraud-scoring",),
        {"functionality_lost": "degraded", "customers_affected": 20,
         "workaround_available": True},
        "checkout-slow",
        "olga",
        impact=-4, declared=3, acknowledged=9,
        notes=((14, "Scores take 900 ms instead of 80; the limits without score hold."),),
    ),
)  # fmt: skip
