"""The shipped themes are readable, and a broken theme is named and left out instead of crashing the screen."""

from pathlib import Path

import pytest

from cockpit.files.shipped import shipped_themes
from cockpit.files.themes import HeatColours, ThemeFile, load_theme, load_themes

SHIPPED = sorted(shipped_themes().glob("*.toml"))
COCKPIT = (shipped_themes() / "cockpit.toml").read_text()


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.1); ordinary text needs 4.5."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_published_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_text_can_be_read(path: Path) -> None:
    theme = load_theme(path)
    colours = theme.colours
    grounds = (colours.background, colours.surface, colours.panel)
    assert all(contrast(colours.foreground, ground) >= 7 for ground in grounds)
    assert all(contrast(colours.dim, ground) >= 4.5 for ground in grounds)
    words = (colours.primary, colours.secondary, colours.accent, colours.warning, colours.error, colours.success)
    assert all(contrast(word, colours.background) >= 4.5 for word in (*words, theme.phase.A, theme.phase.B, theme.phase.C))
    ramp = [getattr(theme.heat, name) for name in HeatColours.__struct_fields__ if name != "text"]
    assert all(contrast(theme.heat.text, cell) >= 4.5 for cell in ramp)
    assert len(set(ramp)) == 7


def test_three_themes_ship_one_of_them_light(home: Path) -> None:
    themes, problems = load_themes()
    assert {theme.name for theme in themes} == {"cockpit", "daylight", "contrast"}
    assert [theme.name for theme in themes if not theme.dark] == ["daylight"]
    assert problems == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('primary = "#4aa3b5"', 'primary = "#4aa3bg"', 'colours.primary: "#4aa3bg" is no colour; write it as "#4aa3b5"'),
        ('primary = "#4aa3b5"', 'primary = "teal"', 'colours.primary: "teal" is no colour'),
        ('primary = "#4aa3b5"', 'primry = "#4aa3b5"', "did you mean primary?"),
        ('rise3 = "#1a757d"', "", "heat.rise3: is missing"),
        ("dark = true", 'dark = "yes"', "dark: must be true or false"),
        ('name = "cockpit"', 'name = "[/]"', "is no name"),
        ("schema = 1", "schema = 2", "schema: is 2"),
        ("[phase]", "[phase", "not TOML at line"),
    ],
)
def test_a_broken_theme_is_named_and_left_out(home: Path, old: str, new: str, part: str) -> None:
    folder = home / "config" / "rotation-cockpit" / "themes"
    folder.mkdir(parents=True)
    assert old in COCKPIT
    (folder / "mine.toml").write_text(COCKPIT.replace(old, new))
    themes, problems = load_themes()
    assert len(themes) == 3
    (problem,) = problems
    assert part in problem
    assert str(folder / "mine.toml") in problem
    assert problem.endswith("the theme is left out")


def test_an_own_theme_takes_the_place_of_a_shipped_one(home: Path) -> None:
    folder = home / "config" / "rotation-cockpit" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(COCKPIT.replace("#0f1317", "#000000"))
    found = {theme.name: theme for theme in load_themes()[0]}
    assert found["cockpit"].colours.background == "#000000"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_textual_takes_every_shipped_theme(path: Path) -> None:
    from textual.theme import Theme

    theme: ThemeFile = load_theme(path)
    made = Theme(**theme.arguments())
    generated = made.to_color_system().generate()
    assert generated["primary"].lower() == theme.colours.primary
    assert made.variables["heat-text"] == theme.heat.text
    assert made.variables["phase-b"] == theme.phase.B


def test_the_themes_set_every_variable_of_the_style_sheet() -> None:
    from cockpit.ui.themes import DEFAULTS

    assert set(load_theme(SHIPPED[0]).arguments()["variables"]) == set(DEFAULTS)
