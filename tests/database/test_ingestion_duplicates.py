"""Rows that come twice: equal ones are duplicates, others conflicts; digests do not depend on the order of arrival."""

import hashlib
import random

import pytest

from assets.ingestion import dispositions, usage_load
from assets.ingestion.digests import usage_digest
from tests.database.calls_inbox import Inbox
from tests.unit.ingestion.reading import call

pytestmark = pytest.mark.database


@pytest.fixture
def inbox(connection, tmp_path) -> Inbox:
    return Inbox(connection, tmp_path)


@pytest.mark.parametrize(
    ("few_lines", "rows_per_group"),
    [(0, usage_load.ROWS_PER_GROUP), (dispositions.FEW_LINES, usage_load.ROWS_PER_GROUP), (dispositions.FEW_LINES, 1)],
    ids=["read again", "picked", "each file a group"],
)
def test_equal_rows_are_duplicates_of_the_smallest_place_within_a_batch(inbox, monkeypatch, few_lines, rows_per_group):
    monkeypatch.setattr(dispositions, "FEW_LINES", few_lines)
    monkeypatch.setattr(usage_load, "ROWS_PER_GROUP", rows_per_group)
    monkeypatch.setattr(usage_load, "ROWS_OF_A_LARGE_FILE", 3)  # the first file is large, the second is not
    inbox.put("voice_1.csv", call(1), call(2), call(1, seconds="60.000"))
    inbox.put("voice_2.csv", call(3), call(1))
    hashes = {
        name: hashlib.sha256((inbox.landing / name).read_bytes()).hexdigest() for name in ("voice_1.csv", "voice_2.csv")
    }
    inbox.ingest()
    places = sorted(
        [
            (hashes["voice_1.csv"], "voice_1.csv", 2),
            (hashes["voice_1.csv"], "voice_1.csv", 4),
            (hashes["voice_2.csv"], "voice_2.csv", 3),
        ]
    )
    assert inbox.dispositions() == sorted((name, line, "duplicate") for _, name, line in places[1:])
    raw = inbox.rows("select raw_line from inbox.row_dispositions order by 1")
    assert all(line.startswith("c1,") for (line,) in raw)


@pytest.mark.parametrize("order", [("voice_1.csv", "voice_2.csv"), ("voice_2.csv", "voice_1.csv")])
def test_other_content_under_one_event_id_makes_conflicts_of_all_its_rows_in_either_order(inbox, order):
    contents = {
        "voice_1.csv": [call(1), call(2), call(1)],
        "voice_2.csv": [call(1, seconds="600"), call(3)],
    }
    for name in order:
        inbox.put(name, *contents[name])
        inbox.ingest()
    assert inbox.accepted() == [("voice_1.csv", 3), ("voice_2.csv", 3)]
    conflicts = [row for row in inbox.dispositions() if row[2] == "conflict"]
    assert conflicts == [("voice_1.csv", 2, "conflict"), ("voice_1.csv", 4, "conflict"), ("voice_2.csv", 2, "conflict")]
    assert inbox.rows("select count(*) from inbox.row_dispositions where raw_line is null or event_key is null") == [
        (0,)
    ]
    assert inbox.rows(
        "select file_name, rows_read, rows_accepted, rows_duplicate, rows_conflict from inbox.file_accounts order by 1"
    ) == [("voice_1.csv", 3, 1, 0, 2), ("voice_2.csv", 2, 1, 0, 1)]


def test_a_conflict_found_later_does_not_change_the_digest_of_an_earlier_seal(inbox):
    inbox.put("voice_1.csv", call(1), call(2))
    sealed = inbox.ingest().batch_id
    before = usage_digest(inbox.connection, sealed)
    inbox.put("voice_2.csv", call(1, seconds="600"))
    report = inbox.ingest()
    assert report.older_rows_in_conflict == 1
    assert usage_digest(inbox.connection, sealed) == before
    assert usage_digest(inbox.connection, report.batch_id) != before


def test_a_conflict_stays_one_when_one_of_its_contents_comes_again(inbox):
    for name, seconds in (("voice_1.csv", "60"), ("voice_2.csv", "600"), ("voice_3.csv", "60")):
        inbox.put(name, call(1, seconds=seconds), call(int(name[6]) + 10))
        inbox.ingest()
    assert [row[2] for row in inbox.dispositions()] == ["conflict"] * 3


def test_the_line_of_a_gzipped_older_file_is_found_again_for_a_later_conflict(inbox):
    inbox.put("voice_1.csv.gz", call(7), call(1), end="\r\n")
    inbox.ingest()
    inbox.put("voice_2.csv", call(1, seconds="600"))
    inbox.ingest()
    assert inbox.rows(
        "select raw_line from inbox.row_dispositions where file_id in "
        "(select file_id from inbox.files where file_name = 'voice_1.csv.gz')"
    ) == [(call(1),)]


def _deliver(inbox: Inbox, chance: random.Random, rows: list[str]) -> None:
    """The rows in random order, cut into random files, packed or not, in random batches."""
    rows, number = chance.sample(rows, len(rows)), 0
    while rows:
        for _ in range(chance.randint(1, 3)):
            cut = chance.randint(1, 40)
            part, rows = rows[:cut], rows[cut:]
            if part:
                number += 1
                name = f"voice_{number}.csv" + chance.choice(["", ".gz"])
                inbox.put(name, *part, end=chance.choice(["\n", "\r\n"]))
        inbox.ingest()


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_split_merged_and_repeated_files_give_one_digest(inbox, monkeypatch, seed):
    chance = random.Random(seed)
    rows = [call(number, seconds=str(number)) for number in range(120)]
    rows += [call(number, seconds=f"{number}.0") for number in range(0, 30)]
    rows += [call(number, seconds="999") for number in range(20, 25)]
    rows += [call(500, seconds="NaN"), "", 'x"']
    inbox.put("voice_all.csv", *rows)
    inbox.ingest()
    together, accepted = inbox.digest(), len(inbox.accepted())
    assert accepted == 115
    inbox.connection.rollback()
    monkeypatch.setattr(usage_load, "ROWS_PER_GROUP", (1, 40, usage_load.ROWS_PER_GROUP)[seed % 3])
    monkeypatch.setattr(usage_load, "ROWS_OF_A_LARGE_FILE", (30, usage_load.ROWS_OF_A_LARGE_FILE)[seed % 2])
    again = Inbox(inbox.connection, inbox.store)
    _deliver(again, chance, rows)
    assert again.digest() == together
    assert len(again.accepted()) == accepted
