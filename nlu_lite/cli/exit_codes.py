"""What the process says to the shell when it ends."""

DONE, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130

HELP = f"""exit codes: {DONE} done; {FAILURE} failure, with its reason on standard error;
{USAGE} wrong usage; {INTERRUPTED} interrupted by Ctrl-C"""
