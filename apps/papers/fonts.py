"""The fonts that documents are set in: Fandol from FONTS_DIR (deploy/fonts.sh brings them), and the system's Noto behind them.

Fandol lacks rare characters of place names (脿 in 法脿镇), which Noto then sets; without Fandol it sets everything.
"""

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

# By the name that paper.css calls them.
FILES = {
    "FangSong": "FandolFang-Regular.otf",
    "HeiTi": "FandolHei-Regular.otf",
    "KaiTi": "FandolKai-Regular.otf",
    "SongTi": "FandolSong-Regular.otf",
}


@lru_cache(maxsize=1)
def font_faces() -> str:
    """Return the rules that make the fonts known; nothing is fetched that is not on this machine."""
    found = {name: Path(settings.FONTS_DIR) / file for name, file in FILES.items()}
    missing = [file.name for file in found.values() if not file.exists()]
    if missing:
        logger.warning("fonts of documents are missing (%s), Noto stands in: run deploy/fonts.sh", ", ".join(missing))
    return "".join(
        f'@font-face {{ font-family: {name}; src: url("{file.as_uri()}"); }}\n'
        for name, file in found.items()
        if file.exists()
    )
