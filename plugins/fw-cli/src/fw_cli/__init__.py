"""More commands for `fw`. There is nothing to import: plugin.toml names the commands."""
