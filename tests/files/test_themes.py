"""The shipped themes are readable by every eye and on every terminal, and a broken theme is named and left out."""

from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual.theme import Theme

from cockpit.files.shipped import shipped_themes
from cockpit.files.themes import HeatColours, ThemeFile, descriptions, load_theme, load_themes
from cockpit.ui.themes import COCKPIT as BUILT_IN
from cockpit.ui.themes import DEFAULTS
from tests.files.vision import (
    BLINDNESS,
    PALETTES,
    ciede2000,
    contrast,
    difference,
    encoded,
    grey,
    in_palette,
    linear,
    number,
    on_terminal,
    seen,
    times,
)

SHIPPED = [load_theme(path) for path in sorted(shipped_themes().glob("*.toml"))]
COCKPIT = (shipped_themes() / "cockpit.toml").read_text()
RAMP = tuple(name for name in HeatColours.__struct_fields__ if name != "text")
TEXT, ENHANCED = 4.5, 7.0
"""The least contrast of ordinary text at the levels AA and AAA (WCAG 2.1, 1.4.3 and 1.4.6)."""
ANY_THEME = pytest.mark.parametrize("theme", SHIPPED, ids=lambda theme: theme.name)

View = Callable[[str], str]
VIEWS: dict[str, View] = {
    "truecolor": lambda colour: colour,
    "256 colours": lambda colour: on_terminal(colour, ColorSystem.EIGHT_BIT),
    "NO_COLOR": grey,
}


def named(name: str) -> ThemeFile:
    return next(theme for theme in SHIPPED if theme.name == name)


def ramp(theme: ThemeFile) -> list[str]:
    return [getattr(theme.heat, name) for name in RAMP]


def grounds(theme: ThemeFile) -> tuple[str, ...]:
    return theme.colours.background, theme.colours.surface, theme.colours.panel


def words(theme: ThemeFile) -> dict[str, str]:
    """Every colour that text is written in outside the ramp."""
    colours, phase = theme.colours, theme.phase
    names = ("primary", "secondary", "accent", "warning", "error", "success", "foreground", "dim")
    return {**{name: getattr(colours, name) for name in names}, "A": phase.A, "B": phase.B, "C": phase.C}


# The measures themselves


def test_contrast_is_the_published_one() -> None:
    """WCAG 2.1: 21 for black on white; #767676 is the lightest grey on white that passes AA."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") >= TEXT > contrast("#777777", "#ffffff")


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (56, -27, -3), 31.9030),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_the_published_one(
    one: tuple[float, float, float], other: tuple[float, float, float], published: float
) -> None:
    """Table 1 of Sharma, Wu, Dalal 2005."""
    assert ciede2000(one, other) == pytest.approx(published, abs=5e-5)
    assert ciede2000(other, one) == pytest.approx(published, abs=5e-5)


def test_colours_survive_being_decoded_and_encoded() -> None:
    assert all(encoded(linear(colour)) == colour for theme in SHIPPED for colour in ramp(theme))


def test_the_blind_see_grey_as_it_is_and_the_red_blind_see_red_darker() -> None:
    for blindness, matrix in BLINDNESS.items():
        assert times(matrix, (1, 1, 1)) == pytest.approx((1, 1, 1), abs=1e-5)
        assert seen("#808080", blindness) == "#808080"
    assert contrast(seen("#ff0000", "protanopia"), "#000000") < contrast("#ff0000", "#000000")


# What ships


def test_nine_themes_ship_two_of_them_light(home: Path) -> None:
    themes, problems = load_themes()
    assert problems == []
    assert {theme.name for theme in themes} == {
        "cockpit", "midnight", "ember", "amber", "contrast", "colour-blind", "sixteen", "daylight", "frost",
    }  # fmt: skip
    assert {theme.name for theme in themes if not theme.dark} == {"daylight", "frost"}
    assert set(descriptions(themes)) == {theme.name for theme in themes}, "each says what it is for"


@ANY_THEME
@pytest.mark.parametrize("view", VIEWS)
def test_every_text_can_be_read(theme: ThemeFile, view: str) -> None:
    see, least = VIEWS[view], ENHANCED if theme.name == "contrast" else TEXT
    low = {
        (name, ground): round(ratio, 2)
        for ground in grounds(theme)
        for name, colour in words(theme).items()
        if (ratio := contrast(see(colour), see(ground))) < least
    }
    assert low == {}
    assert all(contrast(see(theme.colours.foreground), see(ground)) >= ENHANCED for ground in grounds(theme))
    faint = [step for step in RAMP if contrast(see(theme.heat.text), see(getattr(theme.heat, step))) < least]
    assert faint == []


@ANY_THEME
def test_falls_level_and_rises_stay_apart(theme: ThemeFile) -> None:
    assert len(set(ramp(theme))) == len(RAMP)
    numbers = [number(colour, ColorSystem.EIGHT_BIT) for colour in ramp(theme)]
    falls, level, rises = set(numbers[:3]), {numbers[3]}, set(numbers[4:])
    assert not falls & level
    assert not level & rises
    assert not falls & rises


@pytest.mark.parametrize("blindness", ["", *BLINDNESS], ids=lambda blindness: blindness or "full sight")
def test_the_colour_blind_theme_keeps_everything_apart(blindness: str) -> None:
    """Least CIEDE2000, measured: neighbours on the ramp 10.8, falls and rises 28.8, words 18.7, phases 24.4."""
    theme = named("colour-blind")

    def apart(one: str, other: str) -> float:
        return difference(seen(one, blindness), seen(other, blindness))

    steps = ramp(theme)
    assert min(apart(one, other) for one, other in pairwise(steps)) >= 10
    assert min(apart(steps[i], steps[6 - i]) for i in range(3)) >= 25
    verdicts = (theme.colours.success, theme.colours.error, theme.colours.warning)
    assert min(apart(one, other) for one, other in combinations(verdicts, 2)) >= 15
    phases = (theme.phase.A, theme.phase.B, theme.phase.C)
    assert min(apart(one, other) for one, other in combinations(phases, 2)) >= 20


@pytest.mark.parametrize("palette", PALETTES)
def test_sixteen_colours_are_enough_for_the_theme_made_for_them(palette: str) -> None:
    theme, see = named("sixteen"), partial(in_palette, palette=palette)

    assert [name for name, colour in words(theme).items() if contrast(see(colour), see("#000000")) < TEXT] == []
    assert [step for step in RAMP if contrast(see(theme.heat.text), see(getattr(theme.heat, step))) < TEXT] == []


def test_sixteen_colours_keep_directions_verdicts_and_phases_apart() -> None:
    theme = named("sixteen")
    numbers = [number(colour, ColorSystem.STANDARD) for colour in ramp(theme)]
    assert numbers == [1, 1, 5, 0, 4, 12, 12], "red, magenta, black, blue, bright blue"
    verdicts = {
        number(colour, ColorSystem.STANDARD) for colour in (theme.colours.success, theme.colours.error, theme.colours.warning)
    }
    assert len(verdicts) == 3
    assert len({number(colour, ColorSystem.STANDARD) for colour in (theme.phase.A, theme.phase.B, theme.phase.C)}) == 3


@ANY_THEME
def test_textual_takes_every_shipped_theme(theme: ThemeFile) -> None:
    made = Theme(**theme.arguments())
    generated = made.to_color_system().generate()
    assert difference(generated["primary"].lower(), theme.colours.primary) < 1, "it rounds through other colour spaces"
    assert made.variables["heat-text"] == theme.heat.text
    assert made.variables["phase-b"] == theme.phase.B
    assert set(made.variables) == set(DEFAULTS), "every variable of the style sheet"


def test_the_theme_without_files_is_the_one_in_the_file() -> None:
    assert Theme(**named("cockpit").arguments()) == BUILT_IN


# The trader's own


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('primary = "#4aa3b5"', 'primary = "#4aa3bg"', 'colours.primary: "#4aa3bg" is no colour; write it as "#4aa3b5"'),
        ('primary = "#4aa3b5"', 'primary = "teal"', 'colours.primary: "teal" is no colour'),
        ('primary = "#4aa3b5"', 'primry = "#4aa3b5"', "did you mean primary?"),
        ('primary = "#4aa3b5"', "primary = 3", "colours.primary: must be text in quotes"),
        ('rise3 = "#19727a"', "", "heat.rise3: is missing"),
        ('rise3 = "#19727a"', 'rise3 = "#19727a"\nrise4 = "#19727a"', "heat.rise4: is not a known key"),
        ("dark = true", 'dark = "yes"', "dark: must be true or false"),
        ('name = "cockpit"', 'name = "[/]"', "is no name"),
        ('description = "', 'description = "' + "x" * 90, "description: is longer than 100 characters"),
        ('description = "', 'description = "\\u001b]0;', "description: holds control or invisible characters"),
        ("schema = 1", "schema = 2", "schema: is 2"),
        ("[phase]", "[phase", "not TOML at line"),
    ],
)
def test_a_broken_theme_is_named_and_left_out(home: Path, old: str, new: str, part: str) -> None:
    path = own(home, "mine.toml")
    assert old in COCKPIT
    path.write_text(COCKPIT.replace(old, new, 1))
    themes, problems = load_themes()
    assert len(themes) == len(SHIPPED)
    (problem,) = problems
    assert part in problem
    assert str(path) in problem
    assert problem.endswith("the theme is left out")


def own(home: Path, name: str) -> Path:
    folder = home / "config" / "rotation-cockpit" / "themes"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def test_a_file_that_is_no_text_is_named_and_left_out(home: Path) -> None:
    own(home, "binary.toml").write_bytes(b"\xff\xfe\x00")
    own(home, "folder.toml").mkdir()
    themes, problems = load_themes()
    assert len(themes) == len(SHIPPED)
    assert ["is not UTF-8" in problems[0], "is a folder" in problems[1]] == [True, True]


def test_an_own_theme_stands_beside_the_shipped_ones_and_may_say_nothing_of_itself(home: Path) -> None:
    text = COCKPIT.replace('name = "cockpit"', 'name = "mine"')
    own(home, "mine.toml").write_text("\n".join(row for row in text.splitlines() if not row.startswith("description")))
    themes, problems = load_themes()
    assert problems == []
    assert themes[-1].name == "mine"
    assert "mine" not in descriptions(themes)


def test_an_own_theme_takes_the_place_of_a_shipped_one(home: Path) -> None:
    own(home, "mine.toml").write_text(COCKPIT.replace("#0f1317", "#000000"))
    themes, problems = load_themes()
    assert problems == []
    assert {theme.name: theme for theme in themes}["cockpit"].colours.background == "#000000"


def test_of_two_own_themes_with_one_name_the_second_is_named_and_left_out(home: Path) -> None:
    own(home, "a.toml").write_text(COCKPIT.replace('name = "cockpit"', 'name = "mine"'))
    own(home, "b.toml").write_text(COCKPIT.replace('name = "cockpit"', 'name = "mine"').replace("#0f1317", "#000000"))
    themes, (problem,) = load_themes()
    assert {theme.name: theme for theme in themes}["mine"].colours.background == "#0f1317"
    assert problem == f'{own(home, "b.toml")}: name: "mine" is what a.toml is called too; rename one; the theme is left out'
