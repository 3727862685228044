"""Preprocessing as the papers' code does it: OpenCV's resize, and the recall repository's whole way to floats.

Writes `Tests/Golden/preprocessing.json`. Needs opencv-python-headless besides the packages of the other scripts.
Pillow's resize has its goldens in `Tests/SegDataTests/Support/PillowGoldens.swift`.
"""

import base64

import cv2
import numpy as np

import writing

# Height, width, channels, and what they become: both sides up, both down, mixed, halves, single rows and columns.
SHAPES = [
    (5, 7, 3, 3, 4), (5, 7, 3, 8, 11), (9, 8, 3, 2, 2), (8, 12, 3, 4, 6), (4, 9, 1, 4, 3), (6, 5, 1, 13, 5),
    (1, 1, 3, 3, 5), (17, 1, 1, 4, 1), (1, 9, 3, 1, 4), (19, 32, 3, 10, 19), (31, 23, 3, 40, 9),
]
MEAN = np.array([55.09944, 62.203827, 71.23802])
STD = np.array([49.56111, 51.497387, 55.363934])


def picture(height, width, channels):
    """The made-up picture of PillowGoldens."""
    state, values = 12345, []
    for _ in range(height * width * channels):
        state = (state * 1103515245 + 12345) % 2**31
        values.append((state >> 16) & 255)
    return np.array(values, np.uint8).reshape(height, width, channels)


def bytes_of(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def resize(height, width, channels, out_height, out_width):
    image = picture(height, width, channels)
    size = (out_width, out_height)
    return {
        "from": [height, width, channels], "to": [out_height, out_width],
        "linear": bytes_of(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)),
        "nearest": bytes_of(cv2.resize(image[:, :, 0], size, interpolation=cv2.INTER_NEAREST)),
    }


def recall(height, width, out_height, out_width):
    """The loader's steps: BGR, resize, float64, (v - mean) / std on the scale of 255, float32."""
    bgr = picture(height, width, 3)[:, :, ::-1]
    small = cv2.resize(bgr, (out_width, out_height))
    return {
        "from": [height, width, 3], "to": [out_height, out_width],
        "values": writing.short(((small.astype(np.float64) - MEAN) / STD).astype(np.float32)),
    }


if __name__ == "__main__":
    metadata = writing.metadata(__file__)
    metadata["opencv"] = cv2.__version__
    writing.write("preprocessing", {
        "metadata": metadata,
        "resize": [resize(*shape) for shape in SHAPES],
        "recall": recall(11, 17, 6, 10),
    })
