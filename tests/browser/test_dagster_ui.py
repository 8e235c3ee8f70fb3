"""Finance launches a bill run in the real Dagster UI, in a real browser: graph, launchpad, run, checks, metadata.

Screenshots go to the git-ignored folder ``test-output/``.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.conftest import CUSTOMERS
from tests.pipeline import PERIOD, PROJECT_ROOT, Pipeline

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
IN_CI = os.environ.get("CI", "").lower() == "true"
SCREENSHOTS = PROJECT_ROOT / "test-output"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.database,
    pytest.mark.slow,
    # In CI a missing browser is a failure, not a skip.
    pytest.mark.skipif(CHROMIUM is None and not IN_CI, reason="chromium is not installed: apt-get install chromium"),
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _dagster_ui(pipeline: Pipeline):
    port = _free_port()
    log = (pipeline.home / "ui.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli.main", "ui", "--port", str(port)],
        cwd=PROJECT_ROOT, env=pipeline.environment(), stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{url}/server_info", timeout=2)
                break
            except OSError:
                assert process.poll() is None, (pipeline.home / "ui.log").read_text()[-3000:]
                time.sleep(0.5)
        yield url
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        for member in [*family, psutil.Process(process.pid)]:
            if member.is_running():
                member.terminate()
        # Started where interrupts are ignored (in the background of a script), Dagster ignores being terminated too.
        _, survivors = psutil.wait_procs(family, timeout=20)
        for member in survivors:
            member.kill()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def pipeline(small_month) -> Pipeline:
    return small_month("taken in")


@pytest.fixture
def page():
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        )  # fmt: skip
        yield browser.new_page(viewport={"width": 1600, "height": 1000})
        browser.close()


def _shot(page, name: str) -> Path:
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=str(path))
    assert path.stat().st_size > 10_000
    return path


def _choose_partition(page) -> None:
    """As a person does: type it, and type it again when the page was still loading and forgot it."""
    from playwright.sync_api import TimeoutError as NotYet

    field = page.get_by_placeholder("Partition")
    for _ in range(5):
        field.click(timeout=60_000)
        field.fill("")
        field.fill(PERIOD)
        try:
            page.get_by_text(PERIOD, exact=True).first.click(timeout=12_000)
        except NotYet:
            continue
        return
    raise AssertionError(f"the launchpad offers no partition {PERIOD}")


def test_finance_sees_the_chain_launches_the_bill_run_and_reads_its_checks(page, pipeline):
    with _dagster_ui(pipeline) as url:
        page.goto(f"{url}/asset-groups")
        for group in (
            "catalog",
            "usage",
            "rating",
            "billing",
            "settlement",
            "published",
            "ledger",
            "documents",
            "payments",
        ):
            page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
        page.wait_for_timeout(1_500)
        _shot(page, "1-asset-graph")

        page.goto(f"{url}/locations/apportion/jobs/bill_run/playground")
        _choose_partition(page)
        _shot(page, "2-launchpad")
        page.get_by_role("button", name="Launch Run").click()
        page.wait_for_url("**/runs/**", timeout=60_000)
        page.get_by_text("Success", exact=True).first.wait_for(timeout=240_000)
        page.wait_for_timeout(1_000)
        _shot(page, "3-run-finished")

        page.goto(f"{url}/assets/build/fct_reconciliation?view=checks")
        page.get_by_text("gate_lines_before_posting").first.wait_for(timeout=60_000)
        page.get_by_text("Passed", exact=False).first.wait_for(timeout=60_000)
        _shot(page, "4-checks")

        page.goto(f"{url}/assets/published/fct_customer_bills?partition={PERIOD}")
        page.get_by_text("money_per_currency").first.wait_for(timeout=60_000)
        page.get_by_text("output_digest").first.wait_for(timeout=60_000)
        _shot(page, "5-metadata")

    assert pipeline.value("select state from control.bill_runs where period_id = %s", PERIOD) == "published"
    assert pipeline.value("select count(*) from published.fct_customer_bills") > CUSTOMERS * 0.8
