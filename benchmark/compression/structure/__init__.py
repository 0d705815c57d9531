"""Networks whose layers differ from those that their model builds."""
