"""What somebody wrote, as paragraphs of HTML: escaped, in its own direction, our own links alive."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Nothing that a terminal or a mail client would obey; line breaks and tabs stay.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_GAP = re.compile(r"\n\s*\n")
_ENDS = ".,;:!?)]}>\"'"  # what closes a sentence and not an address


def clean(text: str) -> str:
    """The text without control characters, its lines ending as they do here."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def as_html(text: str) -> SafeString:
    """Paragraphs, each running as its first letter says: Hebrew from the right."""
    paragraphs = (one.strip("\n") for one in _GAP.split(text.strip()))
    return format_html_join(
        "\n",
        '<p dir="auto" style="margin: 0 0 16px">{}</p>',
        ((_paragraph(one),) for one in paragraphs if one),
    )


def _paragraph(text: str) -> SafeString:
    """A line over one of our addresses is the link; a line in capitals is a heading."""
    lines = text.split("\n")
    if len(lines) == 2 and _is_ours(lines[1]):
        return _link(lines[1], lines[0])
    if len(lines) == 1 and text.isupper():
        return format_html("<strong>{}</strong>", text)
    return format_html_join(SafeString("<br>\n"), "{}", ((_linked(line),) for line in lines))


def _linked(line: str) -> SafeString:
    """Only this site's addresses become links: whatever else somebody wrote stays words."""
    if settings.SITE_URL not in line:
        return format_html("{}", line)
    return format_html_join("", "{}", ((part,) for part in _parts(line)))


def _parts(line: str) -> Iterator[str]:
    at = 0
    for found in re.finditer(rf"{re.escape(settings.SITE_URL)}/\S*", line):
        url = found[0].rstrip(_ENDS)
        yield line[at : found.start()]
        yield _link(url, url)
        at = found.start() + len(url)
    yield line[at:]


def _link(url: str, text: str) -> SafeString:
    return format_html('<a href="{}" style="color: inherit">{}</a>', url, text)


def _is_ours(line: str) -> bool:
    return line.startswith(f"{settings.SITE_URL}/") and " " not in line
