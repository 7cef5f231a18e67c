"""Where each page stands, from the root of the built book."""

FRONT = "chapters/index"


def place(name, front=FRONT):
    """Return the address of a page, from the root.

    >>> place("chapters/index"), place("chapters/glossary")
    ('index.html', 'chapters/glossary.html')
    """
    return "index.html" if name == front else f"{name}.html"
