"""The ways to run a page's notebook, as a menu at its head.

A way is offered where it leads somewhere: JupyterLite if its site stands beside the pages
(``make lite``) and they are served, Colab if the environment variable ``BOOK_REPOSITORY`` names
the book's repository on GitHub, as it does when the book is published from there.
"""

import os
from pathlib import Path

GITHUB = "https://github.com/"
COLAB = "https://colab.research.google.com/github"
# The branch to which publishing puts the notebooks that Colab opens.
COLAB_BRANCH = "colab"
# A page that is read from its file has no server beside it, which JupyterLite needs.
WITHOUT_SERVER = """\
if (location.protocol === "file:") addEventListener("DOMContentLoaded", () =>
  document.querySelectorAll(".btn-launch-lite").forEach(button => button.remove()));
"""


def find_ways(app, config):
    """Note what there is to offer; pages are written again when that changes."""
    config.launch_lite = Path(app.outdir, "lite", "index.html").is_file()
    config.launch_repository = os.environ.get("BOOK_REPOSITORY", "").rstrip("/")


def ways(app, name, pathto):
    """Return the buttons for the notebook of this name."""
    found = []
    if app.config.launch_lite:
        found.append(
            {
                "type": "link",
                "label": "launch-lite",
                "icon": "fas fa-play",
                "text": "In this browser",
                "tooltip": "Run the notebook in JupyterLite: nothing to install, but it fetches "
                "Python first, some tens of megabytes, and needs a network for that",
                "url": f"{pathto('lite/notebooks/index.html', 1)}?path={name}",
            }
        )
    repository = app.config.launch_repository
    if repository.startswith(GITHUB):
        path = repository.removeprefix(GITHUB)
        found.append(
            {
                "type": "link",
                "label": "launch-colab",
                "icon": "fas fa-cloud",
                "text": "In Colab",
                "tooltip": "Run the notebook in Google Colab: needs an account and a network",
                "url": f"{COLAB}/{path}/blob/{COLAB_BRANCH}/{name}",
            }
        )
    found.append(
        {
            "type": "link",
            "label": "launch-lab",
            "icon": "fas fa-laptop",
            "text": "On your computer",
            "tooltip": "How to open the notebooks in JupyterLab",
            "url": pathto("chapters/preface") + "#preface-run",
        }
    )
    return found


def add_launch_buttons(app, pagename, templatename, context, doctree):
    """Put the menu before the page's other buttons."""
    if context.get("page_source_suffix") != ".ipynb":
        return
    context["header_buttons"].insert(
        0,
        {
            "type": "group",
            "label": "launch-buttons",
            "icon": "fas fa-rocket",
            "tooltip": "Run this notebook",
            "buttons": ways(app, f"{Path(pagename).name}.ipynb", context["pathto"]),
        },
    )


def setup(app):
    """Register the menu."""
    app.add_config_value("launch_lite", False, "html", bool)
    app.add_config_value("launch_repository", "", "html", str)
    app.add_js_file(None, body=WITHOUT_SERVER)
    app.connect("config-inited", find_ways)
    # after the theme, which makes the list of buttons
    app.connect("html-page-context", add_launch_buttons, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
