"""A pack revision as texts: read from a folder, written to one. Owns no meaning of packs (`pack_loader`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from qa_service.errors import ErrorCode, InvalidInput

_PLACE = re.compile(r"(?:[a-z]{2}/[\w.-]+\.yaml|lists/[\w.-]+\.(?:txt|csv))")


def read_pack_files(rules_dir: Path) -> dict[str, str]:
    """Path within the folder → text, of packs, cues and lists; policies and rubrics are no part of a revision.

    Raises:
        InvalidInput: there is no pack, or a file is not UTF-8.
    """
    found: dict[str, str] = {}
    for path in sorted((*rules_dir.glob("*/*.yaml"), *rules_dir.glob("lists/*.*"))):
        place = f"{path.parent.name}/{path.name}"
        if _PLACE.fullmatch(place):
            try:
                found[place] = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                problem = f"{place}: must be UTF-8 to be published; save it so"
                raise InvalidInput(problem, code=ErrorCode.INVALID_ENCODING, field=place) from None
    if not any(place.endswith(".yaml") for place in found):
        problem = f"{rules_dir} holds no pack (zh/abuse.yaml); give a folder of packs"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="folder")
    return found


def write_pack_files(files: Mapping[str, str], folder: Path) -> None:
    """Write a revision to an empty folder; the same bytes, so the same digest.

    Raises:
        InvalidInput: a path that is no pack, cue file or list.
    """
    for place, text in files.items():
        if not _PLACE.fullmatch(place):
            problem = f"{place[:80]!r} is no pack (zh/abuse.yaml) and no list (lists/words.txt)"
            raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="files")
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
