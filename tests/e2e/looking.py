"""What can be said of a picture of the card without comparing pixels: where everything is, and what axe finds."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Locator, Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

BOXES = """card => {
  const root = card.shadowRoot, outer = card.getBoundingClientRect();
  return [...root.querySelectorAll('.node, .mode, .limit, .sentence, h2, h3:not(.unseen), table, svg')].map(e => {
    const {x, y, width, height} = e.getBoundingClientRect();
    const name = [e.tagName.toLowerCase(), e.getAttribute('class') ?? ''].join('.');
    return {name, x: Math.round(x - outer.x), y: Math.round(y - outer.y),
            width: Math.round(width), height: Math.round(height)};
  }).filter(one => one.width > 0);
}"""
"""Where each part of a card is, from its upper left corner."""

CUT_OFF = """card => [...card.shadowRoot.querySelectorAll('.name, .value, .detail, .mode span, .sentence, td, th, h3')]
  .filter(e => !e.classList.contains('unseen') && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
  .map(e => e.textContent.trim())"""
"""Texts that do not fit where they are."""

CUT_TILES = """() => {
  const inner = e => e.shadowRoot ? within(e.shadowRoot) : [];
  const within = root => [...root.querySelectorAll('*')].flatMap(e => [e, ...inner(e)]);
  const infos = within(document).filter(e => e.localName === 'ha-tile-info');
  const names = infos.flatMap(e => within(e.shadowRoot).concat(within(e)));
  return [infos.length, names.filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
    .map(e => e.textContent.trim())];
}"""
"""How many tiles a page has, and the texts on them that do not fit."""

AT_REST = """async () => {
  const within = root => [...root.querySelectorAll('*')].flatMap(e => e.shadowRoot ? roots(e.shadowRoot) : []);
  const roots = root => [root, ...within(root)];
  const fading = () => roots(document).flatMap(root => root.getAnimations()).some(one => one instanceof CSSTransition);
  const frame = () => new Promise(requestAnimationFrame);
  for (let still = 0; still < 3; still = fading() ? 0 : still + 1) await frame();
}"""
"""Comes back when no colour or place is on its way to another: a child begins to fade when its parent has."""


async def at_rest(page: Page) -> None:
    """Wait until a page has become what it is becoming: Home Assistant fades from light to dark."""
    await page.evaluate(AT_REST)


async def boxes(card: Locator) -> list[dict[str, Any]]:
    """Return where everything is on a card. Raises AssertionError where something sticks out, or lies on another."""
    found: list[dict[str, Any]] = await card.evaluate(BOXES)
    outer = await card.bounding_box()
    assert outer is not None
    for one in found:
        assert 0 <= one["x"] <= outer["width"] + 1 - one["width"], one
        assert 0 <= one["y"] <= outer["height"] + 1 - one["height"], one
    nodes = [one for one in found if one["name"].startswith(("button.node", "div.node", "button.mode"))]
    for number, one in enumerate(nodes):
        for other in nodes[number + 1 :]:
            assert not _overlap(one, other), (one, other)
    return found


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


async def cut_off(card: Locator) -> list[str]:
    """Return texts that do not fit where they are."""
    texts: list[str] = await card.evaluate(CUT_OFF)
    return texts


async def cut_tiles(page: Page) -> list[str]:
    """Return texts that do not fit on the tiles of a page. Raises AssertionError where there are no tiles."""
    count, texts = await page.evaluate(CUT_TILES)
    assert count, "the page has no tiles"
    found: list[str] = texts
    return found


async def complaints(page: Page, card: Locator) -> list[str]:
    """Return everything that axe has to say against a card, contrast included."""
    await page.evaluate(AXE)
    await at_rest(page)
    found = await card.evaluate("card => axe.run(card)")
    assert found["passes"], "axe saw nothing"
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
