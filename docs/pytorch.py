"""Writes pytorch.md beside this script: what of PyTorch is here, by its name, under another one, or not. Run with torch 2.13.

Names are taken from torch and from the sources; what has another name here, and why something is missing, is said below. The
script fails where it names what is not there.
"""
import inspect
import pathlib
import re

import torch
import torch.nn.functional as F
from torch import nn

ROOT = pathlib.Path(__file__).parent.parent
CORE = ROOT / "core/src/main/java/io/github/cortado"
VISION = ROOT / "vision/src/main/java/io/github/cortado/vision"


def classes(directory):
    found = set()
    for file in directory.glob("*.java"):
        if re.search(r"^public [a-z -]*?(class|record|enum|interface) " + file.stem + r"\b", file.read_text(), re.M):
            found.add(file.stem)
    return found


def methods(file):
    return set(re.findall(r"^    public (?:static )?[\w.<>\[\], @]+? (\w+)\(", file.read_text(), re.M))


LAYERS = classes(CORE / "nn")
OPTIMIZERS = classes(CORE / "optim")
TRANSFORMS = classes(VISION)
FUNCTIONS = methods(CORE / "nn/Functional.java")
TENSOR = methods(CORE / "Tensor.java")
KNOWN = ({f"nn.{c}" for c in LAYERS} | {f"optim.{c}" for c in OPTIMIZERS} | {f"vision.{c}" for c in TRANSFORMS}
         | {f"Functional.{m}" for m in FUNCTIONS} | {f"Tensor.{m}" for m in TENSOR}
         | {f"Gradients.{m}" for m in methods(CORE / "nn/Gradients.java")}
         | {f"{c}.{m}" for c, file in (("Autograd", "autograd/Autograd.java"), ("GradCheck", "autograd/GradCheck.java"), ("Layer", "nn/Layer.java"))
            for m in methods(CORE / file)})

ELSEWHERE = {
    "Module": "nn.Block", "Container": "nn.Block", "BCELoss": "Functional.binaryCrossEntropy",
    "BCEWithLogitsLoss": "Functional.binaryCrossEntropyWithLogits", "CosineEmbeddingLoss": "Functional.cosineEmbeddingLoss",
    "CosineSimilarity": "Functional.cosineSimilarity", "CrossEntropyLoss": "Functional.crossEntropy",
    "GaussianNLLLoss": "Functional.gaussianNllLoss", "HingeEmbeddingLoss": "Functional.hingeEmbeddingLoss",
    "HuberLoss": "Functional.huberLoss", "KLDivLoss": "Functional.klDivLoss", "L1Loss": "Functional.l1Loss",
    "MSELoss": "Functional.mseLoss", "MarginRankingLoss": "Functional.marginRankingLoss", "MaxPool1d": "Functional.maxPool1d",
    "PairwiseDistance": "Functional.pairwiseDistance", "PoissonNLLLoss": "Functional.poissonNllLoss",
    "SmoothL1Loss": "Functional.smoothL1Loss", "SoftMarginLoss": "Functional.softMarginLoss", "Softmin": "Functional.softmin",
    "TripletMarginLoss": "Functional.tripletMarginLoss", "CTCLoss": "Functional.ctcLoss", "NLLLoss": "Functional.nllLoss",
    "MultiMarginLoss": "Functional.multiMarginLoss", "MultiLabelMarginLoss": "Functional.multilabelMarginLoss",
    "MultiLabelSoftMarginLoss": "Functional.multilabelSoftMarginLoss",
    "TripletMarginWithDistanceLoss": "Functional.tripletMarginWithDistanceLoss", "RNNBase": "nn.Recurrent",
    "RNNCellBase": "nn.RecurrentCell", "UpsamplingBilinear2d": "nn.Upsample", "Dropout3d": "nn.Dropout2d",
    "CircularPad3d": "Functional.pad", "ConstantPad3d": "Functional.pad", "ReflectionPad3d": "Functional.pad",
    "ReplicationPad3d": "Functional.pad", "ZeroPad3d": "Functional.pad",
    "kl_div": "Functional.klDivLoss", "logsigmoid": "Functional.logSigmoid", "upsample": "Functional.interpolate",
    "upsample_bilinear": "Functional.interpolate", "upsample_nearest": "Functional.interpolate",
    "dropout1d": "nn.Dropout1d", "dropout2d": "nn.Dropout2d", "dropout3d": "nn.Dropout2d", "clip_grad_norm_": "Gradients.clipNorm",
    "clip_grad_value_": "Gradients.clipValue", "poisson_nll_loss": "Functional.poissonNllLoss",
    "AveragedModel": "optim.WeightAverage", "gaussian_nll_loss": "Functional.gaussianNllLoss", "CIFAR10": "vision.Cifar10",
    "CIFAR100": "vision.Cifar100", "MNIST": "vision.Mnist", "FashionMNIST": "vision.Mnist", "KMNIST": "vision.Mnist",
}
ELSEWHERE |= {"Function": "Autograd.function", "gradcheck": "GradCheck.check"}
AUTOGRAD = """Function backward checkpoint checkpoint_sequential detect_anomaly enable_grad grad gradcheck hessian inference_mode jacobian jvp no_grad
register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook register_hook
register_post_accumulate_grad_hook retain_grad saved_tensors_hooks vjp""".split()
WHY = [
    (r"^Lazy", "sizes are known where a layer is made"),
    (r"3d(_with_indices)?$", "nothing computes on volumes yet"),
    (r"_$", "no function changes its input; results wait, so nothing is saved by it"),
    (r"_with_indices$|^(max_unpool|MaxUnpool)", "the places of maxima stay inside"),
    (r"^(DataParallel|SyncBatchNorm)$", "one process, one device"),
    (r"^(conv_tbc|multi_head_attention_forward|native_channel_shuffle|grouped_mm|scaled_mm|scaled_grouped_mm)$", "PyTorch's own inside"),
    (r"^NLLLoss2d$", "was given up by PyTorch too"),
    (r"^(SparseAdam)$", "gradients are dense"),
    (r"^(Adafactor|Muon)$", "what it keeps is not flat"),
    (r"^LBFGS$", "it asks for the loss several times a step"),
]
NOT_FUNCTIONS = {"Optional", "assert_int_or_pair", "boolean_dispatch", "handle_torch_function", "has_torch_function",
                 "has_torch_function_unary", "has_torch_function_variadic"}
# Of torchvision 0.28, which need not be installed for this.
TORCHVISION = """AugMix AutoAugment CenterCrop ColorJitter Compose ConvertImageDtype ElasticTransform FiveCrop GaussianBlur Grayscale Lambda
LinearTransformation Normalize PILToTensor Pad RandAugment RandomAdjustSharpness RandomAffine RandomApply RandomAutocontrast RandomChoice
RandomCrop RandomEqualize RandomErasing RandomGrayscale RandomHorizontalFlip RandomInvert RandomOrder RandomPerspective RandomPosterize
RandomResizedCrop RandomRotation RandomSolarize RandomVerticalFlip Resize TenCrop ToPILImage ToTensor TrivialAugmentWide""".split()
# Of its data sets, those of pictures with classes.
DATASETS = """CIFAR10 CIFAR100 Caltech101 Caltech256 Country211 DTD EMNIST EuroSAT FER2013 FGVCAircraft FakeData FashionMNIST Flowers102 Food101
GTSRB INaturalist ImageFolder ImageNet Imagenette KMNIST MNIST Omniglot OxfordIIITPet PCAM Places365 QMNIST RenderedSST2 SEMEION STL10
SUN397 SVHN StanfordCars USPS""".split()


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def why(name):
    return next((text for pattern, text in WHY if re.search(pattern, name)), "not yet")


def row(name, own):
    here = next((o for o in own if o in KNOWN), None)
    if here is None and name in ELSEWHERE:
        here = ELSEWHERE[name]
        assert here in KNOWN, f"{name}: there is no {here}"
        return f"| `{name}` | `{here}` | under another name |", 1
    return (f"| `{name}` | `{here}` | |", 0) if here else (f"| `{name}` | | {why(name)} |", 2)


def table(title, names, own):
    rows, counts = [], [0, 0, 0]
    for name in names:
        text, kind = row(name, own(name))
        rows.append(text)
        counts[kind] += 1
    return [f"## {title}", "", f"{counts[0]} are here, {counts[1]} under another name, {counts[2]} are not.", "",
            "| PyTorch | Cortado | |", "|---|---|---|", *rows, ""]


modules = sorted(n for n, c in vars(nn).items() if inspect.isclass(c) and issubclass(c, nn.Module) and c is not nn.Module)
functions = sorted(n for n in dir(F) if not n.startswith("_") and n not in NOT_FUNCTIONS and callable(getattr(F, n))
                   and not inspect.isclass(getattr(F, n)) and not inspect.ismodule(getattr(F, n)))
optimizers = sorted(n for n, c in vars(torch.optim).items() if inspect.isclass(c) and issubclass(c, torch.optim.Optimizer))
schedulers = sorted(n for n, c in vars(torch.optim.lr_scheduler).items()
                    if inspect.isclass(c) and issubclass(c, torch.optim.lr_scheduler.LRScheduler) and not n.startswith("_"))
lines = ["# What of PyTorch is here", "", "Written by `docs/pytorch.py` from torch " + torch.__version__.split("+")[0] + " and the sources; not by hand.", ""]
lines += table("torch.nn", modules, lambda n: [f"nn.{n}"])
lines += table("torch.nn.functional", functions, lambda n: [f"Functional.{camel(n)}", f"Tensor.{camel(n)}"])
lines += table("torch.nn.utils", ["clip_grad_norm_", "clip_grad_value_"], lambda n: [])
lines += table("torch.autograd, torch.utils.checkpoint, hooks", AUTOGRAD,
               lambda n: [f"{c}.{camel(n)}" for c in ("Autograd", "Tensor", "Layer")])
lines += table("torch.optim", optimizers, lambda n: [f"optim.{n}"])
lines += table("torch.optim.lr_scheduler", schedulers, lambda n: [f"optim.{n}"])
lines += table("torch.optim.swa_utils", ["AveragedModel", "SWALR"], lambda n: [f"optim.{n}"])
lines += table("torchvision.transforms", TORCHVISION, lambda n: [f"vision.{n}"])
lines += table("torchvision.datasets", DATASETS, lambda n: [f"vision.{n}"])
(pathlib.Path(__file__).parent / "pytorch.md").write_text("\n".join(lines))
print("\n".join(line for line in lines if " are here, " in line))
