"""brentwatch: watches unrest and tells oil traders whether Brent crude moved abnormally after it."""

__version__ = "0.1.0"
