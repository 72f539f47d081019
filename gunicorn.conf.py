"""Run the service under Gunicorn; every choice comes from `app.config.Settings`."""

import os
import sys

# A reload runs this file again: new workers must not inherit modules of the old code.
for name in [name for name in sys.modules if name.split(".")[0] in ("app", "logo_classifier")]:
    del sys.modules[name]

from app.config import settings_or_exit
from app.server.configuration import configure

globals().update(configure(settings_or_exit(os.environ)))
