"""The product's rules: pure Python, standard library only; no ORM, no Django, no clock."""
