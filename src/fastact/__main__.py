"""`python -m fastact` does what the command `fastact` does."""

from ._cli import main

raise SystemExit(main())
