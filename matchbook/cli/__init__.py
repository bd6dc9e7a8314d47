"""The `matchbook` command: a thin composition root over everything else.

Each command lives in a module of its own, which is imported only when it is called for.
"""

from matchbook.cli.app import main

__all__ = ["main"]
