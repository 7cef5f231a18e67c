"""The whole book in one file: as a PDF, or as its pages in a zip.

The PDF is what a browser prints of all pages, put one after the other: the same formulas, numbers
and pictures as on the pages, stills for explorers, links that stay inside. Code that prepares or
draws is left out, and the solutions of a page stand at its end.
"""

import os
import sys
import tomllib
import zipfile
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import chromium
import yaml
from bs4 import BeautifulSoup
from place import place
from pypdf import PdfReader, PdfWriter

NAME = "learning-in-memory"
# What belongs to the screen alone.
SCREEN = (
    ".headerlink, script, .lim-answer, .lim-controls, .lim-tools, .lim-note, .lim-reading, "
    ".lim-show, .toggle-button, .lim-plumbing:not(:has(.cell_output)), .lim-plumbing > .cell_input"
)
NAMING = ("id", "for", "aria-labelledby", "aria-describedby")
# The notebooks that run in the browser need a server.
NEEDS_SERVER = "lite"
TYPESET = "() => MathJax.startup.promise.then(() => document.fonts.ready).then(() => true)"
NUMBER = """sheets => document.querySelectorAll('.lim-contents span').forEach(
  (span, i) => { span.textContent = sheets[i] })"""

FRAME = """\
<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
{head}
<style>{running}</style>
</head>
<body class="lim-whole">
<header>
<p class="lim-title">{title}</p>
<p>The thermodynamic limits of learning-in-memory, derived, simulated and tested</p>
<img src="{picture}" alt="The ladder of bounds on the energy of learning.">
<p>{author}<br>Version {version}</p>
<p>Code that only prepares or draws stands in the notebooks.</p>
{licence}
</header>
<section class="lim-contents">
<p class="lim-heading">Contents</p>
<ol>
{contents}
</ol>
</section>
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{articles}
</div></div></main>
</body>
</html>
"""


class Whole:
    """All pages of a built book, one after the other.

    Parameters
    ----------
    root : Path
        The folder of the book's sources; its pages are built in ``_build/html``.
    """

    def __init__(self, root):
        self.root, self.built = root, root / "_build" / "html"
        self.config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
        toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
        parts = toc.get("parts", [toc])
        self.names = [toc["root"], *(entry["file"] for part in parts for entry in part["chapters"])]
        soups = {name: self._read(name) for name in self.names}
        self.head = self._head(soups[self.names[0]], self._place(self.names[0]))
        self.titles = {name: self._title(soup) for name, soup in soups.items()}
        self.articles = [self._article(soup, name) for name, soup in soups.items()]

    def _place(self, name):
        return self.built / place(name)

    def _read(self, name):
        return BeautifulSoup(self._place(name).read_text(encoding="utf-8"), "html.parser")

    def _title(self, soup):
        heading = soup.select_one("article.bd-article h1")
        for link in heading.select(".headerlink"):
            link.decompose()
        return " ".join(heading.get_text().split())

    def _file(self, address, page):
        """An address on a page, as it is seen from the folder beside the built pages."""
        return os.path.relpath(page.parent / unquote(urlsplit(address).path), self.built.parent)

    def _head(self, soup, page):
        """The page's styles, and MathJax with its settings."""
        styles = soup.select("head link[rel=stylesheet]")
        scripts = [
            script
            for script in soup.select("head script")
            if "mathjax" in (script.get("src", "") + script.get_text()).lower()
        ]
        for element in [*styles, *scripts]:
            for key in {"href", "src"} & set(element.attrs):
                element[key] = self._file(element[key], page)
        return "\n".join(map(str, [*styles, *scripts]))

    def anchor(self, name, part=""):
        """Return what a page, or a part of it, is called among all pages."""
        return "--".join(filter(None, [name.replace("/", "-"), part]))

    def _link(self, address, name):
        """Where a link of a page leads in the whole book; None: to nothing that is in it."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return address
        page = self._place(name)
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
        for other in self.names:
            if target == self._place(other).resolve():
                return "#" + self.anchor(other, unquote(parts.fragment))
        return None

    def _gather(self, soup, article):
        """Put the solutions of a page behind its text; each exercise says where."""
        solutions = article.select(".solution")
        if not solutions:
            return
        end = soup.new_tag("section", id="solutions")
        heading = soup.new_tag("h2")
        heading.string = "Solutions"
        end.append(heading)
        for solution in solutions:
            exercise = solution.select_one(".admonition-title a[href^='#']")["href"][1:]
            pointer = soup.new_tag("p", attrs={"class": "lim-solved"})
            link = soup.new_tag("a", href=f"#{solution['id']}")
            link.string = "Solution"
            pointer.append(link)
            article.find(id=exercise).append(pointer)
            end.append(solution.extract())
        article.append(end)

    def _article(self, soup, name):
        """A page's text for print: names of its own, all unfolded, nothing that needs a script."""
        article = soup.select_one("article.bd-article")
        for element in article.select(SCREEN):
            element.decompose()
        self._gather(soup, article)
        for element in article.find_all(True):
            if element.name == "details":
                element["open"] = ""
            for key in set(NAMING) & set(element.attrs):
                element[key] = " ".join(self.anchor(name, word) for word in element[key].split())
            if "src" in element.attrs and not element["src"].startswith("data:"):
                element["src"] = self._file(element["src"], self._place(name))
            if "href" in element.attrs:
                link = self._link(element["href"], name)
                del element["href"]
                if link:
                    element["href"] = link
        article["id"] = self.anchor(name)
        return str(article)

    def html(self):
        """Return the whole book as a page that stands beside the built ones."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))[
            "project"
        ]
        contents = (
            f'<li><a href="#{self.anchor(name)}">{escape(title)}</a> <span>000</span></li>'
            for name, title in self.titles.items()
        )
        running = (
            f'@page p{i} {{ @top-right {{ content: "{title}"; }} }}'
            f" #{self.anchor(name)} {{ page: p{i}; }}"
            for i, (name, title) in enumerate(self.titles.items())
        )
        return FRAME.format(
            title=self.config["title"],
            author=self.config["author"],
            licence=self.config["html"]["extra_footer"],
            version=project["version"],
            head=self.head,
            picture="html/_static/ladder.png",
            running="\n".join(running),
            contents="\n".join(contents),
            articles="\n".join(self.articles),
        )


def printed(root):
    """Return the printed book if it is newer than its pages and than what prints them, or None."""
    made = root / "_build" / f"{NAME}.pdf"
    gathered = root / "_build" / "html" / "_static" / "told.js"  # written when a page is
    sources = [gathered, *Path(__file__).parent.glob("*.py")]
    newest = max(path.stat().st_mtime for path in sources)
    return made if made.exists() and made.stat().st_mtime > newest else None


def make_pdf(root, browser):
    """Print the whole book; twice, since the contents name sheets that only a print shows."""
    whole = Whole(root)
    source, made = root / "_build" / f"{NAME}.html", root / "_build" / f"{NAME}.pdf"
    source.write_text(whole.html(), encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.goto(source.as_uri())
    page.wait_for_function(TYPESET)
    for _ in range(2):
        page.pdf(path=made, prefer_css_page_size=True, outline=True, tagged=True)
        reader = PdfReader(made)
        places = [reader.named_destinations["/" + whole.anchor(name)] for name in whole.names]
        page.evaluate(NUMBER, [1 + reader.get_destination_page_number(place) for place in places])
    page.close()
    source.unlink()
    signed = PdfWriter(made, incremental=True)
    signed.add_metadata({"/Author": whole.config["author"]})
    signed.write(made)
    return made


def make_zip(root):
    """Put the built pages in one folder of a zip, all but what only a server can show."""
    built, made = root / "_build" / "html", root / "_build" / f"{NAME}.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(built.rglob("*")):
            inside = path.relative_to(built)
            if path.is_file() and inside.parts[0] != NEEDS_SERVER:
                archive.write(path, Path(NAME, inside))
    return made


if __name__ == "__main__":
    root = Path(__file__).parents[1]
    if sys.argv[1] == "zip":
        made = make_zip(root)
    elif made := printed(root):
        print("The printed book is as new as its pages.")
    elif chromium.find() is None:
        sys.exit(chromium.MISSING)
    else:
        with chromium.launch() as browser:
            made = make_pdf(root, browser)
    print(f"{made.relative_to(root)}: {made.stat().st_size / 1e6:.1f} MB")
