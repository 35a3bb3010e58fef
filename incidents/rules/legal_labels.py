"""The catalogue of plain words for the values of the facts of law; data only."""

from collections.abc import Mapping

_DECIDED = {
    "not_applicable": "does not apply to us",
    "undetermined": "not decided yet",
}
_MATERIAL = {
    **_DECIDED,
    "not_material": "decided: not material",
    "material": "decided: material",
}

LABELS: Mapping[str, Mapping[str, str]] = {
    "data_roles": {
        "controller": "ours (we decide what happens with it)",
        "processor": "somebody else's (we hold it for them)",
    },
    "entity_types": {"business": "a business without special status"},
    "contract_clause_types": {
        "dpa_notice_24h": "tell customers of a data breach within 24 hours",
        "dpa_notice_48h": "tell customers of a data breach within 48 hours",
        "dpa_notice_72h": "tell customers of a data breach within 72 hours",
        "outage_notice_24h": "write to customers about a long outage within 24 hours",
        "cyber_insurance_notice": "tell the cyber insurer before costs and payments",
        "card_brand_rules": "follow the card brands' rules for stolen cards",
        "soc2_commitment": "tell customers of incidents as our SOC 2 report says",
    },
    "data_categories": {
        "personal_data": "anything about a person",
        "special_category": "special kinds (origin or beliefs or sex life or genes)",
        "health": "health",
        "biometric": "fingerprints or faces or voices",
        "financial_account": "bank accounts and credit",
        "payment_card": "card numbers",
        "credentials": "passwords and other keys",
        "children": "data of children",
        "government_id": "identity papers and numbers",
        "non_personal_confidential": "secrets that are about no person",
        "none": "no data",
    },
    "data_protection_state": {
        "none": "not encrypted",
        "encrypted_key_safe": "encrypted and the key is safe",
        "encrypted_key_compromised": "encrypted but the key may be gone too",
        "unknown": "we cannot tell yet",
    },
    "personal_data_exposure": {
        "none": "ruled out",
        "possible": "possible",
        "confirmed": "confirmed",
    },
    "personal_data_availability_loss": {
        "none": "no",
        "temporary": "for a while",
        "prolonged_or_permanent": "for long or for good",
    },
    "risk_to_individuals": {
        "none": "not at all",
        "unlikely": "harm is unlikely",
        "risk": "some harm is possible",
        "high": "serious harm is possible",
        "unknown": "we cannot tell yet",
    },
    "incident_kinds": {
        "cyberattack": "an attack",
        "ransomware": "ransomware",
        "unauthorised_access": "unauthorised access",
        "malware": "malware",
        "ddos": "flooded with traffic (DDoS)",
        "data_leak": "data got out",
        "insider_misuse": "misuse by one of us",
        "human_error": "a mistake",
        "system_malfunction": "a failure of our systems",
        "third_party_outage": "a supplier is down",
        "exploited_product_vulnerability": "a hole in our product is being used by attackers",
        "severe_product_incident": "a grave security incident of our product",
    },
    "regulated_service_impact": {
        "none": "not at all",
        "limited": "somewhat",
        "significant": "significantly",
        "undetermined": "not decided yet",
    },
    "nis2_incident_classification": {
        **_DECIDED,
        "not_significant": "decided: not significant",
        "significant": "decided: significant",
    },
    "dora_classification": {
        **_DECIDED,
        "not_major": "decided: not major",
        "major": "decided: major",
    },
    "bank_notification_incident": {
        **_DECIDED,
        "no_notification_incident": "decided: it is none",
        "determined": "decided: it is one",
    },
    "materiality_determination": _MATERIAL,
    "apra_materiality": _MATERIAL,
    "au_asset_impact": {
        "none": "not at all",
        "undetermined": "not decided yet",
        "relevant": "it matters but the service goes on",
        "significant": "essential services are materially disrupted",
    },
    "cn_incident_grade": {
        **_DECIDED,
        "general": "general",
        "relatively_major": "relatively major",
        "major": "major",
        "particularly_major": "particularly major",
    },
    "ai_incident_severity": {
        "none": "no",
        "serious_other": "serious harm of another kind",
        "death": "somebody died",
        "widespread_or_critical_infrastructure": "harm far and wide or to critical infrastructure",
    },
    "il_database_security_level": {
        "none": "no level: the rules do not apply",
        "basic": "basic",
        "medium": "medium",
        "high": "high",
    },
}
