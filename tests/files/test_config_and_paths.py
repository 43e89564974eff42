"""The config file sets defaults, and the cockpit's own folders are private."""

import os
import stat
from pathlib import Path

import pytest

from cockpit.files import paths
from cockpit.files.config import Config, load_config
from cockpit.model.errors import BadInput
from tests.unprivileged import open_folder, ordinary_user


def write(home: Path, text: str) -> Path:
    path = home / "config" / "rotation-cockpit" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold_and_nothing_is_made(home: Path) -> None:
    assert load_config() == Config()
    assert list(home.iterdir()) == []


def test_the_file_sets_defaults(home: Path) -> None:
    write(
        home,
        'schema = 1\nportfolio = "my.toml"\nmarket = "recorded:/data"\n'
        'theme = "daylight"\nmouse = false\nrefresh = 2\nquiet = true',
    )
    config = load_config()
    assert config.portfolio == str(home / "config" / "rotation-cockpit" / "my.toml")
    assert (config.market, config.theme, config.mouse, config.refresh, config.quiet) == (
        "recorded:/data",
        "daylight",
        False,
        2.0,
        True,
    )


def test_the_file_says_how_the_live_market_is_asked_and_which_accounts_are_watched(home: Path) -> None:
    write(
        home,
        '[live]\nvenues = ["bybit", "okx"]\ngateway = "http://127.0.0.1:8080/relay"\ndays = 200\n'
        '[[watch]]\naccount = "main"\nvenue = "bybit"\nkey_file = "bybit.toml"',
    )
    config = load_config()
    assert (config.live.venues, config.live.days) == (("bybit", "okx"), 200)
    assert config.live.gateway == "http://127.0.0.1:8080/relay"
    assert [(watch.account, watch.venue, watch.key_file) for watch in config.watch] == [("main", "bybit", "bybit.toml")]


def test_a_portfolio_in_the_home_folder_is_found(home: Path) -> None:
    write(home, 'portfolio = "~/my.toml"')
    assert load_config().portfolio == str(home / "my.toml")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("schema = 2", ["schema: is 2"]),
        ('them = "x"', ["them: is not a known key", "did you mean theme?"]),
        ('theme = "[/]"', ["theme", "is no name of a theme"]),
        ("refresh = 0", ["refresh: is 0; it must lie between 0.2 and 60"]),
        ("refresh = nan", ["refresh: is not a finite number"]),
        ('mouse = "no"', ["mouse: must be true or false"]),
        ('portfolio = "~nobodyhere/x"', ["portfolio", "unknown user"]),
        ("portfolio = ", ["not TOML"]),
        ("[live]\nvenues = []", ["live.venues", "at least one venue"]),
        ('[live]\nvenues = ["okx", "okx"]', ["live.venues", "none twice"]),
        ("[live]\ndays = 5", ["live.days: is 5; it must lie between 120 and 4000"]),
        ('[live]\ngateway = "relay.example"', ["live.gateway", "is no address such as"]),
        ('[live]\ngateway = "http://[::1"', ["live.gateway", "is no address such as"]),
        ('[live]\nethereum = ["https://user:secret@node.example"]', ["live.ethereum", "is no address such as"]),
        ('[live]\nvenue = ["okx"]', ["live.venue", "did you mean venues?"]),
        ('[[watch]]\naccount = "a b"\nvenue = "okx"', ["watch[0].account", "is no account id"]),
        ('[[watch]]\naccount = "a"\nvenue = "OKX"', ["watch[0].venue", "is no venue"]),
        ('[[watch]]\naccount = "a"\nvenue = "okx"\n[[watch]]\naccount = "a"\nvenue = "okx"', ["watch[1].account", "twice"]),
    ],
)
def test_a_config_with_a_slip_is_refused(home: Path, text: str, parts: list[str]) -> None:
    path = write(home, text)
    with pytest.raises(BadInput) as caught:
        load_config()
    assert all(part in str(caught.value) for part in (*parts, str(path)))


def test_a_named_config_must_exist(home: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        load_config(home / "none.toml")


def test_folders_follow_the_xdg_variables_and_are_private(home: Path) -> None:
    assert paths.state_dir() == home / "state" / "rotation-cockpit"
    assert stat.S_IMODE(paths.state_dir().stat().st_mode) == 0o700
    assert paths.config_dir() == home / "config" / "rotation-cockpit"
    assert paths.default_store() == f"sqlite:///{home}/state/rotation-cockpit/store.db"


def test_a_folder_that_others_can_read_is_closed_to_them(home: Path) -> None:
    folder = home / "state" / "rotation-cockpit"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    assert stat.S_IMODE(paths.state_dir().stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_one_sentence(home: Path) -> None:
    (home / "state").write_text("a file")
    with pytest.raises(BadInput, match="cannot be made: a part of its path is no folder"):
        paths.state_dir()


def test_a_config_folder_that_may_not_be_entered_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_folder() as folder:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "closed"))
        (folder / "closed").mkdir(mode=0o700)
        with ordinary_user(), pytest.raises(BadInput, match="may not be read; check its permissions"):
            load_config()


def test_a_folder_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_folder() as folder:
        monkeypatch.setenv("XDG_STATE_HOME", str(folder))
        (folder / "rotation-cockpit").mkdir()
        if os.geteuid() != 0:
            pytest.skip("needs a folder that belongs to somebody else")
        with ordinary_user(), pytest.raises(BadInput, match="belongs to another user"):
            paths.state_dir()
