"""The colours of signs where no style sheet reaches: those of static/css/tokens.css (a test
compares the two)."""

INK, INK_SOFT, PAPER, LINE = "#1a2433", "#4c5a6b", "#ffffff", "#9aa3ad"
NEUTRAL = "#faf9f6"
COLOURS = {
    "hot-1": "#f4a582", "hot-2": "#d6604d", "hot-3": "#a50f26",
    "cold-1": "#92c5de", "cold-2": "#4393c3", "cold-3": "#1f5794",
    "new": "#e6550d", "consecutive": "#e8915a", "oscillating": "#b07aa1",
    "intensifying": "#7f0000", "persistent": "#d7301f",
    "diminishing": "#fdae6b", "sporadic": "#c08bc0", "historical": "#8d90b8",
    "high-low": "#e69f00", "high-high": "#a50f26", "low-high": "#92c5de", "low-low": "#4393c3",
    "became": "#d6604d", "stayed": "#a50f26", "cooled": "#4393c3",
}  # fmt: skip
