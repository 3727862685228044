"""Files in the form of the Semantic Boundaries Dataset, written by SciPy: compressed and not, in several number types.

Writes `Tests/Golden/mat_files.json`. Needs scipy besides the packages of the other scripts.
"""

import base64
import io

import numpy as np
import scipy
import scipy.io

import writing

TYPES = {"uint8": np.uint8, "uint16": np.uint16, "int32": np.int32, "single": np.float32, "double": np.float64}


def structure(segmentation):
    boundaries = np.empty((20, 1), object)
    for index in range(20):
        boundaries[index, 0] = scipy.sparse.csc_matrix(segmentation == index + 1)
    return {"Boundaries": boundaries, "Segmentation": segmentation,
            "CategoriesPresent": np.array([[3], [15]], np.uint8)}


def case(name, dtype, compressed):
    rows, columns = 7, 5
    values = (np.arange(rows * columns).reshape(rows, columns) * 5) % 21
    file = io.BytesIO()
    scipy.io.savemat(
        file, {"other": np.eye(2), "GTcls": structure(values.astype(dtype))}, do_compression=compressed)
    return {"name": name, "compressed": compressed, "rows": rows, "columns": columns,
            "values": values.reshape(-1).tolist(), "file": base64.b64encode(file.getvalue()).decode()}


if __name__ == "__main__":
    metadata = writing.metadata(__file__)
    metadata["scipy"] = scipy.__version__
    cases = [case(name, dtype, True) for name, dtype in TYPES.items()] + [case("uint8", np.uint8, False)]
    writing.write("mat_files", {"metadata": metadata, "cases": cases})
