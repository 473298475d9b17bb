"""What notes are and may become. Plain Python: no framework, no storage, no HTTP."""
