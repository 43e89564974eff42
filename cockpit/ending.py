"""How a verb of the command line ends: one sentence on stderr and the exit code of the contract, whatever went wrong."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import click

from cockpit.model.errors import BadInput, CockpitError, ExitCode


class Group(click.Group):
    """A group of verbs that end so."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the flags."""
        with _sentences(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        with _sentences(ctx):
            return super().invoke(ctx)


@contextlib.contextmanager
def _sentences(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        name = (error.ctx or ctx).command_path
        _fail(BadInput(f"{error.format_message().rstrip('.')}; {name} --help lists what there is"))
    except CockpitError as error:
        _fail(error)
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise  # click's own ways to end; a reader who has enough, as head has
    except KeyboardInterrupt:
        from cockpit.terminal.departure import INTERRUPTED

        click.echo("\ncockpit: interrupted; what was sent before stands as stored", err=True)
        sys.exit(INTERRUPTED.code)
    except Exception as error:  # noqa: BLE001 - whatever breaks is a sentence and a log, never the values of variables
        from cockpit.ui.crash import crash_sentence, last_words
        from cockpit.ui.crash_log import write_crash

        last_words(crash_sentence(error, write_crash(error, None)))
        sys.exit(ExitCode.FAILED)


def _fail(error: CockpitError) -> NoReturn:
    from cockpit.model.text import sanitise

    click.echo(f"cockpit: {sanitise(str(error), limit=2000)}", err=True)
    for change in getattr(error, "changes", ()):
        click.echo(f"  {sanitise(change, limit=400)}", err=True)
    sys.exit(int(error.exit_code))
