"""A real SSH server on loopback, for whoever runs the tests: keys, configuration and log in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.line.relay import HOST
from tests.pseudo_terminal import PATIENCE

SEPARATION = Path("/run/sshd")
"""The empty folder that sshd asks for when the superuser starts it."""
CONFIG = """\
ListenAddress {host}
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
PermitUserRC no
PrintMotd no
PrintLastLog no
MaxStartups 100
LogLevel ERROR
"""


class NoServer(Exception):
    """Why there is no SSH server to test with."""


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the folder with the keys."""

    folder: Path
    port: int

    def client(self, port: int, command: Sequence[str]) -> tuple[str, ...]:
        """The client that runs `command` on a terminal of the server's machine, over the line at `port`."""
        options = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": f"{self.folder}/known_hosts",
            "LogLevel": "ERROR",
        }
        named = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        who = f"{getpass.getuser()}@{HOST}"
        return ("ssh", "-F", "none", "-tt", "-i", f"{self.folder}/user_key", "-p", str(port), *named, who, shlex.join(command))


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server in that folder, proven to let us in. NoServer says why there is none."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if sshd is None or shutil.which("ssh") is None or shutil.which("ssh-keygen") is None:
        raise NoServer("needs an SSH server and client (openssh-server, openssh-client)")
    if os.geteuid() == 0:
        try:
            SEPARATION.mkdir(mode=0o755, exist_ok=True)
        except OSError as error:
            raise NoServer(f"sshd needs {SEPARATION}, which cannot be made: {error.strerror}") from None
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    (folder / "sshd_config").write_text(CONFIG.format(host=HOST, port=port, folder=folder), "utf-8")
    log = folder / "sshd.log"
    with log.open("wb") as errors:
        running = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd_config"], stdin=subprocess.DEVNULL, stderr=errors)
    try:
        server = Server(folder, port)
        _prove(server, running, log)
        yield server
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait()


def _prove(server: Server, running: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the server and log in once. NoServer with what it or the client says."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((HOST, server.port), timeout=PATIENCE).close()
            break
        except ConnectionRefusedError:
            if running.poll() is not None or time.monotonic() > limit:
                raise NoServer(f"sshd does not start: {_said(log)}") from None
            time.sleep(0.02)
    asked = subprocess.run(
        server.client(server.port, ["true"]), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
    )
    if asked.returncode != 0:
        raise NoServer(f"sshd does not let {getpass.getuser()} in: {asked.stderr.decode(errors='replace').strip()} {_said(log)}")


def _said(log: Path) -> str:
    return " ".join(log.read_text("utf-8", "replace").split())[-500:]
