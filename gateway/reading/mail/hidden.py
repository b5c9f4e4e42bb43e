"""Text that HTML holds and nobody sees: preheaders, zero sizes, white on white.

It promises that hidden text is taken out before the mail is read, and to leave alone whatever may be seen.
"""

import re
from collections.abc import Iterator
from typing import Any

# HTML without any of these hides nothing: it isn't gone through.
_MAY_HIDE = re.compile(
    r"hid|opacity|(?:size|height|width)\W{1,6}0|display\W{1,6}none|white|snow|#f|rgba?\(", re.IGNORECASE
)
_NONE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|opacity\s*:\s*0*(?:\.0+)?%?\s*(?:!important\s*)?(?:;|$))"
)
_SIZE = re.compile(r"(?:^|;)\s*font(?:-size)?\s*:\s*([^;!]+)")
_NOTHING = re.compile(r"0*(?:\.0+)?(?:px|pt|em|rem|%)?\s*")
_FLAT = re.compile(
    r"(?:^|;)\s*(?:max-)?(?:height|width)\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:!important\s*)?(?:;|$)"
)
_CUT = re.compile(r"(?:^|;)\s*overflow\s*:\s*hidden")
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)")
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_WHITE = re.compile(
    r"(?:white|snow|#f[a-f0-9]f[a-f0-9]f[a-f0-9]|#fff"
    r"|rgba?\(\s*25[0-5]\s*,\s*25[0-5]\s*,\s*25[0-5]\s*(?:,\s*[\d.]+\s*)?\))"
)
_CLEAR = frozenset({"transparent", "none", "inherit", "initial"})
_COMMENT = re.compile(r"/\*.{0,2000}?\*/|<!--|-->", re.DOTALL)
_CLASS_RULE = re.compile(r"(?:^|})([^{}@]{1,300})\{([^{}]{0,2000})(?=})")
_ONE_MARK = re.compile(r"[\w-]*[.#][\w-]+")
_DEPTH = 200


def may_hide(html: str) -> bool:
    """Whether a page is worth going through."""
    return _MAY_HIDE.search(html) is not None


def take_out_hidden(tree: Any) -> None:
    """Takes what nobody sees out of a parsed page."""
    rules = _rules(tree)
    told = "\n".join(str(style.text or "") for style in tree.iter("style"))
    # Where a style sheet paints, nobody knows on which ground a colour stands.
    painted = "background" in told
    for each in list(_hidden(tree, rules, "", "" if painted else "white", 0)):
        _take_out(each)


def _rules(tree: Any) -> dict[str, str]:
    """What the style sheets say of single classes and ids, outside any "@media"."""
    rules: dict[str, str] = {}
    for style in tree.iter("style"):
        sheet = _COMMENT.sub("", str(style.text or "")[:100_000]).lower()
        for names, said in _CLASS_RULE.findall(_without_conditions(sheet)):
            for name in names.split(","):
                if _ONE_MARK.fullmatch(name.strip()):
                    mark = re.sub(r"\A[\w-]*(?=[.#])", "", name.strip())
                    rules[mark] = f"{rules.get(mark, '')};{said}"
    return rules


def _without_conditions(sheet: str) -> str:
    """A style sheet without its blocks that begin with "@"."""
    kept, depth, skipped = [], 0, False
    for piece in re.split(r"([{}])", sheet):
        if depth == 0 and piece not in "{}":
            skipped = piece.lstrip().startswith("@")
        if not skipped:
            kept.append(piece)
        depth = max(depth + (piece == "{") - (piece == "}"), 0)
    return "".join(kept)


def _hidden(
    element: Any, rules: dict[str, str], colour: str, ground: str, depth: int, sizeless: bool = False
) -> Iterator[Any]:
    """The outermost elements that aren't seen; `ground` is empty where it isn't known.

    `sizeless` says that it stands in one of no size whose pieces were looked through: once is enough.
    """
    if not isinstance(element.tag, str) or depth > _DEPTH:
        return
    said = _said_of(element, rules)
    if element.get("hidden") is not None or _NONE.search(said) or (_FLAT.search(said) and _CUT.search(said)):
        yield element
        return
    if (size := _SIZE.search(said)) and _NOTHING.fullmatch(size[1]):
        if not sizeless and not any(
            _SIZE.search(_said_of(inner, rules)) for inner in element.iterdescendants("*")
        ):
            yield element
            return
        # A cell of no size around pieces with sizes of their own: only what stands between them isn't seen.
        element.text, sizeless = None, True
    painted = _GROUND.search(said)
    named = painted[1].strip() if painted else (element.get("bgcolor") or "").strip().lower()
    if element.get("background"):
        ground = ""
    elif named and named not in _CLEAR:
        ground = "white" if _WHITE.fullmatch(named) else ""
    written = _COLOUR.search(said)
    colour = written[1].strip() if written else (element.get("color") or colour).strip().lower()
    if ground == "white" and _WHITE.fullmatch(colour) and not len(element):
        yield element
        return
    for child in element:
        yield from _hidden(child, rules, colour, ground, depth + 1, sizeless)


def _said_of(element: Any, rules: dict[str, str]) -> str:
    marks = [f".{name}" for name in (element.get("class") or "").lower().split()]
    marks += [f"#{element.get('id').lower()}"] if element.get("id") else []
    said = [rules[mark] for mark in marks if mark in rules]
    return ";".join([*said, (element.get("style") or "").lower()])


def _take_out(element: Any) -> None:
    """Empties an element; what stands behind it is kept."""
    element.clear(keep_tail=True)
