"""The demo company, Northwind Pay: fictional people, one module a room, all of it seeded once."""
