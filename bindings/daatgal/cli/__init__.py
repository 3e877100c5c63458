"""The command line: `daatgal`.

In: arguments. Out: an exit code (0 done, 1 failed, 2 usage, 3 held), results in files, a summary on stdout, progress
and errors on stderr. Nothing heavy is imported before a command runs, so that `daatgal --help` answers at once. No
kernel lives here.
"""


def main() -> None:
    """Run the command that the arguments name; the entry point of the program `daatgal`."""
    from daatgal.cli.app import app
    from daatgal.kernel_cache import choose_cache_folder

    choose_cache_folder()
    app()
