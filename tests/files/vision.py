"""How eyes and terminals see a colour: contrast, difference, colour blindness, fewer colours, no colours.

Colours are "#rrggbb" in sRGB (IEC 61966-2-1).
"""

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

XYZ_OF_SRGB: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
"""Linear sRGB to XYZ under D65 (IEC 61966-2-1)."""
WHITE: Triple = (0.95047, 1.0, 1.08883)

BLINDNESS: dict[str, Matrix] = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What a dichromat sees, on linear sRGB: Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15(6), 2009, table of severity 1.0."""


def channels(colour: str) -> Triple:
    """Red, green, blue, 0 to 1, as they are encoded."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def linear(colour: str) -> Triple:
    """Red, green, blue, 0 to 1, in proportion to light."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return red, green, blue


def encoded(light: Triple) -> str:
    """The colour of linear channels; what no screen can show is cut to what it can."""
    parts = [min(1.0, max(0.0, part)) for part in light]
    shown = [12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in parts]
    return "#" + "".join(f"{round(part * 255):02x}" for part in shown)


def times(matrix: Matrix, vector: Triple) -> Triple:
    """The matrix on a column."""
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def seen(colour: str, blindness: str) -> str:
    """The colour as a person with that blindness sees it; as it is where `blindness` is ""."""
    return encoded(times(BLINDNESS[blindness], linear(colour))) if blindness else colour


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.1): ordinary text needs 4.5, enhanced 7."""
    dark, light = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True)) for colour in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str) -> Triple:
    """CIE 1976 L*a*b* under D65."""
    scaled = [part / white for part, white in zip(times(XYZ_OF_SRGB, linear(colour)), WHITE, strict=True)]
    x, y, z = (part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29 for part in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str) -> float:
    """CIEDE2000 between two colours: about 1 is just seen side by side, 5 is plain."""
    return ciede2000(lab(one), lab(other))


def ciede2000(one: Triple, other: Triple) -> float:
    """CIEDE2000 with all weights 1, of two L*a*b* triples (Sharma, Wu, Dalal, Color Research and Application 30(1), 2005)."""
    mean = (hypot(*one[1:]) + hypot(*other[1:])) / 2
    stretch = 1.5 - 0.5 * sqrt(mean**7 / (mean**7 + 25**7))
    (l1, c1, h1), (l2, c2, h2) = (_polar(l, a * stretch, b) for l, a, b in (one, other))  # noqa: E741
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    if c1 * c2 and abs(h2 - h1) == 180:
        turn = h2 - h1
    chroma, light = (c1 + c2) / 2, (l1 + l2) / 2
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + h2) / 2 if abs(h1 - h2) <= 180 else (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    tint = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    by_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * sqrt(c1 * c2) * sin(radians(turn / 2)) / (1 + 0.015 * chroma * tint)
    rotation = -2 * sqrt(chroma**7 / (chroma**7 + 25**7)) * sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    return sqrt(by_light**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue)


def _polar(light: float, a: float, b: float) -> Triple:
    return light, hypot(a, b), degrees(atan2(b, a)) % 360


PALETTES = {
    "Linux console": (
        "#000000 #aa0000 #00aa00 #aa5500 #0000aa #aa00aa #00aaaa #aaaaaa "
        "#555555 #ff5555 #55ff55 #ffff55 #5555ff #ff55ff #55ffff #ffffff"
    ),
    "xterm": (
        "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5 "
        "#7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff"
    ),
    "Windows": (
        "#000000 #800000 #008000 #808000 #000080 #800080 #008080 #c0c0c0 "
        "#808080 #ff0000 #00ff00 #ffff00 #0000ff #ff00ff #00ffff #ffffff"
    ),
}
"""What terminals show for the numbers 0 to 15: the VGA palette, XTerm-col.ad, the classic console of Windows."""


def number(colour: str, system: ColorSystem) -> int | None:
    """The terminal's own number for the colour, as Rich picks it."""
    return RichColor.parse(colour).downgrade(system).number


def in_palette(colour: str, palette: str) -> str:
    """What a terminal of sixteen colours with that palette shows instead."""
    return PALETTES[palette].split()[number(colour, ColorSystem.STANDARD) or 0]


def on_terminal(colour: str, system: ColorSystem) -> str:
    """The colour that a terminal of that many colours shows instead, as Rich picks it."""
    red, green, blue = RichColor.parse(colour).downgrade(system).get_truecolor()
    return f"#{red:02x}{green:02x}{blue:02x}"


def grey(colour: str) -> str:
    """The colour as Textual shows it where NO_COLOR is set."""
    return Color.parse(colour).monochrome.hex.lower()[:7]
