"""Which PyTorch this interpreter has, as one JSON line, and where the CUDA libraries among its packages are."""
import glob
import importlib.util
import json
import os
import platform
import site
import sys

answer = {"python": platform.python_version(), "torch": None, "cuda": None, "cudnn": None, "gpu": False, "device": None}
places = [p for p in dict.fromkeys(site.getsitepackages() + [site.getusersitepackages()] + sys.path) if os.path.isdir(p)]
answer["libraries"] = [d for p in places for d in sorted(glob.glob(os.path.join(p, "nvidia", "*", "lib")))]
if importlib.util.find_spec("torch"):
    import torch

    answer["torch"] = torch.__version__
    answer["cuda"] = torch.version.cuda
    answer["gpu"] = torch.cuda.is_available()
    if answer["gpu"]:
        answer["cudnn"] = torch.backends.cudnn.version()
        answer["device"] = torch.cuda.get_device_name()
print(json.dumps(answer))
