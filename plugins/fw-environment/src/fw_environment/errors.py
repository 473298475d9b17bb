"""What goes wrong in worlds, as classes with data."""


class EnvironmentFault(Exception):
    """Base class of everything that this package raises."""
