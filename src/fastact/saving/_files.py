"""Files: replaced whole or not at all, and read without believing what they say about themselves."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import zipfile
from contextlib import contextmanager, suppress

#: How many bytes one byte of a file may stand for. Weights hardly compress; zeros do, a thousandfold.
EXPANSION = 10


@contextmanager
def replacing(path):
    """A new file that takes the place of `path` when the block has ended well; else the old one stays."""
    target = os.path.realpath(path)  # a link goes on pointing at what is saved
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):  # whatever is wrong with the folder is in the first error
            os.remove(temporary)
        if isinstance(error, OSError) and error.filename == temporary:
            raise OSError(error.errno, error.strerror, os.fspath(path)) from None
        raise


def size_of(file) -> int:
    """The number of bytes that are really there."""
    here = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(here)
    return size


def allowed_bytes(file) -> int:
    """How much memory the contents of a file may take."""
    return EXPANSION * size_of(file)


def unzipped(file) -> dict[str, bytes]:
    """The members of a zip archive by name, if they fit into memory together."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        if total > allowed_bytes(file):
            raise ValueError(f"it would unpack to {total:,} bytes, more than {EXPANSION} times its size")
        return {member.filename: content(archive, member) for member in members}


def content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """As many bytes of a member as it states; `archive.read` would unpack more before it counts them."""
    with archive.open(member) as stream:
        return stream.read(member.file_size)


def parsed_json(text: bytes | str) -> dict:
    """The object that a JSON text stands for."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"a JSON object is expected, got {type(value).__name__}")
    return value
