"""What is said of alarms, in the languages people speak: title, text, and a short form for SMS."""

from kampung_cloud.words.rendering import render
from kampung_cloud.words.saying import Said, Saying

__all__ = ["Said", "Saying", "render"]
