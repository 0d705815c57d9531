"""The columns for costs of a cell: size, latency, memory, energy and training costs."""

from __future__ import annotations

from typing import Any

from benchmark.results.column import count, flag, measurement, text
from benchmark.results.documents import LENGTHS

GRADIENTS, OPERATIONS = "utterance-gradients", "operations"

FILE: dict[str, Any] = {"stage": "compress"}
TIME: dict[str, Any] = {"stage": "time"}
TIMING: dict[str, Any] = {"stage": "time", "varies": True}
TRAINED: dict[str, Any] = {"stage": "meta_train", "computed": True}
ADAPTED: dict[str, Any] = {"stage": "adapt", "computed": True}
UNPUBLISHED: dict[str, Any] = {"published": False}

COSTS = (
    count("size_bytes", "size of the artefact's file", "bytes", cost="csv", **FILE),
    measurement(
        "size_ratio",
        "size relative to the uncompressed artefact",
        computed=True,
        cost="csv",
        **FILE,
    ),
    count(
        "header_bytes",
        "part of the size for names, shapes, vocabulary and settings",
        "bytes",
        **FILE,
    ),
    count("parameters", "number of weights", cost="page", **FILE),
    count("nonzero_parameters", "number of nonzero weights", cost="page", **FILE),
    measurement(
        "latency_p50_ms", "median latency of one utterance on `machine`", "ms", cost="csv", **TIMING
    ),
    measurement("latency_p50_low_ms", "lower end of its 95 % interval", "ms", **TIMING),
    measurement("latency_p50_high_ms", "upper end", "ms", **TIMING),
    measurement("latency_p90_ms", "90th percentile, if there are enough runs", "ms", **TIMING),
    measurement("latency_p95_ms", "95th percentile, likewise", "ms", cost="csv", **TIMING),
    measurement("latency_p99_ms", "99th percentile, likewise", "ms", **TIMING),
    measurement(
        "latency_ratio",
        "median latency relative to the uncompressed model, timed in the same rounds",
        cost="csv",
        **TIMING,
    ),
    measurement("latency_ratio_low", "lower end of its 95 % interval", cost="csv", **TIMING),
    measurement("latency_ratio_high", "upper end", cost="csv", **TIMING),
    flag("timing_valid", "whether the reference and its duplicate were equally fast", **TIMING),
    measurement("rtfx", "seconds of speech per second of computation", cost="page", **TIMING),
    text(
        "latency_by_length",
        "JSON: median, interval and ratio by seconds of speech",
        json=LENGTHS,
        **TIMING,
    ),
    measurement("load_ms", "time to load the artefact in a fresh process", "ms", **TIMING),
    measurement("first_call_ms", "time of the first utterance after loading", "ms", **TIMING),
    measurement("features_ms", "part of the median latency for features", "ms", **TIMING),
    measurement("network_ms", "part for the network", "ms", **TIMING),
    measurement("decode_ms", "part for decoding", "ms", **TIMING),
    measurement(
        "throughput_rtfx", "seconds of speech per second of computation, in batches", **TIMING
    ),
    count("throughput_batch", "utterances per batch", **TIMING),
    count(
        "peak_memory_bytes",
        "memory that loading and one utterance add to a process with imported libraries",
        "bytes",
        cost="page",
        **TIMING,
    ),
    measurement(
        "energy_joules", "energy per utterance, if the system can measure it", "J", **TIMING
    ),
    count("flops", "operations of the network for one utterance", OPERATIONS, **TIME),
    count(
        "bytes_moved", "weights and activations that the network reads and writes", "bytes", **TIME
    ),
    measurement(
        "roofline_share",
        "share of the maximum speed that arithmetic and memory of `machine` allow",
        "fraction",
        **TIMING,
    ),
    measurement(
        "meta_train_seconds",
        "duration of meta-training",
        "s",
        varies=True,
        cost="csv",
        **TRAINED,
    ),
    measurement("adapt_seconds", "duration of adaptation", "s", varies=True, cost="csv", **ADAPTED),
    measurement(
        "compress_seconds",
        "duration of compression",
        "s",
        computed=True,
        varies=True,
        **FILE,
        **UNPUBLISHED,
    ),
    measurement(
        "evaluate_seconds",
        "duration of transcribing the test set",
        "s",
        stage="evaluate",
        computed=True,
        varies=True,
        **UNPUBLISHED,
    ),
    count(
        "gradients_spent",
        "utterance-gradients of meta-training, adaptation and compression",
        GRADIENTS,
        published_after="pace",
        **ADAPTED,
    ),
    count(
        "meta_train_gradients",
        "utterance-gradients of meta-training",
        GRADIENTS,
        cost="csv",
        **TRAINED,
    ),
    count("adapt_gradients", "utterance-gradients of adaptation", GRADIENTS, cost="csv", **ADAPTED),
    measurement(
        "meta_train_flops",
        "operations of meta-training, estimated from a sample of steps",
        OPERATIONS,
        cost="csv",
        **TRAINED,
    ),
    measurement("adapt_flops", "operations of adaptation", OPERATIONS, cost="csv", **ADAPTED),
    count(
        "meta_train_peak_memory_bytes",
        "memory that meta-training added to its process",
        "bytes",
        varies=True,
        cost="csv",
        **TRAINED,
    ),
    count(
        "adapt_peak_memory_bytes",
        "memory that adaptation added to its process",
        "bytes",
        varies=True,
        cost="csv",
        **ADAPTED,
    ),
    count(
        "meta_train_stack",
        "learners that learned together in meta-training; 1 learned alone, 0 means none",
        "learners",
        varies=True,
        **TRAINED,
    ),
    count(
        "adapt_stack",
        "learners that learned together in adaptation",
        "learners",
        varies=True,
        **ADAPTED,
    ),
    measurement(
        "meta_train_speech_seconds",
        "speech of all utterance-gradients of meta-training, from the mean length of an utterance",
        "s",
        **TRAINED,
        **UNPUBLISHED,
    ),
    measurement(
        "adapt_speech_seconds",
        "speech of all utterance-gradients of adaptation",
        "s",
        **ADAPTED,
        **UNPUBLISHED,
    ),
    count(
        "evaluate_stack",
        "artefacts that transcribed the test set together",
        "artefacts",
        stage="evaluate",
        computed=True,
        varies=True,
        **UNPUBLISHED,
    ),
    count(
        "compress_gradients",
        "utterance-gradients of compression",
        GRADIENTS,
        computed=True,
        published_after="adapt_gradients",
        **FILE,
    ),
    count(
        "optimizer_state_bytes",
        "memory of the optimizer state in adaptation",
        "bytes",
        cost="csv",
        **ADAPTED,
        **UNPUBLISHED,
    ),
    measurement(
        "optimizer_step_seconds",
        "median time of one optimizer step in adaptation",
        "s",
        varies=True,
        cost="csv",
        **ADAPTED,
        **UNPUBLISHED,
    ),
)
