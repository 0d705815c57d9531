"""How the artefacts of each runtime transcribe."""
