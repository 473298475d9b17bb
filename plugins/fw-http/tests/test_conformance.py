from framework import App
from fw_testing.conformance import conformance


async def probe(app: App) -> None:
    assert app.http.url.startswith("http://127.0.0.1:")


test_conformance = conformance("http", use=lambda app: app.http.route("/spoons")(lambda: ["spoon"]), probe=probe)
