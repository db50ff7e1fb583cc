"""Every architecture of transformers, built small, beside a plain forward."""
