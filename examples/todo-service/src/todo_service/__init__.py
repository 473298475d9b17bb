"""Example: a service in four layers. Read it from the inside out: ``domain``, ``application``, the rest, ``app``."""
