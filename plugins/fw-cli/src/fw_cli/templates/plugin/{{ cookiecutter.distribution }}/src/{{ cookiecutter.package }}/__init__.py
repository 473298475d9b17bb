"""{{ cookiecutter.summary }}: ``app.{{ cookiecutter.facade }}.guest("Ada")``."""
