"""Pure rules of practice: standard library only, no Django, no clock."""
