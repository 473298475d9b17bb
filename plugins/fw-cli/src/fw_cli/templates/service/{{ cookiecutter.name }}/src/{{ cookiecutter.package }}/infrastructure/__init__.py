"""How the ports of the application are filled: storage, settings, log and metrics."""
