"""The errors a caller can meet. Each message says where, what was found and what was expected."""


class DaatgalError(Exception):
    """Anything that daatgal refuses."""


class InputError(DaatgalError):
    """A table or file that cannot be read as what the contract asks for."""


class TariffError(DaatgalError):
    """A tariff book that the strict loader refuses."""


class AmountError(DaatgalError):
    """A claim whose amount does not fit into int64."""


class OutputError(DaatgalError):
    """A results folder that cannot be written, or that is not what its manifest says."""
