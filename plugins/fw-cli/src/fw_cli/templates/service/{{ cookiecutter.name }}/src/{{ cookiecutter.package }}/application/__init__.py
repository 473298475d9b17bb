"""What the service can do: commands, their handlers, and the port behind which notes are kept."""
