"""Refusals of input as RFC 9457 ``application/problem+json``: one stable code, Chinese first, English second."""

from chassis.problems.fields import invalid_input
from chassis.problems.problem import MEDIA_TYPE, MOST_ERRORS, FieldError, Problem, internal_error

__all__ = ["MEDIA_TYPE", "MOST_ERRORS", "FieldError", "Problem", "internal_error", "invalid_input"]
