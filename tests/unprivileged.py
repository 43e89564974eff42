"""Lets tests that the superuser runs meet the permissions of an ordinary user."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NOBODY = 65534


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder whose parents every user may enter, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cockpit-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Within it the process has no more rights than an ordinary user."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        if not os.access(__file__, os.R_OK, effective_ids=True):
            pytest.skip("needs a checkout that other users may read")
        yield
    finally:
        os.seteuid(0)
