"""What learns from labels: a head on vectors (``Pipeline.fit``), and whole small models (``finetune``, ``distil``)."""
