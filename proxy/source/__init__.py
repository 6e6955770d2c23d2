"""From a frame of a profile to a file of a repository, without I/O."""
