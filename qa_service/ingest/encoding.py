"""Which encoding a text file has: UTF-8 (with or without BOM) or GB18030, by strict decoding. Owns no content."""

from __future__ import annotations

import codecs
from functools import partial
from pathlib import Path

from qa_service.errors import ErrorCode, InvalidInput

# GB18030 includes GBK and GB2312. UTF-8 comes first: Chinese GB18030 text is hardly ever valid UTF-8.
CANDIDATES = ("utf-8-sig", "gb18030")
CHUNK_SIZE = 64 * 1024


def detect_encoding(path: Path) -> str:
    """Return the first candidate that decodes the whole file, read in pieces.

    Raises:
        InvalidInput: `invalid_encoding` if none does.
    """
    for encoding in CANDIDATES:
        if _decodes(path, encoding):
            return encoding
    problem = "file: is neither UTF-8 nor GB18030; save it as UTF-8"
    raise InvalidInput(problem, code=ErrorCode.INVALID_ENCODING, field="file")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as stream:
            for chunk in iter(partial(stream.read, CHUNK_SIZE), b""):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
