"""Mouse and keyboard of this machine, by pynput. It is imported when a port is opened: it needs a display for that."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from fw_input.errors import NoInput, UnknownKey
from fw_input.events import InputEvent, Key, MouseButton, MouseMoved, MouseWheel

Emit = Callable[[InputEvent], None]


def _pynput() -> tuple[Any, Any]:
    """The modules `mouse` and `keyboard`. Raises `NoInput`."""
    try:
        from pynput import keyboard, mouse
    except Exception as error:  # without a display: ImportError, and DisplayNameError of Xlib
        raise NoInput(error) from error
    return mouse, keyboard


class _Listening:
    """What both sources have in common: a thread of pynput."""

    def __init__(self) -> None:
        self._listener: Any = None

    def open(self, emit: Emit) -> None:
        """Start the thread and wait until it listens."""
        mouse, keyboard = _pynput()
        try:
            mouse.Controller()  # it connects at once, here and not in the thread
            listener = self._made(mouse, keyboard, emit)
            _start(listener)
        except Exception as error:  # of Xlib, Quartz or Win32
            raise NoInput(error) from error
        self._listener = listener

    def _made(self, mouse: Any, keyboard: Any, emit: Emit) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        """End the thread."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()
            _end_recording(listener)
            if listener.is_alive():
                listener.join(5)


def _start(listener: Any) -> None:
    """Start its thread, and return when it hears. Raises whatever ended the thread instead.

    pynput's own wait() never returns if the thread has died, and on X too early: what happens in the next moment is
    not told of.
    """
    answered, failed, run = threading.Event(), [], listener.run

    def noted() -> None:
        try:
            run()
        except Exception as error:  # noqa: BLE001 - raised below; later than that nobody waits for it
            failed.append(error)
        finally:
            answered.set()

    listener.run = noted
    if _on_x(listener):
        _tell_of_the_first_answer(listener, answered)
        listener.start()
        answered.wait()
    else:
        listener.start()
        listener.wait()
    if failed:
        raise failed[0]


def _tell_of_the_first_answer(listener: Any, answered: threading.Event) -> None:
    """The display's first answer, which holds no event, says that it tells of them from now on."""
    handle = listener._handler  # noqa: SLF001 - pynput has no other place for that

    def first(events: Any) -> None:
        answered.set()
        handle(events)

    listener._handler = first  # noqa: SLF001 - the same


def _on_x(listener: Any) -> bool:
    return str(type(listener).__module__).endswith("_xorg")


def _end_recording(listener: Any) -> None:
    """On X, stop() asks for the end over the connection that is busy telling of events, so that it would come with the
    next event only. The other connection is for that.
    """
    connection, context = getattr(listener, "_display_stop", None), getattr(listener, "_context", None)
    if connection is not None and context is not None:
        with contextlib.suppress(Exception):  # the server may be gone before us
            connection.record_disable_context(context)
            connection.flush()


class PynputMouse(_Listening):
    """The mouse."""

    def _made(self, mouse: Any, keyboard: Any, emit: Emit) -> Any:
        def moved(x: float, y: float, *injected: bool) -> None:
            emit(MouseMoved(int(x), int(y), time.monotonic()))

        def clicked(x: float, y: float, button: Any, pressed: bool, *injected: bool) -> None:
            emit(MouseButton(button.name, pressed, int(x), int(y), time.monotonic()))

        def scrolled(x: float, y: float, dx: float, dy: float, *injected: bool) -> None:
            emit(MouseWheel(int(dx), int(dy), time.monotonic()))

        return mouse.Listener(on_move=moved, on_click=clicked, on_scroll=scrolled)


class PynputKeyboard(_Listening):
    """The keyboard.

    On X pynput tells of a special key that this process itself presses twice: at once, and when the display tells of
    it. Each is told once here. With ``doubles`` both are: for a kill switch, which must not miss one.
    """

    def __init__(self, doubles: bool = False) -> None:
        super().__init__()
        self._doubles = doubles

    def _made(self, mouse: Any, keyboard: Any, emit: Emit) -> Any:
        once = _Once()

        def told(pressed: bool) -> Callable[..., None]:
            def hear(key: Any, injected: bool = False) -> None:
                name = _name(key)
                if name and (
                    not twice or once.fresh(name, pressed, injected, getattr(key, "value", key).vk is not None)
                ):
                    emit(Key(name, pressed, time.monotonic()))

            return hear

        listener = keyboard.Listener(on_press=told(True), on_release=told(False))
        twice = _on_x(listener) and not self._doubles
        return listener


class _Once:
    """Knows of which events it was told before, from the other side; however long that took.

    What this process does comes from pynput, "injected", and from the display; what a person does only from the
    display; a character, which has no code of its own, only from pynput. So there are as many events as the side has
    told of that has told of more.
    """

    def __init__(self) -> None:
        self._told: Counter[tuple[str, bool, bool]] = Counter()
        self._counting = threading.Lock()

    def fresh(self, name: str, pressed: bool, injected: bool, coded: bool) -> bool:
        if injected and not coded:
            return True
        with self._counting:
            self._told[name, pressed, injected] += 1
            return self._told[name, pressed, injected] > self._told[name, pressed, not injected]


def _name(key: Any) -> str:
    """What we call a key of pynput; '' for those without a name."""
    if key is None:
        return ""
    return str(getattr(key, "name", None) or key.char or (f"#{key.vk}" if key.vk else ""))


class PynputSink:
    """Moves the mouse and presses the keys of this machine."""

    def __init__(self) -> None:
        self._mouse: Any = None
        self._keyboard: Any = None

    def open(self) -> None:
        """Connect to the display."""
        mouse, keyboard = _pynput()
        try:
            self._mouse, self._keyboard = mouse.Controller(), keyboard.Controller()
        except Exception as error:  # of Xlib, Quartz or Win32
            raise NoInput(error) from error
        self._buttons = {button.name: button for button in mouse.Button}
        self._keys = {key.name: key for key in keyboard.Key}
        self._by_code = keyboard.KeyCode.from_vk

    def perform(self, event: InputEvent) -> None:
        """Do it now."""
        match event:
            case MouseMoved():
                self._mouse.position = (event.x, event.y)
            case MouseButton():
                if event.button not in self._buttons:
                    raise UnknownKey(event.button, self._buttons)
                act = self._mouse.press if event.pressed else self._mouse.release
                act(self._buttons[event.button])
            case MouseWheel():
                self._mouse.scroll(event.dx, event.dy)
            case Key():
                act = self._keyboard.press if event.pressed else self._keyboard.release
                act(self._key(event.key))

    def _key(self, name: str) -> Any:
        if len(name) == 1:
            return name
        if name in self._keys:
            return self._keys[name]
        if name.startswith("#") and name[1:].isdecimal():
            return self._by_code(int(name[1:]))
        raise UnknownKey(name, self._keys)

    def close(self) -> None:
        """Forget the connections; they end with the objects."""
        self._mouse = self._keyboard = None
