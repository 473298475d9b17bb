"""Checks of the conformance kit that start nothing: manifest, imports, docs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fw_testing.others import Others

if TYPE_CHECKING:
    from fw_testing.trial import Trial


def manifest_is_true(trial: Trial) -> None:
    """plugin.toml lies in the package, is valid, and is named like the entry point."""
    subject = trial.subject
    if not subject.manifest_file.is_file():
        subject.fail("has no plugin.toml", str(subject.package), f'Write one there: name = "{subject.name}".')
    if subject.broken:
        subject.fail("has a manifest that cannot be used", str(subject.manifest_file), subject.broken)
    if subject.manifest.name != subject.name:
        subject.fail(
            f"is called {subject.manifest.name!r} by its manifest",
            str(subject.manifest_file),
            f"Use one name there and in the entry point {subject.name!r}.",
        )


def what_the_manifest_names_exists(trial: Trial) -> None:
    """Facades and their members, commands, the configuration schema (a dataclass) and the entry point are there."""
    from dataclasses import is_dataclass

    from framework import Facade

    subject = trial.subject
    subject.resolved("entry point", subject.entry_point)
    for key, target in subject.manifest.facades.items():
        kind = subject.resolved(f"facades.{key}", target)
        if not (isinstance(kind, type) and issubclass(kind, Facade)):
            subject.fail(f"has no Facade at {target!r}", f"facades.{key}", "Derive it from framework.Facade.")
    for key, target in subject.manifest.members.items():
        facade, *way = target.split(".")
        found = subject.resolved(f"facades.{facade}", subject.manifest.facades[facade])
        for part in way[:1]:  # what lies deeper belongs to an instance
            if not hasattr(found, part):
                subject.fail(f"has no {part!r} in its facade {facade!r}", f"members.{key}", "Correct or remove it.")
    for key, command in subject.manifest.commands.items():
        if not callable(subject.resolved(f"commands.{key}.run", command["run"])):
            subject.fail(f"has no function at {command['run']!r}", f"commands.{key}", "Correct or remove it.")
    if subject.manifest.config:
        schema = subject.resolved("config", subject.manifest.config)
        if not (isinstance(schema, type) and is_dataclass(schema)):
            subject.fail(f"has no dataclass at {subject.manifest.config!r}", "config", "Make the schema a dataclass.")


def imports_are_declared(trial: Trial) -> None:
    """Each fw package that is imported, in functions too, is a dependency; each plugin that is used is in `requires`.

    Or in `after`; or it names what this one provides. Used is a plugin whose package is imported, other than for types
    alone, and one whose facade is used as `app.NAME`.
    """
    subject = trial.subject
    for module, place, _ in subject.framework_imports():
        distribution = "fw-core" if module == "framework" else module.replace("_", "-")
        if distribution not in subject.dependencies:
            subject.fail(
                f"imports {module}, which {subject.distribution} does not depend on",
                place,
                f'Add "{distribution}" to `dependencies` in pyproject.toml.',
            )
    others = Others(subject)
    uses = [
        *((others.of_package.get(module), f"imports {module}", place) for module, place, run in others.imports if run),
        *((others.of_attribute.get(name), f"uses app.{name}", place) for name, place in subject.app_attributes()),
    ]
    for plugin, what, place in uses:
        if plugin is not None and not others.related(plugin):
            subject.fail(
                f"{what} of the plugin {plugin.name!r}, which its manifest does not name",
                place,
                f"Add {plugin.name!r} to `requires` in {subject.manifest_file}, or to `after` if it can do without it. "
                f"If {subject.name!r} is to come first, have the other's manifest name it in `after`.",
            )


def importing_it_is_cheap(trial: Trial) -> None:
    """Neither package nor hooks module nor facades nor schema load a heavy library."""
    subject = trial.subject
    heavy = subject.heavy_imports()
    if heavy:
        subject.fail(
            f"loads {', '.join(heavy)} when it is imported",
            ", ".join(subject.light_modules),
            "Import it inside the function that needs it, or in a module which the hooks load at start.",
        )


def docs_name_every_setting_and_hook(trial: Trial) -> None:
    """Each key of the configuration schema and each hook that the plugin adds stands in its docs, as `name`."""
    from dataclasses import fields, is_dataclass

    subject = trial.subject
    schema = subject.resolved("config", subject.manifest.config) if subject.manifest.config else None
    settings = [field.name for field in fields(schema)] if is_dataclass(schema) else []
    text, place = subject.docs()
    for names, what, remedy in (
        (settings, "settings", "Add them to a table of settings."),
        (subject.own_hooks(), "hooks", "Say when each is called, with what, and what it may give."),
    ):
        missing = ", ".join(f"`{name}`" for name in names if f"`{name}`" not in text and f"`{name}(" not in text)
        if missing:
            subject.fail(f"has {what} that its docs do not name: {missing}", place, remedy)
