"""Makes mkdocs read the documentation as GitHub does: links out of docs, and the names of headings."""

from pathlib import PurePosixPath
import posixpath
import re
from typing import Any

from pymdownx.slugs import slugify

REPOSITORY = "https://github.com/tesla-twc/ha-tesla-twc/blob/main/"


def on_config(config: Any) -> Any:
    """Let headings be called as on GitHub, so that one link leads to them in both places."""
    config["mdx_configs"].setdefault("toc", {})["slugify"] = slugify(case="lower")
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to files outside of docs to GitHub."""
    folder = PurePosixPath("docs", page.file.src_uri).parent

    def lead_out(link: re.Match[str]) -> str:
        target = posixpath.normpath(str(folder / link[1]))
        return link[0] if target.startswith("docs/") else f"]({REPOSITORY}{target}{link[2] or ''})"

    return re.sub(r"\]\((\.\./[^)#\s]+)(#[^)\s]*)?\)", lead_out, markdown)
