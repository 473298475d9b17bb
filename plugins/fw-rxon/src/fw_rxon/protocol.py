"""What both sides must agree on before the first message: version and header names."""

from typing import Final

PROTOCOL_VERSION: Final = "1.0b17"

TOKEN_HEADER: Final = "X-Worker-Token"  # noqa: S105 (the header's name, not a token)
WORKER_ID_HEADER: Final = "X-Worker-ID"
VERSION_HEADER: Final = "X-RXON-Version"
CLIENT_TOKEN_HEADER: Final = "X-Client-Token"  # noqa: S105 (likewise)
