"""HTTP for fw: declare routes with ``app.http.route``; raise :class:`Problem` to answer with an error."""

from fw_http.problem import Problem

__all__ = ["Problem"]
