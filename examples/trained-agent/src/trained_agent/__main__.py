"""`python -m trained_agent`."""

import sys

from trained_agent.cli import main

sys.exit(main())
