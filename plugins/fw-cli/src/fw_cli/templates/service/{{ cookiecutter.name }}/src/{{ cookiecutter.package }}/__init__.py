"""{{ cookiecutter.summary }}. Read it from the inside out: ``domain``, ``application``, the rest, ``app``."""
