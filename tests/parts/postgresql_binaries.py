"""PostgreSQL from local binaries, in a temporary folder, on a loopback port with a password made for the occasion."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.parts.unavailable import Unavailable

ACCOUNT = "postgres"
"""Whom root becomes: the server refuses to run as root."""

SETTINGS = {
    "fsync": "on",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "min_wal_size": "512MB",
    "wal_compression": "lz4",
    "log_min_messages": "fatal",
}


def find_binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``: of the newest version of Debian's packages, else of the path."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: _version(path.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent


def _version(name: str) -> float:
    with suppress(ValueError):
        return float(name)
    return 0.0


class Binaries:
    """A server of our own, see ``tests.parts.postgresql.Engine``. Runs until ``close``."""

    def __init__(self, binaries: Path, port: int) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="sluicegate-pg-"))
        self._data = self._folder / "data"
        self._user = _account()
        self.port = port
        self.password = secrets.token_urlsafe(16)
        try:
            self._initialise()
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def start(self) -> None:
        """After a kill, orphans of the dead server may hold its memory for a moment."""
        deadline = time.monotonic() + 30
        options = " ".join(
            f"-c {name}={value}" for name, value in {**SETTINGS, "port": self.port, "unix_socket_directories": self._folder}.items()
        )
        while True:
            done = self._run("pg_ctl", "start", "-w", "-t", "30", "-D", self._data, "-l", self._folder / "log", "-o", options)
            if done.returncode == 0:
                return
            if time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL does not start: {(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.2)

    def kill(self) -> None:
        """SIGKILL to the server and every process of it: what it had not made durable is gone."""
        main = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        for process in (main, *_children(main)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def close(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self.password)
        if self._user is not None:
            for path in (self._folder, secret):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        options = ("--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
        done = self._run("initdb", *options, "-D", self._data)
        secret.unlink()
        if done.returncode:
            raise Unavailable(f"initdb failed: {done.stderr[-2000:]}")

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        # output goes to a file: a server started by pg_ctl keeps what it inherits open
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._binaries / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                user=None if self._user is None else self._user.pw_uid,
                group=None if self._user is None else self._user.pw_gid,
                extra_groups=None if self._user is None else [],
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", output.read())


def _account() -> pwd.struct_passwd | None:
    """Whom to become; None when we may stay who we are."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise Unavailable(f"PostgreSQL does not run as root, and there is no account {ACCOUNT}") from None


def _children(parent: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in found.split()]
