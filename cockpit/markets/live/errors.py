"""What an error of ccxt means: its class, the HTTP answer behind it and the network's own error, as one fault."""

from __future__ import annotations

import json
import re
import socket
import textwrap
import time
from collections.abc import Mapping

import aiohttp
import ccxt
from msgspec import Struct

from cockpit.markets.live.fault import Fault, Kind, of_status
from cockpit.markets.live.http import retry_after


class Answer(Struct, frozen=True):
    """The HTTP answer to a request: status, headers and the beginning of the body."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def retry_after(self) -> float | None:
        """The seconds that the venue asks to be left alone."""
        named = next((value for name, value in self.headers.items() if name.lower() == "retry-after"), None)
        return None if named is None else retry_after({"Retry-After": named})

    @property
    def coded(self) -> bool:
        """Whether the venue itself speaks in it, in JSON; a page of HTML is by whoever stands before it."""
        return self.body[:1] in ("{", "[")


_SPOKEN: tuple[tuple[type[Exception], Kind], ...] = (
    (ccxt.OnMaintenance, Kind.MAINTENANCE),
    (ccxt.InvalidNonce, Kind.CLOCK),
    (ccxt.DDoSProtection, Kind.LIMITED),
    (ccxt.RateLimitExceeded, Kind.LIMITED),
    (ccxt.RequestTimeout, Kind.TIMEOUT),
    (ccxt.BadSymbol, Kind.MISSING),
    (ccxt.NotSupported, Kind.MISSING),
    (ccxt.MarketClosed, Kind.MISSING),
    (ccxt.BadResponse, Kind.UNREADABLE),
    (ccxt.AuthenticationError, Kind.REFUSED),
    (ccxt.ExchangeNotAvailable, Kind.SERVER),
)
"""The first class that fits names the kind; any other error of a venue is a refusal."""
_HTTP = frozenset({418, 429, 451, 500, 501, 502, 503, 504, *range(520, 531)})
"""Statuses that mean what they say, whatever the body adds."""
_BACKEND = ("-1000", "-1001", "-1007", "-1008", "-1016", "10000", "10016", "100500", "-1054", "50001", "50013", "50026")
"""Codes of a venue whose own machines do not answer in time: ccxt has other classes for them (facts/venues.md, part 5)."""
_BUSY = ("-1003", "10006", "10018", "50011", "50061", "100410", "510")
"""Codes for too many requests."""
_COUNTRY = "block access from your country"
"""What the page of a guard before a venue says where it shuts a country out, by HTTP 403: Bybit's guard does."""
_SHUT_OUT = 600.0
"""Seconds for which an address is shut out whose too many requests are answered by HTTP 403, as Bybit does."""
_BANNED = ("10009",)
"""Codes for a ban."""
_NO_CODES = ("0", "200")
"""Codes that say that all is well, whatever the status and the words beside them say."""
_CLAUSE_END = re.compile(r"""(?:(?<=\w\w)|(?<=\w['")]))[.;!?](?=\s|$)|<|https?://""")
LONGEST_CLAUSE = 80
_MOMENT = re.compile(r"\buntil (\d{13})\b")
LONGEST_REST = 86_400.0
_CLOCK = ("-1021", "10002", "50102", "50112", "-1046", "700003", "513")
"""Codes for a time of the request that is too far from the venue's own; ccxt knows some of them as a bad request."""
_CLOCK_IF_SAID = ("100421",)
"""The same, where the words are about time: BingX has this code for markets that its API does not trade, too."""
_NO_MARKET = ("EQuery:Unknown asset pair",)
"""Codes for a market that is not listed, where ccxt has no class of its own for them."""
_PARSING = (TypeError, KeyError, IndexError, AttributeError, ValueError, ArithmeticError)
"""What ccxt raises over an answer of another shape than the documented one."""

FAILURES = (Fault, ccxt.BaseError, aiohttp.ClientError, OSError, TimeoutError, *_PARSING)
"""What asking a venue can raise."""


def fault_of(error: BaseException) -> Fault:
    """The fault that one of FAILURES stands for; any other error is raised again."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, TimeoutError):
        return Fault(Kind.TIMEOUT)
    if isinstance(error, ccxt.BaseError):
        return _of_network(error) or _of_answer(error) or _of_class(error)
    if isinstance(error, aiohttp.ClientError | OSError):
        return _of_cause(error) or Fault(Kind.BROKEN_OFF)
    if isinstance(error, _PARSING):
        return Fault(Kind.UNREADABLE, f"its shape is not the documented one ({type(error).__name__})")
    raise error


def _of_network(error: BaseException) -> Fault | None:
    return None if error.__cause__ is None else _of_cause(error.__cause__)


def _of_cause(cause: BaseException) -> Fault | None:
    if isinstance(cause, aiohttp.ClientConnectorError):
        return Fault(Kind.UNREACHABLE, cause.os_error.strerror or "")
    if isinstance(cause, socket.gaierror | ConnectionRefusedError):
        return Fault(Kind.UNREACHABLE, cause.strerror or "")
    if isinstance(cause, aiohttp.ServerTimeoutError | TimeoutError):
        return Fault(Kind.TIMEOUT)
    if isinstance(cause, aiohttp.ClientConnectionError | OSError):
        return Fault(Kind.BROKEN_OFF)
    if isinstance(cause, aiohttp.ClientError):
        return Fault(Kind.UNREADABLE, "its body is cut or garbled")
    return None


def _of_answer(error: BaseException) -> Fault | None:
    answer = answer_to(error)
    if answer is None:
        return None
    said = message(answer.body) if answer.coded else ""
    wait = answer.retry_after if answer.retry_after is not None else until(answer.body, time.time())
    if answer.status == 404 and not answer.coded:
        return Fault(Kind.SERVER, "HTTP 404")
    if answer.status == 403 and _COUNTRY in answer.body:
        return Fault(Kind.GEO_BLOCKED)
    if answer.status in _HTTP or (answer.status >= 400 and not answer.coded):
        return of_status(answer.status, said, wait)
    code = code_of(answer.body) if answer.coded else ""
    if code in _BANNED:
        return Fault(Kind.BANNED, said, retry_after=wait)
    if code in _BUSY:
        wait = _SHUT_OUT if wait is None and answer.status == 403 else wait
        return Fault(Kind.BANNED if "banned" in answer.body.lower() else Kind.LIMITED, said, retry_after=wait)
    if code in _CLOCK or (code in _CLOCK_IF_SAID and "time" in answer.body.lower()):
        return Fault(Kind.CLOCK, said)
    if code in _NO_MARKET:
        return Fault(Kind.MISSING, said)
    if code in _BACKEND:
        return Fault(Kind.SERVER, said, retry_after=wait)
    return None


def _of_class(error: BaseException) -> Fault:
    kind = next((kind for spoken, kind in _SPOKEN if isinstance(error, spoken)), Kind.REFUSED)
    answer = answer_to(error)
    said = message(answer.body) if answer is not None and answer.coded else ""
    return Fault(kind, said, retry_after=answer.retry_after if answer is not None else None)


def answer_to(error: BaseException) -> Answer | None:
    """The HTTP answer over which ccxt raised `error`; None where none came."""
    answer = getattr(error, "answer", None)
    return answer if isinstance(answer, Answer) else None


def until(said: str, now: float) -> float | None:
    """Seconds until the moment that a venue names in words, as Binance does for a ban; a day at most, None without one."""
    named = _MOMENT.search(said)
    ahead = int(named[1]) / 1000 - now if named else 0.0
    return min(ahead, LONGEST_REST) if ahead > 0 else None


def _body(text: str) -> Mapping[str, object]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def code_of(text: str) -> str:
    """The venue's own code in a JSON body, "" without one; Kraken's is the first of a list of errors."""
    body = _body(text)
    errors = body.get("error")
    if isinstance(errors, list) and errors:
        return str(errors[0])
    return next((str(body[key]) for key in ("code", "retCode", "error_code") if key in body), "")


def message(text: str) -> str:
    """What the venue says in a JSON body, in one clause with its code; "" where it says nothing."""
    body, code = _body(text), code_of(text)
    told = (body[key] for key in ("msg", "retMsg", "message", "error") if body.get(key) and isinstance(body[key], str))
    said = clause(str(next(told, "")))
    code = "" if code in _NO_CODES else code
    return f"{said} ({code})" if said and code else said or (f"code {code}" if code else "")


def clause(text: str) -> str:
    """The first clause of what somebody else says, without markup and addresses, in at most LONGEST_CLAUSE characters."""
    return textwrap.shorten(_CLAUSE_END.split(text, maxsplit=1)[0].strip(" ,:("), LONGEST_CLAUSE, placeholder=" …")
