"""The skills as plain functions: real files of every kind."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from batch_processor import skills
from batch_processor.skills import WordCount, inspect_file, list_folder
from fw_worker import TaskContext, TaskFailed


def context() -> TaskContext:
    return TaskContext(job_id="j", task_id="t")


def inspected(folder: Path, name: str, content: bytes | None = None) -> dict[str, Any]:
    if content is not None:
        (folder / name).write_bytes(content)
    return inspect_file(str(folder), name, context())


def refused(folder: Path, name: str) -> tuple[str, str]:
    with pytest.raises(TaskFailed) as caught:
        inspect_file(str(folder), name, context())
    return caught.value.code, caught.value.message


# --- words ------------------------------------------------------------------------------------------------------------


def counted(chunks: list[bytes]) -> int | None:
    words = WordCount()
    for chunk in chunks:
        words.add(chunk)
    words.add(b"", final=True)
    return words.count


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(borders)]


texts = st.text(
    st.one_of(st.sampled_from(" \t\n\r\x0b\x0c\x1c\x85\xa0\u2003\u3000aä語😀"), st.characters(codec="utf-8"))
)


@given(texts, st.lists(st.integers(0, 1000)))
def test_words_are_counted_as_split_does_wherever_the_chunks_end(text: str, places: list[int]) -> None:
    wanted = None if "\0" in text else len(text.split())
    assert counted(cut(text.encode(), places)) == wanted


@given(st.binary(), st.lists(st.integers(0, 1000)))
def test_what_is_not_utf_8_has_no_words(data: bytes, places: list[int]) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    assert counted(cut(data, places)) == (None if "\0" in text else len(text.split()))


def test_a_character_may_be_cut_and_must_be_completed() -> None:
    assert counted([b"one \xe8\xaa", b"\x9e two"]) == 3
    assert counted([b"one \xe8\xaa"]) is None


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, content, facts",
    [
        ("a.txt", b"two words\n", {"type": "text/plain", "words": 2}),
        ("a.md", b"", {"type": "text/markdown", "words": 0}),
        ("a.bin", b"\xff\xfe\x00", {"type": "application/octet-stream"}),
        ("a.txt", b"zero\0byte", {"type": "text/plain"}),
        ("no-suffix", "äöü\u00a0語".encode(), {"type": "application/octet-stream", "words": 2}),
    ],
)
def test_type_size_hash_and_words(tmp_path: Path, name: str, content: bytes, facts: dict[str, Any]) -> None:
    digest = hashlib.sha256(content).hexdigest()
    assert inspected(tmp_path, name, content) == {"path": name, "size": len(content), "sha256": digest, **facts}


def test_a_big_file_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "wörter über die Grenze ".encode() * 100
    whole = inspected(tmp_path, "a.txt", content)
    for chunk in (1, 2, 3, 7, 1000):
        monkeypatch.setattr(skills, "CHUNK", chunk)
        assert inspected(tmp_path, "a.txt") == whole
    assert whole["words"] == 400


def test_a_file_of_several_chunks_is_hashed_whole(tmp_path: Path) -> None:
    with (tmp_path / "hole.bin").open("wb") as file:
        file.truncate(3 * skills.CHUNK + 1)
    found = inspected(tmp_path, "hole.bin")
    assert found["size"] == 3 * skills.CHUNK + 1
    assert found["sha256"] == hashlib.sha256(bytes(found["size"])).hexdigest()


def test_a_task_that_is_asked_to_stop_stops(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    asked = context()
    asked.cancelled.set()
    with pytest.raises(TaskFailed, match="asked to stop") as caught:
        inspect_file(str(tmp_path), "a.txt", asked)
    assert caught.value.code == "TRANSIENT_ERROR"


# --- images -----------------------------------------------------------------------------------------------------------


def picture(kind: str, width: int = 32, height: int = 20) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(written, kind)
    return written.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "tiff", "webp"])
def test_an_image_has_a_width_and_a_height(tmp_path: Path, kind: str) -> None:
    found = inspected(tmp_path, f"a.{kind}", picture(kind))
    assert (found["type"], found["width"], found["height"]) == (f"image/{kind}", 32, 20)
    assert "words" not in found


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "tiff", "webp", "ico", "pcx"])
def test_a_damaged_image_is_still_a_file(tmp_path: Path, kind: str) -> None:
    whole, dice = picture(kind), random.Random(1)  # noqa: S311 - damage, no secret
    damaged = [whole[:length] for length in range(0, min(len(whole), 200), 5)]
    for _ in range(60):
        changed = bytearray(whole)
        for _ in range(3):
            changed[dice.randrange(min(len(whole), 120))] = dice.randrange(256)
        damaged.append(bytes(changed))
    for content in damaged:
        found = inspected(tmp_path, f"a.{kind}", content)
        assert (found["size"], found["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_decompression_bomb_is_not_unpacked(tmp_path: Path) -> None:
    found = inspected(tmp_path, "bomb.png", huge_png(60_000, 60_000))
    assert "width" not in found
    assert found["size"] < 200


def test_text_that_is_called_an_image_is_text(tmp_path: Path) -> None:
    assert inspected(tmp_path, "a.png", b"no image")["words"] == 2


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_a_file_that_vanished_is_named_so(tmp_path: Path) -> None:
    assert refused(tmp_path, "gone.txt") == ("PERMANENT_ERROR", "No such file or directory")


@pytest.mark.needs("posix")
def test_a_dangling_link_and_a_circle_of_links_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    assert refused(tmp_path, "link") == ("PERMANENT_ERROR", "No such file or directory")
    assert refused(tmp_path, "circle")[0] == "PERMANENT_ERROR"


@pytest.mark.needs("posix")
def test_pipes_and_sockets_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name in ("pipe", "socket"):
            assert refused(tmp_path, name) == (
                "PERMANENT_ERROR",
                "It is not a regular file (a pipe, socket or device).",
            )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


AS_NOBODY = """
import json, mimetypes, os, sys
from batch_processor.cli import main
from batch_processor.skills import inspect_file, list_folder
from fw_worker import TaskContext, TaskFailed

folder = sys.argv[1]
mimetypes.init()
if os.getuid() == 0:
    os.setuid(65534)
try:
    inspect_file(folder, "secret.txt", TaskContext(job_id="j", task_id="t"))
except TaskFailed as error:
    print(json.dumps([list_folder(folder), error.code, error.message]))
sys.exit(main([folder + "/closed"]))
"""


@pytest.mark.needs("posix")
def test_what_this_user_may_not_read_is_reported_with_the_reason(open_folder: Path) -> None:
    (open_folder / "secret.txt").write_text("secret")
    (open_folder / "secret.txt").chmod(0)
    (open_folder / "closed").mkdir(mode=0)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(open_folder)], capture_output=True, text=True, timeout=60, check=False
    )
    (open_folder / "closed").chmod(0o700)
    listed, code, message = json.loads(done.stdout)
    assert (code, message) == ("PERMANENT_ERROR", "Permission denied")
    assert listed == {"files": ["secret.txt"], "unreadable": [{"path": "closed", "reason": "Permission denied"}]}
    assert done.returncode == 2
    assert done.stderr == (
        f"batch-processor: the folder {open_folder}/closed cannot be read: Permission denied. "
        "Choose one you may read.\n"
    )


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.needs("posix")
def test_a_folder_is_listed_in_order_without_copies_and_hidden_folders(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden-file", "sub/c.txt", ".git/x", "__pycache__/x", "sub/node_modules/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list_folder(str(tmp_path))
    assert found == {"files": [".hidden-file", "a.txt", "b.txt", "sub/c.txt"], "unreadable": []}


@pytest.mark.needs("posix")
def test_a_name_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb"):  # noqa: PTH123 - a name that is no text
        found = list_folder(str(tmp_path))
    assert found == {
        "files": [],
        "unreadable": [{"path": "caf\\udce9.txt", "reason": "its name is not valid UTF-8"}],
    }


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    assert list_folder(str(tmp_path)) == {"files": [], "unreadable": []}


@pytest.mark.parametrize("name", ["gone", "file"])
def test_what_is_no_folder_is_wrong_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TaskFailed, match="is not a folder that this worker can see") as caught:
        list_folder(str(tmp_path / name))
    assert caught.value.code == "INVALID_INPUT_ERROR"
