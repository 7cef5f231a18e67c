"""The directive ``{floors}``: the floors of the library, as the tests know them, as a table."""

from itertools import chain

import floors
from sphinx.util.docutils import SphinxDirective


class Floors(SphinxDirective):
    """Stand for the table; the page is read again when a module changes."""

    def run(self):
        """Return the table's nodes."""
        for module in [floors.__file__, *map(floors.source, chain.from_iterable(floors.FLOORS))]:
            self.env.note_dependency(str(module))
        return self.parse_text_to_nodes(floors.table())


def setup(app):
    """Register the directive."""
    app.add_directive("floors", Floors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
