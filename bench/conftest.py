"""What every benchmark gets: the sizes, and an option for the large ones."""

from __future__ import annotations

from fastact import _dispatch


def pytest_addoption(parser) -> None:
    parser.addoption("--big", action="store_true", help="run what is marked big, too")


def pytest_configure(config) -> None:
    config.addinivalue_line("markers", "big: 10 million elements; run with --big only")


def pytest_report_header() -> str:
    return f"instruction set: {_dispatch.INSTRUCTION_SET}"


def pytest_collection_modifyitems(config, items) -> None:
    if not config.getoption("--big"):
        big = [item for item in items if item.get_closest_marker("big")]
        items[:] = [item for item in items if item not in big]
        config.hook.pytest_deselected(items=big)
