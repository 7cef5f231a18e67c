"""What the tests of pages share."""

import pytest


@pytest.fixture(params=["served", "from its file"])
def start(request, built):
    """Where the built pages are found."""
    if request.param == "served":
        return request.getfixturevalue("site")
    return built.as_uri()
