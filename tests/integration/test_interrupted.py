"""Kills, rivals and replays: the same digest whatever happens on the way."""

import gzip
import random
import shutil
import signal
from pathlib import Path

import pytest

from assets.synthetic.generate import generate_month
from tests.integration.conftest import PERIOD, PROJECT_ROOT, Pipeline

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.xdist_group("interrupted")]


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> Path:
    """A small month, as it landed."""
    folder = tmp_path_factory.mktemp("landed") / "inbox"
    generate_month(folder, PROJECT_ROOT / "examples" / "book", period_month="2026-10", events=3_000, customers=300)
    return folder


@pytest.fixture(scope="module")
def undisturbed(new_pipeline, landed) -> Pipeline:
    pipeline = new_pipeline(inbox=landed)
    pipeline.run("ingest")
    pipeline.run("bill-run", PERIOD)
    return pipeline


def redelivered(landed: Path, into: Path) -> None:
    """The same usage rows in other files: each file's rows shuffled, split in two, one pair merged; no manifests."""
    into.mkdir()
    chance = random.Random(7)
    for path in sorted(landed.iterdir()):
        is_usage = path.name.startswith(("voice_", "sms_", "data_", "iot_", "video_", "cloud_", "ehealth_"))
        if path.name.endswith(".manifest.json") and is_usage:
            continue
        if not (is_usage and path.name.endswith((".csv", ".csv.gz"))):
            shutil.copy(path, into / path.name)
            continue
        try:
            text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        except (EOFError, OSError, UnicodeDecodeError):
            shutil.copy(path, into / path.name)
            continue
        header, *rows = text.splitlines() or [""]
        if not rows:
            shutil.copy(path, into / path.name)
            continue
        chance.shuffle(rows)
        stem = path.name.split(".")[0]
        middle = len(rows) // 2
        for part, chunk in (("x", rows[:middle]), ("y", rows[middle:])):
            if chunk:
                (into / f"{stem}{part}.csv").write_text("\n".join([header, *chunk]) + "\n")


def test_files_shuffled_split_and_delivered_again_give_the_same_digest(new_pipeline, landed, undisturbed, tmp_path):
    folder = tmp_path / "inbox"
    redelivered(landed, folder)
    pipeline = new_pipeline(inbox=folder)
    pipeline.run("ingest")
    shutil.copytree(landed, pipeline.inbox, dirs_exist_ok=True)
    pipeline.run("ingest")
    pipeline.run("bill-run", PERIOD)
    assert pipeline.output_digest() == undisturbed.output_digest()


def test_of_two_bill_runs_started_at_once_one_does_it_and_the_other_says_so(undisturbed):
    before = undisturbed.output_digest()
    rivals = [undisturbed.start("bill-run", PERIOD) for _ in range(2)]
    outputs = [rival.communicate(timeout=400)[0] for rival in rivals]
    codes = sorted(rival.returncode for rival in rivals)
    assert codes == [0, 3], "\n".join(outputs)
    loser = outputs[[rival.returncode for rival in rivals].index(3)]
    assert "LeaseHeld" in loser
    assert undisturbed.output_digest() == before


@pytest.mark.parametrize("point", ["after_open", "during_build", "before_publish"])
def test_a_bill_run_killed_anywhere_gives_the_same_digest_when_started_again(undisturbed, point):
    before = undisturbed.output_digest()
    killed = undisturbed.start("bill-run", PERIOD, APPORTION_FAILPOINT=point)
    killed.communicate(timeout=400)
    assert killed.returncode == -signal.SIGKILL
    undisturbed.run("bill-run", PERIOD)
    assert undisturbed.output_digest() == before


def test_posting_killed_before_its_commit_leaves_no_gap_in_the_numbers(undisturbed):
    killed = undisturbed.start("post", PERIOD, APPORTION_FAILPOINT="mid_post_before_commit")
    killed.communicate(timeout=400)
    assert killed.returncode == -signal.SIGKILL
    assert undisturbed.value("select count(*) from ledger.customer_bills") == 0
    undisturbed.run("post", PERIOD)
    assert undisturbed.value("select count(*) from ledger.customer_bills") > 250
    assert (
        undisturbed.query(
            "select series_id from ledger.customer_bills group by 1 having min(number) <> 1 or max(number) <> count(*)"
        )
        == []
    )
