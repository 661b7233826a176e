"""Compile the kernels that other kernels call in their innermost loops."""

from collections.abc import Callable
from typing import Any

import numba


def leaf(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel that neither makes nor returns an array.

    Its arrays are its caller's, so that numba need not count references to them: in a short
    kernel of many arrays the counting takes longer than the work. A kernel that does make an
    array is refused when it is compiled.
    """
    return numba.njit(cache=True, nogil=True, _nrt=False)(function)  # type: ignore[call-overload]
