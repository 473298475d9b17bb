"""Tools that test engines and stores: :mod:`fw_orchestrator.testing.simulation`. The framework never imports them."""
