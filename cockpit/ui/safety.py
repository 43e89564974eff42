"""What a trader presses when something is wrong: halt and resume, and the stops that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.model.request import PlanRequest
from cockpit.ui.asking import Asking
from cockpit.ui.keys import Keymap, key_of
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.notice import Told

if TYPE_CHECKING:
    from cockpit.model.picture import Picture
    from cockpit.ui.port import DeskLike

HALTED = "HALTED: no order that adds risk is sent, stops stay in force. {resume} resumes."
ALL_PROTECTED = "Every position has its stop: nothing is to be protected."


class Safety(Asking):
    """The part of the cockpit that limits losses, from every view."""

    desk: DeskLike
    keymap: Keymap
    request: PlanRequest

    def action_halt(self) -> None:
        """Stop entry orders; from everywhere."""
        self.ask("halt", self.desk.halt, lambda _: self.say(self._halted, Tone.WARNING))

    def action_resume(self) -> None:
        """Lift the halt."""
        self.ask("halt", self.desk.resume, self._resumed)

    def _resumed(self, _picture: Picture) -> None:
        self.notices.forget(Told(self._halted, Tone.WARNING))
        self.say("Resumed: steps can be confirmed again.")

    @property
    def _halted(self) -> str:
        return HALTED.format(resume=key_of("resume", self.keymap))

    async def action_protect(self) -> None:
        """Preview the stops that are missing; nothing is begun."""
        picture = self.desk.picture
        if picture.exposure is not None and all(row.protected for row in picture.positions):
            self.say(ALL_PROTECTED)
            return
        self.request = PlanRequest(stops_only=True)
        await self.run_action("app.view('rotation')")
