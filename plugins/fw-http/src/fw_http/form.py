"""Forms: fields and files, read with limits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDict

from fw_http.bodies import body_of
from fw_http.config import HttpSettings
from fw_http.problem import Problem
from fw_http.upload import CHUNK, Upload, safe_name

MOST_PARTS = 1000
_MULTIPART, _URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"


class FormData:
    """The fields and files of a form, in the order sent."""

    def __init__(self) -> None:
        self.fields: MultiDict[str] = MultiDict()
        self.files: MultiDict[Upload] = MultiDict()

    def close(self) -> None:
        """Forget the files."""
        for upload in self.files.values():
            upload.close()


async def read_form(request: web.Request, settings: HttpSettings) -> FormData:
    """The body as a form. Raises :class:`Problem`: 400, 408, 413 or 415."""
    form = FormData()
    try:
        if request.content_type == _URLENCODED:
            _urlencoded(await body_of(request, settings.body_timeout), form)
        elif request.content_type == _MULTIPART:
            await _Multipart(request, settings, form).read()
        else:
            raise Problem(415, f"The body must be a form: {_MULTIPART} or {_URLENCODED}.")
    except BaseException:
        form.close()
        raise
    return form


def _urlencoded(data: bytes, form: FormData) -> None:
    try:
        pairs = parse_qsl(data.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_PARTS, errors="strict")
    except UnicodeDecodeError as error:
        raise Problem(400, "The form is not UTF-8.") from error
    except ValueError as error:
        raise Problem(413, f"The form has too many fields: {MOST_PARTS} are the most.") from error
    form.fields.extend(pairs)


class _Multipart:
    """Reads parts one by one; files go to disk above a size, fields count against the limit of bodies."""

    def __init__(self, request: web.Request, settings: HttpSettings, form: FormData) -> None:
        self._request = request
        self._settings = settings
        self._form = form
        self._field_bytes = 0
        self._file_bytes = 0

    async def read(self) -> None:
        with _malformed():
            reader = await self._request.multipart()
            for _ in range(MOST_PARTS + 1):
                async with self._soon():
                    part = await reader.next()
                if part is None:
                    return
                if not isinstance(part, BodyPartReader) or part.name is None:
                    raise Problem(400, "A part of the form has no name.")
                if part.filename is None:
                    self._form.fields.add(part.name, await self._field(part))
                else:
                    self._form.files.add(part.name, await self._file(part))
        raise Problem(413, f"The form has too many parts: {MOST_PARTS} are the most.")

    def _soon(self) -> asyncio.Timeout:
        return asyncio.timeout(self._settings.body_timeout)

    async def _field(self, part: BodyPartReader) -> str:
        data = bytearray()
        while chunk := await self._chunk(part):
            self._field_bytes += len(chunk)
            if self._field_bytes > self._settings.max_body:
                raise Problem(413, "The fields of the form are too large.")
            data += chunk
        return data.decode("utf-8")

    async def _file(self, part: BodyPartReader) -> Upload:
        in_memory = self._settings.upload_in_memory
        file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115 - the request closes it
        size = 0
        try:
            while chunk := await self._chunk(part):
                size += len(chunk)
                self._file_bytes += len(chunk)
                if self._file_bytes > self._settings.max_upload:
                    raise Problem(413, "The files of the form are too large.")
                if size > in_memory:
                    await asyncio.to_thread(file.write, chunk)
                else:
                    file.write(chunk)
        except BaseException:
            file.close()
            raise
        kind = part.headers.get("Content-Type", "application/octet-stream")
        return Upload(safe_name(part.filename or ""), kind, file, size)

    async def _chunk(self, part: BodyPartReader) -> bytes:
        async with self._soon():
            return bytes(part.decode(await part.read_chunk(CHUNK)))


@contextmanager
def _malformed() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Problem(408, "The form was not received in time.", headers={"Connection": "close"}) from error
    except UnicodeDecodeError as error:
        raise Problem(400, "A field of the form is not UTF-8.") from error
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise Problem(400, "The form is malformed.") from error
