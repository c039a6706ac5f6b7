"""What every map needs and no domain: the Folium page, our own layer elements, assets, CSP."""
