"""The keyboard, for whoever has nothing else: no test puts the focus where nobody could have brought it."""

from playwright.sync_api import Locator, Page

MOST = 200
"""More presses than any of our pages takes."""

STOPS = """() => {
  const all = "a[href], button, input, select, textarea, summary, [tabindex]";
  const found = [...document.querySelectorAll(all)].filter(one => one.checkVisibility() && !one.disabled);
  const stops = found.filter(one => one.type !== "radio" && one.getAttribute("tabindex") !== "-1");
  stops.forEach((one, number) => { one.dataset.stop = number; });
  return stops.map(one => one.outerHTML.slice(0, 120));
}"""
HERE = """() => {
  const one = document.activeElement, look = getComputedStyle(one);
  // Of a part inside a field, such as the calendar of a date, the browser shows that it has the focus.
  const inside = one.matches(":focus-within:not(:focus)");
  const seen = inside || (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0);
  return [one.dataset.stop ?? null, seen];
}"""


def tab_to(page: Page, there: Locator) -> None:
    """Go somewhere by the tab key alone."""
    assert there.count() == 1, f"{page.url} has no {there}"
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if there.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"no tab leads to {there}")


def walk(page: Page) -> None:
    """Fail unless the tab key, from the top, leads past all that can be used, and shows where it is."""
    stops, passed = page.evaluate(STOPS), list[int]()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        stop, seen = page.evaluate(HERE)
        if stop is None:
            break
        assert seen, f"{page.url} shows no focus on {stops[int(stop)]}"
        # A field for a date has a stop for each of its parts.
        if int(stop) not in passed[-1:]:
            passed.append(int(stop))
    missed = [one for number, one in enumerate(stops) if number not in passed]
    assert not missed, f"{page.url}: no tab leads to {missed}"
    assert passed == sorted(passed), f"{page.url}: the tab key jumps about"
