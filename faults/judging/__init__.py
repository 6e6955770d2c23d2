"""What is judged, without any I/O: outcomes, counts, growth, what a log may not hold."""
