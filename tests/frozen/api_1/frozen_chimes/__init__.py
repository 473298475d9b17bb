# Frozen: a plugin written for hook API 1. Never changed; the framework changes around it, and it still has to run.
"""A plugin that rings bells, and notes each hook that is called."""
