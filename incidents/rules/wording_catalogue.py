"""The catalogue W01 to W24 that docs/wording.md tells: what, why, and an example of each side."""

from datetime import UTC, datetime
from typing import NamedTuple

from incidents.rules import (
    wording_claims,
    wording_contradictions,
    wording_jargon,
    wording_machines,
    wording_personal,
    wording_promises,
    wording_reading,
    wording_secrets,
    wording_tone,
)
from incidents.rules.findings import Level
from incidents.rules.wording_text import PUBLIC, Known, Look, Words

_ERROR, _WARNING, _INFORMATION = Level
_THEN = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Rule(NamedTuple):
    """One rule: what it finds, its levels (the first where it says no other), and why.

    `fires` is an example it speaks of, `quiet` one that says the same well; both with `known`.
    `is_neutral` holds in every language, `is_everywhere` for internal updates too.
    """

    id: str
    what: str
    levels: tuple[Level, ...]
    look: Look
    why: str
    fires: Words
    quiet: Words
    known: Known = Known()
    is_neutral: bool = False
    is_everywhere: bool = False


def _say(text: str, stage: str = "", services: tuple[str, ...] = ()) -> Words:
    return Words(text=text, audience=PUBLIC, at=_THEN, stage=stage, services=services)


def _after(text: str, stage: str = "", services: tuple[str, ...] = ()) -> Known:
    return Known(earlier=(_say(text, stage, services),))


_HARD_TEXT = (
    "Functionality degradation attributable to insufficient infrastructural provisioning necessitated "
    "comprehensive reconfiguration of authentication intermediaries, notwithstanding considerable "
    "operational interdependencies. Subsequent verification procedures demonstrated "
    "unsatisfactory stabilisation characteristics, requiring additional investigation regarding "
    "availability, scalability, interoperability and maintainability of constituent organisational subsystems "
    "and accompanying administrative documentation."
)
_LONG_TEXT = (
    "We see that some of you cannot sign in and that some others who did sign in are asked to do so "
    "again, and we are looking at each of the parts that could have led to this one after the other."
)

RULES: tuple[Rule, ...] = (
    Rule(
        "W01", "a time by which it will be over", (_ERROR, _WARNING),
        wording_promises.recovery_at_a_time,
        "A promised time is quoted when it passes; error where promised, warning where expected.",
        _say("Service will be restored by 17:00."),
        _say("We are restoring the service. We will post an update by 17:00."),
    ),
    Rule(
        "W02", "a recovery “shortly”, “soon”", (_WARNING,), wording_promises.recovery_soon,
        "“Soon” is heard as minutes; nobody knows it.",
        _say("The problem will be fixed shortly."),
        _say("We found the fault and are correcting it."),
    ),
    Rule(
        "W03", "a cause, while no fact about a cause is verified", (_WARNING,),
        wording_claims.unverified_cause,
        "First causes are often wrong, and a withdrawn one costs more trust than none.",
        _say("The outage was caused by a faulty disk."),
        _say("We are investigating the cause of the outage."),
    ),
    Rule(
        "W04", "blame of a person or a team", (_ERROR,), wording_claims.blamed_person,
        "What let it happen is the cause (Dekker, Just Culture); a person blamed in public sues.",
        _say("This outage came from human error."),
        _say("A change took effect before it was checked."),
    ),
    Rule(
        "W05", "blame of a supplier", (_WARNING,), wording_claims.blamed_vendor,
        "Customers bought from us; naming a supplier wants its consent and counsel's.",
        _say("This is an outage at our hosting provider."),
        _say("A part we buy does not answer; we are moving to another."),
    ),
    Rule(
        "W06", "an admission of fault or of what is owed", (_WARNING,), wording_claims.admission,
        "Fault and compensation are settled after the facts, with counsel.",
        _say("We failed to protect your messages."),
        _say("Messages sent since 09:00 UTC have not arrived."),
    ),
    Rule(
        "W07", "words of the trade", (_WARNING, _INFORMATION), wording_jargon.jargon,
        "Readers are customers; information where support reads it, who may know the word.",
        _say("We see 5xx after the failover."),
        _say("Some pages show an error."),
    ),
    Rule(
        "W08", "a name of ours that no customer knows", (_WARNING,), wording_jargon.internal_names,
        "A code name tells customers nothing, and others how we are built.",
        _say("The bluebird service is slow."),
        _say("Sign-in is slow."),
        Known(internal={"bluebird": "Sign-in"}), is_neutral=True,
    ),
    Rule(
        "W09", "an address or host of a machine, a stack trace", (_ERROR, _WARNING),
        wording_machines.machines,
        "It helps whoever attacks, and nobody else; warning where given for a list of what is let in.",
        _say("The machine 10.1.2.3 does not answer."),
        _say("One of our machines does not answer."),
        is_neutral=True,
    ),
    Rule(
        "W10", "a ticket, commit, branch or file", (_WARNING,), wording_machines.tools,
        "It means something only to us.",
        _say("We follow this in OPS-4711."),
        _say("Your reference is INC-12."),
        is_neutral=True,
    ),
    Rule(
        "W11", "a key, token or password", (_ERROR,), wording_secrets.secrets,
        "It opens a door; inside, words are kept for years too.",
        _say("Use password: Winter2031x until then."),
        _say("Change your password after you signed in."),
        is_neutral=True, is_everywhere=True,
    ),
    Rule(
        "W12", "personal data", (_ERROR,), wording_personal.personal_data,
        "GDPR Art. 5(1)(c): no more than is needed, and here none is.",
        _say("Write to jane.doe@example.com."),
        _say("Write to support@example.com."),
        is_neutral=True,
    ),
    Rule(
        "W13", "empty empathy", (_INFORMATION, _WARNING), wording_tone.empty_empathy,
        "Everybody has read it before; warning where it is hollow, as “we take it seriously”.",
        _say("We apologise for any inconvenience."),
        _say("You cannot pay by card at present. We are sorry."),
    ),
    Rule(
        "W14", "a text too hard to read", (_INFORMATION, _WARNING), wording_reading.hard_to_read,
        "Read under stress, on a telephone, in a second language (Flesch-Kincaid, 1975).",
        _say(_HARD_TEXT),
        _say("Some of you cannot pay by card. " * 8),
    ),
    Rule(
        "W15", "a sentence of more than thirty words", (_INFORMATION,),
        wording_reading.long_sentence,
        "Half of what it says is lost.",
        _say(_LONG_TEXT),
        _say("Some of you cannot sign in. We are looking into why."),
    ),
    Rule(
        "W16", "a stage or an impact that goes back without a word", (_WARNING,),
        wording_contradictions.went_back,
        "Who read that it is over must read that it came back.",
        _say("We are looking into failed payments.", "investigating"),
        _say("Payments fail again. We are looking into it.", "investigating"),
        _after("Payments work.", "resolved"), is_neutral=True,
    ),
    Rule(
        "W17", "another start than was told before", (_WARNING,),
        wording_contradictions.other_start,
        "Two times make both doubtful; one of them is corrected.",
        _say("Payments fail since 13:40 UTC."),
        _say("Payments fail since 14:05 UTC."),
        _after("Payments fail since 14:05 UTC."),
    ),
    Rule(
        "W18", "another share than was told before", (_INFORMATION,),
        wording_contradictions.other_share,
        "A number that changed is said to have changed.",
        _say("About 20% of payments fail."),
        _say("The share has risen: 20% of payments fail now."),
        _after("About 5% of payments fail."),
    ),
    Rule(
        "W19", "a service named before, of which nothing is said any more", (_WARNING,),
        wording_contradictions.service_gone,
        "It has not recovered because nobody names it.",
        _say("Payments are slow.", "identified", ("Payments",)),
        _say("Payments are slow. Sign-in works.", "identified", ("Payments",)),
        _after("Both are slow.", "identified", ("Payments", "Sign-in")), is_neutral=True,
    ),
    Rule(
        "W20", "a loss that was denied before, or the other way round", (_WARNING,),
        wording_contradictions.denied_before,
        "Nothing is quoted as often.",
        _say("Some data was lost."),
        _say("Some payments are late."),
        _after("No data was lost."),
    ),
    Rule(
        "W21", "what the scenario's statements forbid to claim", (_ERROR,),
        wording_claims.forbidden_claim,
        "Agreed in calm, with counsel.",
        _say("Your money is safe with us."),
        _say("We are checking every account."),
        Known(forbidden=("your money is safe",)), is_neutral=True,
    ),
    Rule(
        "W22", "no word on when the next update comes", (_INFORMATION,),
        wording_promises.no_next_update,
        "Whoever knows when to look again need not ask. Public updates, until it is over.",
        _say("We are looking into failed payments.", "investigating"),
        _say("We are looking into failed payments. Next update by 10:00 UTC.", "investigating"),
    ),
    Rule(
        "W23", "shouting", (_INFORMATION,), wording_tone.shouting,
        "Calm words are believed.",
        _say("Everything works again!"),
        _say("Everything works again."),
    ),
    Rule(
        "W24", "a blank or a placeholder nobody filled", (_ERROR,), wording_tone.unfilled,
        "It shows that nobody read it.",
        _say("Since {time} you cannot pay."),
        _say("Since 09:00 UTC you cannot pay."),
        is_neutral=True, is_everywhere=True,
    ),
)  # fmt: skip
