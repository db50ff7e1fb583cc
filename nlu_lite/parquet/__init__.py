"""A dataset folder of words and vectors, written part by part; killed and run again it goes on where it stopped."""
