"""The whole book in one file: what is printed, the print, and the zip."""

import re
import zipfile
from pathlib import Path

import offline
import pytest
from bs4 import BeautifulSoup
from place import place
from pypdf import PdfReader

# Sheets of one chapter, with its pictures and the code of its solutions.
SHEETS = range(8, 45)


@pytest.fixture(scope="module")
def whole(built, root):
    return offline.Whole(root)


@pytest.fixture(scope="module")
def print_source(whole):
    return BeautifulSoup(whole.html(), "html.parser")


@pytest.fixture(scope="module")
def pdf(built, root, request):
    """The printed book: as `make pdf` left it, or printed now if it is older than a page."""
    made = offline.printed(root)
    return PdfReader(made or offline.make_pdf(root, request.getfixturevalue("browser")))


def test_every_page_is_in_print_under_its_title(print_source, whole):
    articles = [article["id"] for article in print_source.select("article")]
    assert articles == [whole.anchor(name) for name in whole.names]
    listed = [link.get_text() for link in print_source.select(".lim-contents a")]
    assert listed == list(whole.titles.values())


def test_in_print_explorers_are_stills_and_nothing_is_folded(print_source):
    explorers = print_source.select(".lim-explorer")
    assert explorers
    assert all(len(explorer.select(".lim-view > svg")) == 1 for explorer in explorers)
    assert (
        print_source.select("article :is(script, input, select, button), details:not([open])") == []
    )


def test_in_print_solutions_stand_at_the_end_of_their_page_and_each_exercise_leads_there(
    print_source,
):
    for article in print_source.select("article:has(.solution)"):
        exercises = article.select(".exercise")
        *_, end = article.find_all("section", recursive=False)
        assert article.select(".solution") == end.select(".solution")
        assert [heading.get_text() for heading in end.select("h2")] == ["Solutions"]
        for exercise, solution in zip(exercises, end.select(".solution"), strict=True):
            assert exercise.select_one(".lim-solved a")["href"] == f"#{solution['id']}"
            assert solution.select_one(".admonition-title a")["href"] == f"#{exercise['id']}"


def test_code_that_prepares_or_draws_is_not_printed(print_source):
    assert print_source.select(".lim-plumbing")
    assert print_source.select(".lim-plumbing .cell_input") == []
    assert len(print_source.select(".cell_input")) > 100


def test_links_in_print_lead_to_one_place_inside_or_outside(print_source):
    names = [element["id"] for element in print_source.select("[id]")]
    assert len(names) == len(set(names))
    inner = {link["href"] for link in print_source.select("a[href]")}
    inner = {link for link in inner if not link.startswith(("http://", "https://"))}
    assert len(inner) > 100
    assert inner <= {f"#{name}" for name in names}


def test_pictures_in_print_exist(print_source, built):
    sources = {image["src"] for image in print_source.select("img")}
    files = {source for source in sources if not source.startswith("data:")}
    assert files
    assert all((built.parent / file).is_file() for file in files)


def flat(outline):
    """Every entry of an outline, those below others too."""
    for entry in outline:
        yield from flat(entry) if isinstance(entry, list) else [entry]


def test_the_pdf_says_what_it_is_and_whose(pdf, whole):
    assert (pdf.metadata.title, pdf.metadata.author) == (
        whole.config["title"],
        whole.config["author"],
    )


def test_the_pdf_has_an_outline_of_all_its_headings(pdf, print_source):
    headings = print_source.select("article :is(h1, h2, h3, h4)")
    expected = [heading.get_text() for heading in headings if not heading.select(".math")]
    found = {" ".join(entry.title.split()) for entry in flat(pdf.outline)}
    assert {" ".join(heading.split()) for heading in expected} <= found


def test_every_chapter_fills_a_sane_number_of_sheets(pdf, whole):
    places = [pdf.named_destinations["/" + whole.anchor(name)] for name in whole.names]
    begins = [pdf.get_destination_page_number(place) for place in places]
    ends = [*begins[1:], len(pdf.pages)]
    assert begins == sorted(begins)
    for name, begin, end in zip(whole.names, begins, ends, strict=True):
        if Path(name).name[0].isdigit():
            assert end - begin in SHEETS, name


def test_the_contents_name_the_sheets_on_which_pages_begin(pdf, whole):
    contents = " ".join(pdf.pages[1].extract_text().split())
    for name, title in whole.titles.items():
        sheet = 1 + pdf.get_destination_page_number(
            pdf.named_destinations["/" + whole.anchor(name)]
        )
        assert re.search(rf"{re.escape(title)} ?{sheet}\b", contents), title
        assert title[:20] in " ".join(pdf.pages[sheet - 1].extract_text().split())


def test_the_text_of_the_pdf_can_be_searched_and_its_links_stay_inside(pdf):
    text = pdf.pages[6].extract_text()
    assert len(text.split()) > 50
    actions = [
        note.get_object().get("/A", {}).get("/URI", "")
        for page in pdf.pages
        for note in page.get("/Annots", [])
    ]
    assert not [address for address in actions if address.startswith("file:")]
    assert "/JavaScript" not in pdf.trailer["/Root"].get("/Names", {})


def test_the_zip_holds_every_page_and_what_it_needs(built, root, whole):
    with zipfile.ZipFile(offline.make_zip(root)) as archive:
        assert archive.testzip() is None
        names = {name.removeprefix(f"{offline.NAME}/") for name in archive.namelist()}
    assert {"index.html", *map(place, whole.names)} <= names
    needed = {path for path in (built / "_static").rglob("*") if path.is_file()}
    assert {path.relative_to(built).as_posix() for path in needed} <= names
