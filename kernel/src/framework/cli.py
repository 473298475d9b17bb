"""The command `fw`. Each command imports what it needs; help, version and `plugins list` import next to nothing."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from framework.inputs import Inputs, Sources

IMPORTING = 50_000
"""New objects between two looks for garbage while modules are imported: those found none, and took a quarter of it."""

USAGE = """\
usage: fw [-p [no:]NAME]… COMMAND [OPTIONS]

commands:
  run [TARGET]                       run an application until it is stopped (fw run --help)
  plugins list [--json]              the installed plugins, and which are on here
  plugins why NAME [TARGET] [--json] every reason why a plugin is on, off or broken (fw plugins why --help)
  plugins refresh                    look again what is installed, whatever the index says

options:
  -p NAME, -p no:NAME    switch a plugin on or off
  --help, --version

exit status: 0 success, 1 failure, 2 wrong usage or configuration, 4 the application did not start, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``fw``; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    toggles: list[str] = []
    while words[:1] == ["-p"] and len(words) > 1:
        toggles.append(words[1])
        words = words[2:]
    from framework.errors import FrameworkError

    try:
        return _command(words, toggles)
    except FrameworkError as error:
        print(f"fw: {error}", file=sys.stderr)
        return error.exit_code


def _command(words: list[str], toggles: Sequence[str]) -> int:
    match words:
        case [] | ["--help" | "-h" | "help", *_]:
            return _help()
        case ["--version", *_]:
            return _version()
        case ["run", *rest]:
            return _run([*(word for toggle in toggles for word in ("-p", toggle)), *rest], toggles)
        case ["plugins", *rest]:
            return _plugins(rest, toggles)
        case [name, *rest] if not name.startswith("-"):
            return _plugin_command(name, rest, toggles)
    return _unknown(words)


def _plugins(words: list[str], toggles: Sequence[str]) -> int:
    match words:
        case ["list", *rest]:
            return _plugins_list(rest, toggles)
        case ["refresh"]:
            from framework.listing import refresh

            return refresh()
        case ["why", *rest]:
            from framework.why import why_command

            return why_command(rest, toggles)
    return _unknown(["plugins", *words])


def _unknown(words: Sequence[str]) -> int:
    print(f"fw: unknown command {' '.join(words)!r}; fw --help lists them", file=sys.stderr)
    return 2


def _help() -> int:
    from framework.discovery import installed

    lines = {
        command: f"  {command:34} {text['help'].strip()}\n"
        for plugin in installed()
        for command, text in plugin.manifest.commands.items()
    }
    commands, mark, rest = USAGE.partition("\noptions:")
    print(commands, *(lines[command] for command in sorted(lines)), mark, rest, sep="", end="")
    return 0


def _version() -> int:
    from framework.index import read

    print(f"fw {read().core}")
    return 0


def _run(arguments: Sequence[str], toggles: Sequence[str]) -> int:
    import gc

    before = gc.get_threshold()
    gc.set_threshold(IMPORTING, *before[1:])
    try:
        from framework.options import split_run
        from framework.running import execute
        from framework.target import find_target, load_app

        options, other = split_run(arguments)
        if other:
            return _plugin_command(f"run {other}", [word for word in arguments if word != other], toggles)
        app = load_app(options.target or find_target(options))
        gc.freeze()  # and later looks for garbage need not go through all that either
    finally:
        if gc.get_threshold()[0] == IMPORTING:  # else the application has a mind of its own
            gc.set_threshold(*before)
    return execute(app, options)


def _plugins_list(arguments: Sequence[str], toggles: Sequence[str]) -> int:
    from framework.listing import print_plugins

    unknown = [word for word in arguments if word != "--json"]
    if unknown:
        print(f"fw plugins list: unknown option {unknown[0]!r}; it takes --json", file=sys.stderr)
        return 2
    print_plugins(toggles, as_json="--json" in arguments)
    return 0


def _plugin_command(name: str, arguments: list[str], toggles: Sequence[str]) -> int:
    """Run a command that a plugin's manifest names, by one word or two.

    Every plugin that is not disabled may run one, in any mode.
    """
    from framework.errors import EXIT_FAILURE, EXIT_FORCED
    from framework.inputs import Sources

    sources = Sources(None, {})
    two = " ".join([name, *arguments[:1]])
    if any(two in plugin.manifest.commands for plugin in sources.installed):
        name, arguments = two, arguments[len(two.split()) - 1 :]
    owners = [plugin for plugin in sources.installed if name in plugin.manifest.commands]
    if not owners:
        return _unknown([name, *arguments])
    disabled = _inputs(sources, toggles).toggles.disable
    on = [plugin for plugin in owners if plugin.name not in disabled]
    if len(on) != 1:
        print(f"fw: {_no_one(name, [plugin.name for plugin in on or owners], disabled)}", file=sys.stderr)
        return 2
    run = on[0].resolve(f"commands.{name}.run", on[0].manifest.commands[name]["run"])
    try:
        status: int = run(arguments) or 0
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return EXIT_FORCED
    except BrokenPipeError:
        sys.stdout = None  # its reader has gone (`| head`): there is nobody to tell
        return EXIT_FAILURE


def _inputs(sources: Sources, toggles: Sequence[str]) -> Inputs:
    """What is switched off here; if the configuration is broken, on the command line, as the command will say so."""
    from framework.errors import ConfigError
    from framework.inputs import Inputs

    try:
        return sources.read(None, None, toggles, ())
    except ConfigError:
        return Inputs(sources, tuple, toggles)


def _no_one(command: str, owners: Sequence[str], disabled: Mapping[str, str]) -> str:
    """Why it is not clear who is to run a command."""
    named = " and ".join(map(repr, owners))
    if owners[0] in disabled:
        return f"command {command!r} belongs to plugin {named}, disabled by {disabled[owners[0]]}"
    return f"plugins {named} both have a command {command!r}; switch one off: fw -p no:{owners[-1]} {command} …"
