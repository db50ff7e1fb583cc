"""Small configurations of every architecture of transformers, made of its defaults by one table.

The defaults of a configuration describe a published model. Sizes are made small by the names of
their fields; what a class counts by its layers is cut to as many.
"""

from __future__ import annotations

from typing import Any

from transformers import CONFIG_MAPPING, PreTrainedConfig

LAYERS = 2
POSITIONS = 64
# The names under which configurations keep their sizes, by the small value that they get.
_NAMES = {
    LAYERS: (
        "num_hidden_layers num_layers n_layers n_layer layers encoder_layers decoder_layers"
        " num_decoder_layers num_encoder_layers n_encoder_layers n_decoder_layers"
        " num_key_value_heads n_kv_heads num_kv_heads multi_query_group_num num_experts_per_tok"
        " num_experts_per_token top_k moe_k moe_topk experts_per_token num_selected_experts"
        " num_global_key_value_heads num_key_value_groups"
    ),
    4: (
        "num_attention_heads n_head n_heads num_heads encoder_attention_heads heads"
        " decoder_attention_heads num_encoder_attention_heads num_decoder_attention_heads"
        " num_experts num_local_experts n_routed_experts moe_num_experts"
    ),
    32: (
        "hidden_size d_model n_embd dim emb_dim embed_dim embedding_size word_embed_proj_dim"
        " true_hidden_size encoder_hidden_size projection_dim dim_model"
        " input_embedding_size"
        " output_embedding_size hidden_size_per_layer_input"
    ),
    64: (
        "intermediate_size d_ff ffn_dim encoder_ffn_dim decoder_ffn_dim hidden_dim n_inner d_inner"
        " ffn_hidden_size moe_intermediate_size shared_expert_intermediate_size dim_ff"
        " moe_shared_expert_intermediate_size expert_ffn_hidden_size shared_intermediate_size"
        " intermediate_size_mlp"
    ),
    8: "head_dim d_kv attention_head_size d_head global_head_dim swa_head_dim mlp_head_dim",
    POSITIONS: (
        "max_position_embeddings n_positions n_ctx max_seq_len max_sequence_length max_seq_length"
        " encoder_max_position_embeddings max_encoder_position_embeddings model_max_length"
        " max_target_positions max_source_positions original_max_position_embeddings"
        " decoder_max_position_embeddings max_decoder_position_embeddings"
    ),
}
SIZES = {name: value for value, names in _NAMES.items() for name in names.split()}
# Sizes of attention whose keys are made of fewer numbers, which hang together.
LATENT = {"qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 8, "head_dim": 4}
# Architectures whose positions count height and width too, in sections of a head.
PICTURE_POSITIONS = ("qwen2_vl", "qwen2_5", "glm4v", "glm_image", "glm_ocr", "paddleocr")
# Architectures whose fields hang together in ways of their own.
CHANGES: dict[str, dict[str, Any]] = {
    "codegen": {"rotary_dim": 4},
    "deepseek_v2": {"num_experts_per_tok": 2},
    "nemotron": {"head_dim": 8, "num_key_value_heads": 2},
    "step3p7": {"sliding_window": 8},
    "esm": {"pad_token_id": 1, "mask_token_id": 4, "token_dropout": False},
    "esmc": {"num_key_value_heads": 4},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "window_size": 8},
    "gptj": {"rotary_dim": 4},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1, "use_mamba_kernels": False},
    "luke": {"entity_vocab_size": 10, "entity_emb_size": 16},
    "mobilebert": {"embedding_size": 32, "intra_bottleneck_size": 32},
    "fsmt": {"langs": ["en", "de"], "src_vocab_size": 300, "tgt_vocab_size": 300},
    "led": {"attention_window": [8, 8], "max_encoder_position_embeddings": 64},
    "pegasus_x": {"block_size": 16},
    "canine": {"num_hash_buckets": 64, "local_transformer_stride": 16},
    "perceiver": {"d_latents": 32, "num_latents": 8, "num_self_attends_per_block": 2},
    "reformer": {
        "axial_pos_shape": [8, 8],
        "axial_pos_embds_dim": [16, 16],
        "attn_layers": ["local", "local"],
        "local_attn_chunk_length": 8,
    },
    "xmod": {"default_language": "en_XX"},
    "big_bird": {"block_size": 4, "num_random_blocks": 1},
    "hunyuan_v1_dense": {"head_dim": 8},
    "hunyuan_v1_moe": {"head_dim": 8},
    "ministral": {"head_dim": 8},
    "zamba": {"num_hidden_layers": 2, "layers_block_type": ["hybrid", "mamba"]},
}


def make_configuration(model_type: str, *, vocabulary: int) -> PreTrainedConfig:
    """A small configuration of an architecture; raises whatever its class raises."""
    return _shrink(CONFIG_MAPPING[model_type], vocabulary, CHANGES.get(model_type, {}))


def _shrink(
    config_class: type[PreTrainedConfig], vocabulary: int, changes: dict[str, Any]
) -> PreTrainedConfig:
    default = config_class()
    settings: dict[str, Any] = {}
    for name, value in default.to_dict().items():
        if name in SIZES and isinstance(value, int) and not isinstance(value, bool):
            settings[name] = SIZES[name]
        elif name == "vocab_size":
            settings[name] = vocabulary
        elif name.endswith("token_id") and isinstance(value, int) and value >= vocabulary:
            settings[name] = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}.get(name, 3)
        elif isinstance(value, list) and name in ("layer_types", "layers_block_type"):
            settings[name] = _select_kinds(value)
        elif isinstance(value, dict) and isinstance(getattr(default, name, None), PreTrainedConfig):
            settings[name] = _shrink(
                type(getattr(default, name)), vocabulary, changes.get(name, {})
            )
    if "qk_rope_head_dim" in default.to_dict():
        settings |= LATENT
    rope = default.to_dict().get("rope_parameters")
    if isinstance(rope, dict) and default.model_type.startswith(PICTURE_POSITIONS):
        sections = [1, 1, 0] if default.model_type.startswith("glm4v_moe") else [2, 1, 1]
        settings["rope_parameters"] = rope | {"mrope_section": sections}
    for name in ("initializer_range", "init_std", "initializer_factor"):
        if isinstance(getattr(default, name, None), float):
            settings[name] = 0.4 if name != "initializer_factor" else 1.0
    return config_class(**{**settings, **changes})


def _select_kinds(kinds: list[str]) -> list[str]:
    """As many as there are layers, each kind once if that is possible."""
    distinct = list(dict.fromkeys(kinds))
    return (distinct + kinds)[:LAYERS]
