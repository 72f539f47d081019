"""Hold the SVG drawings that tests put into packages."""

SQUARE = '<rect x="4" y="4" width="8" height="8" fill="currentColor"/>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}">{}</svg>'
