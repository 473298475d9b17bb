"""Section `[vision]` of the configuration."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class VisionSettings:
    """Which screen is looked at and how text is read. Times in seconds.

    `display` is an X display such as `:1`; empty means that of the session. `ocr`: `tesserocr` reads inside this
    process, `tesseract` with the program of that name, `rapidocr` with networks inside this process; `auto` takes the
    first of them that is there. `languages` are names of tesseract's language packs; rapidocr knows them too.
    `ocr_models` is a folder with models of rapidocr beside those that come with it. `ocr_timeout` is for one reading;
    `ocr_cache` is how many results are kept.
    """

    display: str = ""
    ocr: Literal["auto", "tesserocr", "tesseract", "rapidocr"] = "auto"
    languages: tuple[str, ...] = ("eng",)
    ocr_models: str = ""
    ocr_timeout: float = 20.0
    ocr_cache: int = 256

    def __post_init__(self) -> None:
        """Raise `ValueError` naming the setting that cannot work."""
        if not self.languages:
            raise ValueError('languages must name one at least, such as "eng"')
        if not self.ocr_timeout > 0:
            raise ValueError(f"ocr_timeout must be greater than 0, not {self.ocr_timeout}")
        if self.ocr_cache < 0:
            raise ValueError(f"ocr_cache must not be negative, not {self.ocr_cache}")
