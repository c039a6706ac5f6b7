"""Who wants to hear of which hot spots, and the weekly sweep that tells them."""
