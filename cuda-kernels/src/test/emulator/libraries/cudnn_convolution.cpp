// Convolution in the emulated cuDNN. Sums are added in double, but transforms are no more exact than the real ones. What it advises first is what Cortado must not take: algorithms without a fixed
// order, in half precision, with a workspace as large as the GPU.
#include <vector>

#include "cudnn.h"

using namespace dnn;

namespace {

enum Direction { kForward, kData, kFilter };

constexpr int kPrecompGemm = 1, kGemm = 2;
constexpr int kIdentity = 5;
constexpr int kDeterministic = 1;
constexpr size_t kHuge = size_t{1} << 32;

// As cudnnConvolutionFwdAlgoPerf_t and its two sisters.
struct Advice {
  int algorithm;
  int status;
  float time;
  size_t memory;
  int determinism;
  int math;
  int reserved[3];
};

struct Problem {
  Tensor x;
  Filter w;
  Tensor y;
  Convolution c;

  bool fits() const {
    return x.c == w.c * c.groups && w.k % c.groups == 0 && y == Tensor{true, x.n, w.k, outH(), outW()};
  }
  int outH() const { return quotient(x.h + 2 * c.padH - c.dilationH * (w.r - 1) - 1, c.strideH) + 1; }
  int outW() const { return quotient(x.w + 2 * c.padW - c.dilationW * (w.s - 1) - 1, c.strideW) + 1; }
  bool isDense() const { return c.dilationH == 1 && c.dilationW == 1 && c.groups == 1; }
  bool isPlain3x3() const { return isDense() && w.r == 3 && w.s == 3 && c.strideH == 1 && c.strideW == 1; }
};

// The algorithms of a direction, cuDNN's favourite first.
std::vector<int> algorithms(Direction d) {
  switch (d) {
    case kForward: return {4, 7, 1, 0, 2, 6, 5, 3};
    case kData: return {0, 2, 5, 1, 4, 3};
    default: return {3, 0, 2, 5, 1, 4, 6};
  }
}

bool isDeterministic(Direction d, int algorithm) {
  return d == kForward || (d == kData ? algorithm != 0 : algorithm != 0 && algorithm != 3);
}

// Fast Fourier transforms and Winograd's; the numbers differ from direction to direction.
bool isTransform(Direction d, int algorithm) {
  return d == kForward ? algorithm >= 4 : algorithm >= 2 && !(d == kFilter && algorithm == 3);
}

// Transforms have no code for much.
bool works(Direction d, int algorithm, const Problem& p) {
  if (d == kForward && algorithm == 3) return false;  // "currently not implemented"
  if (d == kForward && algorithm == 2) return p.c.groups == 1;
  return !isTransform(d, algorithm) || p.isPlain3x3();
}

size_t workspace(Direction d, int algorithm, const Problem& p) {
  if (d == kForward && algorithm == 4) return kHuge;
  if (d != kForward && algorithm == 2) return kHuge;
  size_t floats = static_cast<size_t>(algorithm) * (d == kFilter ? 2 * p.w.size() : static_cast<size_t>(p.w.k) + p.x.c);
  return floats * sizeof(float);
}

int problem(Tensor* x, Filter* w, Tensor* y, Convolution* c, Problem* p) {
  REQUIRE_LIVE(x, w, y, c);
  REQUIRE(x->set && w->set && y->set && c->set, kNotFinalized, "a descriptor that was not set");
  *p = {*x, *w, *y, *c};
  REQUIRE(p->fits(), kBadParam, "the descriptors of a convolution do not fit each other");
  return kSuccess;
}

int advise(Direction d, Handle* h, Tensor* x, Filter* w, Tensor* y, Convolution* c, int wanted, int* found, Advice* advice) {
  counts.add("advice");
  REQUIRE_LIVE(h);
  // Written by nobody then; in JCuda's binding it is a variable that holds whatever there was.
  if (missing == Part::heuristics) *found = 1 << 30;
  REQUIRE(missing != Part::heuristics, kSublibraryLoadingFailed, "no libcudnn_heuristic.so.9");
  Problem p;
  int status = problem(x, w, y, c, &p);
  if (status != kSuccess) return status;
  REQUIRE(wanted > 0 && !emuIsCapturing(h->stream), kBadParam, "asked for advice while the stream is being captured");
  std::vector<Advice> all;
  for (int algorithm : algorithms(d)) {
    int determinism = isDeterministic(d, algorithm) ? kDeterministic : 0;
    if (!works(d, algorithm, p)) {
      all.push_back({algorithm, kNotSupported, -1, 0, determinism, kDefaultMath, {}});
      continue;
    }
    for (int math : {kTensorOpMathAllowConversion, kTensorOpMath, kFmaMath}) {
      if (math == kFmaMath || c->math != kFmaMath) {
        all.push_back({algorithm, kSuccess, -1, workspace(d, algorithm, p), determinism, math, {}});
      }
    }
  }
  std::stable_partition(all.begin(), all.end(), [](const Advice& a) { return a.status == kSuccess; });
  *found = std::min(wanted, static_cast<int>(all.size()));
  std::copy(all.begin(), all.begin() + *found, advice);
  return kSuccess;
}

int size(Direction d, Handle* h, Tensor* x, Filter* w, Tensor* y, Convolution* c, int algorithm, size_t* bytes) {
  REQUIRE_LIVE(h);
  Problem p;
  int status = problem(x, w, y, c, &p);
  if (status != kSuccess) return status;
  REQUIRE(works(d, algorithm, p), kNotSupported, "an algorithm that has no code for this");
  *bytes = workspace(d, algorithm, p);
  return kSuccess;
}

// Everything that the three directions have to check before they may begin.
int check(Direction d, Handle* h, const Problem& p, int algorithm, const void* space, size_t bytes, const float* x, const float* w, const float* y) {
  REQUIRE(missing != Part::engines, kSublibraryLoadingFailed, "no libcudnn_engines_precompiled.so.9");
  REQUIRE_ALIGNED(x);
  REQUIRE_ALIGNED(w);
  REQUIRE_ALIGNED(y);
  REQUIRE(works(d, algorithm, p), kNotSupported, "an algorithm that has no code for this");
  // An engine that its heuristics forgot: it is found out only when it is called.
  REQUIRE(p.w.r != 11, kNotSupportedShape, "no code for windows of eleven rows");
  // One that does something on the host in between, so that whoever measures has to do without a graph.
  REQUIRE(d != kForward || algorithm != kGemm || !emuIsCapturing(h->stream), kExecutionFailed, "GEMM cannot be captured");
  size_t needed = workspace(d, algorithm, p);
  REQUIRE(bytes >= needed, kBadParam, "a workspace that is too small");
  REQUIRE(needed == 0 || (emuIsDevice(space, bytes) && emu::isAligned(space, 256)), kBadParam, "a workspace that is none");
  if (!isDeterministic(d, algorithm)) counts.add("nondeterministic");
  if (p.c.math == kTensorOpMathAllowConversion) counts.add("half precision");
  return kSuccess;
}

bool rounds(const Problem& p) {
  int major = 0;
  cuDeviceGetAttribute(&major, 75, 0);
  bool tf32 = p.c.math != kFmaMath && major >= 8;
  counts.add(tf32 ? "tf32" : "fp32");
  return tf32;
}

// Calls f(index of x, of w, of y) for every multiply-add.
template <class F> void forProducts(const Problem& p, F f) {
  int perGroup = p.w.k / p.c.groups;
  for (int n = 0; n < p.x.n; n++) {
    for (int k = 0; k < p.w.k; k++) {
      for (int row = 0; row < p.y.h; row++) {
        for (int column = 0; column < p.y.w; column++) {
          size_t y = ((static_cast<size_t>(n) * p.w.k + k) * p.y.h + row) * p.y.w + column;
          for (int c = 0; c < p.w.c; c++) {
            size_t plane = static_cast<size_t>(n) * p.x.c + k / perGroup * p.w.c + c;
            for (int r = 0; r < p.w.r; r++) {
              int i = row * p.c.strideH - p.c.padH + r * p.c.dilationH;
              if (i < 0 || i >= p.x.h) continue;
              for (int s = 0; s < p.w.s; s++) {
                int j = column * p.c.strideW - p.c.padW + s * p.c.dilationW;
                if (j < 0 || j >= p.x.w) continue;
                f((plane * p.x.h + i) * p.x.w + j, ((static_cast<size_t>(k) * p.w.c + c) * p.w.r + r) * p.w.s + s, y);
              }
            }
          }
        }
      }
    }
  }
}

// result[to] += a[i] b[j] for every multiply-add, then finish(to, sum) for every element of the result.
struct Operands {
  const float* x;
  const float* w;
  const float* y;
  float* result;
};

// The error that a transform leaves in an element: the numbers in between are up to 31 times as large as the products
// (see the tests' Arithmetic.java), and one of them is rounded. Any sign, and the same whenever it is asked.
double error(double squares, size_t i) {
  uint64_t z = (i + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 29)) * 0xbf58476d1ce4e5b9ull;
  double unit = static_cast<double>((z ^ (z >> 32)) & 0xffff) / 0x8000 - 1;
  return 31 * 0x1p-23 * unit * std::sqrt(squares);
}

// What is not finite is everywhere in the tile that it was transformed with.
void spread(std::vector<double>& sums, size_t height, size_t width) {
  constexpr size_t kTile = 4;
  for (size_t plane = 0; plane < sums.size(); plane += height * width) {
    for (size_t i = 0; i < height * width; i++) {
      if (std::isfinite(sums[plane + i])) continue;
      size_t top = i / width / kTile * kTile;
      size_t left = i % width / kTile * kTile;
      for (size_t r = top; r < std::min(top + kTile, height); r++) {
        for (size_t c = left; c < std::min(left + kTile, width); c++) {
          double& u = sums[plane + r * width + c];
          if (std::isfinite(u)) u = std::numeric_limits<double>::quiet_NaN();
        }
      }
    }
  }
}

int compute(Direction d, Handle* h, const Problem& p, int algorithm, Operands o, void* space, size_t bytes, const float* bias) {
  bool tf32 = rounds(p);
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(o.x, p.x.size()) || !emu::areFloats(o.w, p.w.size()) || !emu::areFloats(o.y, p.y.size()) ||
        (bias != nullptr && !emu::areFloats(bias, p.w.k))) {
      return "convolves what is not its own";
    }
    if (bytes > 0) {
      if (!emuIsDevice(space, bytes)) return "had its workspace taken away";
      emu::scribble(space, bytes);
    }
    size_t n = static_cast<size_t>(d == kForward ? p.y.size() : d == kData ? p.x.size() : p.w.size());
    std::vector<double> sums(n);
    std::vector<double> squares(n);
    auto round = [=](float v) { return static_cast<double>(tf32 ? emu::toTf32(v) : v); };
    forProducts(p, [&](size_t x, size_t w, size_t y) {
      double product = d == kForward ? round(o.x[x]) * round(o.w[w]) : d == kData ? round(o.y[y]) * round(o.w[w]) : round(o.x[x]) * round(o.y[y]);
      size_t to = d == kForward ? y : d == kData ? x : w;
      sums[to] += product;
      squares[to] += product * product;
    });
    if (isTransform(d, algorithm)) {
      for (size_t i = 0; i < n; i++) sums[i] += error(squares[i], i);
      spread(sums, static_cast<size_t>(d == kForward ? p.y.h : d == kData ? p.x.h : p.w.r),
             static_cast<size_t>(d == kForward ? p.y.w : d == kData ? p.x.w : p.w.s));
    }
    size_t plane = static_cast<size_t>(p.y.h) * p.y.w;
    for (size_t i = 0; i < n; i++) o.result[i] = static_cast<float>(bias == nullptr ? sums[i] : sums[i] + bias[i / plane % p.w.k]);
    return "";
  });
}

}  // namespace

EXPORT int cudnnCreateConvolutionDescriptor(Convolution** d) { return make(d); }
EXPORT int cudnnDestroyConvolutionDescriptor(Convolution* d) { return destroy(d); }
EXPORT int cudnnSetConvolution2dDescriptor(Convolution* d, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW,
                                           int mode, int type) {
  REQUIRE_LIVE(d);
  REQUIRE(mode == 1 && type == kFloat, kNotSupported, "a convolution that is not a float cross-correlation");
  REQUIRE(padH >= 0 && padW >= 0 && strideH > 0 && strideW > 0 && dilationH > 0 && dilationW > 0, kBadParam, "a convolution's steps");
  *d = {true, padH, padW, strideH, strideW, dilationH, dilationW, 1, kDefaultMath};
  return kSuccess;
}
EXPORT int cudnnSetConvolutionGroupCount(Convolution* d, int groups) {
  REQUIRE_LIVE(d);
  REQUIRE(d->set && groups > 0, kBadParam, "a number of groups");
  d->groups = groups;
  return kSuccess;
}
EXPORT int cudnnSetConvolutionMathType(Convolution* d, int math) {
  REQUIRE_LIVE(d);
  REQUIRE(d->set && math >= kDefaultMath && math <= kFmaMath, kBadParam, "no such arithmetic");
  d->math = math;
  return kSuccess;
}
EXPORT int cudnnGetConvolution2dForwardOutputDim(Convolution* c, Tensor* x, Filter* w, int* n, int* k, int* p, int* q) {
  REQUIRE_LIVE(c, x, w);
  Problem all = {*x, *w, {}, *c};
  *n = x->n;
  *k = w->k;
  *p = all.outH();
  *q = all.outW();
  REQUIRE(x->c == w->c * c->groups && *p > 0 && *q > 0, kBadParam, "a convolution without an output");
  return kSuccess;
}

EXPORT int cudnnGetConvolutionForwardAlgorithm_v7(Handle* h, Tensor* x, Filter* w, Convolution* c, Tensor* y, int wanted, int* found, Advice* a) {
  return advise(kForward, h, x, w, y, c, wanted, found, a);
}
EXPORT int cudnnGetConvolutionBackwardDataAlgorithm_v7(Handle* h, Filter* w, Tensor* dy, Convolution* c, Tensor* dx, int wanted, int* found, Advice* a) {
  return advise(kData, h, dx, w, dy, c, wanted, found, a);
}
EXPORT int cudnnGetConvolutionBackwardFilterAlgorithm_v7(Handle* h, Tensor* x, Tensor* dy, Convolution* c, Filter* dw, int wanted, int* found, Advice* a) {
  return advise(kFilter, h, x, dw, dy, c, wanted, found, a);
}
EXPORT int cudnnGetConvolutionForwardWorkspaceSize(Handle* h, Tensor* x, Filter* w, Convolution* c, Tensor* y, int algorithm, size_t* bytes) {
  return size(kForward, h, x, w, y, c, algorithm, bytes);
}
EXPORT int cudnnGetConvolutionBackwardDataWorkspaceSize(Handle* h, Filter* w, Tensor* dy, Convolution* c, Tensor* dx, int algorithm, size_t* bytes) {
  return size(kData, h, dx, w, dy, c, algorithm, bytes);
}
EXPORT int cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle* h, Tensor* x, Tensor* dy, Convolution* c, Filter* dw, int algorithm, size_t* bytes) {
  return size(kFilter, h, x, dw, dy, c, algorithm, bytes);
}

#define BEGIN(name, d, xd, wd, yd, x, w, y)                               \
  counts.add(#name);                                                      \
  REQUIRE_LIVE(h);                                                        \
  REQUIRE_FACTORS(alpha, beta);                                           \
  Problem p;                                                              \
  int status = problem(xd, wd, yd, c, &p);                                \
  if (status == kSuccess) status = check(d, h, p, algorithm, space, bytes, x, w, y); \
  if (status != kSuccess) return status

EXPORT int cudnnConvolutionForward(Handle* h, const void* alpha, Tensor* xd, const float* x, Filter* wd, const float* w, Convolution* c,
                                   int algorithm, void* space, size_t bytes, const void* beta, Tensor* yd, float* y) {
  BEGIN(cudnnConvolutionForward, kForward, xd, wd, yd, x, w, y);
  return compute(kForward, h, p, algorithm, {x, w, y, y}, space, bytes, nullptr);
}

// y = act(alpha conv(x, w) + beta z + bias).
EXPORT int cudnnConvolutionBiasActivationForward(Handle* h, const void* alpha, Tensor* xd, const float* x, Filter* wd, const float* w,
                                                 Convolution* c, int algorithm, void* space, size_t bytes, const void* beta, Tensor* zd,
                                                 const float* z, Tensor* bd, const float* bias, Activation* activation, Tensor* yd, float* y) {
  BEGIN(cudnnConvolutionBiasActivationForward, kForward, xd, wd, yd, x, w, y);
  REQUIRE_LIVE(zd, bd, activation);
  REQUIRE_ALIGNED(z);
  REQUIRE_ALIGNED(bias);
  REQUIRE(*zd == *yd && *bd == (Tensor{true, 1, p.w.k, 1, 1}), kBadParam, "a bias or an addend of another size");
  REQUIRE(activation->set && !activation->nanWins, kNotSupported, "fused activations do not propagate NaN");
  REQUIRE(activation->mode == kIdentity && algorithm == kPrecompGemm, kNotSupported, "identity goes with IMPLICIT_PRECOMP_GEMM alone");
  return compute(kForward, h, p, algorithm, {x, w, y, y}, space, bytes, bias);
}

EXPORT int cudnnConvolutionBackwardData(Handle* h, const void* alpha, Filter* wd, const float* w, Tensor* dyd, const float* dy, Convolution* c,
                                        int algorithm, void* space, size_t bytes, const void* beta, Tensor* dxd, float* dx) {
  BEGIN(cudnnConvolutionBackwardData, kData, dxd, wd, dyd, dx, w, dy);
  return compute(kData, h, p, algorithm, {dx, w, dy, dx}, space, bytes, nullptr);
}

EXPORT int cudnnConvolutionBackwardFilter(Handle* h, const void* alpha, Tensor* xd, const float* x, Tensor* dyd, const float* dy, Convolution* c,
                                          int algorithm, void* space, size_t bytes, const void* beta, Filter* dwd, float* dw) {
  BEGIN(cudnnConvolutionBackwardFilter, kFilter, xd, dwd, dyd, x, dw, dy);
  return compute(kFilter, h, p, algorithm, {x, dw, dy, dw}, space, bytes, nullptr);
}

EXPORT int cudnnConvolutionBackwardBias(Handle* h, const void* alpha, Tensor* dyd, const float* dy, const void* beta, Tensor* dbd, float* db) {
  counts.add("cudnnConvolutionBackwardBias");
  REQUIRE_LIVE(h, dyd, dbd);
  REQUIRE_FACTORS(alpha, beta);
  REQUIRE_ALIGNED(dy);
  REQUIRE_ALIGNED(db);
  Tensor in = *dyd;
  REQUIRE(*dbd == (Tensor{true, 1, in.c, 1, 1}), kBadParam, "the gradient by a bias has another size");
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(dy, in.size()) || !emu::areFloats(db, in.c)) return "sums what is not its own";
    std::vector<double> sums(static_cast<size_t>(in.c));
    size_t plane = static_cast<size_t>(in.h) * in.w;
    for (size_t i = 0; i < static_cast<size_t>(in.size()); i++) sums[i / plane % in.c] += dy[i];
    for (int c = 0; c < in.c; c++) db[c] = static_cast<float>(sums[c]);
    return "";
  });
}
