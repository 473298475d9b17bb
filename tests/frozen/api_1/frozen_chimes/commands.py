# Frozen: a plugin written for hook API 1. Never changed; the framework changes around it, and it still has to run.
"""`fw strike`."""


def strike(arguments: list[str]) -> int:
    """Print what a bell says; the exit status."""
    print(" ".join(["dong", *arguments]))
    return 0
