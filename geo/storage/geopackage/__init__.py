"""Store layers, history and runs in one GeoPackage file (CONTRACT section 4)."""
