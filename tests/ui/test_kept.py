"""What takes long to make is made once for what it is made of."""

from cockpit.ui.kept import Kept


def test_it_is_made_again_only_where_a_part_is_another() -> None:
    kept: Kept[str] = Kept()
    made: list[int] = []

    def of(readings: tuple[str, ...], width: int) -> str:
        def make() -> str:
            made.append(width)
            return f"{readings} in {width}"

        return kept.of((readings, width), make)

    shown = [of(("a",), 80), of(("a",), 80), of(("a",), 120), of(("b",), 120), of(("b",), 120), of(("a",), 80)]
    assert shown == ["('a',) in 80"] * 2 + ["('a',) in 120"] + ["('b',) in 120"] * 2 + ["('a',) in 80"]
    assert made == [80, 120, 120, 80]
