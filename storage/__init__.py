"""What is kept: the vocabulary, the catalogue, the archive targets and the way in."""
