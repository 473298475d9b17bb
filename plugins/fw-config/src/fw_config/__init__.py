"""Settings from more formats and sources, validated: dynaconf and pydantic behind the kernel's configuration."""
