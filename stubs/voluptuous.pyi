# Home Assistant puts probatio in voluptuous' place at run time; probatio is the one with types.
from probatio import *
