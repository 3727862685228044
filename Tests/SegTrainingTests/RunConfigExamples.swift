/// Documents the run config tests start from.
enum Example {
  /// Every required key and no other.
  static let least = """
    {
      "data": { "layout": "camvid", "root": "shared/camvid" },
      "model": { "architecture": "deeplabv3", "backbone": "resnet18" },
      "loss": { "terms": [ { "type": "recall" } ] },
      "optimizer": { "type": "adam", "lr": 1e-3 },
      "training": { "iterations": 3000 }
    }
    """

  /// Every key, none at its default where there is a choice.
  static let full = """
    // A run with everything said.
    {
      "$schema": "schema.json",
      "name": "streets-both", "seed": 7,
      "data": {
        "layout": "folders", "root": "data/own",
        "images": "pictures/{split}", "masks": "labels/{name}.png", "list": "{split}.txt",
        "mask_encoding": "index", "mask_colors": null,
        "train": "a", "validation": "b",
        "classes": [
          { "name": "ground", "color": [0, 0, 0] },
          { "name": "thing", "color": [255, 128, 7] },
        ],
        "label_map": { "255": 1, "7": "ignore" }, "ignore_index": 200,
        "size": [360, 480], "preprocessing": "recall_code", "resize": "pil", "mean": [0.5, 0.25, 0.125], "std": [1, 0.5, 0.25],
        "channel_order": "bgr", "workers": 3, "cache_mb": 64, "on_bad_sample": "skip"
      },
      "augment": {
        "scale_range": [0.5, 2], "crop_size": [240, 320], "flip": 0.5,
        "color_jitter": { "brightness": 0.4, "contrast": 0.3, "saturation": 0.2 }
      },
      "model": {
        "architecture": "fcn", "backbone": "resnet18", "output_stride": 32, "aux_head": true,
        "aux_weight": 0.4, "dropout": 0.1, "weights": "start.safetensors",
        "weights_scope": "backbone", "train_only": ["classifier"], "frozen_batch_norm": "fixed"
      },
      "loss": {
        "terms": [
          { "type": "cross_entropy", "weight": 0.5, "group": "second", "class_weights": [1, 2.5] },
          { "type": "cross_entropy", "group": "second", "class_weights": "effective" },
          {
            "type": "cross_entropy", "group": "first",
            "class_weights": { "rule": "median", "variant": "recall_code" }
          },
          {
            "type": "ldam", "group": "first", "s": 10, "max_m": 0.25, "drw_start": 0.5,
            "class_weights": { "rule": "effective", "beta": "auto" }
          },
          {
            "type": "cross_entropy", "group": "first",
            "class_weights": { "rule": "inverse_mean1", "variant": "scheduling_code" }
          },
          { "type": "recall", "variant": "recall_code", "group": "first" }
        ],
        "schedule": { "type": "alternating", "start": 0.25, "end": 0.75 }
      },
      "optimizer": {
        "type": "sgd", "lr": 0.01, "momentum": 0.95, "weight_decay": 1e-4, "head_lr_factor": 10,
        "no_decay": ["batch_norm", "bias"]
      },
      "lr_schedule": { "type": "poly", "power": 1, "end_lr": 1e-5, "warmup_iterations": 20 },
      "training": {
        "epochs": 30, "batch_size": 8, "shuffle": false, "drop_last": false, "accumulate": 2,
        "clip_norm": 1.5, "ema_decay": 0.999
      },
      "evaluation": {
        "interval": 50, "batch_size": 2, "score_size": "input",
        "absent_classes": "count_false_positives", "s_rec": "f1"
      },
      "checkpoint": { "interval": 60, "keep": 1, "best_by": ["macro_f1", "recall[thing]"] },
      "log": { "interval": 1, "tensorboard": false, "traces": true, "trace_gamma": 2 },
      "engine": { "threads": 2, "convolution": "direct", "recompute": "segments", "fusion": false }
    }
    """
}
