"""`python -m matchbook`."""

from matchbook.cli import main

main()
