"""Fixtures of the end-to-end tests: a small month as it landed, and one that was billed undisturbed."""

from pathlib import Path

import pytest

from assets.synthetic.generate import generate_month
from tests.pipeline import PERIOD, PROJECT_ROOT, Pipeline


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> Path:
    """A small month, as it landed."""
    folder = tmp_path_factory.mktemp("landed") / "inbox"
    generate_month(folder, PROJECT_ROOT / "examples" / "book", period_month="2026-10", events=3_000, customers=300)
    return folder


@pytest.fixture(scope="module")
def undisturbed(new_pipeline, landed) -> Pipeline:
    """The small month, taken in and billed without anything going wrong."""
    pipeline = new_pipeline(inbox=landed)
    pipeline.run("ingest")
    pipeline.run("bill-run", PERIOD)
    return pipeline
