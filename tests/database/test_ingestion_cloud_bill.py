"""A real cloud bill (FOCUS 1.0 sample) taken in by a usage specification alone: no code knows its columns."""

import csv
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from assets.catalog.models.usage_specification import UsageSpecification
from assets.ingestion.ingest import ingest_folder

pytestmark = pytest.mark.database

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "cloud_billing" / "focus_1.0_sample_1000.csv"

SPECIFICATION = """
id: focus
service: cloud
name: {en: Cloud charges}
file: {name_pattern: "focus_*.csv*", format: csv, null_text: "NULL", extra_columns: ignored}
event_id: [charge_id]
event_time: period_start
served_by: {characteristic: account, identifier_kind: cloud-account}
age_limit_days: 3650
characteristics:
  - {id: charge_id, column: Id, type: text, max_length: 20}
  - {id: period_start, column: ChargePeriodStart, type: timestamp, format: "%Y-%m-%d %H:%M:%S", assume_offset: "+00:00"}
  - {id: account, column: SubAccountId, type: text, max_length: 80}
  - {id: provider, column: ProviderName, type: code, priced_by: value}
  - {id: category, column: ChargeCategory, type: code, priced_by: value}
  - {id: tags, column: Tags, type: detail, required: false, max_length: 4000}
  - {id: billed_cost, column: BilledCost, type: quantity, unit: USD, slot: 1, scale: 11, minimum: "-100000",
     maximum: "100000"}
"""


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the FOCUS sample is not beside the project")
def test_a_thousand_charges_are_accounted_for_and_sum_to_the_last_digit(connection, tmp_path):
    specification = UsageSpecification.model_validate(YAML(typ="safe").load(SPECIFICATION))
    connection.execute("insert into catalog.usage_specifications (usage_specification_code) values ('focus')")
    (tmp_path / "inbox").mkdir()
    shutil.copy(SAMPLE, tmp_path / "inbox")
    report = ingest_folder(
        connection,
        tmp_path / "inbox",
        tmp_path / "store",
        [specification],
        dagster_run_id=None,
        now=datetime(2026, 11, 24, tzinfo=UTC),
    )
    (entry,) = report.files
    with SAMPLE.open(newline="") as reader:
        expected = sum(Decimal(row["BilledCost"]) for row in csv.DictReader(reader))
    assert (entry.rows_read, entry.rows_accepted, entry.rows_rejected) == (1000, 1000, 0)
    assert Decimal(entry.quantity_units_accepted).scaleb(-11) == expected == Decimal("20.52022672899")
    assert connection.execute("select sum(quantity_units) from inbox.usage_rows").fetchone() == (2052022672899,)
