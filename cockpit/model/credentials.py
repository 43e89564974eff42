"""The key of an account at a venue, kept so that nothing shows it by accident."""

from typing import Any, NoReturn


class Credentials:
    """A key with its secret, and the password that some venues ask for besides.

    It is no struct, so that no encoder takes it; its text is always the same, and it cannot be pickled.
    """

    __slots__ = ("key", "password", "secret")

    def __init__(self, key: str, secret: str, password: str = "") -> None:
        self.key = key
        self.secret = secret
        self.password = password

    def __repr__(self) -> str:
        return "Credentials(hidden)"

    def __reduce_ex__(self, _: Any) -> NoReturn:
        raise TypeError("credentials stay in the process that read them")

    def hides_from(self, text: str) -> str:
        """`text` with everything of these credentials taken out of it."""
        for word in (self.secret, self.key, self.password):
            text = text.replace(word, "[hidden]") if word else text
        return text
