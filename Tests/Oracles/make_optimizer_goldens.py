"""Runs torch.optim and torch.optim.lr_scheduler and writes what they give:

    python make_optimizer_goldens.py Tests/NeuralNetworksTests/Goldens

`optimizers.json`: for each case the optimiser's name, its settings and the parameters after 1 and 20 steps.
`schedules.json`: for each case the schedule's name, its settings, and the learning rates (and momenta) at each position.

The problem is the same in OptimizerGoldenTests.swift: element i of parameter p (in torch's order) starts at u(p.start), and
with a = 1 + u(p.curve)/2 and c = u(p.centre) its loss is a(x - c)²/2 + cos(3x)/10; but for L-BFGS every step adds the slope
sin(7 step + i + p)/2. The loss is in double precision, gradients are rounded to single: near the end
the loss in single precision would be all rounding, and with it the points a line search takes.
"""
import json, math, os, sys
import numpy as np, torch

SHAPES = [(4, 3), (3,), (2, 2, 2, 2)]
CHECKED = [1, 20]
MASK = (1 << 64) - 1


def fill(key, count):
    h = 0xCBF29CE484222325
    for byte in key.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    values = []
    for i in range(count):
        z = (h + (i + 1) * 0x9E3779B97F4A7C15) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        values.append((z >> 40) * 2.0**-23 - 1)
    return np.array(values)


def run(name, kwargs, shapes=SHAPES):
    parameters = [torch.nn.Parameter(torch.tensor(fill(f"{p}.start", math.prod(s)).reshape(s), dtype=torch.float32))
                  for p, s in enumerate(shapes)]
    curves = [1 + fill(f"{p}.curve", math.prod(s)).reshape(s) / 2 for p, s in enumerate(shapes)]
    centres = [fill(f"{p}.centre", math.prod(s)).reshape(s) for p, s in enumerate(shapes)]
    noisy = name != "LBFGS"
    extra = {} if name in ("LBFGS", "Muon") else {"foreach": False}
    optimizer = getattr(torch.optim, name)(parameters, **kwargs, **extra)
    result = {}
    for step in range(1, CHECKED[-1] + 1):
        def closure():
            loss = 0.0
            for p, parameter in enumerate(parameters):
                x = parameter.detach().numpy().astype(np.float64)
                slope = curves[p] * (x - centres[p]) - 0.3 * np.sin(3 * x)
                if noisy:
                    index = np.arange(x.size).reshape(x.shape)
                    slope = slope + 0.5 * np.sin(7 * step + index + p)
                parameter.grad = torch.tensor(slope, dtype=torch.float32)
                loss += float((curves[p] * (x - centres[p]) ** 2 / 2 + np.cos(3 * x) / 10).sum())
            return torch.tensor(loss, dtype=torch.float64)
        optimizer.step(closure)
        if step in CHECKED:
            result[str(step)] = [float(f"{v:.7g}") for p in parameters for v in p.detach().flatten().tolist()]
    return {"name": name, "kwargs": kwargs, "values": result}


MATRIX = [(4, 3), (3, 4), (5, 5)]
CASES = [
    ("SGD", {}), ("SGD", {"lr": 0.05, "momentum": 0.9}), ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.02}),
    ("SGD", {"lr": 0.01, "momentum": 0.5, "maximize": True, "weight_decay": 0.02}),
    ("SGD", {"lr": 0.01, "momentum": 0.5, "dampening": 0.5, "maximize": True}),
    ("Adam", {}), ("Adam", {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.05}),
    ("Adam", {"lr": 0.02, "amsgrad": True, "weight_decay": 0.05}), ("Adam", {"lr": 0.02, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.02, "maximize": True, "weight_decay": 0.05}), ("Adam", {"lr": 0.02, "amsgrad": True, "maximize": True, "weight_decay": 0.05}),
    ("AdamW", {}), ("AdamW", {"lr": 0.02, "amsgrad": True, "weight_decay": 0.1}), ("AdamW", {"lr": 0.02, "maximize": True, "weight_decay": 0.1}),
    ("Adamax", {}), ("Adamax", {"lr": 0.05, "betas": [0.8, 0.95], "weight_decay": 0.05}), ("Adamax", {"maximize": True}),
    ("NAdam", {}), ("NAdam", {"lr": 0.02, "weight_decay": 0.1, "momentum_decay": 0.05}),
    ("NAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}), ("NAdam", {"maximize": True}),
    ("RAdam", {}), ("RAdam", {"lr": 0.02, "betas": [0.8, 0.9], "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}), ("RAdam", {"maximize": True}),
    ("Adagrad", {}), ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.1}),
    ("Adagrad", {"maximize": True}),
    ("Adadelta", {}), ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.05}), ("Adadelta", {"maximize": True}),
    ("RMSprop", {}), ("RMSprop", {"centered": True, "weight_decay": 0.05}), ("RMSprop", {"lr": 0.005, "momentum": 0.9, "alpha": 0.9}),
    ("RMSprop", {"lr": 0.005, "centered": True, "momentum": 0.9}), ("RMSprop", {"maximize": True}),
    ("Rprop", {}), ("Rprop", {"lr": 0.1, "etas": [0.4, 1.5], "step_sizes": [0.01, 0.2]}), ("Rprop", {"maximize": True}),
    ("ASGD", {}), ("ASGD", {"lr": 0.1, "lambd": 0.01, "alpha": 0.5, "t0": 5, "weight_decay": 0.05}), ("ASGD", {"maximize": True}),
    ("LBFGS", {}), ("LBFGS", {"lr": 0.3, "max_iter": 2, "history_size": 3}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "max_iter": 2}), ("LBFGS", {"line_search_fn": "strong_wolfe"}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "lr": 8, "max_iter": 3}),
    ("Adafactor", {}), ("Adafactor", {"lr": 0.05, "beta2_decay": -0.5, "eps": [1e-3, 0.01], "d": 1.5, "weight_decay": 0.1}),
    ("Adafactor", {"maximize": True}),
    ("Muon", {}), ("Muon", {"nesterov": False, "momentum": 0.8, "weight_decay": 0.01}),
    ("Muon", {"adjust_lr_fn": "match_rms_adamw"}), ("Muon", {"adjust_lr_fn": "spectral_unclamped", "ns_steps": 3}),
]


def schedules():
    total, rate, momentum = 24, 0.2, 0.9
    cases = [
        ("constant", "ConstantLR", {}, {"factor": 1.0}), ("step", "StepLR", {"step_size": 5, "gamma": 0.5}, None),
        ("multi_step", "MultiStepLR", {"milestones": [3, 4, 15], "gamma": 0.3}, None),
        ("exponential", "ExponentialLR", {"gamma": 0.9}, None),
        ("cosine", "CosineAnnealingLR", {"final_factor": 0.05}, {"T_max": total, "eta_min": 0.05 * rate}),
        ("cosine", "CosineAnnealingLR", {"T_max": 10, "final_factor": 0}, {"T_max": 10}),
        ("polynomial", "PolynomialLR", {"power": 2}, {"total_iters": total, "power": 2}),
        ("polynomial", "PolynomialLR", {"total_iters": 7, "power": 0.5}, None),
        ("linear", "LinearLR", {"final_factor": 0.1}, {"start_factor": 1.0, "end_factor": 0.1, "total_iters": total}),
        ("one_cycle", "OneCycleLR", {}, {"max_lr": rate, "total_steps": total}),
        ("one_cycle", "OneCycleLR", {"three_phase": True, "anneal_strategy": "linear", "pct_start": 0.25, "div_factor": 10.0, "final_div_factor": 100.0,
                                     "base_momentum": 0.7, "max_momentum": 0.99}, "add"),
        ("one_cycle", "OneCycleLR", {"cycle_momentum": False}, "add"),
    ]
    result = []
    for name, reference, kwargs, given in cases:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate, momentum=momentum)
        if given == "add":
            given = dict(kwargs, max_lr=rate, total_steps=total)
        scheduler = getattr(torch.optim.lr_scheduler, reference)(optimizer, **(kwargs if given is None else given))
        rates, momenta = [], []
        for _ in range(total):
            rates.append(float(f"{optimizer.param_groups[0]['lr']:.12g}"))
            momenta.append(float(f"{optimizer.param_groups[0]['momentum']:.12g}"))
            optimizer.step()
            scheduler.step()
        case = {"name": name, "kwargs": kwargs, "lr": rate, "rates": rates}
        if name == "one_cycle" and kwargs.get("cycle_momentum", True):
            case["momenta"] = momenta
        result.append(case)
    return {"total": total, "cases": result}


def plateaus():
    measures = [1.0, 0.8, 0.79999, 0.8, 0.9, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.69, 0.69, 0.69, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6]
    result = []
    for kwargs in [{"patience": 2}, {"patience": 1, "factor": 0.5, "cooldown": 2, "min_lr": 0.03}, {"mode": "max", "patience": 3, "threshold": 0.05},
                   {"threshold_mode": "abs", "threshold": 0.02, "patience": 0, "factor": 0.7}, {"mode": "max", "threshold_mode": "abs", "patience": 1}]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **kwargs)
        rates = []
        for measure in measures:
            scheduler.step(measure)
            rates.append(float(f"{optimizer.param_groups[0]['lr']:.12g}"))
        result.append({"kwargs": kwargs, "rates": rates})
    return {"measures": measures, "lr": 0.2, "cases": result}


folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
torch.manual_seed(0)
cases = [run(name, kwargs, MATRIX if name == "Muon" else SHAPES) for name, kwargs in CASES]
with open(os.path.join(folder, "optimizers.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
with open(os.path.join(folder, "schedules.json"), "w") as file:
    json.dump({"schedules": schedules(), "plateaus": plateaus()}, file, separators=(",", ":"))
    file.write("\n")
