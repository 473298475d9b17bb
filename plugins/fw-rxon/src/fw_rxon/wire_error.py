"""The one error of this package: a message that does not keep the contract."""


class WireError(ValueError):
    """A message, or a part of one, cannot be read or written.

    `path` is the place (`$.deadline`, or `$` for the whole), `problem` what is wrong there with the offending value,
    `remedy` what the sender has to change.
    """

    def __init__(self, path: str, problem: str, remedy: str, *, record: str = "") -> None:
        self.path = path
        self.problem = problem
        self.remedy = remedy
        self.record = record
        start = f"{record}: " if record else ""
        super().__init__(f"{start}{path}: {problem}; {remedy}")

    def __reduce__(self) -> tuple[object, ...]:
        # BaseException would rebuild from the one message argument, and fail.
        return _rebuilt, (self.path, self.problem, self.remedy, self.record)


def _rebuilt(path: str, problem: str, remedy: str, record: str) -> WireError:
    return WireError(path, problem, remedy, record=record)
