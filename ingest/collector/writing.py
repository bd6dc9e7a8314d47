"""Writing a line without letting go of the interpreter.

`os.write` releases the interpreter's lock; with the server's own thread waiting for it, getting
it back costs more than the write itself, which only copies a line into the kernel's memory.
"""

from __future__ import annotations

import ctypes
import errno
import os

_write = ctypes.PyDLL(None, use_errno=True).write
_write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
_write.restype = ctypes.c_ssize_t


def write(descriptor: int, line: bytes) -> int:
    """Like `os.write`: how many bytes were taken. Raises OSError."""
    written: int = _write(descriptor, line, len(line))
    if written >= 0:
        return written
    error = ctypes.get_errno()
    if error == errno.EINTR:
        return os.write(descriptor, line)
    raise OSError(error, os.strerror(error))
