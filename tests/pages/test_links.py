"""The built pages as files: where their links lead, and what they tell search engines."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest


class Page(HTMLParser):
    """The addresses, anchors and descriptions in one page."""

    def __init__(self, path):
        super().__init__()
        self.addresses, self.anchors, self.described = set(), set(), {}
        self.repeated = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Note what the element points to and can be pointed at by."""
        given = dict(attrs)
        if tag != "base":
            self.addresses |= {given[name] for name in ("href", "src", "action") if given.get(name)}
        if given.get("id") in self.anchors:
            self.repeated.add(given["id"])
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "meta" and (name := given.get("name") or given.get("property")):
            self.described[name] = given["content"]


@pytest.fixture(scope="module")
def pages(built):
    """Every page that Sphinx wrote, read once."""
    paths = [
        path
        for folder in (built, built / "chapters", built / "course", built / "api")
        for path in folder.glob("*.html")
    ]
    return {path.resolve(): Page(path) for path in paths}


def test_every_link_inside_the_book_leads_somewhere(pages, built):
    broken = []
    for path, page in pages.items():
        for address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            exists = target.is_file() and target.is_relative_to(built.resolve())
            if exists and parts.fragment and target in pages:
                exists = unquote(parts.fragment) in pages[target].anchors
            if not exists:
                broken.append((path.name, address))
    assert broken == []


def test_no_anchor_stands_twice_on_a_page(pages):
    assert {path.name: page.repeated for path, page in pages.items() if page.repeated} == {}


def test_every_page_has_a_description_of_its_own(pages, built, root):
    described = {}
    for path, page in pages.items():
        if "og:title" in page.described:
            words = page.described["description"]
            assert 30 <= len(words) <= 301, path.name
            assert "\\" not in words, path.name
            assert page.described["og:description"] == words
            assert described.setdefault(words, path.name) == path.name
            card = page.described["og:image"].rpartition("_static/")[2]
            assert (built / "_static" / card).is_file()
    sources = {Path(name).stem for name in (root / "chapters").glob("[0-9]*.ipynb")}
    assert sources <= {Path(name).stem for name in described.values()}
