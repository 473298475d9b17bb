"""State-machine orchestrator for pull-workers, as an fw plugin."""
