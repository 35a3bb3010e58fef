"""We speak to the world: what the outbox promises is handed to what carries its channel, row by row."""

from incidents.channels.delivering import DeliveryReport, deliver
from incidents.channels.everything import deliver_all, deliver_stranded

__all__ = ["DeliveryReport", "deliver", "deliver_all", "deliver_stranded"]
