"""Resources that several modules stand on."""
