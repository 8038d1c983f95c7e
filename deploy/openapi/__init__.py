"""The OpenAPI document of each service, generated from the code and kept here so that a change of the public surface is seen in review."""
