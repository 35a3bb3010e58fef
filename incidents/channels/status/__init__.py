"""The status page of our own: files that any web server can serve while all else is down."""

from incidents.channels.status.writing import FIRST, OURS, Written, write, write_if_due

__all__ = ["FIRST", "OURS", "Written", "write", "write_if_due"]
