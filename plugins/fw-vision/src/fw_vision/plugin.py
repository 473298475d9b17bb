"""Hooks of the plugin `vision`. State lives in what it provides."""

from framework import App, hookimpl


class VisionPlugin:
    """Provides eyes; without anybody who asks for them, nothing is opened."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the providers."""
        from fw_vision.capture import ScreenCapturer
        from fw_vision.ocr import OCRModule
        from fw_vision.opening import open_capturer, open_ocr

        app.provide(ScreenCapturer, open_capturer)
        app.provide(OCRModule, open_ocr)


plugin = VisionPlugin()
