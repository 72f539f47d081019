"""Trace the PNG of the standard input with VTracer; `confined.convert` runs this file by its path.

It imports nothing of the library, so that it starts in a few hundredths of a second.
"""

import json
import os
import resource
import sys

_TOO_LARGE, _NO_MEMORY = 3, 4
_YIELDING = 10
"""By how much the process is nicer than its parent."""


def main() -> int:
    """Write the SVG to the standard output; return the exit status."""
    given = json.loads(sys.argv[1])
    os.nice(_YIELDING)
    # Should the parent die, nobody else ends this process.
    resource.setrlimit(resource.RLIMIT_CPU, (given["cpu_seconds"], given["cpu_seconds"]))
    if sys.platform == "linux":  # macOS refuses any limit of this kind
        resource.setrlimit(resource.RLIMIT_AS, (given["memory_bytes"], given["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.path.append(given["packages"])
    import vtracer  # noqa: PLC0415 - the argument says where it is

    png = sys.stdin.buffer.read()
    svg = vtracer.convert_raw_image_to_svg(png, img_format="png", **given["settings"]).encode()
    if len(svg) > given["svg_bytes"]:
        return _TOO_LARGE
    sys.stdout.buffer.write(svg)
    return 0


if __name__ == "__main__":
    try:
        status = main()
    except MemoryError:
        status = _NO_MEMORY
    sys.exit(status)
