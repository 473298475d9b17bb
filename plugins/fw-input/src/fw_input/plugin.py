"""Hooks of the plugin `input`. State lives in what it provides."""

from framework import App, hookimpl


class InputPlugin:
    """Provides hands; without anybody who asks for them, nothing is watched or moved."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the providers."""
        from fw_input.observers import KeyboardObserver, MouseObserver
        from fw_input.opening import open_keyboard, open_mouse, open_simulator
        from fw_input.simulator import InputSimulator

        app.provide(MouseObserver, open_mouse)
        app.provide(KeyboardObserver, open_keyboard)
        app.provide(InputSimulator, open_simulator)


plugin = InputPlugin()
