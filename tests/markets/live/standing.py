"""What a process holds while a desk runs in it."""

from __future__ import annotations

import asyncio
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from cockpit.desk import Desk
from tests.census import census
from tests.loopback import Loopback


@dataclass
class Standing:
    """What this process holds; `objects` are those that the collector knows, `blocks` all that Python has allocated."""

    threads: int
    descriptors: int
    megabytes: float
    tasks: int = 0
    sockets: int = 0
    objects: int = 0
    blocks: int = 0

    def __str__(self) -> str:
        held = f"{self.tasks} tasks, {self.threads} threads, {self.descriptors} files, {self.sockets} WebSockets"
        return f"{self.megabytes:.1f} MB, {self.objects:,} objects, {self.blocks:,} blocks, {held}"

    @classmethod
    def now(cls, loopback: Loopback, desk: Desk | None = None) -> Standing:
        """Counted, after everything that is unreachable is gone."""
        objects = census().total()
        status = Path("/proc/self/status").read_text()
        kilobytes = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS"))
        network = getattr(desk._feed, "_network", None) if desk is not None else None
        tasks = len(asyncio.all_tasks(network._loop)) if network is not None else 0
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        return cls(
            threads=threading.active_count(),
            descriptors=files,
            megabytes=kilobytes / 1024,
            objects=objects,
            blocks=sys.getallocatedblocks(),
            tasks=tasks,
            sockets=loopback.open_sockets,
        )
