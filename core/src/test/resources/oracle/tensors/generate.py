"""Writes the reference results that stand beside this script: masks, elements by index, sorting, powers, waves, einsum.

Same format as in the directory above. Masks and indices are written as floats. Run with torch 2.13 and numpy.
"""
import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402
from reference import case  # noqa: E402

reference.into(pathlib.Path(__file__).parent)
torch.manual_seed(25)
NAN, INF = float("nan"), float("inf")
SPECIAL = torch.tensor([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, 1e-30, -1e-30, 1e30, -1e30, INF, -INF, NAN, 8388609.0, -2.49])


def randn(*shape):
    return torch.randn(shape)


def ties(*shape):
    return torch.randint(-2, 3, shape).double() / 2


def index(bound, *shape):
    return torch.randint(0, bound, shape)


SHAPES = [(2, 3), (33, 17), (0, 3), (1,), ()]

# Functions
for name in ["sin", "cos", "floor", "ceil", "round", "trunc"]:
    for i, shape in enumerate(SHAPES):
        case(f"{name}_{i}", name, getattr(torch, name), {"x": randn(*shape) * 5})
    case(f"{name}_special", name, getattr(torch, name), {"x": SPECIAL}, grads=[])
for name in ["sin", "cos"]:
    case(f"{name}_large", name, getattr(torch, name), {"x": torch.tensor([1e3, -1e4, 65536.0, 65537.0, -1e6, 1e8, -1e12, 3e20, 1e38, -3e38])})
for p in [0.0, 1.0, 2.0, 3.0, 4.0, -1.0, -2.0, 0.5, -0.5, 1.7, -2.3, 10.0]:
    for i, shape in enumerate([(2, 3), (33, 17), (0,)]):
        case(f"pow_{p}_{i}", "pow", lambda x: x.pow(p), {"x": randn(*shape).abs() + 0.3}, exponent=p)
    case(f"pow_{p}_special", "pow", lambda x: x.pow(p), {"x": SPECIAL}, grads=[], exponent=p)
for p in [3.0, 4.0, 5.0, -3.0]:
    case(f"pow_{p}_negative", "pow", lambda x: x.pow(p), {"x": randn(7, 5)}, exponent=p)
case("pow_0_of_0", "pow", lambda x: x.pow(0.0), {"x": torch.tensor([0.0, 1.0, -2.0])}, exponent=0.0)
case("pow_1_of_0", "pow", lambda x: x.pow(1.0), {"x": torch.tensor([0.0, 1.0, -2.0])}, exponent=1.0)
for i, (a, b) in enumerate([((2, 3), (2, 3)), ((33, 17), (17,)), ((4, 1), (1, 5)), ((0, 2), (2,))]):
    case(f"pow_tensor_{i}", "pow_tensor", torch.pow, {"x": randn(*a).abs() + 0.2, "exponent": randn(*b) * 2})
case("pow_tensor_special", "pow_tensor", torch.pow, {"x": SPECIAL.repeat_interleave(len(SPECIAL)), "exponent": SPECIAL.repeat(len(SPECIAL))}, grads=[])
case("pow_tensor_of_0", "pow_tensor", torch.pow, {"x": torch.tensor([0.0, 0.0, 2.0, 0.0]), "exponent": torch.tensor([2.0, 0.0, 0.0, 1.0])})

# Comparisons
for name in ["gt", "ge", "lt", "le", "eq", "ne"]:
    for i, (a, b) in enumerate([((2, 3), (2, 3)), ((33, 17), (17,)), ((4, 1), (1, 5)), ((0, 2), (2,)), ((), ())]):
        case(f"{name}_{i}", name, lambda x, o: getattr(torch, name)(x, o).double(), {"a": ties(*a), "b": ties(*b)}, grads=[])
        case(f"{name}_whole_{i}", name, lambda x, o: getattr(torch, name)(x, o).double(), {"a": index(3, *a), "b": index(3, *b)}, grads=[])
    case(f"{name}_special", name, lambda x, o: getattr(torch, name)(x, o).double(),
         {"a": SPECIAL.repeat_interleave(len(SPECIAL)), "b": SPECIAL.repeat(len(SPECIAL))}, grads=[])
    large = torch.tensor([2**53, 2**53 + 1, -(2**62), 2**62, 7])
    case(f"{name}_whole_large", name, lambda x, o: getattr(torch, name)(x, o).double(),
         {"a": large.repeat_interleave(5), "b": large.repeat(5)}, grads=[])
    for number in [0.5, 0.1, 0.0]:
        case(f"{name}_number_{number}", f"{name}_number", lambda x: getattr(torch, name)(x.float(), number).double(),
             {"x": torch.cat([ties(3, 7).flatten(), torch.tensor([0.1, NAN, INF, -INF])])}, grads=[], other=number)
    case(f"{name}_number_whole", f"{name}_number", lambda x: getattr(torch, name)(x, 2).double(), {"x": index(5, 9)}, grads=[], other=2.0)
for name in ["isnan", "isinf", "isfinite"]:
    case(name, name, lambda x: getattr(torch, name)(x).double(), {"x": SPECIAL}, grads=[])
for name in ["logical_and", "logical_or", "logical_xor"]:
    for i, (a, b) in enumerate([((4, 9), (4, 9)), ((33, 17), (17,))]):
        case(f"{name}_{i}", name, lambda x, o: getattr(torch, name)(x, o).double(), {"a": ties(*a), "b": ties(*b)}, grads=[])
    case(f"{name}_special", name, lambda x, o: getattr(torch, name)(x, o).double(), {"a": SPECIAL, "b": SPECIAL.flip(0)}, grads=[])
case("logical_not", "logical_not", lambda x: x.logical_not().double(), {"x": SPECIAL}, grads=[])
for name in ["any", "all"]:
    for i, (shape, dim, keep) in enumerate([((4, 3), 1, False), ((2, 17, 3), 0, True), ((3, 0), 1, False), ((5, 1), -1, True)]):
        case(f"{name}_{i}", name, lambda x: getattr(torch, name)(x, dim=dim, keepdim=keep).double(), {"x": ties(*shape)}, grads=[], dim=[dim], keepdim=keep)
for i, (c, a, b) in enumerate([((3, 4), (3, 4), (3, 4)), ((33, 1), (1, 17), (33, 17)), ((5,), (2, 5), ())]):
    case(f"where_{i}", "where_mask", lambda c, x, o: torch.where(c > 0, x, o), {"condition": ties(*c), "a": randn(*a), "b": randn(*b)}, grads=["a", "b"])
for i, (x, m) in enumerate([((3, 4), (3, 4)), ((33, 17), (17,)), ((2, 5, 3), (5, 1)), ((0, 2), (2,))]):
    case(f"masked_fill_{i}", "masked_fill", lambda x, m: x.masked_fill(m > 0, -INF if i == 1 else 2.5), {"x": randn(*x), "mask": ties(*m)}, grads=["x"],
         value="-inf" if i == 1 else "2.5")
for i, (x, m) in enumerate([((3, 4), (3, 4)), ((33, 17), (17,)), ((5,), (2, 5))]):
    case(f"masked_select_{i}", "masked_select", lambda x, m: x.masked_select(m > 0), {"x": randn(*x), "mask": ties(*m)}, grads=["x"])
case("nonzero", "nonzero", lambda x: x.nonzero().double(), {"x": ties(3, 4, 2)}, grads=[])

# Elements by index
for i, (shape, dim, picks) in enumerate([((5, 3), 0, (7, 3)), ((2, 4, 3), 1, (2, 1, 3)), ((3, 2, 33), -1, (3, 2, 40)), ((4, 2), 0, (0, 2)),
                                         ((4, 5), 1, (2, 3)), ((3, 6, 2), 1, (2, 4, 1)), ((6,), 0, (9,))]):
    bound = shape[dim]
    case(f"gather_{i}", "gather", lambda x, k: x.gather(dim, k), {"x": randn(*shape), "index": index(bound, *picks)}, dim=dim)
    case(f"scatter_add_{i}", "scatter_add", lambda x, k, s: x.scatter_add(dim, k, s),
         {"x": randn(*shape), "index": index(bound, *picks), "src": randn(*picks)}, dim=dim)
case("scatter_add_smaller", "scatter_add", lambda x, k, s: x.scatter_add(1, k, s), {"x": randn(4, 5), "index": index(5, 2, 3), "src": randn(3, 6)}, grads=["x"], dim=1)
for i, (shape, n) in enumerate([((6,), 4), ((2, 3), 5), ((0,), 3), ((), 2)]):
    case(f"one_hot_{i}", "one_hot", lambda x: F.one_hot(x, n).double(), {"index": index(n, *shape)}, grads=[], num_classes=n)
for i, (shape, dim, at) in enumerate([((3, 4), 0, 1), ((3, 4), 1, -1), ((2, 5, 3), -2, 3)]):
    case(f"select_{i}", "select", lambda x: x.select(dim, at), {"x": randn(*shape)}, dim=dim, index=at)
for i, (shape, dim, start, end, step) in enumerate([((9, 2), 0, 1, 8, 1), ((9, 2), 0, -4, 100, 2), ((3, 10), 1, 1, -1, 3), ((3, 5, 2), 1, 4, 2, 1),
                                                    ((2, 7), 1, 0, 7, 2)]):
    whole = (slice(None),) * dim
    case(f"slice_{i}", "slice", lambda x: x[whole + (slice(start, end, step),)], {"x": randn(*shape)}, dim=dim, start=start, end=end, step=step)

# Along a dimension
for i, (shape, dim) in enumerate([((2, 3), 1), ((33, 17), 0), ((3, 40), -1), ((2, 5, 3), 1), ((0, 3), 0), ((3, 0), 1), ((1,), 0), ((2, 1000), 1)]):
    case(f"cumsum_{i}", "cumsum", lambda x: x.cumsum(dim), {"x": randn(*shape)}, dim=dim)
    for down in [False, True]:
        case(f"sort_{i}_{down}", "sort", lambda x: x.sort(dim=dim, descending=down, stable=True).values, {"x": randn(*shape)}, dim=dim, descending=down)
        case(f"argsort_{i}_{down}", "argsort", lambda x: x.sort(dim=dim, descending=down, stable=True).indices.double(), {"x": ties(*shape)}, grads=[],
             dim=dim, descending=down)
    n = shape[dim]
    if n:
        for largest in [False, True]:
            k = (n + 1) // 2
            case(f"topk_{i}_{largest}", "topk", lambda x: x.topk(k, dim, largest=largest).values, {"x": randn(*shape)}, k=k, dim=dim, largest=largest)
    if n < 50:
        case(f"prod_{i}", "prod", lambda x: x.prod(dim), {"x": randn(*shape)}, dim=dim, keepdim=False)
zeros = randn(3, 7)
zeros[0, 2] = 0
zeros[1, 1] = zeros[1, 4] = 0
case("prod_of_zeros", "prod", lambda x: x.prod(1, keepdim=True), {"x": zeros}, dim=1, keepdim=True)
case("sort_special", "sort", lambda x: x.sort(dim=0, stable=True).values, {"x": SPECIAL}, grads=[], dim=0, descending=False)
case("argsort_special", "argsort", lambda x: x.sort(dim=0, descending=True, stable=True).indices.double(), {"x": SPECIAL}, grads=[], dim=0, descending=True)
case("cumsum_long", "cumsum", lambda x: x.cumsum(0), {"x": torch.rand(6_000)}, dim=0)

# Einsum
for i, (equation, shapes) in enumerate([
        ("ij,jk->ik", [(3, 4), (4, 5)]), ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]), ("ij->ji", [(3, 4)]), ("ij->", [(3, 4)]), ("i,j->ij", [(3,), (4,)]),
        ("ij,ij->i", [(3, 4), (3, 4)]), ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]), ("ab,bc,cd->ad", [(2, 3), (3, 4), (4, 5)]),
        ("ij,jk", [(3, 4), (4, 2)]), ("bi , ij , bj -> b", [(2, 3), (3, 4), (2, 4)]), ("abc,cd->dab", [(2, 3, 4), (4, 17)]), ("i,i->", [(33,), (33,)]),
        ("abc,ad->dc", [(2, 3, 4), (2, 5)]), ("zx,zy->xy", [(0, 2), (0, 3)])]):
    inputs = {f"x{k}": randn(*s) for k, s in enumerate(shapes)}
    case(f"einsum_{i}", "einsum", lambda *xs: torch.einsum(equation, *xs), inputs, equation=equation)

# Elements replaced. Of an element that is named twice PyTorch gives all its sources a gradient, ours the last one: numbers differ.
def distinct(shape, dim, *picks):
    return torch.rand(shape).argsort(dim)[tuple(slice(0, n) for n in picks)]


for i, (shape, dim, picks) in enumerate([((5, 3), 0, (4, 3)), ((2, 6, 3), 1, (2, 4, 3)), ((3, 2, 33), -1, (3, 2, 30)), ((4, 2), 0, (0, 2)), ((6,), 0, (6,)),
                                         ((1, 1), 1, (1, 1))]):
    case(f"scatter_{i}", "scatter", lambda x, k, s: x.scatter(dim, k, s), {"x": randn(*shape), "index": distinct(shape, dim, *picks), "src": randn(*picks)},
         dim=dim)
    case(f"scatter_value_{i}", "scatter_value", lambda x, k: x.scatter(dim, k, -1.5), {"x": randn(*shape), "index": index(shape[dim], *picks)}, dim=dim,
         value=-1.5)
for i, (shape, dim, picks, src) in enumerate([((4, 5), 1, (2, 3), (3, 6)), ((3, 6, 2), 1, (2, 4, 1), (2, 4, 1))]):
    case(f"scatter_smaller_{i}", "scatter", lambda x, k, s: x.scatter(dim, k, s), {"x": randn(*shape), "index": distinct(shape, dim, *picks), "src": randn(*src)},
         grads=["x"], dim=dim)
for i, (shape, ranges, src) in enumerate([((5, 4), [(1, 3, 1)], (2, 4)), ((5, 4), [(0, 9, 2), (-3, 4, 2)], (3, 2)), ((3, 4, 2), [(0, 3, 1), (1, 1, 1)], (3, 0, 2)),
                                          ((2, 3, 5), [(0, 2, 1), (0, 3, 1), (-4, -1, 1)], (3, 3)), ((4,), [], (1,))]):
    where = tuple(slice(*r) for r in ranges)
    numbers = [n for r in ranges for n in r]

    def replaced(x, s):
        y = x.clone()
        y[where] = s
        return y

    case(f"ranges_{i}", "ranges", lambda x: x[where], {"x": randn(*shape)}, ranges=numbers)
    case(f"slice_scatter_{i}", "slice_scatter", replaced, {"x": randn(*shape), "src": randn(*src)}, ranges=numbers)

reference.write()
