"""Where a browser of the Chromium family is found on this computer."""

import os
import shutil
from contextlib import contextmanager

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = "no Chromium: install it (Debian, Ubuntu: sudo apt install chromium)"


def find():
    """Return the path of the first browser found, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def launch():
    """Run the browser without a window; it must be there."""
    from playwright.sync_api import sync_playwright

    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find(),
            args=["--disable-dev-shm-usage", *(["--no-sandbox"] if as_root else [])],
        )
        yield browser
        browser.close()
