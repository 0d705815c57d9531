"""Networks whose layers are not those that their model builds."""
