"""What is known of a line of a media gateway between and in its calls."""

from dataclasses import dataclass

from recorder.assembly.dialog import Dialog
from recorder.assembly.gateway_call import Connection
from recorder.assembly.text import clean
from recorder.protocol.mgcp import Event
from recorder.protocol.received import MGCP, Endpoint
from storage.model import Side


@dataclass(slots=True)
class LineState:
    """``since`` is when its receiver was lifted (ns), 0 where it is not.

    ``caller`` is the number and name that the line was told to show; ``call`` names the dialog that it is in.
    """

    since: int = 0
    dialled: str = ""
    rings: bool = False
    caller: tuple[str, str] = ("", "")
    call: str = ""

    @property
    def role(self) -> Side | None:
        """Whether the line calls or is called; None where nothing tells."""
        if self.rings or any(self.caller):
            return Side.B
        return Side.A if self.dialled else None

    def dialog(self, name: str, gateway: Endpoint, agent: Endpoint, now: int) -> Dialog:
        """The dialog of a call that begins on this line."""
        is_called = self.role is Side.B
        ends = (agent, gateway) if is_called else (gateway, agent)
        start = self.since if self.dialled and self.since else now
        return Dialog.unnamed(MGCP, name, *ends, start)

    def hear(self, signals: list[Event]) -> None:
        """The line is to play signals: it rings, or shows who calls (RFC 3660, 2.2)."""
        for signal in signals:
            if signal.name == "ci":
                number, name = [*signal.arguments[1:3], "", ""][:2]
                self.caller = clean(number), clean(name)
            elif signal.name == "rg":
                self.rings = True

    def identify(self, dialog: Dialog, connection: Connection) -> None:
        """Say who is at the line; lines without a number go by their name."""
        number, name = self.caller
        dialog.from_number, dialog.from_name = number or dialog.from_number, name or dialog.from_name
        if not dialog.answered and self.dialled:
            dialog.to_number = self.dialled
        label = clean(connection.line[1])
        if connection.side is Side.A:
            dialog.from_name = dialog.from_name or label
        else:
            dialog.to_name = dialog.to_name or label
