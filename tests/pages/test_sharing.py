"""What others see of the book before they open it, and how they find it and cite it."""

import mimetypes
from types import SimpleNamespace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import addresses
import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image
from pybtex.database import parse_string

FOOT = '<footer class="bd-footer-content">'
ADDRESS = "https://example.org/book/"


@pytest.fixture(scope="module")
def soups(built):
    """The heads and feet of the pages, by their path."""
    paths = [*built.glob("*.html"), *built.glob("chapters/*.html"), *built.glob("course/*.html")]
    read = {}
    for path in paths:
        page = path.read_text(encoding="utf-8")
        if 'http-equiv="refresh"' not in page:
            ends = page[: page.find("</head>")] + page[page.find(FOOT) :]
            read[path] = BeautifulSoup(ends, "html.parser")
    return read


def test_the_root_is_the_front_page(built):
    page = (built / "index.html").read_text(encoding="utf-8")
    assert "How little energy can it take to learn?" in page
    assert "http-equiv" not in page


def test_the_old_address_of_the_front_page_leads_to_it(browser, built):
    tab = browser.new_page()
    tab.goto((built / "chapters" / "index.html").as_uri())
    tab.wait_for_url((built / "index.html").as_uri())
    assert tab.locator("article h1").count() == 1
    tab.close()


def test_each_chapter_has_a_card_of_its_own(soups, built):
    shown = {}
    for path, soup in soups.items():
        if image := soup.find("meta", property="og:image"):
            card = built / "_static" / image["content"].rpartition("_static/")[2]
            with Image.open(card) as picture:
                assert picture.size == (1200, 630)
            assert card.stat().st_size < 100_000
            if path.parent.name == "chapters":
                assert shown.setdefault(card.read_bytes(), path) == path
    assert len(shown) > 3


def test_every_page_says_how_to_cite_it(soups, root):
    record = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    for path, soup in soups.items():
        fold = soup.select_one(".lim-cite")
        assert record["version"] in fold.p.get_text(), path
        (entry,) = parse_string(fold.pre.get_text(), "bibtex").entries.values()
        assert entry.fields["title"] == record["title"]
        assert f"version {record['version']} of" in entry.fields["note"]
        assert entry.fields["year"] in entry.fields["note"]


def test_every_page_leads_to_the_index_of_names(soups, built):
    assert (built / "genindex.html").is_file()
    for path, soup in soups.items():
        leads = soup.select_one("footer a[href$='genindex.html']")
        assert leads or path.name == "genindex.html", path


@pytest.mark.parametrize("depth", ["", "chapters/", "some/where/else/"])
def test_a_missing_page_is_answered_at_any_depth(browser, built, depth):
    """As a server does it that sends ``404.html`` for what it has not."""
    missing = BeautifulSoup((built / "404.html").read_text(encoding="utf-8"), "html.parser")
    base = missing.base["href"]

    def answer(route):
        path = built / urlsplit(route.request.url).path.removeprefix(base).lstrip("/")
        found = path if path.is_file() else built / "404.html"
        kind = mimetypes.guess_type(found)[0]
        route.fulfill(
            body=found.read_bytes(), content_type=kind, status=200 if path == found else 404
        )

    context = browser.new_context()
    context.route("**", answer)
    tab = context.new_page()
    tab.goto(f"http://book.test{base}{depth}nothing.html")
    assert tab.locator("article h1").inner_text() == "No such page"
    assert tab.locator("article").evaluate("e => getComputedStyle(e).maxWidth") != "none"
    tab.locator("article a").first.click()
    assert "How little energy" in tab.locator("article h1").inner_text()
    context.close()


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_search_engines_are_told_whole_addresses_or_none(tmp_path, address):
    names = {addresses.FRONT, "chapters/glossary"}
    builder = SimpleNamespace(name="html", get_target_uri=addresses.place)
    config = SimpleNamespace(html_baseurl=address, html_title="Book")
    app = SimpleNamespace(
        outdir=tmp_path, builder=builder, config=config, env=SimpleNamespace(all_docs=names)
    )
    (tmp_path / "chapters").mkdir()
    addresses.write_signposts(app, None)
    robots = (tmp_path / "robots.txt").read_text(encoding="utf-8")
    assert robots.startswith("User-agent: *\nAllow: /\n")
    if address:
        sitemap = ElementTree.parse(tmp_path / "sitemap.xml")
        assert {each.text for each in sitemap.iterfind(".//{*}loc")} == {
            address,
            f"{address}chapters/glossary.html",
        }
        assert f"Sitemap: {address}sitemap.xml" in robots
    else:
        assert not (tmp_path / "sitemap.xml").exists()


def test_without_an_address_no_page_claims_one(soups):
    for path, soup in soups.items():
        if link := soup.find("link", rel="canonical"):
            image = soup.find("meta", property="og:image")
            assert link["href"].startswith("https://"), path
            assert not image or image["content"].startswith("https://"), path
