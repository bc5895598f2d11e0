"""Looking at the house's pages in a real browser, signed in as the owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil
import time
from typing import Literal

from playwright.async_api import Page, async_playwright

from .client import Client

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
READY = """() => {
  const main = document.querySelector('home-assistant')?.shadowRoot?.querySelector('home-assistant-main');
  return main?.shadowRoot?.querySelector('partial-panel-resolver')?.firstElementChild
    && !document.querySelector('#ha-launch-screen');
}"""
"""Becomes true when the launch screen has made way for a panel."""


def find_browser() -> str | None:
    """Return a Chromium of this machine, if it has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def open_browser(
    url: str,
    client: Client,
    *,
    width: int = 1280,
    height: int = 900,
    service_workers: Literal["allow", "block"] = "allow",
) -> AsyncIterator[Page]:
    """Yield a page on which the owner of ``client`` is signed in.

    With its service worker, the page of 2026.10 loads itself anew soon after a browser has opened it first.
    """
    tokens = client.tokens
    remembered = {
        "access_token": tokens["access_token"],
        "refresh_token": tokens["refresh_token"],
        "token_type": "Bearer",
        "expires_in": tokens["expires_in"],
        "expires": int((time.time() + tokens["expires_in"]) * 1000),
        "hassUrl": url,
        "clientId": f"{url}/",
        "ha_auth_provider": "homeassistant",
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=[*FLAGS])
        context = await browser.new_context(
            base_url=url, viewport={"width": width, "height": height}, service_workers=service_workers
        )
        page = await context.new_page()
        page.set_default_timeout(120_000)
        await page.add_init_script(
            f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(remembered))})"
        )
        yield page
        await browser.close()


async def visit(page: Page, path: str) -> None:
    """Open a page of the house and wait until it shows something."""
    await page.goto(path, wait_until="domcontentloaded")
    await page.wait_for_function(READY)


async def shoot(page: Page, file: Path) -> None:
    """Photograph a page, once its cards have had time to draw themselves."""
    await page.mouse.move(0, 0)  # over nothing that would light up
    await page.wait_for_timeout(2500)
    await page.screenshot(path=file)
