"""python -m sysprompt"""
from . import _main

_main()
