"""The program as a stranger starts it: one command, then people with browsers."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.migrated import migrated
from tests.servers import free_port

PASSWORD = "a-password-for-the-tests"
SCREENSHOTS = settings.BASE_DIR / "var" / "screenshots"
READY_WITHIN = 180  # seconds; a loaded machine seeds slowly
SWEEP_EVERY = timedelta(seconds=2)


class Product:
    """`manage.py serve` with the demo company in a folder of its own.

    `fresh` begins as a stranger does, with nothing; else tables made before are used where they are.
    """

    def __init__(self, var: Path, *, fresh: bool = False) -> None:
        self.var, self.said = var, var / "serve.txt"
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.env = {
            **os.environ,
            "VAR_DIR": str(var),
            "DATABASE_URL": f"sqlite:///{var / 'raci.sqlite3'}",
            "PORT": str(port),
            "SITE_URL": self.url,
            "DEMO_PASSWORD": PASSWORD,
            "SWEEP_SECONDS": f"{SWEEP_EVERY.total_seconds():.0f}",
            "DELIVER_SECONDS": "1",
        }
        if not fresh and migrated().exists():
            shutil.copyfile(migrated(), var / "raci.sqlite3")

    @contextmanager
    def running(self) -> Iterator["Product"]:
        """Started, ready, and stopped at the end as by Ctrl-C."""
        command = [sys.executable, "manage.py", "serve"]
        with (
            self.said.open("w") as said,
            subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=self.env, stdout=said, stderr=said
            ) as process,
        ):
            try:
                self._wait_until_ready(process)
                yield self
            finally:
                process.send_signal(signal.SIGINT)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        give_up_at = time.monotonic() + READY_WITHIN
        while time.monotonic() < give_up_at:
            assert process.poll() is None, f"serve ended: {self.said.read_text()}"
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.5)
        raise AssertionError(f"not ready within {READY_WITHIN} s")

    def manage(self, *arguments: str) -> str:
        """What a command prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def api(self, username: str) -> httpx.Client:
        """The JSON API as this person."""
        token = self.manage("api_token", username).strip()
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {token}"}
        )

    def heartbeat(self) -> datetime:
        """When scheduler and worker last proved that they live."""
        where = f"file:{self.var / 'raci.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(where, uri=True)) as database:
            beat = "SELECT at FROM incidents_heartbeat WHERE name = 'scheduler'"
            (at,) = database.execute(beat).fetchone()
        return datetime.fromisoformat(at)

    def mails(self) -> list[EmailMessage]:
        """Every mail that was sent, in no particular order."""
        found: list[EmailMessage] = []
        for path in (self.var / "mail").glob("*"):
            raws = re.split(rb"\n-{79}\n", path.read_bytes())
            found += [
                message_from_bytes(raw.strip(), policy=policy.default)
                for raw in raws
                if raw.strip()
            ]
        return found


class Visitor:
    """One signed-in person with a browser of their own."""

    def __init__(self, browser: Browser, product: Product, username: str) -> None:
        self.product = product
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, timezone_id="Europe/Berlin"
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.open("/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", PASSWORD)
        self.page.get_by_role("button", name="Log in").click()

    def open(self, path: str) -> None:
        self.page.goto(self.product.url + path)

    def photograph(self, name: str) -> None:
        """The page as it looks now, kept under var/ for whoever reads the run."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def follow_matching(self, pattern: str) -> None:
        self.page.get_by_role("link", name=re.compile(pattern)).first.click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, **fields: str) -> None:
        for field, text in fields.items():
            self.page.fill(f"#id_{field}", text)

    def choose(self, **fields: str) -> None:
        for field, label in fields.items():
            self.page.select_option(f"#id_{field}", label=label)

    def find(self, field: str, text: str) -> None:
        """Type into a searching field, by keyboard, and take the first that is found."""
        self.page.locator(f"#id_{field} + .select2").click()
        self.page.keyboard.type(text)
        options = self.page.locator(".select2-results__option")
        expect(options.filter(has_text=text).first).to_be_visible()
        taken = self.page.locator(".select2-results__option--highlighted")
        for _ in range(options.count()):
            if text in taken.inner_text():
                break
            self.page.keyboard.press("ArrowDown")
        expect(taken).to_contain_text(text)
        self.page.keyboard.press("Enter")

    def act(self, verb: str, **fields: str) -> None:
        """One verb page: open it, say what must be said, press its button."""
        self.follow(verb)
        self.fill(**fields)
        self.press(verb)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()
