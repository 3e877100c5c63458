"""`python -m daatgal`: the command line without its script.

In: arguments. Out: what `daatgal.cli` says. No kernel lives here.
"""

from daatgal.cli import main

if __name__ == "__main__":
    main()
