"""Where the files that ship with the cockpit are, in a checkout and in an installed wheel alike."""

from pathlib import Path

import cockpit
from cockpit.model.errors import BadInput

_PACKAGE = Path(cockpit.__file__).resolve().parent
DEFAULT_PORTFOLIO = "hundred_thousand"


def shipped(name: str) -> Path:
    """A file or folder beside this module, e.g. `universe.toml` or `strategies`."""
    return _PACKAGE / "files" / "shipped" / name


def sample_portfolios() -> tuple[Path, ...]:
    """Every sample portfolio, sorted by name."""
    return tuple(sorted(_top_level("sample_portfolios").glob("*.toml")))


def sample_portfolio(name: str = DEFAULT_PORTFOLIO) -> Path:
    """The sample of that name; BadInput names the ones there are."""
    path = _top_level("sample_portfolios") / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sample.stem for sample in sample_portfolios())
        raise BadInput(f"there is no sample portfolio {name!r}; there are {known or 'none: the installation is incomplete'}")
    return path


def shipped_themes() -> Path:
    """The folder of the themes that ship."""
    return _top_level("themes")


def _top_level(folder: str) -> Path:
    """A top-level folder of the project: inside the package where a wheel put it, else beside the package in a checkout."""
    inside = _PACKAGE / folder
    return inside if inside.is_dir() else _PACKAGE.parent / folder
