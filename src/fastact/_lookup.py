"""Find a thing by the name that a user gave, or say which name is close."""

from __future__ import annotations

from collections.abc import Collection


def plain(name: str) -> str:
    """A name without what need not be spelt right: case and underscores."""
    return name.lower().replace("_", "")


def unknown(kind: str, name: str, known: Collection[str], others: Collection[str] = ()) -> str:
    """What to say of a name that is none of a `kind` of thing: which is close, if any is, and which there are.

    `others` are understood, too, but not listed.
    """
    from difflib import get_close_matches  # here, as it takes a tenth of the time of importing fastact

    spellings = {plain(key): key for key in (*known, *others)}
    close = get_close_matches(plain(name), spellings, n=1)
    closest = f"the closest is {spellings[close[0]]!r}, and " if close else ""
    return f"unknown {kind} {name!r}; {closest}there are: {', '.join(known)}"


def lookup(kind: str, name: str, known: dict):
    """The entry of `known` called `name`, whatever its case and with or without underscores.

    Raises
    ------
    ValueError
        If there is none; the message says what `kind` of thing was looked for, what is close, and what there is.
    """
    if name in known:
        return known[name]
    spellings = {plain(key): key for key in known}
    if plain(name) not in spellings:
        raise ValueError(unknown(kind, name, known))
    return known[spellings[plain(name)]]
