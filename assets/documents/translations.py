"""The texts that need translating: found in the templates and in the words of documents.

Belongs here: extraction, comparing a catalogue with what is used. Belongs elsewhere: using them (``phrases``).
``python -m assets.documents.translations`` prints what each catalogue lacks or holds in vain.
"""

from collections.abc import Iterator

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from assets.documents.fonts import TEMPLATES
from assets.money import FALLBACK_LANGUAGE, LOCALE_BY_LANGUAGE

TRANSLATED_LANGUAGES = tuple(sorted(set(LOCALE_BY_LANGUAGE) - {FALLBACK_LANGUAGE}))
_PYTHON_FILES = ("words.py", "phrases.py", "term_words.py")
_PLACES = tuple(
    f"%({name})s"
    for name in ("count", "name", "percent", "amount", "day", "days", "until", "item", "currency", "answer")
)
_KEYWORDS = {
    "N_": None,
    "_": None,
    "ngettext": (1, 2),
    "translated": None,
    "counted": (1, 2),
    "_with_name": None,
    "_with_amount": None,
}


def used_texts() -> set[str | tuple[str, ...]]:
    """Every text to translate; a pair is a singular and its plural."""
    return set(_found())


def _found() -> Iterator[str | tuple[str, ...]]:
    here = TEMPLATES.parent / "assets" / "documents"
    sources = [("jinja2.ext:babel_extract", path) for path in sorted(TEMPLATES.glob("*.j2"))]
    sources += [("python", here / name) for name in _PYTHON_FILES if (here / name).exists()]
    for method, path in sources:
        with path.open("rb") as handle:
            options = {"extensions": "jinja2.ext.i18n", "trimmed": "true"} if path.suffix == ".j2" else {}
            for _line, text, _comments, _context in extract(method, handle, keywords=_KEYWORDS, options=options):
                yield text


def read_catalogue(language: str) -> Catalog:
    """The catalogue of a language as it lies in ``templates/locale``."""
    with (TEMPLATES / "locale" / f"{language}.po").open("rb") as handle:
        return read_po(handle, locale=language)


def problems(language: str) -> list[str]:
    """What is wrong with a catalogue: texts missing, empty, fuzzy, unused; other plural forms or placeholders."""
    catalogue = read_catalogue(language)
    translated = {message.id: message for message in catalogue if message.id}
    used = used_texts()
    found = [f"{language}: no translation of {text!r}" for text in used - translated.keys()]
    found += [f"{language}: {text!r} is not used any more" for text in translated.keys() - used]
    for text, message in translated.items():
        string = message.string
        forms = (string,) if string is None or isinstance(string, str) else tuple(string)
        if not all(forms) or message.fuzzy:
            found.append(f"{language}: {text!r} is empty or fuzzy")
        if isinstance(text, tuple) and len(forms) != catalogue.num_plurals:
            found.append(f"{language}: {text!r} has {len(forms)} plural forms, expected {catalogue.num_plurals}")
        for name in _PLACES:
            source = str(text[-1] if isinstance(text, tuple) else text)
            if any((name in source) != (name in (form or "")) for form in forms):
                found.append(f"{language}: {text!r} and its translation differ in {name}")
    return sorted(found)


if __name__ == "__main__":
    for known in TRANSLATED_LANGUAGES:
        print("\n".join(problems(known)) or f"{known}: complete")
