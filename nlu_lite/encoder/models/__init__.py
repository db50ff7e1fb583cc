"""A folder -> the model, its tokenizer and its configuration in memory."""
