"""What a service pays for plugins that it has and does not use: no library of theirs is imported."""

import json
import subprocess
import sys
import textwrap

PROGRAM = textwrap.dedent("""
    import asyncio, json, sys
    from framework import App

    app = App(
        "hello",
        plugins=["config", "di", "http", "logging", "observability"],
        defaults={"http": {"port": 0}, "logging": {"format": "json", "access": True}},
    )

    @app.http.route("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    async def live() -> None:
        async with app.test_client() as client:
            answer = await client.get("/hello")
            assert answer.json() == {"hello": "world"}
            print(json.dumps(sorted(name for name in sys.modules if "." not in name)))

    asyncio.run(live())
""")
HEAVY = {"dependency_injector", "dynaconf", "loguru", "prometheus_client", "pydantic", "pydantic_core", "yaml"}


def test_a_hello_service_with_five_plugins_imports_none_of_their_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert HEAVY & set(json.loads(done.stdout)) == set()
