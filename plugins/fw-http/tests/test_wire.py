"""Bytes that attackers and broken clients send, and what comes back: with both of aiohttp's parsers and uvloop.

Every case is one connection. Whatever comes back, an error is a problem body that repeats nothing of what was sent and
says nothing of the program; and the next request is served.
"""

import gzip
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

EVIL = "EVIL"
"""Stands in what cases send, and must not come back in an error."""

OK = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
H = b"Host: localhost\r\n"
J = b"Content-Type: application/json\r\n"


def get(target: bytes, *headers: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    return b"GET " + target + b" " + version + b"\r\n" + H + b"".join(header + b"\r\n" for header in headers) + b"\r\n"


def post(body: bytes, *headers: bytes, target: bytes = b"/json") -> bytes:
    head = [b"POST " + target + b" HTTP/1.1", b"Host: localhost", *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def sized(body: bytes, *headers: bytes, kind: bytes = b"application/json") -> bytes:
    return post(body, b"Content-Type: " + kind, b"Content-Length: %d" % len(body), *headers)


SMUGGLING = {
    "length and chunks": post(
        b"0\r\n\r\nGET /EVIL HTTP/1.1\r\n\r\n", b"Content-Length: 4", b"Transfer-Encoding: chunked"
    ),
    "chunks and length": post(b"0\r\n\r\n", b"Transfer-Encoding: chunked", b"Content-Length: 5"),
    "two lengths": post(b"aaaa", b"Content-Length: 4", b"Content-Length: 5"),
    "two equal lengths": post(b"aaaa", b"Content-Length: 4", b"Content-Length: 4"),
    "list of lengths": post(b"aaaa", b"Content-Length: 4, 4"),
    "signed length": post(b"aaaa", b"Content-Length: +4"),
    "negative length": post(b"aaaa", b"Content-Length: -4"),
    "hexadecimal length": post(b"aaaa", b"Content-Length: 0x4"),
    "underscored length": post(b"aaaa", b"Content-Length: 1_0"),
    "foreign digits": post(b"aaaa", "Content-Length: ٤".encode()),
    "empty length": post(b"", b"Content-Length: "),
    "chunked in vain": post(b"0\r\n\r\n", b"Transfer-Encoding: chunked, EVIL"),
    "chunked twice": post(b"0\r\n\r\n", b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "identity": post(b"aaaa", b"Transfer-Encoding: identity"),
    "unknown encoding": post(b"aaaa", b"Transfer-Encoding: xchunked"),
    "vertical tab": post(b"0\r\n\r\n", b"Transfer-Encoding: \x0bchunked"),
    "space before colon": post(b"0\r\n\r\n", b"Transfer-Encoding : chunked"),
    "space before the name": post(b"0\r\n\r\n", b" Transfer-Encoding: chunked"),
    "tab before the name": post(b"", b"\tContent-Length: 4"),
    "folded": get(b"/hello", b"X-A: b", b" EVIL"),
    "folded encoding": post(b"0\r\n\r\n", b"Transfer-Encoding:", b" chunked"),
    "bare line feeds": b"GET /hello HTTP/1.1\nHost: localhost\n\n",
    "a bare line feed": b"GET /hello HTTP/1.1\r\nHost: localhost\nX-A: EVIL\r\n\r\n",
    "a bare carriage return": b"GET /hello HTTP/1.1\r\nHost: localhost\r\nX-A: EVIL\rX-B: c\r\n\r\n",
    "NUL in a value": get(b"/hello", b"X-A: EVIL\0"),
    "NUL in a name": get(b"/hello", b"X-A\0: EVIL"),
    "control character": get(b"/hello", b"X-A: EVIL\x01"),
    "no colon": get(b"/hello", b"EVIL"),
    "no name": get(b"/hello", b": EVIL"),
    "brackets in a name": get(b"/hello", b"X[EVIL]: a"),
    "foreign name": get(b"/hello", "EVILж: a".encode()),
    "old websocket": get(b"/hello", b"Sec-WebSocket-Key1: EVIL"),
}
LINES = {
    "nothing known": b"EVIL\r\n\r\n",
    "space in the target": get(b"/EVIL b"),
    "tab": b"GET\t/hello\tHTTP/1.1\r\n" + H + b"\r\n",
    "no target": b"GET HTTP/1.1\r\n" + H + b"\r\n",
    "relative target": get(b"hello"),
    "no slash": get(b"EVIL/../x"),
    "asterisk": get(b"*"),
    "NUL in the target": get(b"/EVIL\0"),
    "byte in the target": get(b"/names/EVIL\xff"),
    "foreign letters": get("/names/EVILж".encode()),
    "fragment": get(b"/names/EVIL#a"),
    "bad escape": get(b"/names/EVIL%zz"),
    "half an escape": get(b"/names/EVIL%2"),
    "escaped NUL": get(b"/names/EVIL%00"),
    "escaped line break": get(b"/names/EVIL%0d%0aX: y"),
    "escaped line break alone": get(b"/names/EVIL%0d%0aX"),
    "escaped bytes": get(b"/names/EVIL%ff"),
    "escaped slash": get(b"/names/EVIL%2fb"),
    "escaped backslash": get(b"/names/EVIL%5cb"),
    "backslash": get(b"/names\\EVIL"),
    "dots": get(b"/names/../EVIL"),
    "dots at the end": get(b"/names/.."),
    "escaped dots": get(b"/names/%2e%2e/EVIL"),
    "half escaped dots": get(b"/names/.%2e/EVIL"),
    "dots and escaped slashes": get(b"/names/..%2f..%2fEVIL"),
    "one dot": get(b"/./EVIL"),
    "no host": b"GET /hello HTTP/1.1\r\n\r\n",
    "two hosts": get(b"/hello", b"Host: EVIL"),
    "empty host": b"GET /hello HTTP/1.1\r\nHost:\r\n\r\n",
    "host with a path": b"GET /hello HTTP/1.1\r\nHost: localhost/EVIL\r\n\r\n",
    "host with a user": b"GET /hello HTTP/1.1\r\nHost: EVIL@localhost\r\n\r\n",
    "list of hosts": b"GET /hello HTTP/1.1\r\nHost: localhost, EVIL\r\n\r\n",
    "host with a wrong port": b"GET /hello HTTP/1.1\r\nHost: localhost:EVIL\r\n\r\n",
    "absolute, another host": get(b"http://EVIL/hello"),
    "absolute, with a user": get(b"http://EVIL@localhost/hello"),
    "absolute, another scheme": get(b"ftp://localhost/EVIL"),
    "absolute, no host": get(b"http:///EVIL"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03EVIL" + b"\r\n\r\n",
}
BODIES = {
    "half an object": (sized(b'{"EVIL": '), {400}),
    "NaN": (sized(b"[NaN]"), {400}),
    "infinity": (sized(b"-Infinity"), {400}),
    "too deep": (sized(b"[" * 50_000 + b"]" * 50_000), {400}),
    "objects too deep": (sized(b'{"EVIL":' * 5_000 + b"1" + b"}" * 5_000), {400}),
    "a huge number": (sized(b"9" * 10_000), {400}),
    "no UTF-8": (sized(b'"EVIL\xff"'), {400}),
    "half a surrogate": (sized(b'"\\ud800"'), {200, 400, 422, 500}),
    "another type": (sized(b"EVIL", kind=b"text/plain"), {415}),
    "a strange type": (sized(b"1", kind=b"EVIL;;;=="), {415}),
    "no type": (post(b"1", b"Content-Length: 1"), {415}),
    "too large": (sized(b"1" * (1024 * 1024 + 1)), {413}),
    "too large in chunks": (
        post(b"100000\r\n" + b"1" * 0x100000 + b"\r\n1\r\n1\r\n0\r\n\r\n", J.strip(), b"Transfer-Encoding: chunked"),
        {413},
    ),
    "a wrong chunk size": (post(b"EVIL\r\n1\r\n0\r\n\r\n", J.strip(), b"Transfer-Encoding: chunked"), {400}),
    "a negative chunk size": (post(b"-1\r\n1\r\n0\r\n\r\n", J.strip(), b"Transfer-Encoding: chunked"), {400}),
    "a signed chunk size": (post(b"+1\r\n1\r\n0\r\n\r\n", J.strip(), b"Transfer-Encoding: chunked"), {400}),
    "an underscored chunk size": (post(b"1_0\r\n1\r\n0\r\n\r\n", J.strip(), b"Transfer-Encoding: chunked"), {400}),
    "a chunk that is too long": (post(b"1\r\n11\r\n0\r\n\r\n", J.strip(), b"Transfer-Encoding: chunked"), {400}),
    "small, and large when unpacked": (sized(gzip.compress(b"1" * 2_000_000), b"Content-Encoding: gzip"), {413}),
    "no gzip": (sized(b"EVIL", b"Content-Encoding: gzip"), {400}),
    "an endless length": (post(b"1", J.strip(), b"Content-Length: " + b"9" * 40), {400, 408}),
    "a body that does not come": (post(b"[", J.strip(), b"Content-Length: 100"), {408}),
}
OTHERS = {
    "plain": (OK, {200}),
    "old version": (get(b"/hello", version=b"HTTP/1.0"), {200}),
    "old version, no host": (b"GET /hello HTTP/1.0\r\n\r\n", {200}),
    "absolute": (get(b"http://localhost/hello"), {200}),
    "absolute, without a path": (get(b"http://localhost"), {404}),
    "host in capitals": (b"GET /hello HTTP/1.1\r\nHost: LOCALHOST.:80\r\n\r\n", {200}),
    "an address as host": (b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", {200}),
    "a foreign host": (b"GET /hello HTTP/1.1\r\nHost: EVIL.example\r\n\r\n", {421}),
    "a foreign host of a name like ours": (b"GET /hello HTTP/1.1\r\nHost: EVILlocalhost\r\n\r\n", {421}),
    "everything": (b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n", {204}),
    "before there were versions": (b"GET /hello\r\n\r\n", {400, 505}),
    "two spaces": (b"GET  /hello HTTP/1.1\r\n" + H + b"\r\n", {200, 400}),  # the C parser takes them for one
    "expected": (sized(b"1", b"Expect: 100-continue"), {100}),
    "another expectation": (sized(b"1", b"Expect: EVIL"), {417}),
    "trace": (b"TRACE /hello HTTP/1.1\r\n" + H + b"X-A: EVIL\r\n\r\n", {405}),
    "connect": (b"CONNECT EVIL:443 HTTP/1.1\r\n" + H + b"\r\n", {405}),
    "connect to us": (b"CONNECT localhost:80 HTTP/1.1\r\n" + H + b"\r\n", {405}),
    "an unknown method": (b"EVIL /hello HTTP/1.1\r\n" + H + b"\r\n", {400, 501}),  # the C parser knows those there are
    "a method of WebDAV": (b"PROPFIND /hello HTTP/1.1\r\n" + H + b"\r\n", {501}),
    "another method": (b"DELETE /hello HTTP/1.1\r\n" + H + b"\r\n", {405}),
    "a later version": (get(b"/hello", version=b"HTTP/2.0"), {400, 505}),
    "no version": (get(b"/hello", version=b"HTTP/EVIL"), {400}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "upgrade to HTTP/2": (get(b"/hello", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), {200}),
    "upgrade where there is none": (get(b"/hello", b"Connection: Upgrade", b"Upgrade: websocket"), {200}),
    "a long line": (get(b"/" + b"EVIL" * 3_000), {414}),
    "a very long line": (get(b"/" + b"EVIL" * 100_000), {414}),
    "a long query": (get(b"/query?" + b"EVIL" * 3_000), {414}),
    "a long header": (get(b"/hello", b"X-A: " + b"EVIL" * 3_000), {431}),
    "a long name": (get(b"/hello", b"EVIL" * 3_000 + b": a"), {431}),
    "many headers": (get(b"/hello", *[b"X-A: EVIL"] * 200), {431}),
    "very many headers": (get(b"/hello", *[b"X-A: EVIL"] * 40_000), {431}),
    "many headers without end": (get(b"/hello", *[b"X-%d: " % n + b"EVIL" * 1_000 for n in range(90)])[:-2], {431}),
    "nothing there": (get(b"/EVIL"), {404}),
    "dots in a name": (get(b"/names/a..b"), {200}),
    "a name of dots": (get(b"/names/..."), {200}),
    "a wrong number": (get(b"/items/EVIL"), {400, 422}),
    "letters": (get(b"/names/%d0%b6"), {200}),
    "a query of bytes": (get(b"/query?a=%ff%00&%zz=&=%0d%0a;&a"), {200, 400}),
    "a query of dots": (get(b"/query?a=../../b\\"), {200}),
    "an exception": (get(b"/boom"), {500}),
    "a split header": (get(b"/header?said=EVIL%0d%0aSet-Cookie:%20a=b"), {500}),
    "a NUL in a header": (get(b"/header?said=EVIL%00"), {500}),
    "a split header of a stream": (get(b"/stream?said=EVIL%0d%0aSet-Cookie:%20a=b"), {500}),
    "half a head": (b"GET /EVIL HTTP/1.1\r\nHost: local", {408}),
    "half a line": (b"GET /EVIL", {408}),
    "empty lines first": (b"\r\n\r\n" + OK, {200}),
    "two at once": (OK + OK, {200}),
    "garbage behind": (OK + b"EVIL\r\n\r\n", {200, 400}),
}
CASES = (
    [pytest.param(data, {400}, id=f"smuggling: {name}") for name, data in SMUGGLING.items()]
    + [pytest.param(data, {400}, id=f"line: {name}") for name, data in LINES.items()]
    + [pytest.param(data, codes, id=f"body: {name}") for name, (data, codes) in BODIES.items()]
    + [pytest.param(data, codes, id=name) for name, (data, codes) in OTHERS.items()]
)


@dataclass
class Answer:
    status: int
    version: str
    headers: dict[str, str]
    body: bytes
    is_closed: bool


class Client:
    """One connection: bytes out, answers in."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=10)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return  # refused before all of it was sent; the answer is there to be read

    def answer(self) -> Answer:
        version, status, _ = self._file.readline().decode().split(" ", 2)
        headers: dict[str, str] = {}
        while line := self._file.readline().decode("ascii").rstrip("\r\n"):
            name, _, value = line.partition(": ")
            assert name.lower() not in headers
            headers[name.lower()] = value
        body = (
            self._chunks() if "transfer-encoding" in headers else self._file.read(int(headers.get("content-length", 0)))
        )
        return Answer(int(status), version, headers, body, headers.get("connection") == "close" and self._ends())

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self._file.readline(), 16):
            found += self._file.read(size)
            self._file.readline()
        self._file.readline()
        return found

    def _ends(self) -> bool:
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True  # it had sent more than was read


WAYS = {
    "C": {"AIOHTTP_NO_EXTENSIONS": ""},
    "Python": {"AIOHTTP_NO_EXTENSIONS": "1"},
    "uvloop": {"AIOHTTP_NO_EXTENSIONS": "", "FW_HTTP__UVLOOP": "true"},
}


@pytest.fixture(scope="module", params=["C", "Python", pytest.param("uvloop", marks=pytest.mark.needs("posix"))])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Where the application listens, served with one parser or the other, on one loop or the other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
    chosen = WAYS[request.param]
    program = [sys.executable, str(Path(__file__).with_name("wire_app.py"))]
    with subprocess.Popen(
        program, env=kept | chosen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        host, port = process.stdout.readline().strip().removeprefix("http://").split(":")
        yield host, int(port)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("data,expected", CASES)
def test_what_comes_back(address: tuple[str, int], data: bytes, expected: set[int]) -> None:
    with Client(address) as client:
        client.send(data)
        answer = client.answer()
    assert answer.status in expected, answer
    assert answer.version == ("HTTP/1.0" if b" HTTP/1.0\r\n" in data else "HTTP/1.1")
    if answer.status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert set(problem) >= {"type", "title", "status", "detail"}
        assert EVIL not in str(answer)
        assert "Traceback" not in str(answer)
        assert answer.is_closed == ("connection" in answer.headers)
    assert "set-cookie" not in answer.headers
    assert "aiohttp" not in str(answer)
    with Client(address) as client:
        client.send(OK)
        assert client.answer().body == b'"hello"'


def test_requests_behind_each_other_are_answered_in_their_order(address: tuple[str, int]) -> None:
    with Client(address) as client:
        client.send(b"".join(get(b"/items/%d" % number) for number in range(100)))
        assert [client.answer().body for _ in range(100)] == [b"%d" % number for number in range(100)]


def test_a_request_in_single_bytes_is_answered(address: tuple[str, int]) -> None:
    with Client(address) as client:
        for byte in sized(b"[1]"):
            client.send(bytes([byte]))
        assert client.answer().body == b"[1]"


def test_what_is_expected_is_asked_for_and_then_answered(address: tuple[str, int]) -> None:
    with Client(address) as client:
        client.send(post(b"", J.strip(), b"Content-Length: 3", b"Expect: 100-continue"))
        assert client.answer().status == 100
        client.send(b"[1]")
        assert client.answer().body == b"[1]"


def test_a_body_that_turns_out_malformed_is_a_400(address: tuple[str, int]) -> None:
    with Client(address) as client:
        client.send(post(b"", J.strip(), b"Transfer-Encoding: chunked", b"Expect: 100-continue"))
        assert client.answer().status == 100
        client.send(b"1\r\n[\r\nEVIL\r\n")
        answer = client.answer()
    assert answer.status == 400
    assert answer.is_closed
    assert EVIL not in str(answer)


def test_an_old_client_is_told_that_the_connection_ends(address: tuple[str, int]) -> None:
    with Client(address) as client:
        client.send(get(b"/stream", version=b"HTTP/1.0"))
        assert client._file.read().endswith(b"\r\n\r\npart")
