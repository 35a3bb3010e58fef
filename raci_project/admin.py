"""What the project itself registers in the admin: what needs all three apps."""

from raci_project.after_action import admin as after_action
from raci_project.nudging import policies

__all__ = ["after_action", "policies"]
