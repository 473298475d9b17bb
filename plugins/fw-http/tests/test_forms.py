"""Forms and uploads: fields, files in memory and on disk, limits, safe names."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import pytest
from pydantic import Field

from framework import App
from fw_http import Form, Upload
from fw_http.facade import Http
from fw_http.upload import safe_name

Web = Callable[..., App]


@pytest.fixture
def app(web: Web, tmp_path: Path) -> App:
    app = web(upload_in_memory=1000, max_upload=100_000, max_body=5_000, body_timeout=5.0)
    kept: list[Upload] = []

    @app.facade(Http).route("/picture", methods=["POST"])
    async def picture(
        file: Upload, title: Annotated[str, Form(), Field(max_length=5)] = "", stars: Annotated[int, Form()] = 0
    ) -> dict[str, Any]:
        kept.append(file)
        await file.save(tmp_path / "saved")
        pieces = [piece async for piece in file.chunks()]
        assert b"".join(pieces) == await file.read()
        return {"name": file.filename, "type": file.content_type, "size": file.size, "more": [title, stars]}

    @app.facade(Http).route("/many", methods=["POST"])
    async def many(files: list[Upload], labels: Annotated[Sequence[str], Form("label")] = ()) -> list[Any]:
        return [[file.filename for file in files], labels]

    @app.facade(Http).route("/fields", methods=["POST"])
    async def fields(name: Annotated[str, Form()], age: Annotated[int, Form()]) -> list[Any]:
        return [name, age]

    app.provide(list, lambda: kept)
    return app


def form(*files: tuple[str, str, bytes], **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    for name, value in fields.items():
        data.add_field(name, value)
    for name, filename, content in files:
        data.add_field(name, content, filename=filename, content_type="image/png")
    return data


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("size", [0, 10, 1_000, 1_001, 90_000])
async def test_a_file_arrives_whole_whatever_its_size(app: App, serve: Any, tmp_path: Path, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    client = await serve(app)
    answer = await client.answer("POST", "/picture", data=form(("file", "a.png", content), title="tea", stars="3"))
    assert answer == (200, {"name": "a.png", "type": "image/png", "size": size, "more": ["tea", 3]})
    assert contents(tmp_path) == {"saved": content}
    [upload] = app.container.get(list)
    assert upload._file.closed, "the file must go with the request"


async def test_several_files_and_fields_of_one_name_are_lists(app: App, serve: Any) -> None:
    data = form(("files", "a", b"1"), ("files", "b", b"2"), label="x")
    data.add_field("label", "y")
    assert await (await serve(app)).answer("POST", "/many", data=data) == (200, [["a", "b"], ["x", "y"]])


async def test_fields_may_come_either_way(app: App, serve: Any) -> None:
    client = await serve(app)
    assert await client.answer("POST", "/fields", data={"name": "ж&=", "age": "3"}) == (200, ["ж&=", 3])
    assert await client.answer("POST", "/fields", data=form(name="ж&=", age="3")) == (200, ["ж&=", 3])


async def test_everything_wrong_with_a_form_is_told_at_once(app: App, serve: Any) -> None:
    client = await serve(app)
    status, answer = await client.answer("POST", "/picture", data=form(title="too long", stars="many"))
    assert status == 422
    assert answer["errors"] == [
        {"in": "form", "name": "file", "message": "is missing"},
        {"in": "form", "name": "title", "message": "must have at most 5 characters"},
        {"in": "form", "name": "stars", "message": "must be a whole number"},
    ]


@pytest.mark.parametrize(
    "data,status",
    [
        (form(("file", "a", b"x" * 100_001)), 413),
        (form(("file", "a", b"x" * 60_000), ("other", "b", b"x" * 60_000)), 413),
        (form(("file", "a", b""), title="x" * 6_000), 413),
    ],
    ids=["file", "files", "fields"],
)
async def test_too_much_is_a_413(app: App, serve: Any, data: aiohttp.FormData, status: int) -> None:
    assert (await (await serve(app)).problem("POST", "/picture", data=data))[0] == status


MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    "data,headers,status",
    [
        (b"name=a", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"name=%ff&age=1", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
        (b"&".join(b"a=1" for _ in range(1001)), {"Content-Type": "application/x-www-form-urlencoded"}, 413),
        (b"", {"Content-Type": "multipart/form-data"}, 400),
        (b"garbage", MULTIPART, 400),
        (b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\ncut', MULTIPART, 400),
        (b'--b\r\nContent-Disposition: form-data; name="\x1f"\r\n\r\nx\r\n--b--\r\n', MULTIPART, 400),
        (b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", MULTIPART, 400),
        (b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--b--\r\n', MULTIPART, 400),
    ],
    ids=[
        "text",
        "json",
        "not utf-8",
        "many",
        "no boundary",
        "garbage",
        "cut",
        "control character",
        "no name",
        "field not utf-8",
    ],
)
async def test_what_is_no_form_is_refused(
    app: App, serve: Any, data: bytes, headers: dict[str, str], status: int
) -> None:
    client = await serve(app)
    assert (await client.problem("POST", "/fields", data=data, headers=headers))[0] == status


async def test_too_many_parts_are_a_413(app: App, serve: Any) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n\r\n'
    client = await serve(app)
    assert (await client.problem("POST", "/fields", data=part * 1001 + b"--b--\r\n", headers=MULTIPART))[0] == 413


async def test_a_file_that_does_not_come_is_a_408(web: Web, serve: Any) -> None:
    app = web(body_timeout=0.05)
    app.http.route("/file", methods=["POST"])(receive)
    client = await serve(app)
    answer = await client.raw(
        b"POST /file HTTP/1.1\r\nHost: {}:{}\r\n".replace(b"{}:{}", "{}:{}".format(*client.address).encode())
        + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n"
        + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nxyz'
    )
    assert answer.startswith(b"HTTP/1.1 408 ")


async def receive(file: Upload) -> int:
    return file.size


@pytest.mark.parametrize(
    "given,safe",
    [
        ("a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\a.txt", "a.txt"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\0b\n.txt", "ab.txt"),
        ("кот.png", "кот.png"),
        ("e\u0301.txt", "\xe9.txt"),
        ("a\u202egnp.exe", "agnp.exe"),
        ('a<b>:"|?*.txt', "ab.txt"),
        ("x" * 500 + ".png", "x" * 196 + ".png"),
        ("x" * 500, "x" * 200),
    ],
)
def test_names_of_files_are_made_safe(given: str, safe: str) -> None:
    assert safe_name(given) == safe
