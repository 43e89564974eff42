"""The plan file: a plan as TOML, written so that export, load and export again give the same bytes."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from msgspec import Struct, field

from cockpit.files.atomic import write_atomic, write_numbered
from cockpit.files.symbols import ACCOUNT, ASSET, is_spot_or_perp
from cockpit.files.toml import bad, parse, read_text, render
from cockpit.model.money import plain
from cockpit.model.plan import Action, Check, Cost, Plan, PlanBook, PlanHead, PlanMarket, PlanTarget, Skipped, State, Step
from cockpit.model.strategy import Fees, Limits
from cockpit.model.wire import builtins_of

SCHEMA = 1


class Head(PlanHead, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's [plan] table: the head with what the plan was made on below it."""

    book: PlanBook
    market: PlanMarket
    fees: Fees
    limits: Limits
    target: PlanTarget


class PlanFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan file, whole, with the keys as programs read them."""

    schema: int
    plan: Head
    start: State
    steps: tuple[Step, ...] = field(name="step", default=())
    checks: tuple[Check, ...] = field(name="check", default=())
    costs: tuple[Cost, ...] = field(name="cost", default=())
    skipped: tuple[Skipped, ...] = ()
    end: State


def load_plan(path: Path) -> Plan:
    """The plan of a file; BadInput with one sentence (file, key, what to do) where it cannot be used.

    A plan that was edited by hand loads; its id then no longer matches its content, which is for the risk gate to notice.
    """
    return parse_plan(read_text(path), source=str(path))


def parse_plan(text: str, *, source: str) -> Plan:
    """The plan of a file's text. Errors as `load_plan`."""
    plan = _unfold(parse(text, PlanFile, source=source))

    def refuse(key: str, sentence: str) -> NoReturn:
        raise bad(source, key, sentence)

    if plan.schema != SCHEMA:
        refuse("schema", f"is {plan.schema}; this version reads schema {SCHEMA}")
    for index, step in enumerate(plan.steps):
        if wrong := _wrong(step, index + 1):
            key, sentence = wrong
            refuse(f"step[{index}].{key}", sentence)
    for index, check in enumerate(plan.checks):
        if not 0 <= check.worst_step <= len(plan.steps):
            refuse(f"check[{index}].worst_step", f"is {check.worst_step}; the plan has {len(plan.steps)} steps")
    return plan


def dump_plan(plan: Plan) -> str:
    """The plan file of a plan; decimals are plain strings, what is None is left out."""
    return render(_fold(plan))


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain values with the keys of its file: what JSON output carries."""
    document: dict[str, Any] = builtins_of(_fold(plan))
    return document


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan file to `path`, never over an existing file: FileThere."""
    write_atomic(path, dump_plan(plan), replace=False)


def export_plan(plan: Plan, folder: Path) -> Path:
    """Write the plan file into `folder` under a name of its own, never over an existing file; the path that was written."""
    made = f"{plan.plan.created_at:%Y%m%d-%H%M%S}"
    strategy = "".join(c if c.isalnum() and c.isascii() else "-" for c in plan.plan.strategy)[:40]
    return write_numbered(folder / f"plan-{strategy}-{made}.toml", dump_plan(plan))


_BELOW_HEAD = ("book", "market", "fees", "limits", "target")
_BESIDE_HEAD = ("schema", "start", "steps", "checks", "costs", "skipped", "end")


def _fold(plan: Plan) -> PlanFile:
    head = {name: getattr(plan.plan, name) for name in PlanHead.__struct_fields__}
    below = {name: getattr(plan, name) for name in _BELOW_HEAD}
    return PlanFile(plan=Head(**head, **below), **{name: getattr(plan, name) for name in _BESIDE_HEAD})


def _unfold(file: PlanFile) -> Plan:
    head = PlanHead(**{name: getattr(file.plan, name) for name in PlanHead.__struct_fields__})
    below = {name: getattr(file.plan, name) for name in _BELOW_HEAD}
    return Plan(plan=head, **below, **{name: getattr(file, name) for name in _BESIDE_HEAD})


def _wrong(step: Step, number: int) -> tuple[str, str] | None:
    """The first key of a step that does not fit its action, with the sentence."""
    if step.number != number:
        return "number", f"is {step.number}; steps are numbered from 1 without gaps, this is step {number}"
    if not ACCOUNT.fullmatch(step.account):
        return "account", f'"{step.account}" is no account id'
    moves = step.action is Action.TRANSFER
    needed = _needed(step.action)
    for key, value in _keys(step).items():
        if key in needed and value is None:
            return key, f"is missing; a step that does {step.action} needs it"
        if moves and key in ("symbol", "asset") and value is not None:
            return key, "does not belong to a transfer; remove it"
        if not moves and key in ("from", "to") and value is not None:
            return key, "belongs to transfers only; remove it"
        if isinstance(value, Decimal) and (value < 0 or (value == 0 and key in _ABOVE_ZERO)):
            return key, f"is {plain(value)}; it must {'be above zero' if key in _ABOVE_ZERO else 'not be negative'}"
    if moves and step.source is step.destination:
        return "to", f'is the same wallet as from, "{step.source}"'
    if step.symbol is not None and not is_spot_or_perp(step.symbol):
        return "symbol", f'"{step.symbol}" is neither a spot pair nor a USDT-linear perpetual'
    if step.asset is not None and not ASSET.fullmatch(step.asset):
        return "asset", f'"{step.asset}" is no ticker'
    if step.symbol is not None and step.symbol.partition("/")[0] != step.asset:
        return "asset", f'is "{step.asset}", but the symbol is "{step.symbol}"'
    if step.symbol is not None and (":" in step.symbol) != (step.action not in (Action.BUY, Action.SELL)):
        return "symbol", f'"{step.symbol}" does not fit the action {step.action}'
    return None


_ABOVE_ZERO = frozenset({"quantity", "price", "expected_price", "leverage", "stop_price"})
_TRADE = ("symbol", "asset", "price", "expected_price", "notional", "fee")


def _needed(action: Action) -> tuple[str, ...]:
    if action is Action.TRANSFER:
        return ("from", "to")
    if action is Action.SET_STOP:
        return ("symbol", "asset", "stop_price")
    if action is Action.ADD_MARGIN:
        return ("symbol", "asset")
    return (*_TRADE, "leverage", "margin", "stop_price") if action.opens else _TRADE


def _keys(step: Step) -> dict[str, str | int | Decimal | datetime | None]:
    """The step's own values by the keys of the file, without `after`; slippage is signed and therefore not among them."""
    skipped = ("after", "slippage_bps")
    return {f.encode_name: getattr(step, f.name) for f in msgspec.structs.fields(step) if f.name not in skipped}
