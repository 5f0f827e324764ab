"""What EZKL makes of one model; called by bench/zkml/peers.ts, one JSON line on standard output.

ezkl_peer.py choose  JOB   the coarsest scale within the tolerance, for each size of digits
ezkl_peer.py setup   JOB   circuit, structured reference string and keys
ezkl_peer.py prove   JOB   witness and proof, again and again, in a process of its own, so that its peak memory is theirs

JOB is a JSON file: model, inputs (rows of one array for each input), float outputs by row, and the folder to work in.
"""

import json
import os
import resource
import sys
import time

import ezkl

# Input and output are in the statement, weights in the circuit: what Assay's circuits do.
VISIBILITY = {"input": "public", "output": "public", "param": "fixed"}


def run_args(job, base, legs):
    args = ezkl.PyRunArgs()
    args.input_visibility = VISIBILITY["input"]
    args.output_visibility = VISIBILITY["output"]
    args.param_visibility = VISIBILITY["param"]
    args.decomp_base, args.decomp_legs = base, legs
    args.variables = [("batch_size", 1)] + [(name, 1) for name in job["symbols"]]
    return args


def quiet(function, *arguments, **named):
    """EZKL prints its reports to standard output, which here is for one line of JSON."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        return function(*arguments, **named)
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def write(path, value):
    with open(path, "w") as file:
        json.dump(value, file)


def read(path):
    with open(path) as file:
        return json.load(file)


def settings_of(job, folder, base, legs, scale):
    """EZKL's documented way: settings, then calibration for least resources, here at one scale."""
    path = os.path.join(folder, f"settings-{base}x{legs}-{scale}.json")
    quiet(ezkl.gen_settings, job["model"], path, run_args(job, base, legs))
    scales = {} if scale is None else {"scales": [scale]}
    quiet(ezkl.calibrate_settings, os.path.join(folder, "row0.json"), job["model"], path, "resources", **scales)
    return path


def outputs_of(witness):
    return [float(value) for tensor in witness["pretty_elements"]["rescaled_outputs"] for value in tensor]


def error_of(job, made):
    """Labels: the share of wrong ones. Else the greatest difference as a share of the range of the float outputs."""
    rows = list(zip(made, job["outputs"]))
    if any(len(one) != len(other) for one, other in rows):
        raise ValueError("EZKL gives another number of outputs than ONNX Runtime")
    if job["labels"]:
        return sum(one != other for one, other in rows) / len(rows)
    values = [value for row in job["outputs"] for value in row]
    span = max(values) - min(values) or max(abs(value) for value in values) or 1
    return max(abs(a - b) for one, other in rows for a, b in zip(one, other)) / span


def try_setting(job, folder, base, legs, scale):
    settings = settings_of(job, folder, base, legs, scale)
    circuit = os.path.join(folder, "choice.ezkl")
    quiet(ezkl.compile_circuit, job["model"], circuit, settings)
    made = []
    for row in range(len(job["inputs"])):
        path = os.path.join(folder, "choice.json")
        quiet(ezkl.gen_witness, os.path.join(folder, f"row{row}.json"), circuit, path)
        made.append(outputs_of(read(path)))
    values = read(settings)
    return {
        "settings": settings,
        "base": base,
        "legs": legs,
        "scale": values["run_args"]["input_scale"],
        "logrows": values["run_args"]["logrows"],
        "rows": values["num_rows"],
        "error": error_of(job, made),
    }


def choose(job, folder):
    for row, inputs in enumerate(job["inputs"]):
        write(os.path.join(folder, f"row{row}.json"), {"input_data": inputs})
    found, why = [], []
    for base, legs in job["digits"]:
        # A calibration of EZKL's own first, for the table; then scales from coarse to fine, which cost it the least.
        for scale in [None, *job["scales"]]:
            try:
                tried = try_setting(job, folder, base, legs, scale)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # What Rust panics with is no Exception.
                why.append(str(error).splitlines()[0][:200])
                if scale is None and "tract" in str(error):
                    break
                continue
            tried["own"] = scale is None
            found.append(tried)
            if scale is not None and tried["error"] <= job["tolerance"]:
                break
    return {"found": found, "why": why[:1]}


def setup(job, folder):
    choice = job["choice"]
    srs = os.path.join(job["srs"], f"k{choice['logrows']}.srs")
    begun = time.perf_counter()
    if not os.path.exists(srs):
        quiet(ezkl.gen_srs, f"{srs}.part", choice["logrows"])
        os.rename(f"{srs}.part", srs)
    made = time.perf_counter()
    circuit = os.path.join(folder, "model.ezkl")
    quiet(ezkl.compile_circuit, job["model"], circuit, choice["settings"])
    vk, pk = os.path.join(folder, "vk"), os.path.join(folder, "pk")
    quiet(ezkl.setup, circuit, vk, pk, srs)
    done = time.perf_counter()
    return {"srs": made - begun, "setup": done - made, "key": os.path.getsize(pk) / 1e6}


def prove(job, folder):
    choice = job["choice"]
    srs = os.path.join(job["srs"], f"k{choice['logrows']}.srs")
    circuit, vk, pk = (os.path.join(folder, name) for name in ("model.ezkl", "vk", "pk"))
    witness, proof = (os.path.join(folder, name) for name in ("witness.json", "proof.json"))
    times = []
    for run in range(job["runs"] + 1):
        row = os.path.join(folder, f"row{run % len(job['inputs'])}.json")
        begun = time.perf_counter()
        quiet(ezkl.gen_witness, row, circuit, witness)
        quiet(ezkl.prove, witness, circuit, pk, proof, srs)
        # The first run fills the caches.
        if run > 0:
            times.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    verified = quiet(ezkl.verify, proof, choice["settings"], vk, srs)
    return {"times": times, "rss": peak, "verified": verified is True, "bytes": os.path.getsize(proof)}


def main():
    if sys.argv[1] == "version":
        version = {"ezkl": ezkl.__version__, "python": sys.version.split()[0]}
        print(json.dumps(version))
        return
    job = read(sys.argv[2])
    result = {"choose": choose, "setup": setup, "prove": prove}[sys.argv[1]](job, job["folder"])
    print(json.dumps(result))


main()
