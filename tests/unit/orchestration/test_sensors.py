"""The inbox sensor starts an intake once per state of the landing folder, and waits for files that still grow."""

import dagster as dg

from orchestration.sensors import inbox_sensor


def evaluate(cursor: str | None = None):
    context = dg.build_sensor_context(cursor=cursor)
    return inbox_sensor(context), context.cursor


def test_an_empty_or_missing_landing_folder_starts_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("APPORTION_INBOX", str(tmp_path / "not-there"))
    result, _ = evaluate()
    assert isinstance(result, dg.SkipReason)


def test_a_landed_file_starts_one_intake_and_not_another(tmp_path, monkeypatch):
    monkeypatch.setenv("APPORTION_INBOX", str(tmp_path))
    (tmp_path / "voice_1.csv").write_text("call_id\n")
    result, cursor = evaluate()
    assert isinstance(result, dg.RunRequest)
    again, _ = evaluate(cursor)
    assert isinstance(again, dg.SkipReason)


def test_a_file_that_still_grows_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setenv("APPORTION_INBOX", str(tmp_path))
    (tmp_path / "voice_1.csv.part").write_text("call_id\n")
    (tmp_path / "voice_2.csv.manifest.json").write_text("{}")
    result, _ = evaluate()
    assert isinstance(result, dg.SkipReason)
