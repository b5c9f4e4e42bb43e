"""What a form in HTML says by how it looks: boxes, buttons, lists to choose from, fields, marks in Wingdings.

It promises that a box stands in the text as a sign, ticked or not; that a list of options shows what was
chosen of it, or each option beside an empty box; and that nothing which only waits to be pressed is said.
"""

import re
from typing import Any

EMPTY, TICKED = "☐", "☑"

_CONTROL = re.compile(r"<(?:input|select|button)\b|aria-checked|wingdings", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b[^>]{0,2000}\b(?:alt|src)\s{0,3}=", re.IGNORECASE)
_STRUCK = re.compile(r"<(?:s|strike|del)\b[^>]{0,400}>|line-through", re.IGNORECASE)
_NO = frozenset({"false", "no", "nee", "off", "0", "unchecked"})
_SAID = frozenset({"text", "tel", "email", "number", "date", "time", "datetime-local", "search", "url"})
_WINGDINGS = {
    **dict.fromkeys("oq¨\uf06f\uf071\uf0a8", EMPTY),
    **dict.fromkeys("xþüý\uf078\uf0fe\uf0fc\uf0fd", TICKED),
    **dict.fromkeys("J\uf04a", "☺"),
}
_WINGDINGS_2 = {
    **dict.fromkeys("£*\uf0a3\uf02a", EMPTY),
    **dict.fromkeys("RQTSPO\uf052\uf051\uf054\uf053\uf050\uf04f", TICKED),
}
_BOX_NAME = re.compile(r"check_?-?box|unchecked|radio_?-?button|aangevinkt|vinkvak", re.IGNORECASE)


def shows_by_look(html: str) -> bool:
    """Whether HTML says something that its plain alternative may have lost: a control, or struck words."""
    return bool(_CONTROL.search(html) or _STRUCK.search(html))


def has_controls(html: str) -> bool:
    """Whether a page is worth going through."""
    return bool(_CONTROL.search(html) or _PICTURE.search(html))


def write_controls(tree: Any) -> None:
    """Puts what each control says into the text of a parsed page."""
    for each in list(tree.iter("input", "select", "button", "img", "textarea")):
        said = {"input": _of_input, "select": _of_select, "img": _of_picture}.get(each.tag, _of_nothing)(each)
        if said:
            each.tail = f" {said} {each.tail or ''}"
            if each.tag == "select":
                _empty(each)
    for each in list(tree.iter()):
        if not isinstance(each.tag, str) or each.tag in ("input", "select"):
            continue
        if (state := each.get("aria-checked")) is not None:
            each.text = f" {TICKED if state.strip().lower() == 'true' else EMPTY} {each.text or ''}"
        elif each.tag == "button":
            each.text = f" {EMPTY} {each.text or ''}"
        elif each.text and (drawn := _drawn(each)):
            each.text = f" {drawn} "


def _empty(element: Any) -> None:
    element.clear(keep_tail=True)


def _of_nothing(element: Any) -> str:
    return ""


def _of_input(element: Any) -> str:
    kind = (element.get("type") or "text").strip().lower()
    if kind in ("checkbox", "radio"):
        ticked = element.get("checked") is not None and element.get("checked").strip().lower() not in _NO
        return TICKED if ticked else EMPTY
    return (element.get("value") or "").strip() if kind in _SAID else ""


def _of_select(element: Any) -> str:
    options = list(element.iter("option"))
    chosen = [each for each in options if each.get("selected") is not None]
    mark = "" if chosen else f"{EMPTY} "
    return ", ".join(f"{mark}{''.join(each.itertext()).strip()}" for each in chosen or options)


def _of_picture(element: Any) -> str:
    """A picture of a sign is that sign; one of a box says by its name whether it is ticked."""
    shown = (element.get("alt") or "").strip()
    if 0 < len(shown) <= 8 and not any(each.isalnum() or each.isascii() for each in shown):
        return shown
    name = f"{shown} {(element.get('src') or '')[-200:].rpartition('/')[2]}"
    return EMPTY if _BOX_NAME.search(name) else ""


def _drawn(element: Any) -> str:
    """What one letter in a font of signs looks like."""
    style = f"{element.get('style') or ''};{element.get('face') or ''}".lower()
    if "wingdings" not in style:
        return ""
    signs = _WINGDINGS_2 if re.search(r"wingdings\s?2", style) else _WINGDINGS
    return signs.get(element.text.strip(), "")
