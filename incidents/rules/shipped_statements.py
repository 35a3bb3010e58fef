"""Holding statements that ship: first words for troubles any company may have.

Written to hold whatever the cause turns out to be: what customers see, since when, what they can
do, when the next word comes. No cause, no fault, no promise of when it is over, no safety nobody
has verified. They come as drafts: each company's own people change, sign off and approve them.
"""

from dataclasses import dataclass

from incidents.rules.shipped_support import SUPPORT_WORDS
from incidents.rules.shipped_words import ANY, Shipped


@dataclass(frozen=True, slots=True)
class ShippedScenario:
    """One trouble these words are meant for."""

    slug: str
    name: str
    description: str


SCENARIOS: tuple[ShippedScenario, ...] = (
    ShippedScenario("service-down", "A service is down", "Customers cannot use it at all."),
    ShippedScenario("service-slow", "A service is slow", "It works, but customers wait."),
    ShippedScenario("errors-for-some", "Errors for some", "Some customers or requests fail."),
    ShippedScenario("sign-in-failing", "Sign-in fails", "Customers cannot reach their accounts."),
    ShippedScenario("payments-failing", "Payments fail", "Payments are declined or time out."),
    ShippedScenario("data-late", "Data arrives late", "What is shown is older than it should be."),
    ShippedScenario("data-wrong", "Data shown is wrong", "Customers see figures that are not so."),
    ShippedScenario("data-loss-feared", "Data may be lost", "Entries are missing, or may be."),
    ShippedScenario(
        "security-investigated", "A security event is investigated",
        "Something happened that should not; what it means is not known yet.",
    ),
    ShippedScenario(
        "personal-data-concerned", "Personal data may be exposed",
        "Somebody may have seen data of persons that was not meant for them.",
    ),
    ShippedScenario("provider-trouble", "A provider has trouble", "Somebody we depend on fails."),
    ShippedScenario("place-unreachable", "A region is unreachable", "A site or network is gone."),
    ShippedScenario("certificate-refused", "A certificate is refused", "Clients do not connect."),
    ShippedScenario("work-overran", "Planned work overran", "Announced work is not finished yet."),
    ShippedScenario("too-much-demand", "More demand than capacity", "Customers are turned away."),
    ShippedScenario("mail-undelivered", "Our e-mail does not arrive", "Messages are late or lost."),
    ShippedScenario("app-failing", "The mobile app fails", "It closes, or does not open."),
    ShippedScenario("api-errors", "The API answers with errors", "Programs of customers fail."),
)  # fmt: skip

_NO_TIME = ("will be fixed by", "back within", "back to normal soon")
_NO_LOSS = ("no data was lost", "your data is safe", "no data is affected")
_NO_ACCESS = ("no unauthorised access", "your data is safe", "no evidence of misuse")
_NEXT = "Next update by {next_update}."

_PUBLIC: tuple[Shipped, ...] = (
    Shipped(
        "A service is down", "service-down", "public",
        "Since {time}, customers cannot use {service}. We are looking for the reason and working "
        f"on a way back. {_NEXT}",
        forbidden=_NO_TIME,
    ),
    Shipped(
        "A service is slow", "service-slow", "public",
        "Since {time}, {service} may answer more slowly than usual. If a page does not load, "
        f"please wait a moment before you try again. {_NEXT}",
        forbidden=_NO_TIME,
    ),
    Shipped(
        "Errors for some", "errors-for-some", "public",
        "Since {time}, some customers see errors when they use {service}. We are finding out who is "
        f"affected. {_NEXT}",
        forbidden=(*_NO_TIME, "only a few customers"),
    ),
    Shipped(
        "Sign-in fails", "sign-in-failing", "public",
        "Since {time}, customers may not be able to sign in. If you are signed in already, "
        f"please stay signed in. {_NEXT}",
        forbidden=(*_NO_TIME, "your account is safe"),
    ),
    Shipped(
        "Payments fail", "payments-failing", "public",
        "Since {time}, some payments through {service} are declined or not completed. Before you "
        f"pay again, please check whether the first payment was confirmed. {_NEXT}",
        forbidden=(*_NO_TIME, "nobody was charged twice", "no money is lost"),
    ),
    Shipped(
        "Data arrives late", "data-late", "public",
        "Since {time}, new data reaches {service} later than usual. What you see may be out of "
        f"date. {_NEXT}",
        forbidden=(*_NO_TIME, *_NO_LOSS),
    ),
    Shipped(
        "Data shown is wrong", "data-wrong", "public",
        "Since {time}, some of the data shown in {service} is not correct. Please do not rely on "
        f"it for decisions until we say that it is right again. {_NEXT}",
        forbidden=(*_NO_TIME, *_NO_LOSS, "only a display error"),
    ),
    Shipped(
        "Data may be lost", "data-loss-feared", "public",
        "Since {time}, some entries made in {service} cannot be found. We are checking what can be "
        f"restored. Please keep your own copies and do not delete anything. {_NEXT}",
        forbidden=(*_NO_TIME, *_NO_LOSS, "everything will be restored"),
    ),
    Shipped(
        "A security event is investigated", "security-investigated", "public",
        "We are investigating a security event that concerns {service}. We know of it since "
        "{time}. We share what we have confirmed, and nothing before. If there is something for "
        f"you to do, we say so here. {_NEXT}",
        forbidden=(*_NO_ACCESS, "sophisticated attack", "fully contained"),
    ),
    Shipped(
        "Personal data may be exposed", "personal-data-concerned", "public",
        "We are investigating whether personal data was seen by people it was not meant for. We "
        "know of it since {time}. Those concerned hear from us directly. Please be careful with "
        f"messages that ask for your password or for payment details. {_NEXT}",
        forbidden=(*_NO_ACCESS, "only names", "no financial data"),
    ),
    Shipped(
        "A provider has trouble", "provider-trouble", "public",
        "Since {time}, {service} may not work as usual. A company we depend on has trouble, and we "
        f"are in touch with it. We are looking for other ways to serve you meanwhile. {_NEXT}",
        forbidden=(*_NO_TIME, "not our fault", "outside our control"),
    ),
    Shipped(
        "A region is unreachable", "place-unreachable", "public",
        "Since {time}, customers in some places cannot reach {service}. We are looking for "
        f"another way for their connections, and errors may occur meanwhile. {_NEXT}",
        forbidden=(*_NO_TIME, *_NO_LOSS),
    ),
    Shipped(
        "A certificate is refused", "certificate-refused", "public",
        "Since {time}, some browsers and programs refuse to connect to {service}. Please do not "
        f"switch off their warnings to get around it. {_NEXT}",
        forbidden=(*_NO_TIME, "ignore the warning"),
    ),
    Shipped(
        "Planned work overran", "work-overran", "public",
        "The work we announced for {service} takes longer than planned. Until it is finished, "
        f"{{service}} cannot be used as usual. {_NEXT}",
        forbidden=_NO_TIME,
    ),
    Shipped(
        "More demand than capacity", "too-much-demand", "public",
        "Since {time}, more people use {service} than it can serve at once. Some are asked to "
        f"wait. We are working on making room. {_NEXT}",
        forbidden=(*_NO_TIME, "victim of our success"),
    ),
    Shipped(
        "Our e-mail does not arrive", "mail-undelivered", "public",
        "Since {time}, e-mails from us may arrive late or not at all. Please look in your account "
        f"instead of waiting for a message. {_NEXT}",
        forbidden=(*_NO_TIME, "check your spam folder"),
    ),
    Shipped(
        "The mobile app fails", "app-failing", "public",
        "Since {time}, our mobile app may close or not open for some customers. Please do not "
        f"remove the app: entries kept on the phone could be lost with it. {_NEXT}",
        forbidden=(*_NO_TIME, "reinstall"),
    ),
    Shipped(
        "The API answers with errors", "api-errors", "public",
        "Since {time}, some requests that programs send to {service} fail. Please send a failed "
        f"request again only if it is safe to repeat, and with growing pauses. {_NEXT}",
        forbidden=(*_NO_TIME, *_NO_LOSS),
    ),
)  # fmt: skip

_GENERAL: tuple[Shipped, ...] = (
    Shipped(
        "Something is wrong", ANY, "public",
        "Since {time}, {service} may not work as usual. We are looking into it. " + _NEXT,
        forbidden=_NO_TIME,
    ),
    Shipped(
        "No news", ANY, "public",
        "We are still working on {service}, and there is nothing new to report. What we said "
        f"before still holds. {_NEXT}",
        purpose="no_news",
    ),
    Shipped(
        "No news", ANY, "customers",
        "We are still working on {service}. Since our last message nothing has changed for you. "
        + _NEXT,
        purpose="no_news",
    ),
    Shipped(
        "No news", ANY, "executive",
        "{reference} ({severity}): nothing new since the last update. The work goes on, and no "
        f"decision is needed from you now. {_NEXT}",
        purpose="no_news",
    ),
    Shipped(
        "No news", ANY, "internal",
        f"{{reference}} ({{severity}}): no news since the last update. The work goes on. {_NEXT}",
        purpose="no_news",
    ),
    Shipped(
        "It gets better", ANY, "public",
        "More customers can use {service} again. We are watching closely, since it may still get "
        f"worse. {_NEXT}",
        purpose="progress",
    ),
    Shipped(
        "It is over", ANY, "public",
        "{service}: the trouble that began at {time} is over. We are finding out what led to it. If "
        "you still notice something, please tell our support.",
        purpose="over",
        forbidden=("will not happen again", "never happen again"),
    ),
    Shipped(
        "To all colleagues", ANY, "internal",
        "{reference} ({severity}) since {time}: {service}. Please leave questions to customers and "
        "the press to the communications lead, and send what you notice to the incident. " + _NEXT,
    ),
    Shipped(
        "To the executives", ANY, "executive",
        "{reference} ({severity}) since {time}: {service}. The response has begun. Please speak "
        "outside only with the words we publish. " + _NEXT,
    ),
    Shipped(
        "A security event: to the executives", "security-investigated", "executive",
        "{reference} ({severity}) since {time}: a security event is being investigated. It concerns "
        "{service}. Legal counsel is asked. Please say and write nothing about its cause or extent "
        f"until both are confirmed. {_NEXT}",
        forbidden=_NO_ACCESS,
    ),
    Shipped(
        "Personal data: to the executives", "personal-data-concerned", "executive",
        "{reference} ({severity}) since {time}: personal data may be exposed. It concerns "
        "{service}. Legal counsel decides whether notice is owed, and to whom. Please say nothing "
        f"outside before that. {_NEXT}",
        forbidden=_NO_ACCESS,
    ),
    Shipped(
        "A service is down: to customers", "service-down", "customers",
        "Since {time}, you cannot use {service}. We are looking for the reason and working on a "
        f"way back. Our reference is {{reference}}. {_NEXT}",
        forbidden=_NO_TIME,
    ),
    Shipped(
        "Data may be lost: to customers", "data-loss-feared", "customers",
        "Since {time}, some entries made in {service} cannot be found. We are checking what can be "
        "restored, and tell you whether yours are among them. Please keep your own copies. Our "
        f"reference is {{reference}}. {_NEXT}",
        forbidden=(*_NO_TIME, *_NO_LOSS),
    ),
    Shipped(
        "Personal data: to customers", "personal-data-concerned", "customers",
        "We are investigating whether data you entrusted to us was seen by people it was not meant "
        "for. We know of it since {time}. It concerns {service}. We tell you what we confirm, and "
        f"what it means for the duties you have. Our reference is {{reference}}. {_NEXT}",
        forbidden=_NO_ACCESS,
    ),
)  # fmt: skip

STATEMENTS: tuple[Shipped, ...] = (*_PUBLIC, *_GENERAL, *SUPPORT_WORDS)
