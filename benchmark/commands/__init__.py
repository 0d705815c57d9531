"""One file per command, each with `main(options, console) -> exit code`."""
