"""What every benchmark gets: how many threads it may use, and an option for the large sizes."""

from __future__ import annotations

import fastact as fa
from fastact import _dispatch


def pytest_addoption(parser) -> None:
    parser.addoption("--big", action="store_true", help="run what is marked big, too")
    parser.addoption("--threads", type=int, default=1, help="how many threads fastact and its rivals may use")


def pytest_configure(config) -> None:
    fa.set_num_threads(config.getoption("--threads"))
    config.addinivalue_line("markers", "big: 10 million elements; run with --big only")


def pytest_report_header() -> str:
    return f"instruction set: {_dispatch.INSTRUCTION_SET}, at most {fa.get_num_threads()} threads"


def pytest_collection_modifyitems(config, items) -> None:
    if not config.getoption("--big"):
        big = [item for item in items if item.get_closest_marker("big")]
        items[:] = [item for item in items if item not in big]
        config.hook.pytest_deselected(items=big)
