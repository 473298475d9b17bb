"""`python -m fw_testing`."""

import sys

from fw_testing.services import main

sys.exit(main(sys.argv[1:]))
