"""What people wrote in Markdown, as HTML that cannot harm: raw HTML stays words, scripts nothing."""

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

# No images: a published page fetches nothing from anywhere. No headings: pages have their own.
_TAGS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "a", "blockquote", "hr"}
_SCHEMES = {"https", "http", "mailto"}
_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})


def as_html(text: str) -> SafeString:
    """The text as HTML of a few harmless tags; links open without telling where from."""
    rendered = _PARSER.render(text)
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return SafeString(clean)
