"""Find a thing by the name that a user gave, or say which name comes closest."""

from __future__ import annotations

from difflib import get_close_matches


def lookup(kind: str, name: str, known: dict):
    """The entry of `known` called `name`, whatever its case and with or without underscores.

    Raises
    ------
    ValueError
        If there is none; the message says what `kind` of thing was looked for and names the closest.
    """
    if name in known:
        return known[name]
    spellings = {key.lower().replace("_", ""): key for key in known}
    key = name.lower().replace("_", "")
    if key not in spellings:
        close = spellings[get_close_matches(key, spellings, n=1, cutoff=0.0)[0]]
        raise ValueError(
            f"unknown {kind} {name!r}; the closest is {close!r}, and there are: {', '.join(known)}"
        )
    return known[spellings[key]]
