"""The $100,000 example on the command line, number by number (source: the blueprint's reading "reconciled")."""

from decimal import Decimal

from tests.cli.running import SAMPLES, WORKED, Cockpit

D = Decimal


def test_reconciled_gives_its_six_steps_and_ends_in_the_published_book(cockpit: Cockpit) -> None:
    code, out, err = cockpit.process(*WORKED)
    assert (code, err) == (0, b"")
    shown = out.decode()
    steps = [line for line in shown.splitlines() if line[:1].isdigit()]
    for line, words in zip(
        steps,
        (
            ("0", "start", "35,000.00", "40.0 %", "25.0 %"),
            ("1", "move 5,005 from spot to futures", "29,995.00"),
            ("2", "SELL SHORT 2.5 ETH @ 4,000.00, stop 4,480.00", "30.0 %", "25.0 %"),
            ("3", "move 6,256.25 from spot to futures", "23,738.75"),
            ("4", "BUY LONG 50 AAVE @ 250.00, stop 212.50", "37.5 %"),
            ("5", "move 6,256.25 from spot to futures", "17,482.50"),
            ("6", "BUY LONG 1,250 UNI @ 10.0000, stop 8.5000", "17,482.50", "17,500.00", "30.0 %", "50.0 %", "20.0 %"),
        ),
        strict=True,
    ):
        assert all(word in line for word in words), line


def test_the_json_has_the_names_of_the_file_and_decimals_as_strings(cockpit: Cockpit) -> None:
    plan = cockpit(*WORKED, "--json").json
    assert set(plan) == {"schema", "plan", "start", "step", "check", "cost", "skipped", "end"}
    assert {"id", "created_at", "strategy", "preset", "mode", "phase", "book", "market", "fees", "limits", "target"} == set(
        plan["plan"]
    )
    assert [(s["action"], s.get("asset"), s["quantity"]) for s in plan["step"]] == [
        ("transfer", None, "5005"),
        ("open_short", "ETH", "2.5"),
        ("transfer", None, "6256.25"),
        ("open_long", "AAVE", "50"),
        ("transfer", None, "6256.25"),
        ("open_long", "UNI", "1250"),
    ]
    assert (plan["step"][0]["from"], plan["step"][0]["to"]) == ("spot", "futures")
    short = plan["step"][1]
    assert {key: short[key] for key in ("symbol", "leverage", "margin", "fee", "stop_price", "liquidation_price")} == {
        "symbol": "ETH/USDT:USDT",
        "leverage": "2",
        "margin": "5000",
        "fee": "5",
        "stop_price": "4480",
        "liquidation_price": "5976.0956",
    }
    end = plan["end"]
    assert (D(end["cash"]), D(end["gross_futures_notional"]), D(end["margin_used"])) == (D("17482.50"), D(35000), D(17500))
    assert [D(end["sectors"][sector]["net"]) for sector in ("L1", "DEFI")] == [D(30000), D(50000)]
    assert round(D(end["gross_futures_notional"]) / D(end["nav"]), 3) == D("0.350")
    assert all(check["passed"] for check in plan["check"] if check["kind"] == "hard")
    soft = {check["rule"]: check["passed"] for check in plan["check"] if check["kind"] == "soft"}
    assert soft["hedge_ratio_guideline"] is False

    def texts(value: object) -> bool:
        """No decimal is a JSON number; counts are."""
        if isinstance(value, dict):
            return all(texts(part) for part in value.values())
        if isinstance(value, list):
            return all(map(texts, value))
        return not isinstance(value, float)

    assert texts(plan)


def test_literal_is_refused_and_names_the_reserve(cockpit: Cockpit) -> None:
    literal = ("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "B", "--preset", "literal")
    code, out, err = cockpit.process(*literal)
    assert code == 3
    assert out == b""
    sentence = err.decode()
    assert "free_reserve_min" in sentence
    assert "4.97 %" in sentence
    assert "limit 5 %" in sentence
    assert len(sentence.splitlines()) == 1


def test_a_refusal_in_json_names_rule_and_sentence(cockpit: Cockpit) -> None:
    ended = cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "B", "--preset", "literal", "--json")
    assert ended.code == 3
    assert ended.json["refused"]["rule"] == "free_reserve_min"
    assert "4.97 %" in ended.json["refused"]["message"]
    assert len(ended.err.splitlines()) == 1
