"""How many threads a call on a large array may use."""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Iterator
from operator import index

from ._kernels import ufuncs


def set_num_threads(n: int | None) -> None:
    """Let a call use at most n threads.

    Parameters
    ----------
    n : int or None
        At least 1. None: as many as there are CPUs in the affinity of the calling thread and in the quota
        of the cgroup, which is the default; the environment variable ``FASTACT_NUM_THREADS`` sets another.
        The limit of OpenMP, which ``OMP_NUM_THREADS`` and threadpoolctl set, holds besides.

    Raises
    ------
    TypeError
        If n is not an integer.
    ValueError
        If n is less than 1.

    Warns
    -----
    RuntimeWarning
        If n is more than 1 and fastact was built without OpenMP.

    See Also
    --------
    get_num_threads
    show_config : tells what limits the number.

    Notes
    -----
    A call measures what its first elements cost and takes as many threads as the rest is worth, so small
    arrays stay on one. Calls from several Python threads share the number. The bits of a result do not
    depend on it. A process that was forked uses one thread.

    Examples
    --------
    >>> import fastact as fa
    >>> fa.set_num_threads(1)
    >>> fa.get_num_threads()
    1
    >>> fa.set_num_threads(None)
    """
    if n is not None:
        try:
            n = index(None if isinstance(n, bool) else n)  # True is no number of threads
        except TypeError:
            raise TypeError(f"set_num_threads: n must be an integer or None, got {n!r}") from None
        if n < 1:
            raise ValueError(f"set_num_threads: n must be at least 1, got {n}")
        if n > 1 and not ufuncs.HAS_OPENMP:
            warnings.warn(
                f"set_num_threads: n is {n}, but fastact was built without OpenMP and uses one thread",
                RuntimeWarning,
                stacklevel=2,
            )
    ufuncs.want_threads(n or 0)


def get_num_threads() -> int:
    """The number of threads that a call on a large array may use now, from the calling thread.

    Returns
    -------
    int

    See Also
    --------
    set_num_threads

    Examples
    --------
    >>> import fastact as fa
    >>> fa.get_num_threads() >= 1
    True
    """
    return ufuncs.thread_limit()[0]


def wanted(value: str | None) -> int:
    """The number in FASTACT_NUM_THREADS, or 0 if it is not set.

    Raises
    ------
    ImportError
        If it is not a whole number of at least 1.
    """
    if not value:
        return 0
    if not value.strip().isdecimal() or int(value) < 1:
        raise ImportError(f"FASTACT_NUM_THREADS must be a whole number of at least 1, got {value!r}")
    return int(value)


def read(path: str) -> str:
    with open(path) as file:
        return file.read()


def quotas(root: str) -> Iterator[float]:
    """CPUs that the cgroups of this process (Linux, version 1 or 2), and those above them, may use."""
    for line in read(f"{root}/proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        while True:
            folder = f"{root}/sys/fs/cgroup/{controllers}{group}"
            try:
                if controllers:
                    limit, period = read(f"{folder}/cpu.cfs_quota_us"), read(f"{folder}/cpu.cfs_period_us")
                else:
                    limit, period = read(f"{folder}/cpu.max").split()
                if limit.strip() not in ("max", "-1"):
                    yield int(limit) / int(period)
            except OSError:  # no limit can be set here, or a container sees its own group as the top one
                pass
            if not group.strip("/"):
                break
            group = group.rpartition("/")[0]


def cpu_quota(root: str = "") -> int:
    """The least quota in whole CPUs, or 0 if there is none."""
    if sys.platform != "linux":
        return 0
    try:
        return max(1, math.ceil(min(quotas(root))))
    except (OSError, ValueError):  # no cgroups, no quota
        return 0


ufuncs.prepare_threads(cpu_quota())
ufuncs.want_threads(wanted(os.environ.get("FASTACT_NUM_THREADS")))
