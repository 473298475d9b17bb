"""The base of every message: an immutable record that travels as one JSON object."""

import msgspec


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """A wire message or a part of one.

    Members equal to their default are left out when written, and a missing member means its default when read.
    Unknown members are ignored: the other side may be newer.
    """
