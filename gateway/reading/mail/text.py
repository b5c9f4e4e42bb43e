"""The text of a mail's part, as a person sees it."""

import re
from html import unescape

from gateway.reading.mail.controls import has_controls, write_controls
from gateway.reading.mail.hidden import may_hide, take_out_hidden
from gateway.reading.mail.mime import Part

_UUENCODED = re.compile(r"^begin [0-7]{3} .*?(?:^end\s*?$|\Z)", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,2000}>")
_STRUCK = re.compile(r"text-decoration(?:-line)?\s{0,3}:\s{0,3}line-through", re.IGNORECASE)
_TEL = re.compile(
    r"<a\b[^>]{0,400}\bhref\s{0,3}=\s{0,3}[\"']?tel:(?P<dials>[+\d().\s-]{8,30})[^>]{0,400}>"
    r"(?P<shown>.{1,300}?)</a>",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK_TAGS = ("section", "center", "dl", "dt", "dd", "form", "fieldset", "legend", "details", "summary")
# Private characters that stand where an older mail's quote begins and ends, until the marks are written.
_BEGIN, _END = "\ue000", "\ue001"
_QUOTE = re.compile(
    r"<blockquote\b(?=[^>]{0,400}(?:\bcite\b|quote|border-left\s{0,3}:(?!\s{0,3}(?:none|0))))[^>]{0,2000}>",
    re.IGNORECASE,
)
_ANY_QUOTE = re.compile(r"<(/?)blockquote\b[^>]{0,2000}>", re.IGNORECASE)


def part_text(part: Part, limit: int) -> str:
    """A text part's words, of at most `limit` bytes of it."""
    if part.content_type == "text/html":
        return html_text(part.text(limit))
    text = part.text(limit).replace("\r\n", "\n").replace("\r", "\n")
    if part.parameter("format").lower() == "flowed":
        text = unflowed(text, delsp=part.parameter("delsp").lower() == "yes")
    return _UUENCODED.sub("", text) if "\nend" in text else text


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Soft line breaks undone (RFC 3676, 4.2); quote marks stay in front of each paragraph."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        if depth == 0 or bare.startswith(" "):
            bare = bare[1:] if bare.startswith(" ") else bare
        signature = bare == "-- "
        soft = bare.endswith(" ") and not signature
        written = bare[:-1] if soft and delsp else bare
        if open_depth == depth and not signature:
            paragraphs[-1].append(written)
        else:
            paragraphs.append([">" * depth + (" " if depth else "") + written])
        open_depth = depth if soft else -1
    return "\n".join("".join(paragraph) for paragraph in paragraphs)


def html_text(html: str) -> str:
    """HTML as a person sees it; cells are parted by tabs, and a quoted mail has marks as in plain text."""
    # inscriptis brings lxml: loaded when the first HTML mail comes.
    from inscriptis import Inscriptis, get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement
    from lxml.etree import LxmlError  # type: ignore[import-untyped]
    from lxml.html import document_fromstring  # type: ignore[import-untyped]

    # Lists of terms and parts of forms stand on lines of their own, which inscriptis doesn't know.
    looks = CSS_PROFILES["relaxed"] | {tag: HtmlElement(display=Display.block) for tag in _BLOCK_TAGS}
    # What the writer has struck through is no longer said.
    looks |= {tag: HtmlElement(display=Display.none) for tag in ("s", "strike", "del")}
    html = _STRUCK.sub("display:none", html.replace("\x00", "").replace(_BEGIN, "").replace(_END, ""))
    html = _with_quotes_marked(_TEL.sub(_dialled, html))
    try:
        looked = ParserConfig(css=looks, table_cell_separator="\t")
        if may_hide(html) or has_controls(html):
            tree = document_fromstring(re.sub(r"\A\s*<\?xml [^>]{0,200}>", "", html))
            take_out_hidden(tree)
            write_controls(tree)
            text = str(Inscriptis(tree, looked).get_text())
        else:
            text = str(get_text(html, looked))
    except (LxmlError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        text = _TAG.sub(" ", html)
    return _quoted(text) if _BEGIN in text else text


def _dialled(link: re.Match[str]) -> str:
    """A link that dials another number than it shows, with both and a doubt: who taps it calls the other.

    One that shows no number ("bel hier") has its number behind it.
    """
    shown, dials = _figures(_TAG.sub("", unescape(link["shown"]))), _figures(link["dials"])
    differs = len(shown) >= 8 and len(dials) >= 8 and shown[-8:] != dials[-8:]
    if differs:
        return f"{link[0]} (of {link['dials']}, welke klopt)"
    return f"{link[0]} {link['dials']}" if not shown and len(dials) >= 8 else link[0]


def _figures(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _with_quotes_marked(html: str) -> str:
    """HTML with a mark at both ends of each blockquote that holds a quote, and not a mere indent."""
    if not _QUOTE.search(html):
        return html
    quotes: list[bool] = []

    def mark(tag: re.Match[str]) -> str:
        if not tag[1]:
            quotes.append(_QUOTE.match(tag[0]) is not None)
            return f"{tag[0]}<div>{_BEGIN}</div>" if quotes[-1] else tag[0]
        return f"<div>{_END}</div>{tag[0]}" if quotes and quotes.pop() else tag[0]

    return _ANY_QUOTE.sub(mark, html)


def _quoted(text: str) -> str:
    depth, lines = 0, []
    for line in text.split("\n"):
        depth += line.count(_BEGIN)
        bare = line.replace(_BEGIN, "").replace(_END, "")
        if bare.strip() or (_BEGIN not in line and _END not in line):
            lines.append(f"{'>' * min(depth, 40)} {bare.lstrip() if depth else bare}" if depth else bare)
        depth = max(depth - line.count(_END), 0)
    return "\n".join(lines)
