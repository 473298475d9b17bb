"""Hares eat grass, foxes eat hares: ten thousand of them, as arrays."""
