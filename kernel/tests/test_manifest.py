"""`Manifest`: what plugin.toml may say."""

import pytest

from framework import BootstrapError, Manifest

FULL = """
name = "http"
summary = "HTTP server"
api_version = 1
requires = ["bus"]
after = ["logging"]
provides = ["door"]
modes = ["web"]
guard = true
config = "sample.config:Settings"
[facades]
http = "sample.facade:Http"
"""


def test_every_key_of_a_manifest_is_read() -> None:
    """K20"""
    assert Manifest.parse(FULL, "plugin.toml") == Manifest(
        "http",
        summary="HTTP server",
        requires=("bus",),
        after=("logging",),
        provides=("door",),
        modes=("web",),
        guard=True,
        facades={"http": "sample.facade:Http"},
        config="sample.config:Settings",
    )


def test_only_the_name_is_needed() -> None:
    assert Manifest.parse('name = "x"', "plugin.toml") == Manifest("x")


@pytest.mark.parametrize(
    "text,said",
    [
        ("[[[", [":1: not valid TOML", "Correct that line"]),
        ("", ["does not say the plugin's name", 'name = "my-plugin"']),
        ('name = ""', ["does not say the plugin's name"]),
        ('name = "x"\nrequire = ["y"]', ["unknown key 'require'", "Did you mean 'requires'?"]),
        ('name = "x"\nzzz = 1', ["unknown key 'zzz'", "Remove it"]),
        ('name = "x"\nrequires = "y"', ["requires must be a list of strings, not 'y'"]),
        ('name = "x"\nmodes = [1]', ["modes must be a list of strings, not [1]"]),
        ('name = "x"\nguard = 1', ["guard must be of type bool, not 1"]),
        ('name = "x"\napi_version = true', ["api_version must be of type int, not True"]),
        ("name = 3", ["name must be of type str, not 3"]),
        ('name = "x"\nfacades = {http = "no colon"}', ["facades must map names to 'module:class'"]),
        ('name = "x"\napi_version = 2', ["'x' is written for hook API 2; this kernel speaks 1", "Upgrade fw-core"]),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_place_and_a_remedy(text: str, said: list[str]) -> None:
    with pytest.raises(BootstrapError) as caught:
        Manifest.parse(text, "folder/plugin.toml")
    message = str(caught.value)
    assert message.startswith("folder/plugin.toml")
    assert all(part in message for part in said), message


@pytest.mark.parametrize("name", ["application", "kernel", "app", "plugins"])
def test_names_that_the_kernel_uses_itself_are_refused(name: str) -> None:
    with pytest.raises(BootstrapError, match=f"{name!r} is a name the kernel keeps for itself"):
        Manifest.parse(f'name = "{name}"', "plugin.toml")
