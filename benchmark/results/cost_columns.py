"""The columns that say what a cell costs: bytes, milliseconds, joules, and what training spent."""

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
        "size_ratio", "to that of the uncompressed artefact", computed=True, cost="csv", **FILE
    ),
    count(
        "header_bytes",
        "of the size, what is names, shapes, vocabulary and settings",
        "bytes",
        **FILE,
    ),
    count("parameters", "weights", cost="page", **FILE),
    count("nonzero_parameters", "weights that are not zero", cost="page", **FILE),
    measurement(
        "latency_p50_ms", "median time of one utterance, on `machine`", "ms", cost="csv", **TIMING
    ),
    measurement("latency_p50_low_ms", "lower end of its 95 % interval", "ms", **TIMING),
    measurement("latency_p50_high_ms", "upper end", "ms", **TIMING),
    measurement("latency_p90_ms", "90th percentile, where the runs suffice for it", "ms", **TIMING),
    measurement("latency_p95_ms", "95th percentile, likewise", "ms", cost="csv", **TIMING),
    measurement("latency_p99_ms", "99th percentile, likewise", "ms", **TIMING),
    measurement(
        "latency_ratio",
        "to the uncompressed model, timed in the same rounds",
        cost="csv",
        **TIMING,
    ),
    measurement("latency_ratio_low", "lower end of its 95 % interval", cost="csv", **TIMING),
    measurement("latency_ratio_high", "upper end", cost="csv", **TIMING),
    flag("timing_valid", "whether the reference was as fast as its own duplicate", **TIMING),
    measurement("rtfx", "seconds of speech per second", cost="page", **TIMING),
    text(
        "latency_by_length",
        "JSON: median, interval and ratio by seconds of speech",
        json=LENGTHS,
        **TIMING,
    ),
    measurement("load_ms", "loading the artefact in a fresh process", "ms", **TIMING),
    measurement("first_call_ms", "the first utterance after that", "ms", **TIMING),
    measurement("features_ms", "of the median time, that of the features", "ms", **TIMING),
    measurement("network_ms", "that of the network", "ms", **TIMING),
    measurement("decode_ms", "that of decoding", "ms", **TIMING),
    measurement("throughput_rtfx", "seconds of speech per second in batches", **TIMING),
    count("throughput_batch", "utterances of such a batch", **TIMING),
    count(
        "peak_memory_bytes",
        "what loading and one utterance add to a process with the libraries imported",
        "bytes",
        cost="page",
        **TIMING,
    ),
    measurement("energy_joules", "per utterance, where the system has a counter", "J", **TIMING),
    count("flops", "operations of the network for one utterance", OPERATIONS, **TIME),
    count("bytes_moved", "weights and activations that it reads and writes", "bytes", **TIME),
    measurement(
        "roofline_share",
        "of the speed that arithmetic and memory of `machine` allow",
        "fraction",
        **TIMING,
    ),
    measurement(
        "meta_train_seconds",
        "time that meta-training took",
        "s",
        varies=True,
        cost="csv",
        **TRAINED,
    ),
    measurement(
        "adapt_seconds", "time that adaptation took", "s", varies=True, cost="csv", **ADAPTED
    ),
    measurement(
        "compress_seconds",
        "time that compression took",
        "s",
        computed=True,
        varies=True,
        **FILE,
        **UNPUBLISHED,
    ),
    measurement(
        "evaluate_seconds",
        "time that transcribing the test set took",
        "s",
        stage="evaluate",
        computed=True,
        varies=True,
        **UNPUBLISHED,
    ),
    count(
        "gradients_spent",
        "utterance-gradients of meta-training, adaptation, refitting",
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
        "operations of meta-training, estimated from some steps",
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
        "compress_gradients",
        "utterance-gradients of compression",
        GRADIENTS,
        computed=True,
        published_after="adapt_gradients",
        **FILE,
    ),
    count(
        "optimizer_state_bytes",
        "memory that the state of the optimizer takes in adaptation",
        "bytes",
        cost="csv",
        **ADAPTED,
        **UNPUBLISHED,
    ),
    measurement(
        "optimizer_step_seconds",
        "median time of one step of the optimizer in adaptation",
        "s",
        varies=True,
        cost="csv",
        **ADAPTED,
        **UNPUBLISHED,
    ),
)
