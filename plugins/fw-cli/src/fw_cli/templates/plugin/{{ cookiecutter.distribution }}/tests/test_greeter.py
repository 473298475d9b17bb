from fw_testing.harness import app_with

from {{ cookiecutter.package }}.greeter import Greeter


async def test_every_declared_guest_is_greeted_once_the_application_is_ready() -> None:
    app = app_with("{{ cookiecutter.name }}", defaults={"{{ cookiecutter.name }}": {"word": "Good day"}})
    app.{{ cookiecutter.facade }}.guest("Ada")
    async with app:
        assert app.container.get(Greeter).said == ["Good day, Ada!"]
