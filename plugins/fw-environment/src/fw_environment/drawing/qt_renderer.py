"""Drawing with Qt: into a picture without a window, or with a painter that a widget gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fw_environment.drawing.commands import Colour, Point
from fw_environment.drawing.draw_list import Image
from fw_environment.drawing.errors import DrawingFault
from fw_environment.drawing.renderer import Frame, Points, Renderer
from fw_environment.extras import required

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

_application: Any = None


class QtRenderer(Renderer):
    """With `painter`, it paints with that one; make a renderer for each `paintEvent`.

    Text needs a QGuiApplication: where there is none yet, one is made that shows no windows. A program with windows
    makes its own before. `smooth` blends edges with what is below them.
    """

    def __init__(self, painter: QPainter | None = None, *, smooth: bool = False) -> None:
        self._gui: Any = required("PySide6.QtGui", "qt")
        self._core: Any = required("PySide6.QtCore", "qt")
        self._given = painter
        self._painter: Any = painter
        self._image: Any = None
        self._smooth = smooth
        if self._gui.QGuiApplication.instance() is None:
            global _application  # noqa: PLW0603 - Qt allows one in a process, and it must not be collected
            _application = self._gui.QGuiApplication(["fw", "-platform", "offscreen"])

    def begin(self, size: tuple[int, int], background: Colour) -> None:
        """See Renderer."""
        if self._given is None:
            if self._image is None or (self._image.width(), self._image.height()) != size:
                self._image = self._gui.QImage(*size, self._gui.QImage.Format.Format_RGB888)
            self._painter = self._gui.QPainter(self._image)
        self._painter.setRenderHint(self._gui.QPainter.RenderHint.Antialiasing, self._smooth)
        self._painter.fillRect(0, 0, *size, self._gui.QColor(*background[:3]))

    def end(self) -> None:
        """See Renderer."""
        if self._given is None:
            self._painter.end()

    def frame(self) -> Frame:
        """See Renderer; raises DrawingFault where a given painter is used, which has none."""
        if self._image is None:
            raise DrawingFault("this renderer paints with a given painter; make one without to have frames")
        width, height = self._image.width(), self._image.height()
        rows = np.frombuffer(self._image.constBits(), dtype=np.uint8).reshape(height, self._image.bytesPerLine())
        return rows[:, : width * 3].reshape(height, width, 3).copy()

    def _filled(self, colour: Colour) -> None:
        self._painter.setPen(self._core.Qt.PenStyle.NoPen)
        self._painter.setBrush(self._gui.QColor(*colour))

    def _stroked(self, colour: Colour, width: float) -> None:
        pen = self._gui.QPen(self._gui.QColor(*colour), max(width, 1.0))
        pen.setCapStyle(self._core.Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(self._core.Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.setBrush(self._core.Qt.BrushStyle.NoBrush)

    def _points(self, points: Points) -> Any:
        return self._gui.QPolygonF([self._core.QPointF(x, y) for x, y in points.tolist()])

    def polygon(self, points: Points, colour: Colour) -> None:
        """See Renderer."""
        self._filled(colour)
        self._painter.drawPolygon(self._points(points))

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """See Renderer."""
        self._stroked(colour, width)
        self._painter.drawPolyline(self._points(points))

    def circle(self, centre: Point, radius: float, colour: Colour, outline: float) -> None:
        """See Renderer."""
        if outline:
            self._stroked(colour, outline)
        else:
            self._filled(colour)
        self._painter.drawEllipse(self._core.QPointF(*centre), radius, radius)

    def text(self, place: Point, text: str, colour: Colour, height: float) -> None:
        """See Renderer."""
        font = self._gui.QFont()
        font.setPixelSize(max(round(height * 0.8), 1))
        self._painter.setFont(font)
        self._painter.setPen(self._gui.QColor(*colour))
        self._painter.drawText(self._core.QPointF(place[0], place[1] + height * 0.8), text)

    def image(self, pixels: Image, corner: Points, across: Points, down: Points) -> None:
        """See Renderer."""
        height, width = pixels.shape[:2]
        form = self._gui.QImage.Format.Format_RGBA8888
        picture = self._gui.QImage(pixels.tobytes(), width, height, width * 4, form)
        (a, b), (c, d), (x, y) = (across / width).tolist(), (down / height).tolist(), corner.tolist()
        self._painter.save()
        self._painter.setTransform(self._gui.QTransform(a, b, c, d, x, y), True)
        self._painter.drawImage(0, 0, picture)
        self._painter.restore()

    def dots(self, places: Points, colour: Colour, width: int) -> None:
        """See Renderer."""
        corners = np.floor(places - (width - 1) / 2).tolist()
        self._filled(colour)
        self._painter.drawRects([self._core.QRectF(x, y, width, width) for x, y in corners])
