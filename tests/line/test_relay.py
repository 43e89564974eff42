"""The line itself: bytes arrive whole and in order, late where it is slow, never while it stands still, and a cut is heard."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.line.relay import BUFFER, HOST, Relay
from tests.pseudo_terminal import PATIENCE

PIECES = b"".join(number.to_bytes(4, "big") for number in range(40_000))


@contextmanager
def echo() -> Iterator[int]:
    """A server that sends back what it reads; its port."""

    def serve() -> None:
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            with end:
                try:
                    while data := end.recv(65536):
                        end.sendall(data)
                except OSError:
                    continue

    with socket.create_server((HOST, 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def connect(relay: Relay) -> socket.socket:
    return socket.create_connection((HOST, relay.port), timeout=PATIENCE)


def read(end: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count and (data := end.recv(65536)):
        found += data
    return bytes(found)


@pytest.mark.parametrize("rate", [None, 4_000_000.0])
def test_bytes_arrive_whole_in_order_and_are_counted(rate: float | None) -> None:
    with echo() as port, Relay(port, delay=0.001, rate=rate) as relay, connect(relay) as end:
        sending = threading.Thread(target=end.sendall, args=(PIECES,))
        sending.start()
        assert read(end, len(PIECES)) == PIECES
        sending.join()
        assert relay.to_server.bytes == len(PIECES)
        end.shutdown(socket.SHUT_WR)
        assert end.recv(1) == b"", "the end of what was sent is carried on as well"
    assert relay.to_client.bytes == len(PIECES)


def test_nothing_arrives_before_the_delay_of_both_ways() -> None:
    with echo() as port, Relay(port, delay=0.2) as relay, connect(relay) as end:
        sent = time.monotonic()
        end.sendall(b"key")
        assert read(end, 3) == b"key"
        assert time.monotonic() - sent >= 0.4


def test_a_throttled_line_is_no_faster_than_its_rate() -> None:
    with echo() as port, Relay(port, rate=20_000) as relay, connect(relay) as end:
        sent = time.monotonic()
        end.sendall(bytes(8_000))
        read(end, 8_000)
        assert time.monotonic() - sent >= 0.4


def test_nothing_passes_while_the_line_stands_still_and_nothing_is_lost() -> None:
    with echo() as port, Relay(port) as relay, connect(relay) as end:
        end.sendall(b"before")
        assert read(end, 6) == b"before"
        relay.pause()
        end.sendall(b"after")
        end.settimeout(0.3)
        with pytest.raises(TimeoutError):
            end.recv(1)
        assert (relay.to_server.bytes, relay.to_client.bytes) == (6, 6)
        relay.resume()
        end.settimeout(PATIENCE)
        assert read(end, 5) == b"after"


def test_a_line_that_stands_still_pushes_back() -> None:
    with echo() as port, Relay(port) as relay, connect(relay) as end:
        end.sendall(b"x")
        assert read(end, 1) == b"x"
        relay.pause()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        end.settimeout(0.5)
        with pytest.raises(TimeoutError):
            end.sendall(bytes(64 * 1024 * 1024))


def test_a_cut_is_heard_at_both_ends_and_a_new_connection_works() -> None:
    heard = threading.Event()
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            end, _ = server.accept()
            with end:
                assert end.recv(1) == b"x"
                with pytest.raises(ConnectionResetError):
                    end.recv(1)
            heard.set()

        threading.Thread(target=serve, daemon=True).start()
        with Relay(int(server.getsockname()[1])) as relay, connect(relay) as end:
            end.sendall(b"x")
            while not relay.to_server.bytes:
                time.sleep(0.01)
            relay.cut()
            with pytest.raises(ConnectionResetError):
                end.recv(1)
            assert heard.wait(PATIENCE)
    with echo() as port, Relay(port) as relay:
        with connect(relay) as end:
            end.sendall(b"one")
            assert read(end, 3) == b"one"
            relay.cut()
        with connect(relay) as end:
            end.sendall(b"two")
            assert read(end, 3) == b"two"


def test_a_server_that_is_gone_ends_the_connection() -> None:
    with socket.create_server((HOST, 0)) as server:
        gone = int(server.getsockname()[1])
    with Relay(gone) as relay, connect(relay) as end, suppress(ConnectionResetError):
        assert end.recv(1) == b""
