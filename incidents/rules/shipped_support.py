"""What support may say: shipped words in the voice of somebody who answers a customer."""

from incidents.rules.shipped_words import ANY, Shipped

# No time: not every level has a cadence for support, and a blank left open is copied as it stands.
_LATER = "I write to you again as soon as we know more."

SUPPORT_WORDS: tuple[Shipped, ...] = (
    Shipped(
        "What support may say", ANY, "support",
        "Thank you for telling us. Since {time}, {service} may not work as usual, and our engineers "
        f"are working on it. {_LATER}",
    ),
    Shipped(
        "What support may say: no news", ANY, "support",
        "We are still working on it. Since my last message there is nothing new that I can tell "
        f"you. {_LATER}",
        purpose="no_news",
    ),
    Shipped(
        "What support may say: it is over", ANY, "support",
        "What you noticed since {time} is over: you can use {service} again. If you still see "
        "trouble, please answer this message and tell me what you see.",
        purpose="over",
    ),
    Shipped(
        "A service is down", "service-down", "support",
        "Since {time}, {service} cannot be used. We are looking for the reason and working on a way "
        f"back. {_LATER}",
    ),
    Shipped(
        "Sign-in fails", "sign-in-failing", "support",
        "Since {time}, some customers cannot sign in. Please ask for a new password only if we tell "
        f"you to. If you are signed in on another device, please go on there. {_LATER}",
    ),
    Shipped(
        "Payments fail", "payments-failing", "support",
        "Since {time}, some payments are not completed. Please look whether you received a "
        "confirmation before you pay again. If an amount was booked twice, please send me both "
        f"dates, and I pass them on. {_LATER}",
    ),
    Shipped(
        "Data shown is wrong", "data-wrong", "support",
        "Since {time}, some of the data shown in {service} is not correct. Please do not decide "
        "anything on its basis yet. If you tell me what looks wrong to you, I pass it on. "
        + _LATER,
    ),
    Shipped(
        "Data may be lost", "data-loss-feared", "support",
        "Since {time}, some entries in {service} cannot be found. I cannot say yet whether yours "
        "can be restored. Please keep your own copies, and tell me which entries you miss. "
        + _LATER,
    ),
    Shipped(
        "Personal data may be exposed", "personal-data-concerned", "support",
        "We are investigating it, and I cannot say yet whether your data is concerned. If it is, you "
        "hear from us directly. Please do not give your password to anybody who asks for it, not "
        f"even in our name. {_LATER}",
    ),
)  # fmt: skip
