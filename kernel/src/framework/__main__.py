"""`python -m framework` is `fw`."""

import sys

from framework.cli import main

sys.exit(main())
