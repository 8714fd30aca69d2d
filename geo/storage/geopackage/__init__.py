"""Store layers, history and runs in one GeoPackage file (docs/contract.md section 4)."""
