"""What the tests of the course share with those of the book: the browser, one test per chapter."""

from tests.conftest import browser, pytest_generate_tests, root

__all__ = ["browser", "pytest_generate_tests", "root"]
