"""Text that wants to steer a terminal, in every place that a cockpit reads, and the grammar of what a cockpit may write."""

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from cockpit.model.journal import JournalKind
from cockpit.model.text import is_safe
from tests.e2e.walking import SAMPLES, Home

MARK = "6666"
"""Stands in every hostile sequence; as a parameter of colours it is none that a driver writes."""
STOLEN = base64.b64encode(MARK.encode()).decode()
SEQUENCES = (
    f"\x1b[{MARK}m",
    f"\x1b]0;{MARK}\x07",
    f"\x1b]52;c;{STOLEN}\x07",
    f"\x1b]8;;http://{MARK}/\x1b\\",
    f"\x1bP{MARK}\x1b\\",
    f"\x9b{MARK}m",
    f"\x9d0;{MARK}\x9c",
    "\x1b[2J",
    "\x1bc",
    "\x00\x07\x08\x0e\x7f\x85",
    "\u202e\u2066\u200b\u200d\ufeff\u2028",
    "z" + "\u0336" * 30,
)
MARKUP = "[/][b]"
EVIL = f"Evil {MARKUP} [@click=app.quit]q[/] 漢字 " + "".join(SEQUENCES) + " end"
LONG = EVIL + " x" * 3000
HOLDS = "Evil [/][b] [@click=app.quit]q[/]"
"""What is left of it, as it stands."""

_SEEN = re.compile(
    r"""
    \x1b\[(?:\d{1,3}(?:;\d{1,3})?)?H            # the place to write at
    | \x1b\[\d{0,3}[ABCDGdKXb]                  # steps, columns, lines, erasing, repeating
    | \x1b\[(?:\d{1,3}(?:;\d{1,3})*)?m          # colours
    | \x1b\[[0-3]?J
    | \x1b\[\?(?:7|25|100[0-6]|1015|1016|1049|2004|2026|2048)[hl]
    | \x1b\[\?(?:2026|2048)\$p
    | \x1b\[(?:>\d{1,2}|<|=\d{1,2}|\?)u         # kitty's keys
    | \x1b\[[56]n | \x1b\[c                     # questions
    | \x1b\]22;[a-z-]{1,20}\x07                 # the shape of the mouse's pointer
    | \x1b\]8;;\x1b\\                           # no link
    | \x1b\]52;c;(?P<copied>[A-Za-z0-9+/=]*)\x07
    | (?P<moves>[\r\n\b\x18]+)
    | (?P<text>[^\x00-\x1f\x7f-\x9f]+)
    """,
    re.VERBOSE,
)


def check_bytes(raw: bytes) -> list[str]:
    """Every byte belongs to the sequences that a driver writes, or to visible text; what was copied, as text."""
    written, at, copied = raw.decode("utf-8"), 0, []
    while at < len(written):
        found = _SEEN.match(written, at)
        assert found is not None, f"{written[at : at + 40]!r} after {written[max(0, at - 60) : at]!r}"
        if found["text"]:
            assert is_safe(found["text"]), repr(found["text"])
        if found["copied"] is not None:
            copied.append(base64.b64decode(found["copied"]).decode("utf-8"))
        at = found.end()
    return copied


def check_text(text: str) -> None:
    """Lines of visible characters; those of CSV end as CSV wants it (RFC 4180)."""
    text = text.replace("\r\n", "\n")
    assert MARK not in text
    assert STOLEN not in text
    for row in text.splitlines():
        assert is_safe(row), repr(row)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)


def toml_string(text: str) -> str:
    """A TOML string that holds `text` exactly."""
    return '"' + "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in text) + '"'


def portfolio(folder: Path) -> Path:
    """The sample under a hostile name."""
    path = folder / "hostile.toml"
    path.write_text(
        Path(SAMPLES["hundred_thousand"]).read_text("utf-8").replace('"Hundred thousand"', toml_string(EVIL)), "utf-8"
    )
    return path


def market(folder: Path) -> str:
    """A small recorded market with hostile names, as the flag's value."""
    place = folder / "market"
    place.mkdir()
    days = "".join(f"2021-08-{day:02},{45000 + day},{3000 + day},{27 + day / 10},{250 + day}\n" for day in range(1, 21))
    (place / "prices.csv").write_text(f"date,BTC,ETH,UNI,AAVE\n{days}", "utf-8")
    (place / "manifest.toml").write_text(f"name = {toml_string(LONG)}\nsource = {toml_string(LONG)}\n", "utf-8")
    return f"recorded:{place}"


def config(home: Home) -> Path:
    """Hostile files of themes: their names, their keys, their words."""
    folder = Path(home.env["XDG_CONFIG_HOME"]) / "rotation-cockpit"
    themes = folder / "themes"
    themes.mkdir(parents=True)
    folder.chmod(0o700)
    shipped = Path(__file__).resolve().parents[2] / "themes"
    good = next(path for path in sorted(shipped.glob("*.toml"))).read_text("utf-8")
    description = f"description = {toml_string('Dark ' + SEQUENCES[0] + SEQUENCES[7] + 'one')}"
    described = re.sub(r"^description = .*$", lambda _: description, good, flags=re.MULTILINE)
    (themes / "described.toml").write_text(re.sub(r'^name = ".*"$', 'name = "described"', described, flags=re.MULTILINE), "utf-8")
    (themes / f"evil\x1b[{MARK}m\u202e.toml").write_text(f"name = {toml_string(EVIL)}\n", "utf-8")
    (themes / "key.toml").write_text(f"{toml_string(EVIL)} = 1\n", "utf-8")
    return folder


class Intruder:
    """Another program that writes into the store what it likes."""

    def __init__(self, home: Home) -> None:
        self._path = Path(home.env["XDG_STATE_HOME"]) / "rotation-cockpit" / "store.db"

    def _run(self, statement: str, rows: Iterator[tuple[object, ...]]) -> None:
        with sqlite3.connect(self._path, timeout=60) as store:
            store.executemany(statement, rows)

    def journal(self) -> None:
        """An event of every kind, with hostile words, numbers and names of numbers."""
        with sqlite3.connect(self._path, timeout=60) as store:
            (book,) = store.execute("SELECT name FROM book").fetchone()
        data = json.dumps({"asset": EVIL, "amount": "1", EVIL: EVIL, "price": EVIL})
        rows = [("2031-01-01T00:00:00+00:00", book, kind.value, f"{kind.value} {LONG}", 1, EVIL, data) for kind in JournalKind]
        statement = "INSERT INTO journal (at, book, kind, message, revision, plan_id, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._run(statement, iter(rows))

    def steps(self) -> None:
        """What the venue is said to have answered."""
        self._run("UPDATE step SET message = ?", iter([(LONG,)]))

    def halt(self) -> None:
        """A halt for a hostile reason."""
        self._run(
            "INSERT OR REPLACE INTO halt (scope, halted, reason, at) VALUES ('all', 1, ?, ?)",
            iter([(LONG, "2031-01-01T00:00:00+00:00")]),
        )
