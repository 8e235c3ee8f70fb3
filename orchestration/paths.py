"""Where Apportion keeps things on this machine.

Belongs here: the folders and the two environment variables that move them.
Belongs elsewhere: database addresses (``orchestration.database.connection``).
"""

import os
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
# dbt of this environment; its log file has what went wrong, the rest is printed as it goes and in run_results.json.
DBT_COMMAND = (sys.executable, "-m", "orchestration.dbt.command", "--no-use-colors", "--log-level-file", "warn")


def home() -> Path:
    """The state folder: ``APPORTION_HOME``, by default ``.apportion`` beside the code."""
    return Path(os.environ.get("APPORTION_HOME", PROJECT_ROOT / ".apportion")).resolve()


def book_folder() -> Path:
    """The book in use: ``APPORTION_BOOK``, by default the example book."""
    return Path(os.environ.get("APPORTION_BOOK", PROJECT_ROOT / "examples" / "book")).resolve()


def inbox_folder() -> Path:
    """Where files land: ``APPORTION_INBOX``, by default ``inbox`` in the state folder."""
    return Path(os.environ.get("APPORTION_INBOX", home() / "inbox")).resolve()


def file_store_folder() -> Path:
    """Delivered files, kept whole under their content hash."""
    return home() / "files"


def documents_folder() -> Path:
    """Bills, statements, exports: one folder per period."""
    return home() / "documents"


def bank_folder() -> Path:
    """Where approved payment files are put: ``APPORTION_BANK``, by default ``bank/out`` in the state folder."""
    return Path(os.environ.get("APPORTION_BANK", home() / "bank" / "out")).resolve()
