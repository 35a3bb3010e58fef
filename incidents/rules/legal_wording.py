"""The catalogue of plain words for the facts and clocks of the shipped law pack; data only."""

from collections.abc import Mapping
from typing import NamedTuple


class Asked(NamedTuple):
    """A question, why it is asked, and what its subject is called within a sentence."""

    text: str
    why: str
    called: str


# Asked of one place at a time, once it is known that somebody there is affected.
PER_PLACE = Asked(
    "How many people in {} are affected?",
    "What must be told in {}, and to whom, changes with the number of people there.",
    "persons affected in {}",
)

FACTS: Mapping[str, Asked] = {
    "evaluation_date": Asked(
        "On which day did we know?",
        "It decides which law was in force.",
        "the day on which applicability is judged",
    ),
    "clock_timezone": Asked(
        "Which time zone do we count in?",
        "Periods in days end at local midnight.",
        "the time zone",
    ),
    "holiday_calendar": Asked(
        "Whose public holidays count?",
        "Some periods end on the next working day instead.",
        "the holidays that count",
    ),
    "data_roles": Asked(
        "Is this our own data, or do we hold it for somebody else?",
        "Who decides about the data tells the authority; who holds it for others tells them.",
        "our role for the data",
    ),
    "entity_types": Asked(
        "What are we in the eyes of the law?",
        "Many duties bind only banks, hospitals, listed companies and the like.",
        "what we are by law",
    ),
    "operates_in": Asked(
        "Where are we established, or where do we offer the affected service?",
        "Some duties follow the place of business, wherever the people live.",
        "where we operate",
    ),
    "affected_jurisdictions": Asked(
        "Where do the affected people live?",
        "Most privacy duties follow the home of the people, not ours.",
        "where the affected people live",
    ),
    "gdpr_establishment_processing": Asked(
        "Is the data handled for an office of ours in the EU or EEA?",
        "Then European law applies even if nobody affected lives there.",
        "handled for an office in the EEA",
    ),
    "uk_establishment_processing": Asked(
        "Is the data handled for an office of ours in the United Kingdom?",
        "Then British law applies even if nobody affected lives there.",
        "handled for an office in the United Kingdom",
    ),
    "persons_affected_total": Asked(
        "How many people are affected, as far as we can tell?",
        "Several duties begin, or reach further, at a number; a good guess will do.",
        "persons affected in all",
    ),
    "persons_affected_by_jurisdiction": Asked(
        "How many people are affected in each place?",
        "Several places count only their own residents.",
        "persons affected by place",
    ),
    "data_categories": Asked(
        "What kind of data is it?",
        "Health, money, passwords and identity papers carry duties that other data does not.",
        "the kinds of data",
    ),
    "data_protection_state": Asked(
        "Was the data encrypted, and is the key safe?",
        "Data nobody can read without a key that is safe often need not be reported.",
        "how the data was protected",
    ),
    "personal_data_exposure": Asked(
        "Could somebody have seen or copied personal data?",
        "It is what most privacy duties begin with; “possible” is enough to get ready.",
        "exposure of personal data",
    ),
    "personal_data_availability_loss": Asked(
        "Is personal data lost or out of reach?",
        "Losing personal data for long is a breach too, even if nobody saw it.",
        "loss of personal data",
    ),
    "personal_data_integrity_loss": Asked(
        "Was personal data changed or corrupted?",
        "Wrongly changed personal data is a breach too, even if nobody saw it.",
        "personal data was altered",
    ),
    "risk_to_individuals": Asked(
        "How badly could this hurt the people concerned?",
        "It decides whether the authority, and whether the people themselves, must be told; "
        "not knowing counts as a risk.",
        "the risk to the people",
    ),
    "large_scale_processing": Asked(
        "Do we handle this data on a large scale?",
        "In Brazil the scale alone can make an incident one to report.",
        "data handled on a large scale",
    ),
    "incident_kinds": Asked(
        "What kind of incident is it, as far as we know?",
        "Attacks start duties that plain failures do not.",
        "the kind of incident",
    ),
    "service_unavailability_minutes": Asked(
        "For how many minutes has the service been down so far?",
        "Some contracts and regulators count minutes.",
        "minutes of outage",
    ),
    "regulated_service_impact": Asked(
        "How hard is the service hit that regulators watch?",
        "Rules for essential and financial services begin at a significant impact.",
        "impact on the regulated service",
    ),
    "clients_financial_interests_affected": Asked(
        "Could clients lose money through this?",
        "Then a financial firm in the EU must tell its clients as well.",
        "clients may lose money",
    ),
    "nis2_incident_classification": Asked(
        "Has it been judged significant under NIS2?",
        "The first warning is then due within 24 hours.",
        "the judgement under NIS2",
    ),
    "dora_classification": Asked(
        "Has it been classified as major under DORA?",
        "The first notice is then due four hours after that decision.",
        "the classification under DORA",
    ),
    "bank_notification_incident": Asked(
        "Has it been determined to be a notification incident for our US bank regulator?",
        "The regulator must then hear of it within 36 hours.",
        "the determination for the US bank regulator",
    ),
    "materiality_determination": Asked(
        "Has the company decided whether this is material to investors?",
        "From that decision a listed company in the US has four business days.",
        "the decision on materiality",
    ),
    "financial_impact_material": Asked(
        "Does finance estimate that the cost is, or may be, material?",
        "Then counsel should be at the table before the company decides on materiality.",
        "a cost that may be material",
    ),
    "apra_materiality": Asked(
        "Has it been judged material under the Australian standard CPS 234?",
        "APRA must then hear of it within 72 hours.",
        "the judgement under CPS 234",
    ),
    "material_control_weakness": Asked(
        "Did we find a serious weakness in our security that cannot be mended in time?",
        "APRA must hear of such a weakness within ten business days.",
        "a serious weakness that cannot be mended in time",
    ),
    "au_asset_impact": Asked(
        "How hard is our Australian critical asset hit?",
        "A significant impact is to be reported within 12 hours, a relevant one within 72.",
        "impact on the Australian asset",
    ),
    "au_initial_report_oral": Asked(
        "Was the first Australian report made by word of mouth?",
        "A spoken report must be followed by a written one.",
        "the first Australian report was spoken",
    ),
    "cn_incident_grade": Asked(
        "Which grade does the incident have under the Chinese rules?",
        "From “relatively major” on there may be an hour or four to report it.",
        "the Chinese grade",
    ),
    "ai_incident_severity": Asked(
        "Did an AI system of ours do serious harm?",
        "The EU AI Act sets shorter periods the graver the harm.",
        "harm done by an AI system",
    ),
    "il_database_security_level": Asked(
        "Which security level does the database have under Israeli law?",
        "Only medium and high levels must be reported.",
        "the Israeli security level",
    ),
    "other_authority_notice_required": Asked(
        "Must some other authority or self-regulatory body be told of this anyway?",
        "Some regulators want to hear of whatever another one is told.",
        "another authority must be told",
    ),
    "extortion_demand": Asked(
        "Has anybody demanded money?",
        "Sanctions law may forbid paying, and insurers and some authorities must be told.",
        "a demand for money",
    ),
    "ransomware_payment_made": Asked(
        "Has a ransom been paid, by us or for us?",
        "A payment is to be reported within 24 to 72 hours in several places.",
        "a ransom was paid",
    ),
    "contract_clause_types": Asked(
        "What have we promised customers, insurers or card brands by contract?",
        "Contracts often give less time than the law.",
        "our promises by contract",
    ),
    "authority_contact": Asked(
        "Has the police or a regulator already been in touch?",
        "Then counsel should speak for us from the first word.",
        "an authority is in touch",
    ),
}

CLOCKS: Mapping[str, Asked] = {
    "awareness": Asked(
        "When did we know for certain?",
        "Most periods run from the moment it was reasonably certain, not from the alarm.",
        "awareness",
    ),
    "discovery": Asked(
        "When was the first sign of it, looking back?",
        "Some laws count from when it could have been noticed with due care.",
        "discovery",
    ),
    "classification": Asked(
        "When was it decided that it is grave enough to report?",
        "Some periods run from that decision, not from the incident.",
        "classification",
    ),
    "assessment_complete": Asked(
        "When was the assessment finished?",
        "Some periods run from the end of the assessment.",
        "the end of the assessment",
    ),
    "materiality_determination": Asked(
        "When did the company decide that it is material?",
        "The four business days for Form 8-K run from that decision.",
        "the decision on materiality",
    ),
    "payment": Asked(
        "When was the ransom paid?",
        "Reports of a payment run from the payment itself.",
        "the payment",
    ),
    "previous_stage": Asked(
        "When was the notice before this one sent?",
        "The next report runs from the one before it.",
        "the notice before",
    ),
    "calendar_year_end": Asked(
        "When does the year of discovery end?",
        "Small breaches are reported once a year.",
        "the end of the year",
    ),
    "incident_handled": Asked(
        "When was the incident dealt with?",
        "The closing report runs from the end of the incident.",
        "the end of the incident",
    ),
    "new_information_available": Asked(
        "When was it known what the first filing had to leave open?",
        "The amendment to Form 8-K runs from the missing information.",
        "the missing information",
    ),
    "service_restored": Asked(
        "When was the service back to normal?",
        "The closing report runs from the return to normal.",
        "the return to normal",
    ),
    "corrective_measure_available": Asked(
        "When was a fix or a workaround ready for users?",
        "The final report on a hole in a product runs from the fix.",
        "a fix being ready",
    ),
}
