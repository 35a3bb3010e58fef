"""Plain functions that write iCalendar files for tests."""


def calendar(*events: str, method: str = "") -> bytes:
    """A calendar with these entries, as a program writes it."""
    said = f"METHOD:{method}\n" if method else ""
    body = "".join(events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n{said}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def event(*lines: str, uid: str = "one", summary: str = "Leave") -> str:
    """An entry of these lines, such as `DTSTART:20261224T090000Z`."""
    said = "".join(f"{line}\n" for line in lines)
    return f"BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{summary}\n{said}END:VEVENT\n"


def days(first: str, last: str, *lines: str, **fields: str) -> str:
    """Whole days, `last` exclusive."""
    return event(f"DTSTART;VALUE=DATE:{first}", f"DTEND;VALUE=DATE:{last}", *lines, **fields)
