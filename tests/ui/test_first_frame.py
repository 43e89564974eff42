"""The first frame waits for nothing heavy, and positions come before the slow parts."""

import subprocess
import sys
import textwrap

HEAVY = ("pandas", "numpy", "ccxt", "sqlalchemy", "plotext", "textual_plotext")


def run_fresh(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_app_imports_nothing_heavy() -> None:
    code = f"import sys, cockpit.ui.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run_fresh(code) == "[]"


def test_the_first_frame_and_the_positions_are_painted_before_anything_heavy_is_imported() -> None:
    """A desk whose store and signals stand still: what is on the screen by then needed none of it."""
    code = f"""
    import asyncio, sys, threading
    from tests.ui.driving import screen_text
    from tests.ui.small_desk import SmallDesk
    from cockpit.ui.app import CockpitApp

    class Slow(SmallDesk):
        gate = threading.Event()

        def open_store(self):
            self.gate.wait(60)
            return super().open_store()

    async def main():
        app = CockpitApp(Slow(), tick_seconds=None)
        async with app.run_test(size=(80, 24)) as pilot:
            while "40,000" not in screen_text(app):
                await pilot.pause(0.01)
            print([name for name in {HEAVY!r} if name in sys.modules])
            Slow.gate.set()

    asyncio.run(main())
    """
    assert run_fresh(code) == "[]"


def test_every_view_works_without_a_chart_library() -> None:
    """Charts come later, in their own pane: none of the views may need them at import."""
    code = """
    import sys
    from cockpit.ui.views import make_view
    for name in ("positions", "phase", "signals", "rotation", "journal"):
        make_view(name)
    print("plotext" in sys.modules, "pandas" in sys.modules)
    """
    assert run_fresh(code) == "False False"
