"""`python -m screen_bot`."""

import sys

from screen_bot.cli import main

sys.exit(main())
