"""Tests/Golden/layer_*.json: single layers, values and gradients, on tiny tensors.

Inputs are float32 numbers; everything is computed from them in float64. Gradients are those of
sum(output * upstream), `upstream` being one of the inputs (a loss has none).

usage: python3 scripts/golden/layers.py
"""

import torch
from torch.nn import functional as F

import formula
import writing
import reference_losses


def random(name, *shape):
    """Hashed float32 numbers in [-1, 1), as float64."""
    values = formula.CounterRNG(f"layer.{name}").symmetric(torch.Size(shape).numel()).astype("float32")
    return torch.from_numpy(values).double().reshape(shape)


def case(name, op, attributes, inputs, run, differentiable, upstream=True):
    """Runs `run(**inputs)` and records its outputs and the gradients of `differentiable`."""
    leaves = {k: v.clone().requires_grad_(k in differentiable) for k, v in inputs.items()}
    output = run(**leaves)
    inputs = dict(inputs)
    if upstream:
        inputs["upstream"] = random(f"{name}.upstream", *output.shape)
        (output * inputs["upstream"]).sum().backward()
    else:
        output.backward()
    return {
        "name": name, "op": op, "attributes": attributes,
        "inputs": {k: writing.tensor(v) for k, v in inputs.items()},
        "outputs": {"output": writing.tensor(output)},
        "gradients": {k: writing.tensor(leaves[k].grad) for k in differentiable},
    }


def conv2d():
    """(name, input [N, C, H, W], output channels, kernel, stride, padding, dilation, bias)"""
    table = (
        ("3x3", (2, 3, 5, 6), 4, 3, 1, 1, 1, False),
        ("3x3 bias", (1, 2, 4, 7), 3, 3, 1, 1, 1, True),
        ("3x3 stride 2, odd", (2, 2, 7, 5), 3, 3, 2, 1, 1, False),
        ("3x3 stride 2, even", (1, 2, 6, 8), 3, 3, 2, 1, 1, False),
        ("7x7 stride 2", (1, 3, 9, 8), 2, 7, 2, 3, 1, False),
        ("1x1", (2, 4, 3, 5), 3, 1, 1, 0, 1, False),
        ("1x1 bias", (2, 4, 3, 5), 3, 1, 1, 0, 1, True),
        ("1x1 stride 2", (1, 3, 5, 6), 4, 1, 2, 0, 1, False),
        ("3x3 dilation 2", (1, 2, 7, 6), 3, 3, 1, 2, 2, False),
        ("3x3 dilation 6 on a smaller picture", (2, 2, 4, 5), 3, 3, 1, 6, 6, False),
        ("3x3 dilation 6, outer taps partly outside", (1, 2, 8, 13), 2, 3, 1, 6, 6, False),
        ("3x3 without padding", (1, 2, 5, 5), 2, 3, 1, 0, 1, False),
    )
    for name, shape, out, kernel, stride, padding, dilation, bias in table:
        inputs = {"input": random(f"{name}.input", *shape),
                  "weight": random(f"{name}.weight", out, shape[1], kernel, kernel)}
        if bias:
            inputs["bias"] = random(f"{name}.bias", out)
        yield case(
            name, "conv2d", {"stride": stride, "padding": padding, "dilation": dilation}, inputs,
            lambda input, weight, bias=None, s=stride, p=padding, d=dilation:
                F.conv2d(input, weight, bias, s, p, d), list(inputs))


def batch_norm():
    """Three training steps one after the other, then evaluation with what they left."""
    mean, variance = torch.zeros(3).double(), torch.ones(3).double()
    inputs = {"weight": random("bn.weight", 3) + 1, "bias": random("bn.bias", 3)}
    for step in range(4):
        training = step < 3
        inputs["input"] = random(f"bn.input.{step}", 3, 3, 2, 4) * (step + 1) + 0.5 * step
        inputs["input"][:, 2] = 0.75
        before = {"running_mean": mean.clone(), "running_var": variance.clone()}
        record = case(
            f"training step {step}" if training else "evaluation", "batch_norm",
            {"training": int(training), "momentum": 0.1, "eps": 1e-5}, inputs,
            lambda weight, bias, input: F.batch_norm(input, mean, variance, weight, bias, training, 0.1, 1e-5),
            ["input", "weight", "bias"])
        record["inputs"] |= {k: writing.tensor(v) for k, v in before.items()}
        record["outputs"] |= {"running_mean": writing.tensor(mean), "running_var": writing.tensor(variance)}
        yield record
    # One value a channel for every image, as after global pooling.
    inputs["input"] = random("bn.pooled", 4, 3, 1, 1)
    mean, variance = torch.zeros(3).double(), torch.ones(3).double()
    record = case(
        "training, one pixel an image", "batch_norm", {"training": 1, "momentum": 0.1, "eps": 1e-5}, inputs,
        lambda weight, bias, input: F.batch_norm(input, mean, variance, weight, bias, True, 0.1, 1e-5),
        ["input", "weight", "bias"])
    record["inputs"] |= {"running_mean": writing.tensor(torch.zeros(3)),
                         "running_var": writing.tensor(torch.ones(3))}
    record["outputs"] |= {"running_mean": writing.tensor(mean), "running_var": writing.tensor(variance)}
    yield record


def pooling():
    for name, shape, levels in (("ties", (2, 2, 7, 9), 3), ("all equal", (1, 1, 5, 6), 1),
                                ("negative", (1, 2, 6, 5), 50)):
        values = formula.CounterRNG(f"layer.pool.{name}").integers(torch.Size(shape).numel(), levels)
        x = torch.from_numpy(values).double().reshape(shape) - (levels if name == "negative" else 0)
        yield case(name, "max_pool2d", {"kernel": 3, "stride": 2, "padding": 1}, {"input": x},
                   lambda input: F.max_pool2d(input, 3, 2, 1), ["input"])
    for name, size in (("global", (1, 1)), ("2x3 of 5x7", (2, 3))):
        yield case(name, "adaptive_avg_pool2d", {"height": size[0], "width": size[1]},
                   {"input": random(f"average.{name}", 2, 2, 5, 7)},
                   lambda input, s=size: F.adaptive_avg_pool2d(input, s), ["input"])


def interpolate():
    table = ((3, 4, 7, 9), (4, 6, 8, 12), (9, 11, 4, 5), (5, 7, 5, 7), (1, 1, 4, 3), (2, 3, 1, 1),
             (5, 7, 13, 3), (3, 5, 17, 29))
    for h, w, height, width in table:
        for align in (0, 1):
            yield case(
                f"{h}x{w} to {height}x{width}, align_corners {align}", "interpolate_bilinear",
                {"height": height, "width": width, "align_corners": align},
                {"input": random(f"bilinear.{h}.{w}", 1, 2, h, w)},
                lambda input, s=(height, width), a=bool(align):
                    F.interpolate(input, s, mode="bilinear", align_corners=a), ["input"])


def losses():
    target = torch.from_numpy(formula.CounterRNG("layer.target").integers(2 * 4 * 5, 5)).reshape(2, 4, 5)
    # Class 3 is absent, and three pixels are void.
    target[target == 3] = 1
    void = target.clone()
    void.view(-1)[[0, 17, 33]] = formula.IGNORE
    logits = 3 * random("logits", 2, 5, 4, 5)
    weight = random("class.weight", 5) + 1.5
    # Class 2 perfectly recalled: weight 0 in the paper, 1 / GT in the code.
    perfect = logits.clone()
    perfect[:, 2] += 20 * (target == 2)

    def entry(name, y, attributes, inputs, run):
        record = case(name, "cross_entropy", attributes, inputs, run, ["logits"], upstream=False)
        record["inputs"]["target"] = {"shape": list(y.shape), "values": y.reshape(-1).tolist()}
        return record

    for name, y in (("no void", target), ("void", void)):
        for reduction in ("mean", "sum"):
            yield entry(f"{name}, {reduction}", y, {"ignore_index": 255, "mean": int(reduction == "mean")},
                        {"logits": logits},
                        lambda logits, y=y, r=reduction:
                            F.cross_entropy(logits, y, ignore_index=255, reduction=r))
            yield entry(f"{name}, weighted, {reduction}", y,
                        {"ignore_index": 255, "mean": int(reduction == "mean"), "weighted": 1},
                        {"logits": logits, "weight": weight},
                        lambda logits, weight, y=y, r=reduction:
                            F.cross_entropy(logits, y, weight, ignore_index=255, reduction=r))
    for name, y, z in (("no void", target, logits), ("void", void, logits),
                       ("void, one class perfect", void, perfect)):
        for variant in ("paper", "recall_code"):
            record = entry(f"{name}, recall {variant}", y, {"ignore_index": 255}, {"logits": z},
                           lambda logits, y=y, v=variant: reference_losses.recall(logits, y, v))
            record["op"] = f"recall_{variant.removeprefix('recall_')}"
            weights = reference_losses.recall_weights(z, y, variant)
            record["outputs"]["class_weights"] = writing.tensor(weights)
            yield record
    yield entry("large logits", void, {"ignore_index": 255, "mean": 1}, {"logits": 200 * logits},
                lambda logits: F.cross_entropy(logits, void, ignore_index=255))


def optimizers():
    table = (
        ("sgd", torch.optim.SGD, {"lr": 0.1}),
        ("sgd momentum", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        ("sgd momentum, weight decay", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
        ("sgd nesterov", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("adam", torch.optim.Adam, {"lr": 0.01}),
        ("adam, weight decay", torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.1}),
        ("adam, other betas and eps", torch.optim.Adam, {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3}),
        ("adamw", torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
    )
    for name, kind, options in table:
        value = torch.nn.Parameter(random("parameter", 8))
        optimizer = kind([value], **options)
        inputs = {"parameter": writing.tensor(value)}
        outputs = {}
        for step in range(1, 6):
            gradient = random(f"gradient.{step}", 8)
            # A gradient that is always 0, and one that is tiny.
            gradient[0], gradient[1] = 0, gradient[1] * 2.0**-20
            inputs[f"gradient_{step}"] = writing.tensor(gradient)
            value.grad = gradient
            optimizer.step()
            outputs[f"parameter_{step}"] = writing.tensor(value, 12)
        attributes = {k: float(v) for k, v in options.items() if k != "betas"}
        if "betas" in options:
            attributes |= {"beta1": options["betas"][0], "beta2": options["betas"][1]}
        yield {"name": name, "op": name.split(",")[0].split(" ")[0], "attributes": attributes,
               "inputs": inputs, "outputs": outputs, "gradients": {}}


def schedules():
    """Factor of the learning rate in iterations 0 ... 10 of 10 (0 ... 9 are used)."""
    lr = torch.optim.lr_scheduler
    table = (
        ("poly 0.9", "poly", {"power": 0.9, "iterations": 10}, lambda o: lr.PolynomialLR(o, 10, 0.9)),
        ("poly 2", "poly", {"power": 2, "iterations": 10}, lambda o: lr.PolynomialLR(o, 10, 2.0)),
        ("linear", "linear", {"iterations": 10}, lambda o: lr.PolynomialLR(o, 10, 1.0)),
        ("cosine", "cosine", {"iterations": 10}, lambda o: lr.CosineAnnealingLR(o, 10)),
        ("step", "step", {"every": 3, "factor": 0.5}, lambda o: lr.StepLR(o, 3, 0.5)),
    )
    for name, op, attributes, make in table:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule, factors = make(optimizer), []
        for _ in range(11):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        values = torch.tensor(factors, dtype=torch.float64)
        yield {"name": name, "op": op, "attributes": attributes, "inputs": {},
               "outputs": {"factor": writing.tensor(values, 12)}, "gradients": {}}


if __name__ == "__main__":
    torch.set_num_threads(1)
    about = writing.metadata(__file__, reference_losses.__file__)
    for make in (conv2d, batch_norm, pooling, interpolate, losses, optimizers, schedules):
        writing.write(f"layer_{make.__name__}", {"metadata": about, "cases": list(make())})
