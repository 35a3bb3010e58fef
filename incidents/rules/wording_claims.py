"""W03 to W06 and W21: causes nobody verified, blame, admissions, and what must not be claimed."""

from collections.abc import Iterator

from incidents.rules.findings import Level
from incidents.rules.wording_text import Folded, Reading, Spot, phrases

_NEAR = 60  # characters around a match that say how it is meant
_CAUSE = phrases("""
    caused by
    due to
    because of
    as a result of
    resulted from
    resulting from
    triggered by
    stems from
    stemmed from
    stemming from
    root cause is
    root cause was
    cause was
    cause is
    attributed to
    owing to
    originated from
    originating from
""")
# Trouble that follows from the incident itself says nothing about why there is one.
_ITSELF = Folded(
    r"\s+(?:be\b|(?:this|these|that|the|an?|our|ongoing|above|current|earlier|same|scheduled|"
    r"planned|emergency|service|known|\s){0,5}"
    r"(?:incident|issues?|outage|disruption|degradation|problems?|maintenance|event|it|this|"
    r"impact)\b(?!\s+(?:with|in|on|at|of|where|that|when)\b))"
)
_UNKNOWN = Folded(
    r"\s+(?:not|still|un(?:known|clear|der)|being|yet|isolated|addressed|fixed|resolved|corrected|"
    r"(?:identified|found|determined|discovered)(?! (?:as|to be)\b))\b"
)
_SOME = r"(?:an?|our|the|one of our)"
_WORKER = (
    r"(?:engineer|employee|operator|administrator|contractor|developer|technician|colleague|"
    r"intern)s?"
)
_ERRED = (
    r"(?:accidentally|mistakenly|inadvertently|wrongly|forgot|failed|misconfigured|deleted|"
    r"made an? (?:mistake|error))"
)
_PERSON = phrases(rf"""
    human error
    operator error
    user error
    engineer error
    {_SOME} {_WORKER} {_ERRED}
    (?:mistake|error|fault|negligence) (?:by|of) {_SOME} (?:{_WORKER}|teams?)
    (?:somebody|someone) (?:forgot|failed|accidentally)
    (?:our|the) \w{{2,20}} team (?:{_ERRED}|neglected|caused|broke)
""")
_VENDOR = (
    r"(?:third[- ]party|external|upstream|downstream|cloud|hosting|network|infrastructure|payment|"
    r"service|telecom|internet)?[ -]?(?:vendors?|providers?|suppliers?|carriers?|subcontractors?)"
)
_NAMES = (
    r"(?:AWS|Amazon(?: Web Services)?|(?:Microsoft )?Azure|Microsoft|"
    r"Google(?: Cloud(?: Platform)?)?|GCP|Cloudflare|Fastly|Akamai|Twilio|Stripe|Datadog|Okta|"
    r"Oracle|GitHub|JFrog|DigitalOcean|OVH|Equinix|Linode|Heroku|Salesforce|SendGrid|Mailgun|"
    r"CrowdStrike|Level ?3|Verizon|Comcast|Telia|Cogent)"
)
# Not the supplier but what we offer for it: “our Microsoft Teams integration”.
_FEATURE = (
    r"(?! (?:Teams|Office|365|Actions|Drive|Workspace|Marketplace|integrations?|login|log-?in|"
    r"sign-?in|SSO)\b)"
)
_TROUBLE = (
    r"(?:issues?|problems?|outages?|incident|failures?|errors?|disruptions?|degradation|fault)"
)
_BETWEEN = (
    r"(?:(?:an?|our|the|one of our|its|their|outage|issues?|problems?|failure|incident|disruption|"
    r"degradation|service|at|with|in|of|on|upstream|underlying|external)[ ]){0,6}"
)
_BLAMED = Folded(
    rf"\b(?:(?:caused by|due to|because of|fault of|blame)[ ]"
    rf"|{_TROUBLE}[ ](?:with|at|on|in|of|by|from)[ ])"
    rf"{_BETWEEN}(?P<who>{_VENDOR}|{_NAMES})\b{_FEATURE}"
    rf"|\b(?P<whose>{_NAMES}|(?:our|an?|the) {_VENDOR})(?:'s)?[ ]"
    r"(?:side|fault|failed|broke|let us down|caused|is to blame|outage|failure)\b"
)
_HELD = r"(?:data|information|passwords|credentials|records|accounts)"
_TAKEN = r"(?:stolen|leaked|exposed|compromised|exfiltrated|breached|accessed)"
_ADMISSION = phrases(rf"""
    our fault
    our mistake
    our error(?! (?:rates?|budget|logs?|messages?|handling|reporting|tracking|counts?))
    our own fault
    our negligence
    negligence
    negligent
    breach of (?:contract|duty|agreement|the agreement|SLA)
    breached (?:our|the|your) (?:contract|agreement|SLA)
    in breach of
    liable
    liability
    we failed to
    we have failed(?! over)
    we should have
    we made an? (?:\w{{2,12}} )?(?:mistake|error)
    we caused
    we broke
    we let you down
    we violated
    we (?:take|accept|assume) (?:full |complete )?(?:responsibility|the blame)
    {_HELD} (?:was|were|has been|have been) {_TAKEN}
    we (?:were|have been|got) (?:hacked|breached|attacked|compromised)
    (?:will|we'll) (?:refund|compensate|reimburse|credit)
    did not meet our (?:own )?(?:SLA|obligations|commitments?|standards)
""")
_NO = Folded(r"\b(?:no|not|never|none of (?:the|your|our)|without)\s(?:\w{2,14}\s){0,2}$")


def unverified_cause(reading: Reading) -> Iterator[Spot]:
    """W03: until somebody verified the cause, a cause is a guess that will be quoted."""
    if reading.known.is_cause_verified:
        return
    for found in _CAUSE.finditer(reading.prose):
        behind = reading.prose[found.end() : found.end() + _NEAR]
        if not _ITSELF.match(behind) and not _UNKNOWN.match(behind):
            yield Spot(
                *found.span(),
                f"“{reading.quote(found)}” names a cause nobody has verified: verify a fact about "
                "it first, or say that the cause is being investigated.",
            )


def blamed_person(reading: Reading) -> Iterator[Spot]:
    """W04: a person or a team is never the cause; what let it happen is."""
    for found in _PERSON.finditer(reading.prose):
        message = f"“{reading.quote(found)}” blames people: say what happened, not who did it."
        yield Spot(*found.span(), message)


def blamed_vendor(reading: Reading) -> Iterator[Spot]:
    """W05: customers bought from us; a supplier's name wants its consent and counsel's."""
    for found in _BLAMED.finditer(reading.prose):
        who = found["who"] or found["whose"]
        if who not in reading.named:
            yield Spot(
                *found.span(),
                f"“{reading.quote(found)}” points at somebody else: say what we do about it, and "
                "name a supplier only with its consent.",
            )


def admission(reading: Reading) -> Iterator[Spot]:
    """W06: whose fault it is, and what is owed, is settled after the facts."""
    for found in _ADMISSION.finditer(reading.prose):
        if not _NO.search(reading.prose[max(0, found.start() - _NEAR) : found.start()]):
            message = (
                f"“{reading.quote(found)}” admits more than is known: keep to verified facts, and "
                "ask counsel before saying who is at fault or what is owed."
            )
            yield Spot(*found.span(), message)


def forbidden_claim(reading: Reading) -> Iterator[Spot]:
    """W21: what was agreed in calm never to claim in such a case."""
    for start, end, phrase in reading.names(reading.known.forbidden):
        message = f"“{phrase}” must not be claimed in this scenario: its statements forbid it."
        yield Spot(start, end, message, Level.ERROR)
