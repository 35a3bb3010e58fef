"""We speak to the world: what the outbox promises is handed to what carries its channel, row by row."""

from incidents.channels.delivering import DeliveryReport, deliver

__all__ = ["DeliveryReport", "deliver"]
