"""Whether a plan is still the plan that was made, and a book the book that it was made for."""

from hashlib import blake2b

from msgspec.structs import replace

from cockpit.model.book import Book
from cockpit.model.plan import Plan, PlanAccount
from cockpit.model.wire import json_of

DIGEST_BYTES = 12


def plan_id(plan: Plan) -> str:
    """The hash of everything in a plan but its ids; equal content gives the same id, whatever file it went through."""
    bare = replace(plan, plan=replace(plan.plan, id=""), steps=tuple(replace(step, id="") for step in plan.steps))
    return blake2b(json_of(bare).encode(), digest_size=DIGEST_BYTES).hexdigest()


def step_id(plan: str, number: int) -> str:
    """The id of a plan's step."""
    return f"{plan}-{number}"


def identified(plan: Plan) -> Plan:
    """The plan with its own id and those of its steps."""
    name = plan_id(plan)
    steps = tuple(replace(step, id=step_id(name, step.number)) for step in plan.steps)
    return replace(plan, plan=replace(plan.plan, id=name), steps=steps)


def verify_id(plan: Plan) -> bool:
    """Whether the ids still belong to the content; a plan edited by hand fails."""
    name = plan_id(plan)
    return plan.plan.id == name and all(step.id == step_id(name, step.number) for step in plan.steps)


def fingerprint(book: Book) -> str:
    """The hash of what the accounts hold; revision, name and pinned prices are no part of it, nor is the order of things."""
    rows = []
    for account in sorted(book.accounts, key=lambda a: a.id):
        positions = sorted((p.asset, p.side, p.quantity, p.entry_price, p.margin, p.stop_price) for p in account.positions)
        rows.append((account.id, account.venue, sorted(account.spot.items()), account.futures_wallet, positions))
    return blake2b(json_of(rows).encode(), digest_size=DIGEST_BYTES).hexdigest()


def basis(book: Book) -> dict[str, PlanAccount]:
    """What a plan notes of its book, so that a later refusal can say which holding or position changed."""
    return {
        account.id: PlanAccount(
            futures_wallet=account.futures_wallet,
            margin_used=account.margin_used,
            spot=dict(account.spot),
            positions={p.symbol: p.side.sign * p.quantity for p in account.positions},
            stops={p.symbol: p.stop_price for p in account.positions if p.stop_price is not None},
        )
        for account in book.accounts
    }
