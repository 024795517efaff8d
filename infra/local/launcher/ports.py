"""Chooses the ports of a stack: the friendly ones where they are free."""

import socket
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """One port on the loopback address for each server."""

    api: int = 8800
    whatsapp: int = 8801
    mailbox: int = 8802
    shops: int = 8803
    aws: int = 4566


def is_free(port: int) -> bool:
    """Whether nobody listens on the port and we may."""
    with socket.socket() as listener:
        # As the servers do: a connection of the last run that is still closing does not hold a port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def find_free_ports(count: int) -> list[int]:
    """Different ports that the system says are free."""
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind((LOOPBACK, 0))
        return [int(listener.getsockname()[1]) for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def choose_ports(*, only_free: bool = False) -> Ports:
    """The friendly ports, each replaced by some free one when it is taken, or always with `only_free`."""
    friendly, spare = Ports(), find_free_ports(5)
    wanted = [friendly.api, friendly.whatsapp, friendly.mailbox, friendly.shops, friendly.aws]
    if only_free:
        return Ports(*spare)
    return Ports(*(port if is_free(port) else other for port, other in zip(wanted, spare, strict=True)))
