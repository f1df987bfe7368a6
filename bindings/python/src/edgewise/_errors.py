"""The exceptions. `line` (from 1) and `byte` (from 0) say where in the decompressed input, None if it is not about a place."""


class EdgewiseError(Exception):
    """Whatever the engine refuses; the message says what, where, and what to do."""

    line: int | None
    byte: int | None

    def __init__(self, message: str, line: int | None = None, byte: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.byte = byte


class UsageError(EdgewiseError, ValueError):
    """An option or argument makes no sense."""


class InputError(EdgewiseError):
    """The input cannot be read or is not what it claims to be."""


class ResourceError(EdgewiseError):
    """Memory, disk or a declared limit."""


class InternalError(EdgewiseError):
    """A bug in edgewise."""


_CLASSES = {-2: UsageError, -3: InputError, -4: ResourceError}


def failure(code: int, message: str, line: int, byte: int) -> EdgewiseError:
    """The exception for a status of the engine; called by the native module."""
    kind = _CLASSES.get(code, InternalError)
    return kind(message, line, byte) if line else kind(message)
