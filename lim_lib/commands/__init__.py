"""The commands of ``lim-lib``, one module each, and what they share.

A command is a module with ``SUMMARY``, ``HELP`` and ``EXAMPLES``, with ``add(parser)``, which adds
its options, and ``run(options)``, which prints. A command that takes words beside its options says
``WORDS``, how they are called, and keeps them with ``place(options, words)``, which returns those
that it cannot use. Nothing heavy is imported until a command runs or explains its options.

Shared: `parser` (options), `values` (numbers with units, and several of them), `printing` (the
screen, CSV, JSON, pictures).
"""

COMMANDS = ("ladder", "compare", "solve", "run", "workloads", "hardware", "machines")
"""In the order of the help."""
