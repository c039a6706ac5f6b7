"""The weekly message of hot spots: what an office sets for it, and what holds without a setting."""

from gis.emerging import FEWEST_PERIODS

WEEKDAY = 0
"""A week begins on Monday; `hotspot_weekday` in the office's settings, 0 to 6."""
WEEKS = 12
"""So many whole weeks are looked at; `hotspot_weeks` in the office's settings."""
FEWEST_WEEKS, MOST_WEEKS = FEWEST_PERIODS, 52
"""With fewer nothing can be said of how places develop; more than a year is of no week's news."""
