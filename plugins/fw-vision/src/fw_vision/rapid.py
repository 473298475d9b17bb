"""`RapidReader`: reads with rapidocr, whose networks come with it and need no program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fw_vision.errors import MissingModel, NoReader, ReadingFailed, UnknownLanguage
from fw_vision.region import Region
from fw_vision.text import Layout, TextBox

if TYPE_CHECKING:
    from fw_vision.frame import Pixels

_INSTALL = "pip install 'fw-vision[rapidocr]'."
_DETECTION, _LATIN = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_NAMES = """
afr:af aze:az bos:bs bul:cyrillic bel:eslav cat:ca ces:cs chi_sim:ch chi_tra:chinese_cht cym:cy dan:da deu:de ell:el
eng:en est:et eus:eu fil:tl fin:fi fra:fr gle:ga glg:gl hin:devanagari hrv:hr hun:hu ind:id isl:is ita:it jpn:japan
kor:korean lat:la lav:lv lit:lt ltz:lb mlt:mt mri:mi msa:ms nld:nl nor:no oci:oc pol:pl por:pt que:qu ron:ro rus:eslav
slk:sk slv:sl spa:es sqi:sq srp_latn:rs_latin swa:sw swe:sv tam:ta tel:te tha:th tur:tr ukr:eslav uzb:uz vie:vi
"""
_TESSERACT_NAMES = dict(pair.split(":") for pair in _NAMES.split())
"""What rapidocr calls the languages that tesseract has these packs for, or their script."""


class RapidReader:
    """rapidocr inside this process (`pip install fw-vision[rapidocr]`). It never loads a model from the network.

    ``languages`` by tesseract's names or by rapidocr's own. One model, which comes with rapidocr, reads English,
    Chinese, Japanese and some 45 languages with Latin letters; models for other scripts, which read English too, are
    looked for in ``folder``, by the names that rapidocr gives their files.
    """

    def __init__(self, languages: Sequence[str] = ("eng",), timeout: float = 20.0, folder: str = "") -> None:
        self.languages = tuple(languages)
        self._timeout = timeout
        self._folder = folder
        self._engine: Any = None
        self._networks: list[_Interruptible] = []

    def open(self) -> None:
        """Load the models."""
        if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
            raise NoReader("rapidocr", _INSTALL)
        from rapidocr import RapidOCR

        detection, recognition = self._models()
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",  # or it writes to stderr that a picture is empty
                "Global.use_cls": False,  # what stands on a screen is upright
                "Global.text_score": 0.0,  # who asks sees the confidence
                "Global.min_side_len": 1,
                "Global.width_height_ratio": -1,
                # A picture is not made larger to find text in it: that takes many times as long. `scale` is for that.
                "Det.limit_type": "max",
                "Det.limit_side_len": 2000,
                "Det.model_path": str(detection),
                "Rec.model_path": str(recognition),
            }
        )
        self._load(detection, recognition)

    def _load(self, detection: Path, recognition: Path) -> None:
        """Now, not with the first picture."""
        import numpy as np

        paper = np.full((48, 48, 3), 255, np.uint8)
        for file, options in ((detection, {"use_rec": False}), (recognition, {"use_det": False, "use_rec": True})):
            try:
                self._engine(paper, **options)
            except Exception as error:  # of onnxruntime and of what reads the model's alphabet
                self._engine = None
                raise MissingModel(file.name, [file.parent], f"cannot be used: {error}") from error
        self._networks = [_Interruptible(part.session) for part in (self._engine.text_det, self._engine.text_rec)]

    def _models(self) -> tuple[Path, Path]:
        """The files of the networks that find text, and read it."""
        import rapidocr

        own = Path(rapidocr.__file__).with_name("models")
        folders = [Path(self._folder), own] if self._folder else [own]
        return _found(_DETECTION, folders), _found(_recognition(self.languages), folders)

    def read(self, gray: Pixels, layout: Layout) -> list[TextBox]:
        """The words of the picture; for `line` and `word` all that is found in it stands in one line."""
        with self._limited():
            pieces = self._pieces(gray)
            if layout in {"line", "word"}:
                pieces = [_around(pieces) if pieces else Region(0, 0, gray.shape[1], gray.shape[0])]
            lines = enumerate(_lines(pieces))
            return [word for number, line in lines for piece in line for word in self._words(gray, piece, number)]

    def _pieces(self, gray: Pixels) -> list[Region]:
        """Where there is text, a line or a part of one each."""
        found = self._engine(gray, use_det=True, use_rec=False).boxes
        height, width = gray.shape
        edges = [] if found is None else [(*box.min(axis=0), *box.max(axis=0)) for box in found]
        whole = Region(0, 0, width, height)
        boxes = [Region(int(a), int(b), int(c + 1) - int(a), int(d + 1) - int(b)).common(whole) for a, b, c, d in edges]
        return [box for box in boxes if box.area]

    def _words(self, gray: Pixels, piece: Region, line: int) -> Iterator[TextBox]:
        part = gray[piece.top : piece.bottom, piece.left : piece.right]
        result = self._engine(part, use_det=False, use_rec=True, return_word_box=True)
        [text], [told] = result.txts, result.word_results
        sure = iter([each for letter, each in zip(text, told.confs, strict=False) if not letter.isspace()])
        columns = [column for word in told.word_cols for column in word]
        # The network tells of a letter in one column, about the middle of it.
        half = (columns[-1] - columns[0]) / (len(columns) - 1) / 2 if len(columns) > 1 else 1.0
        for letters, where in zip(told.words, told.word_cols, strict=True):
            step = piece.width / told.line_txt_len
            left, right = (round(step * at) for at in (where[0] + 0.5 - half, where[-1] + 0.5 + half))
            place = Region(piece.left + left, piece.top, max(1, right - left), piece.height).common(piece)
            yield TextBox("".join(letters), place, min(float(next(sure)) for _ in letters), line)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Ends the networks' work when it takes too long."""
        ended = threading.Event()

        def end() -> None:
            ended.set()
            for network in self._networks:
                network.end()

        for network in self._networks:
            network.begin()
        timer = threading.Timer(self._timeout, end)
        timer.start()
        try:
            yield
        except Exception as error:  # rapidocr wraps what onnxruntime raises
            if ended.is_set():
                hint = "Raise vision.ocr_timeout, or read a smaller region."
                raise ReadingFailed("rapidocr", f"it took over {self._timeout} s", hint) from error
            raise ReadingFailed("rapidocr", str(error)) from error
        finally:
            timer.cancel()

    def close(self) -> None:
        """Free the networks."""
        self._engine, self._networks = None, []


class _Interruptible:
    """Takes the place of the onnxruntime session in rapidocr's `holder`, so that its work can be ended from outside."""

    def __init__(self, holder: Any) -> None:
        self._session = holder.session
        self._options: Any = None
        holder.session = self

    def begin(self) -> None:
        """For what is read now."""
        import onnxruntime

        self._options = onnxruntime.RunOptions()

    def end(self) -> None:
        """From another thread: whatever runs fails, and what would run next."""
        self._options.terminate = True

    def run(self, names: Sequence[str], inputs: dict[str, Any]) -> Any:
        """As onnxruntime has it."""
        return self._session.run(names, inputs, self._options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _recognition(languages: Sequence[str]) -> str:
    """The name of the model that reads all these languages."""
    from rapidocr import RapidOCR

    known: Callable[[str, str, str], list[str]] = RapidOCR.list_supported_langs
    latin, scripts = set(known("rec", "PP-OCRv6", "small")), set(known("rec", "PP-OCRv5", "mobile"))
    names = {language: _TESSERACT_NAMES.get(language, language) for language in languages}
    for language, name in names.items():
        if name not in latin | scripts:
            raise UnknownLanguage(language, "rapidocr", latin | scripts | _TESSERACT_NAMES.keys())
    others = sorted(name for name in set(names.values()) - {"en"} if name not in latin)
    if not others:
        return _LATIN
    if set(names.values()) - {"en", others[0]}:
        raise UnknownLanguage(" + ".join(names), "one model of rapidocr", [])
    return f"{others[0]}_PP-OCRv5_rec_mobile.onnx"


def _found(file: str, folders: Sequence[Path]) -> Path:
    for folder in folders:
        if (folder / file).is_file():
            return folder / file
    raise MissingModel(file, folders)


def _around(regions: Sequence[Region]) -> Region:
    left, top = min(region.left for region in regions), min(region.top for region in regions)
    right, bottom = max(region.right for region in regions), max(region.bottom for region in regions)
    return Region(left, top, right - left, bottom - top)


def _lines(pieces: Sequence[Region]) -> list[list[Region]]:
    """Pieces that stand beside each other, from left to right; lines from top to bottom."""
    lines: list[list[Region]] = []
    for piece in sorted(pieces, key=lambda piece: piece.center[1]):
        last = _around(lines[-1]) if lines else Region(0, 0, 0, 0)
        beside = min(last.bottom, piece.bottom) - max(last.top, piece.top)
        if beside * 2 > min(last.height, piece.height) > 0:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda piece: piece.left) for line in lines]
