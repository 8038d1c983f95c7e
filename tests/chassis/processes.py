"""Processes that start quickly: forked from one that has already imported what the tests need."""

from __future__ import annotations

import multiprocessing

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pytest", "tests.chassis.crash_world", "tests.proof.lives"])
