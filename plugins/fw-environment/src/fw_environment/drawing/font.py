"""A font of 3 x 5 pixels, for renderers that have no other: capitals, digits and signs."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

# For each sign its five rows from the top; the bits of a digit are the row's pixels, 4 the left one.
_GLYPHS = {
    sign: rows
    for line in (
        "0 75557  1 26227  2 71747  3 71717  4 55711  5 74717  6 74757  7 71111  8 75757  9 75717",
        "A 25755  B 65656  C 34443  D 65556  E 74647  F 74644  G 34553  H 55755  I 72227  J 11152  K 55655  L 44447",
        "M 57755  N 65555  O 25552  P 65644  Q 25563  R 65655  S 34216  T 72222  U 55557  V 55522  W 55775  X 55255",
        "Y 55222  Z 71247  . 00002  , 00024  : 02020  ; 02024  ! 22202  ? 71202  - 00700  + 02720  = 07070  / 11244",
        "( 12221  ) 42224  [ 64446  ] 31113  % 51245  * 05250  # 57575  ' 22000  _ 00007  < 12421  > 42124  | 22222",
    )
    for sign, rows in zip(line.split()[::2], line.split()[1::2], strict=True)
}
_UNKNOWN = "77777"


@cache
def _glyph(sign: str) -> npt.NDArray[np.bool_]:
    rows = "00000" if sign.isspace() else _GLYPHS.get(sign.upper(), _UNKNOWN)
    return np.array([[int(row) >> bit & 1 for bit in (2, 1, 0)] for row in rows], dtype=np.bool_)


def pixels(text: str, height: float) -> npt.NDArray[np.bool_]:
    """Where a line of text has ink. A sign is as high as fits: a multiple of 5 pixels, with a row of space below."""
    scale = max(int(height // 6), 1)
    found = np.zeros((6, 4 * len(text)), dtype=np.bool_)
    for number, sign in enumerate(text):
        found[:5, 4 * number : 4 * number + 3] = _glyph(sign)
    return found.repeat(scale, axis=0).repeat(scale, axis=1)
