"""How many threads a call uses is what was asked for, and the bits of its result do not depend on it."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from calls import answers
from conftest import every_float, every_member, public, ufunc
from test_ufuncs import assert_same_bits, operands

import fastact as fa
from fastact import _threads
from fastact._config import config
from fastact._kernels import ufuncs
from fastact._table import GATES, SOFTMAX_FAMILY

LARGE = 2**20  # even relu is worth several threads then, in float32 just

needs_openmp = pytest.mark.skipif(not ufuncs.HAS_OPENMP, reason="fastact was built without OpenMP")
needs_two_cpus = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="no two CPUs whose affinity can be set",
)


@pytest.fixture(autouse=True)
def default_threads():
    """No test may leave another number behind."""
    yield
    fa.set_num_threads(None)


@pytest.fixture
def seven_threads():
    """More threads than most machines that test have CPUs."""
    threadpoolctl = pytest.importorskip("threadpoolctl", reason="threadpoolctl raises the limit of OpenMP")
    with threadpoolctl.threadpool_limits(7, user_api="openmp"):
        fa.set_num_threads(7)
        assert fa.get_num_threads() == 7
        yield


def run(code: str, **environment: str) -> str:
    """What code prints in a process whose environment says nothing else of threads."""
    inherited = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=inherited | {"OPENBLAS_NUM_THREADS": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# -- the number ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["2", 2.0, [2], True, np.True_])
def test_a_number_that_is_not_an_integer_is_a_type_error(wrong):
    with pytest.raises(TypeError, match=r"set_num_threads: n must be an integer or None, got "):
        fa.set_num_threads(wrong)


@pytest.mark.parametrize("wrong", [0, -1])
def test_less_than_one_thread_is_a_value_error(wrong):
    with pytest.raises(ValueError, match=f"set_num_threads: n must be at least 1, got {wrong}"):
        fa.set_num_threads(wrong)


@needs_openmp
def test_a_number_is_a_limit():
    before = fa.get_num_threads()
    fa.set_num_threads(np.int8(1))
    assert fa.get_num_threads() == 1
    assert config()["threads"] == "1 (set_num_threads or FASTACT_NUM_THREADS)"
    fa.set_num_threads(2**40)
    assert fa.get_num_threads() >= before
    fa.set_num_threads(None)
    assert fa.get_num_threads() == before


TELL = "import fastact as fa; print(fa.get_num_threads())"
OBEYED = {
    "FASTACT_NUM_THREADS": ({"FASTACT_NUM_THREADS": "1"}, 1),
    "empty": ({"FASTACT_NUM_THREADS": "", "OMP_NUM_THREADS": "1"}, 1),
    "OMP_NUM_THREADS": ({"OMP_NUM_THREADS": "1"}, 1),
    "the smaller": ({"OMP_NUM_THREADS": "5", "FASTACT_NUM_THREADS": "3"}, 3),
    "or the other": ({"OMP_NUM_THREADS": "3", "FASTACT_NUM_THREADS": "5"}, 3),
}


@needs_openmp
@pytest.mark.parametrize("case", OBEYED)
def test_the_environment_is_obeyed(case):
    environment, right = OBEYED[case]
    assert run(TELL, **environment) == str(right)


@pytest.mark.parametrize("wrong", ["0", "-1", "two", "1.5"])
def test_nonsense_in_the_environment_is_an_import_error(wrong):
    code = "try: import fastact\nexcept ImportError as error: print(error)"
    message = f"FASTACT_NUM_THREADS must be a whole number of at least 1, got {wrong!r}"
    assert run(code, FASTACT_NUM_THREADS=wrong) == message


@needs_openmp
@needs_two_cpus
def test_the_affinity_is_obeyed_whenever_it_is_set():
    one = "cpus = os.sched_getaffinity(0); os.sched_setaffinity(0, {min(cpus)})"
    tell = "print(fa.get_num_threads(), len(os.listdir('/proc/self/task')))"
    work = "fa.gelu(np.ones(1_000_000))"
    assert run(f"import os; {one}; import fastact as fa, numpy as np; {work}; {tell}") == "1 1"
    assert run(f"import os, fastact as fa, numpy as np; {one}; {work}; {tell}") == "1 1"


CGROUPS = {
    "none": ({}, 0),
    "no limit": ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "max 100000\n"}, 0),
    "version 2": ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n"}, 2),
    "a group above": (
        {
            "proc/self/cgroup": "0::/a/b\n",
            "sys/fs/cgroup/a/b/cpu.max": "900000 100000\n",
            "sys/fs/cgroup/a/cpu.max": "300000 100000\n",
        },
        3,
    ),
    "seen from a container": (
        {"proc/self/cgroup": "0::/far/away\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"},
        1,
    ),
    "version 1": (
        {
            "proc/self/cgroup": "5:memory:/a\n4:cpu,cpuacct:/a\n0::/\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "400000\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        },
        4,
    ),
    "nonsense": ({"proc/self/cgroup": "what?\n"}, 0),
}


@pytest.mark.skipif(sys.platform != "linux", reason="cgroups are Linux's")
@pytest.mark.parametrize("case", CGROUPS)
def test_the_quota_of_a_cgroup(tmp_path, case):
    files, right = CGROUPS[case]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert _threads.cpu_quota(str(tmp_path)) == right


@needs_openmp
@needs_two_cpus
def test_a_quota_is_obeyed():
    quota = "from fastact._kernels import ufuncs; ufuncs.prepare_threads(1)"
    assert run(f"import fastact; {quota}; print(*ufuncs.thread_limit())") == "1 the CPU quota of the cgroup"


@needs_openmp
def test_threadpoolctl_is_obeyed():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    before = fa.get_num_threads()
    with threadpoolctl.threadpool_limits(1):
        assert fa.get_num_threads() == 1
        assert config()["threads"].startswith("1 (the limit of OpenMP: OMP_NUM_THREADS, threadpoolctl")
    assert fa.get_num_threads() == before


def threads_of_a_worker() -> int:
    import fastact as fa

    return fa.get_num_threads()


@needs_openmp
def test_workers_of_joblib_are_obeyed():
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        assert joblib.Parallel()(joblib.delayed(threads_of_a_worker)() for _ in range(2)) == [1, 1]


@needs_openmp
@needs_two_cpus
@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="Linux tells how many threads there are")
@pytest.mark.parametrize("function", ["gelu", "relu", "softmax"])
def test_threads_are_used_for_large_work_alone(function):
    code = (
        "import os, numpy as np, fastact as fa\n"
        "def threads(): return len(os.listdir('/proc/self/task'))\n"
        f"f = fa.{function}\n"
        "fa.set_num_threads(1); f(np.ones((1000, 4000))); print(threads())\n"
        "fa.set_num_threads(None); f(np.ones((10, 100))); print(threads())\n"
        "f(np.ones((1000, 4000))); print(threads())\n"
    )
    assert run(code, OMP_NUM_THREADS="2").split() == ["1", "1", "2"]


# -- the bits -----------------------------------------------------------------------------------


def one_thread(function, *arrays, **keywords):
    """The result that one thread gives."""
    fa.set_num_threads(1)
    result = function(*arrays, **keywords)
    fa.set_num_threads(7)
    return result


@needs_openmp
@every_float
@every_member
def test_bits_do_not_depend_on_the_number(seven_threads, row, kind, dtype):
    function = public(row, kind)
    arrays = operands(kind, LARGE + 1234, dtype)
    right = one_thread(function, *arrays)
    assert_same_bits(function(*arrays), right)
    last = arrays[-1].copy()
    assert_same_bits(function(*arrays[:-1], last, out=last), right)
    backwards = np.empty_like(right)[::-1]
    assert_same_bits(function(*(a[::-1] for a in arrays), out=backwards)[::-1], right)
    raw = ufunc(row, kind)
    broadcast = [arrays[0], *(np.abs(arrays[0][:1]) for _ in range(raw.nin - 1))]
    assert_same_bits(raw(*broadcast), one_thread(raw, *broadcast))


@needs_openmp
@every_float
@pytest.mark.parametrize("name", [gate.name for gate in GATES])
def test_bits_of_gated_units(seven_threads, name, dtype):
    function = fa.get(name)
    flat, of_flat = operands("backward", 2 * LARGE, dtype)
    for width in (2 * LARGE, 2048):  # the halves of a thread's share begin anywhere
        x, dy = flat.reshape(-1, width), of_flat[:LARGE].reshape(-1, width // 2)
        assert_same_bits(function(x), one_thread(function, x))
        assert_same_bits(function.backward(dy, x), one_thread(function.backward, dy, x))


@needs_openmp
@every_float
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("row", SOFTMAX_FAMILY, ids=lambda row: row.name)
def test_bits_of_the_softmax_family(seven_threads, row, axis, dtype):
    function = fa.get(row.name)
    for shape in [(4003, 201), (130, 5003), (60_001, 10)]:
        x, dy = (a.reshape(shape) for a in operands("backward", int(np.prod(shape)), dtype))
        y = function(x, axis=axis)
        assert_same_bits(y, one_thread(function, x, axis=axis))
        members = [(function.backward, dy.take(0, axis) if row.reduces else dy, x)]
        if row.from_output:
            members.append((function.backward_from_output, dy, y))
        for backward, *arrays in members:
            assert_same_bits(backward(*arrays, axis=axis), one_thread(backward, *arrays, axis=axis))
        where = x > 0
        assert_same_bits(function(x, axis, where=where), one_thread(function, x, axis, where=where))


@needs_openmp
@every_float
@pytest.mark.parametrize("axis", [0, 1])
def test_bits_of_the_loss(seven_threads, axis, dtype):
    logits = operands("function", 2003 * 501, dtype)[0].reshape(2003, 501)
    labels = np.arange(logits.shape[1 - axis]) % logits.shape[axis]
    loss = fa.softmax_cross_entropy
    assert_same_bits(loss(logits, labels, axis), one_thread(loss, logits, labels, axis))
    right = one_thread(loss.backward, 0.5, logits, labels, axis)
    assert_same_bits(loss.backward(0.5, logits, labels, axis), right)


@needs_openmp
def test_each_element_that_needs_those_before_it_waits_for_them(seven_threads):
    x = np.full(LARGE, 0.5)
    raw = fa.prelu.ufunc
    assert_same_bits(raw.accumulate(x), one_thread(raw.accumulate, x))
    assert raw.reduce(np.ones(LARGE)) == 1


@needs_openmp
def test_python_threads_that_call_at_once(seven_threads):
    x = np.random.default_rng(0).standard_normal(100_000)
    right = one_thread(answers, x)
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(answers, [x] * 8):
            assert got == right
    assert fa.get_num_threads() == 7


FORK = f"""
import os, sys, warnings
sys.path.insert(0, {os.path.dirname(__file__)!r})
import numpy as np, fastact as fa
from calls import answers
warnings.simplefilter("ignore")  # what Python 3.12 says of forks
x = np.random.default_rng(0).standard_normal(50_000)
right = answers(x)
fa.gelu(np.ones(1_000_000))
children = []
for _ in range(50):
    child = os.fork()
    if child == 0:
        fa.set_num_threads(2)
        os._exit(0 if answers(x) == right and fa.get_num_threads() == 1 else 1)
    children.append(child)
    if len(children) % 2 == 0:
        print(*(os.waitpid(child, 0)[1] for child in children[-2:]), flush=True)
assert answers(x) == right
assert fa.get_num_threads() == 2
"""


@needs_openmp
@needs_two_cpus
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.skipif(sys.platform == "darwin", reason="other libraries do not survive a fork on macOS")
def test_forked_children_answer():
    assert run(FORK, OMP_NUM_THREADS="2").split() == ["0"] * 50


@needs_openmp
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the size of a process is read from /proc")
def test_a_thread_that_finds_no_memory_raises_an_error():
    """Rows with gaps are copied; of rows this long, there is no room for the copies."""
    code = """if 1:
        import resource
        import numpy as np
        import fastact as fa
        fa.set_num_threads(2)
        x = np.ones((2, 1 << 23), np.float32)[:, ::2]
        out = np.empty(x.shape, x.dtype)
        fa.softmax(x, out=out)
        pages = int(open("/proc/self/statm").read().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (1 << 26), -1))
        try:
            fa.softmax(x, out=out)
        except MemoryError:
            print("no memory")
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
        print(fa.softmax(x, out=out)[1, 0] * x.shape[1])
        """
    assert run(code).split("\n") == ["no memory", "1.0"]
