"""Types of NumPy arrays, named by what they hold. Only for annotations: nothing of it is needed at run time."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Bools = NDArray[np.bool_]
