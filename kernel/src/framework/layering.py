"""`Layering`: the layers of a configuration, and what they say of a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from framework.checking import variable
from framework.errors import ConfigError, did_you_mean
from framework.sources import LAYERS, Layer, Value, lookup, normal


class Layering:
    """Layers of values, lowest first."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._held: dict[tuple[str, str], Value | None] = {}
        """Values that are in force though the layers have others: of settings that need a restart to change."""

    def _with(self, added: Sequence[Layer]) -> Sequence[Layer]:
        """All layers and further ones, each at the place that its name says."""
        return sorted([*self._layers, *added], key=lambda layer: LAYERS.index(layer.name))

    def value(self, section: str, key: str) -> Value | None:
        """The winning value of a key with its source, or None if no layer sets it.

        A key in a table below the section is named with dots: ``database.url``.
        """
        if (normal(section), key) in self._held:
            return self._held[normal(section), key]
        for layer in reversed(self._layers):
            found = lookup(layer.get(normal(section), {}), key.split("."))
            if found is not None:
                return found
        return None

    def source(self, section: str, name: str) -> str:
        """Where the winning value of a key comes from, or ``its default``."""
        found = self.value(section, name)
        return found.source if found else "its default"

    @property
    def layers(self) -> Sequence[Layer]:
        """All layers, lowest first."""
        return self._layers

    def values(self) -> Iterator[tuple[Layer, str, str, Value]]:
        """Every value of every layer, lowest first, with its section and key."""
        for layer in self._layers:
            for section, keys in layer.items():
                for key, value in keys.items():
                    yield layer, section, key, value

    def unknown_sections(self, known: Iterable[str]) -> set[str]:
        """The sections that some layer sets and that are not among ``known``."""
        return {section for layer in self._layers for section in layer} - {normal(name) for name in known}

    def stray_problems(self, sections: Mapping[type[Any], str]) -> Iterator[ConfigError]:
        """An error for each variable named like a setting but for an underscore, or like a section: ``FW_HTTP``."""
        strays = {name: place for layer in self._layers for name, place in layer.strays.items()}
        if strays:
            keys = [(section, key) for schema, section in sections.items() for key in _keys(schema)]
            meant = {variable(*names).replace("__", "_"): variable(*names) for names in keys}
            meant |= {variable(section, "").rstrip("_"): variable(section, "KEY") for section in sections.values()}
            for name in strays.keys() & meant.keys():
                yield ConfigError(f"{strays[name]} sets nothing.", remedy=f"Write {meant[name]}.")

    def section_problems(self, known: Iterable[str]) -> Iterator[ConfigError]:
        """An error for each section, in each layer, that is not among ``known``."""
        names = {normal(name): name for name in known}
        for layer in self._layers:
            for section, values in layer.items():
                if section in names or not values:
                    continue
                source = next(iter(values.values())).source
                yield ConfigError(
                    f"{source}: there is no section [{section}].",
                    remedy=did_you_mean(section, known)
                    or f"If it belongs to a plugin, install it: pip install fw-{section.replace('_', '-')}. "
                    f"Known sections: {', '.join(sorted(names.values()))}.",
                )


def _keys(schema: type[Any]) -> Iterable[str]:
    return getattr(schema, "__dataclass_fields__", ())
