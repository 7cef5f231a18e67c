"""What the tests of the course share with those of the book: the browser."""

from tests.conftest import browser, root

__all__ = ["browser", "root"]
