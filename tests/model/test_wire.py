"""What comes out of files, JSON and SQL may be read in any thread at any time."""

import ast
import subprocess
import sys

from tests.conftest import ROOT

TWO_THREADS = """
import threading, time
import msgspec
from cockpit.model.wire import prepared

begun = threading.Event()

def found_out_slowly():
    begun.set()
    time.sleep(0.3)
    return int

class Stop(msgspec.Struct):
    quantity: "found_out_slowly()"

class Order(msgspec.Struct):
    stop: "Stop"

def read():
    order = msgspec.json.decode(b'{"stop": {"quantity": 3}}', type=prepared(Order))
    quantities.append(order.stop.quantity)

quantities = []
first = threading.Thread(target=read)
first.start()
begun.wait()
read()
first.join()
print(quantities)
"""


def test_a_second_thread_reads_a_type_whose_fields_the_first_is_still_finding_out() -> None:
    """Without `prepared` this is a segmentation fault with msgspec 0.22: a crash of the cockpit with an order on its way."""
    done = subprocess.run([sys.executable, "-c", TWO_THREADS], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "[3, 3]\n"), done.stderr


def test_whatever_is_read_into_a_type_of_ours_is_prepared() -> None:
    unprepared = []
    for path in (ROOT / "cockpit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (kind := _kind_read_by(node)) is not None and not _safe(kind):
                unprepared.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    assert unprepared == []


def _kind_read_by(call: ast.Call) -> ast.expr | None:
    """The type into which a call of msgspec reads; None for any other call."""
    called = ast.unparse(call.func)
    if called == "msgspec.convert":
        return call.args[1]
    if called in ("msgspec.json.decode", "msgspec.toml.decode"):
        return next((word.value for word in call.keywords if word.arg == "type"), None)
    return None


def _safe(kind: ast.expr) -> bool:
    """Prepared, or made of built-in types alone, of which msgspec keeps nothing."""
    return ast.unparse(kind).startswith(("prepared(", "dict[str, str]"))


def test_the_rule_sees_what_it_forbids() -> None:
    text = "msgspec.json.decode(x, type=Plan), msgspec.convert(x, Plan), msgspec.convert(x, prepared(Plan))"
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    kinds = [kind for call in calls if (kind := _kind_read_by(call)) is not None]
    assert sorted(map(_safe, kinds)) == [False, False, True]
