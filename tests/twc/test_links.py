"""Every link of the documentation leads somewhere: to a file that is there, and to a heading in it."""

from pathlib import Path
import re

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return what a page can be opened at, as GitHub makes it of its headings."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[^\w -]", "", words.lower()).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_its_links_lead_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)) if "://" not in link]
    for link in links:
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link


def test_the_pages_that_messages_lead_to_are_there() -> None:
    """Messages under Repairs lead to a page of the documentation, and to a heading in it."""
    package = REPOSITORY / "custom_components/tesla_twc"
    texts = [file.read_text(encoding="utf-8") for file in package.rglob("*.py")]
    links = {
        link
        for text in texts
        for link in re.findall(r'"(?:https://github\.com/\S+/docs/)?(\w+\.md#?[\w-]*)"', text)
    }
    assert len(links) > 10
    for link in links:
        name, _, anchor = link.partition("#")
        target = REPOSITORY / "docs" / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("anchor", ["the-red-light", "the-car-takes-no-current", "when-something-is-wrong"])
def test_what_earlier_versions_lead_to_is_still_there(anchor: str) -> None:
    """An owner who has not updated opens the newest page by the link of his version."""
    assert anchor in anchors(REPOSITORY / "docs/guide.md")


def test_every_page_is_in_the_navigation_of_the_site_once() -> None:
    settings = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"(\S+\.md)$", settings[settings.index("\nnav:") :], re.MULTILINE)
    pages = [
        str(page.relative_to(REPOSITORY / "docs"))
        for page in PAGES
        if page.is_relative_to(REPOSITORY / "docs")
    ]
    assert sorted(listed) == pages


def test_every_page_can_be_reached_from_the_first_one() -> None:
    """The readme of the repository leads to every page, in as many steps as it takes."""
    seen: set[Path] = set()
    ahead = [REPOSITORY / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen:
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", prose(page))
        ahead += [(page.parent / link).resolve() for link in links if "://" not in link]
    # The first page of the site lists the others, and the readme does so for GitHub.
    ours = {page for page in PAGES if page.is_relative_to(REPOSITORY / "docs")}
    assert ours - {REPOSITORY / "docs/README.md"} <= seen


def test_there_are_links_that_could_be_wrong() -> None:
    assert sum(prose(page).count("](") for page in PAGES) > 100
