"""`Status`: what a node gives when it is ticked."""

from enum import IntEnum


class Status(IntEnum):
    """What a node gives when it is ticked.

    FAILURE and SUCCESS are 0 and 1, so that an array of booleans is an array of statuses. SKIPPED: the node had nothing
    to do and counts neither as success nor as failure. IDLE is never given by a tick: it is the status of a node
    that was
    never ticked, or was halted while it was running.
    """

    FAILURE = 0
    SUCCESS = 1
    RUNNING = 2
    SKIPPED = 3
    IDLE = 4


FAILURE, SUCCESS, RUNNING, SKIPPED, IDLE = Status
