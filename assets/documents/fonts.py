"""The fonts of the documents: static, few, and in the repository, so that a page is the same bytes on every machine.

Belongs here: which fonts there are, which characters they can draw, how they were made from the Noto packages.
Belongs elsewhere: giving them to WeasyPrint (``assets.documents.render``), sizes, weights (``templates/css``).

A variable font costs WeasyPrint an instance per document and seconds of set-up, so ``python -m assets.documents.fonts``
cuts static files once: one weight each, the scripts we print, the features we use.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FONTS = TEMPLATES / "fonts"


@dataclass(frozen=True, slots=True)
class Font:
    """One static TTF in ``templates/fonts``; ``source`` is where it is cut from: package and file."""

    file_name: str
    family: str
    weight: int
    source: tuple[str, str]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FONTS / self.file_name


_SANS = ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf")
_ARABIC = ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf")
# npm package @fontsource/noto-sans-jp 5.3.0, file noto-sans-jp-japanese-400-normal.woff2, unpacked to TTF.
_JAPANESE = ("@fontsource/noto-sans-jp", "files/noto-sans-jp-japanese-400-normal.woff2")

BUNDLED_FONTS = (
    Font("NotoSans-Regular.ttf", "Noto Sans", 400, _SANS),
    Font("NotoSans-SemiBold.ttf", "Noto Sans", 600, _SANS),
    Font("NotoSansArabic-Regular.ttf", "Noto Sans Arabic", 400, _ARABIC),
    Font("NotoSansArabic-SemiBold.ttf", "Noto Sans Arabic", 600, _ARABIC),
    Font("NotoSansJP-Regular.ttf", "Noto Sans JP", 400, _JAPANESE),
)

# Latin with all its extensions, Greek, Cyrillic, punctuation, currency signs, arrows, a few symbols; Arabic.
_RANGES = (
    (0x0020, 0x007E), (0x00A0, 0x024F), (0x02B0, 0x03FF), (0x0400, 0x052F), (0x0600, 0x06FF), (0x0750, 0x077F),
    (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x214F), (0x2190, 0x21FF),
    (0x2200, 0x22FF), (0x25A0, 0x25FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF),
)  # fmt: skip
_FEATURES = [
    "kern",
    "mark",
    "mkmk",
    "ccmp",
    "locl",
    "liga",
    "rlig",
    "init",
    "medi",
    "fina",
    "isol",
    "calt",
    "tnum",
    "lnum",
]


@lru_cache(maxsize=1)
def drawable_characters() -> frozenset[str]:
    """Every character that some bundled font has a glyph for."""
    from fontTools.ttLib import TTFont

    codes: set[int] = set()
    for font in BUNDLED_FONTS:
        with TTFont(font.path, lazy=True) as opened:
            codes |= opened.getBestCmap().keys()
    return frozenset(map(chr, codes))


def cut_static_font(font: Font, into: Path) -> Path:
    """Cut one static TTF out of the variable font of a Noto package; the same input gives the same bytes."""
    from importlib.resources import files

    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    package, file_name = font.source
    with TTFont(str(files(package) / "files" / file_name), recalcTimestamp=False) as opened:
        options = Options(layout_features=_FEATURES, hinting=False, name_IDs=["*"], notdef_outline=True)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in _RANGES for code in range(first, last + 1)])
        subsetter.subset(opened)
        static = instancer.instantiateVariableFont(opened, {"wght": font.weight, "wdth": 100})
        path = into / font.file_name
        static.save(path)
    return path


if __name__ == "__main__":
    for bundled in BUNDLED_FONTS:
        if bundled.source[0].startswith("fontpkg"):
            print(cut_static_font(bundled, FONTS))
