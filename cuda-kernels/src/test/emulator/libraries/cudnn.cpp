// A libcudnn.so.9 that computes on the CPU: the functions that Cortado calls. See device.h. This file has descriptors
// and everything but convolution.
#include "cudnn.h"

#include <vector>

using namespace dnn;

namespace dnn {

std::set<const void*> live;
emu::Counts counts;
Part missing = Part::none;

static std::string lastReason;

int no(Status status, const char* reason) {
  lastReason = reason;
  return status;
}

int enqueue(const Handle* h, const emu::Work& work) {
  return emuEnqueue(h->stream, work) == 0 ? kSuccess : no(kExecutionFailed, "the driver refused");
}

}  // namespace dnn

namespace {

// What tests ask of cudnnGetErrorString besides: how often functions were called, that the next start fails, and that a
// part cannot be loaded (or all again).
constexpr int kReportCounts = -1, kFailToStart = -2, kLosePart = -100;
bool failsToStart = false;
constexpr int kRelu = 1, kIdentity = 5;
constexpr int kMax = 0, kAverageInclude = 1, kAverageExclude = 2, kMaxDeterministic = 3;
constexpr size_t kStateBytes = 4096;

struct Window {
  int top, bottom, left, right;

  Window(const Pooling& d, const Tensor& x, int p, int q) {
    top = std::max(p * d.strideH - d.padH, 0);
    left = std::max(q * d.strideW - d.padW, 0);
    bottom = std::min(p * d.strideH - d.padH + d.h, x.h);
    right = std::min(q * d.strideW - d.padW + d.w, x.w);
  }
};

float mean(const Pooling& d, const Window& v) {
  int count = d.mode == kAverageInclude ? d.h * d.w : (v.bottom - v.top) * (v.right - v.left);
  return 1.0f / static_cast<float>(count);
}

bool isSame(float a, float b) { return a == b || (a != a && b != b); }

// The place of the largest element of a window, of equals the first or the last.
int largest(const Pooling& d, const Window& v, const float* plane, int width, bool last) {
  int best = v.top * width + v.left;
  for (int r = v.top; r < v.bottom; r++) {
    for (int c = v.left; c < v.right; c++) {
      float u = plane[r * width + c];
      float max = plane[best];
      bool larger = d.nanWins ? max == max && (u > max || u != u) : u > max || max != max;
      if (larger || (last && isSame(u, max))) best = r * width + c;
    }
  }
  return best;
}

bool fits(const Pooling& d, const Tensor& x, const Tensor& y) {
  return y == Tensor{true, x.n, x.c, quotient(x.h + 2 * d.padH - d.h, d.strideH) + 1, quotient(x.w + 2 * d.padW - d.w, d.strideW) + 1};
}

template <class F> void forWindows(const Tensor& y, F f) {
  for (int plane = 0; plane < y.n * y.c; plane++) {
    for (int p = 0; p < y.h; p++) {
      for (int q = 0; q < y.w; q++) f(plane, p, q, (static_cast<size_t>(plane) * y.h + p) * y.w + q);
    }
  }
}

// A word for each element, a function of the seed alone.
bool isKept(const Dropout& d, unsigned long long i) {
  unsigned long long z = d.seed + (i + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return static_cast<float>((z ^ (z >> 31)) >> 40) * 0x1p-24f >= d.p;
}

}  // namespace

EXPORT size_t cudnnGetVersion() { return 90000 + 2400; }
EXPORT size_t cudnnGetCudartVersion() { return 13000; }
EXPORT const char* cudnnGetErrorString(int status) {
  static std::string text;
  if (status == kReportCounts) return counts.report();
  if (status == kFailToStart) failsToStart = true;
  if (status <= kLosePart) missing = static_cast<Part>(kLosePart - status);
  text = "status " + std::to_string(status) + " of the emulated cuDNN: " + (status == 0 ? "success" : lastReason);
  return text.c_str();
}

EXPORT int cudnnCreate(Handle** h) {
  if (!failsToStart) return make(h);
  failsToStart = false;
  *h = reinterpret_cast<Handle*>(0xdead0000);
  return no(kNotInitialized, "told to fail");
}
EXPORT int cudnnDestroy(Handle* h) { return destroy(h); }
EXPORT int cudnnSetStream(Handle* h, void* stream) {
  REQUIRE_LIVE(h);
  h->stream = stream;
  return kSuccess;
}

EXPORT int cudnnCreateTensorDescriptor(Tensor** d) { return make(d); }
EXPORT int cudnnDestroyTensorDescriptor(Tensor* d) { return destroy(d); }
EXPORT int cudnnSetTensor4dDescriptor(Tensor* d, int format, int type, int n, int c, int h, int w) {
  REQUIRE_LIVE(d);
  REQUIRE(format == kNchw && type == kFloat, kNotSupported, "a tensor that is not float NCHW");
  REQUIRE(n > 0 && c > 0 && h > 0 && w > 0, kBadParam, "a tensor with a dimension that is not positive");
  *d = {true, n, c, h, w};
  return kSuccess;
}
EXPORT int cudnnCreateFilterDescriptor(Filter** d) { return make(d); }
EXPORT int cudnnDestroyFilterDescriptor(Filter* d) { return destroy(d); }
EXPORT int cudnnSetFilter4dDescriptor(Filter* d, int type, int format, int k, int c, int h, int w) {
  REQUIRE_LIVE(d);
  REQUIRE(format == kNchw && type == kFloat, kNotSupported, "a filter that is not float NCHW");
  REQUIRE(k > 0 && c > 0 && h > 0 && w > 0, kBadParam, "a filter with a dimension that is not positive");
  *d = {true, k, c, h, w};
  return kSuccess;
}
EXPORT int cudnnCreateActivationDescriptor(Activation** d) { return make(d); }
EXPORT int cudnnDestroyActivationDescriptor(Activation* d) { return destroy(d); }
EXPORT int cudnnSetActivationDescriptor(Activation* d, int mode, int nan, double) {
  REQUIRE_LIVE(d);
  REQUIRE((mode == kRelu || mode == kIdentity) && (nan == 0 || nan == 1), kBadParam, "an activation that is not emulated");
  *d = {true, mode, nan == 1};
  return kSuccess;
}
EXPORT int cudnnCreatePoolingDescriptor(Pooling** d) { return make(d); }
EXPORT int cudnnDestroyPoolingDescriptor(Pooling* d) { return destroy(d); }
EXPORT int cudnnSetPooling2dDescriptor(Pooling* d, int mode, int nan, int h, int w, int padH, int padW, int strideH, int strideW) {
  REQUIRE_LIVE(d);
  REQUIRE(mode >= 0 && mode <= 3 && (nan == 0 || nan == 1), kBadParam, "no such pooling");
  REQUIRE(h > 0 && w > 0 && padH >= 0 && padW >= 0 && padH < h && padW < w && strideH > 0 && strideW > 0, kBadParam, "a pooling's window");
  REQUIRE(h != 11, kNotSupported, "no code for windows of eleven rows");
  *d = {true, mode, nan == 1, h, w, padH, padW, strideH, strideW};
  return kSuccess;
}
EXPORT int cudnnGetPooling2dForwardOutputDim(Pooling* d, Tensor* x, int* n, int* c, int* h, int* w) {
  REQUIRE_LIVE(d, x);
  REQUIRE(d->set && x->set, kNotFinalized, "a descriptor that was not set");
  *n = x->n;
  *c = x->c;
  *h = quotient(x->h + 2 * d->padH - d->h, d->strideH) + 1;
  *w = quotient(x->w + 2 * d->padW - d->w, d->strideW) + 1;
  return kSuccess;
}

EXPORT int cudnnPoolingForward(Handle* h, Pooling* d, const void* alpha, Tensor* xd, const float* x, const void* beta, Tensor* yd, float* y) {
  counts.add("cudnnPoolingForward");
  REQUIRE_LIVE(h, d, xd, yd);
  REQUIRE_FACTORS(alpha, beta);
  REQUIRE_ALIGNED(x);
  REQUIRE_ALIGNED(y);
  REQUIRE(fits(*d, *xd, *yd), kBadParam, "the output of a pooling has another size");
  Pooling pool = *d;
  Tensor in = *xd;
  Tensor out = *yd;
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(x, in.size()) || !emu::areFloats(y, out.size())) return "pools what is not its own";
    forWindows(out, [&](int plane, int p, int q, size_t i) {
      const float* from = x + static_cast<size_t>(plane) * in.h * in.w;
      Window v(pool, in, p, q);
      if (pool.mode == kMax || pool.mode == kMaxDeterministic) {
        y[i] = from[largest(pool, v, from, in.w, false)];
        return;
      }
      double sum = 0;
      for (int r = v.top; r < v.bottom; r++) {
        for (int c = v.left; c < v.right; c++) sum += from[r * in.w + c];
      }
      y[i] = static_cast<float>(sum * mean(pool, v));
    });
    return "";
  });
}

EXPORT int cudnnPoolingBackward(Handle* h, Pooling* d, const void* alpha, Tensor* yd, const float* y, Tensor* dyd, const float* dy,
                                Tensor* xd, const float* x, const void* beta, Tensor* dxd, float* dx) {
  counts.add("cudnnPoolingBackward");
  REQUIRE_LIVE(h, d, yd, dyd, xd, dxd);
  REQUIRE_FACTORS(alpha, beta);
  REQUIRE_ALIGNED(y);
  REQUIRE_ALIGNED(dy);
  REQUIRE_ALIGNED(x);
  REQUIRE_ALIGNED(dx);
  REQUIRE(fits(*d, *xd, *yd) && *yd == *dyd && *xd == *dxd, kBadParam, "the tensors of a pooling's gradient do not fit");
  if (d->mode == kMax) counts.add("nondeterministic");
  Pooling pool = *d;
  Tensor in = *xd;
  Tensor out = *yd;
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(y, out.size()) || !emu::areFloats(dy, out.size()) || !emu::areFloats(x, in.size()) || !emu::areFloats(dx, in.size())) {
      return "pools what is not its own";
    }
    std::vector<double> sums(static_cast<size_t>(in.size()));
    std::string fault;
    forWindows(out, [&](int plane, int p, int q, size_t i) {
      size_t base = static_cast<size_t>(plane) * in.h * in.w;
      Window v(pool, in, p, q);
      if (pool.mode == kMax || pool.mode == kMaxDeterministic) {
        // Which of equals gets the gradient the manual does not say, so here it is not the one that others would take.
        int at = largest(pool, v, x + base, in.w, true);
        if (!isSame(x[base + at], y[i])) fault = "was given maxima that are not those of x";
        sums[base + at] += dy[i];
        return;
      }
      for (int r = v.top; r < v.bottom; r++) {
        for (int c = v.left; c < v.right; c++) sums[base + r * in.w + c] += static_cast<double>(dy[i]) * mean(pool, v);
      }
    });
    for (size_t i = 0; i < sums.size(); i++) dx[i] = static_cast<float>(sums[i]);
    return fault;
  });
}

EXPORT int cudnnActivationForward(Handle* h, Activation* d, const void* alpha, Tensor* xd, const float* x, const void* beta, Tensor* yd, float* y) {
  counts.add("cudnnActivationForward");
  REQUIRE_LIVE(h, d, xd, yd);
  REQUIRE_FACTORS(alpha, beta);
  REQUIRE_ALIGNED(x);
  REQUIRE_ALIGNED(y);
  REQUIRE(d->set && d->mode == kRelu, kBadParam, "an activation that is no ReLU");
  REQUIRE(*xd == *yd, kBadParam, "an activation's input and output differ in size");
  long long n = xd->size();
  bool nanWins = d->nanWins;
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(x, n) || !emu::areFloats(y, n)) return "computes ReLU of what is not its own";
    for (long long i = 0; i < n; i++) y[i] = x[i] > 0 || (nanWins && x[i] != x[i]) ? x[i] : 0.0f;
    return "";
  });
}

EXPORT int cudnnActivationBackward(Handle* h, Activation* d, const void* alpha, Tensor* yd, const float* y, Tensor* dyd, const float* dy,
                                   Tensor* xd, const float* x, const void* beta, Tensor* dxd, float* dx) {
  counts.add("cudnnActivationBackward");
  REQUIRE_LIVE(h, d, yd, dyd, xd, dxd);
  REQUIRE_FACTORS(alpha, beta);
  REQUIRE_ALIGNED(y);
  REQUIRE_ALIGNED(dy);
  REQUIRE_ALIGNED(x);
  REQUIRE_ALIGNED(dx);
  REQUIRE(d->set && d->mode == kRelu, kBadParam, "an activation that is no ReLU");
  REQUIRE(*yd == *dyd && *yd == *xd && *yd == *dxd, kBadParam, "the tensors of an activation's gradient differ in size");
  long long n = xd->size();
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(y, n) || !emu::areFloats(dy, n) || !emu::areFloats(x, n) || !emu::areFloats(dx, n)) return "computes what is not its own";
    for (long long i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : 0.0f;
    return "";
  });
}

EXPORT int cudnnCreateDropoutDescriptor(Dropout** d) { return make(d); }
EXPORT int cudnnDestroyDropoutDescriptor(Dropout* d) { return destroy(d); }
EXPORT int cudnnDropoutGetStatesSize(Handle* h, size_t* bytes) {
  REQUIRE_LIVE(h);
  *bytes = kStateBytes;
  return kSuccess;
}
EXPORT int cudnnDropoutGetReserveSpaceSize(Tensor* d, size_t* bytes) {
  REQUIRE_LIVE(d);
  *bytes = static_cast<size_t>(d->size() + 7) / 8;
  return kSuccess;
}
EXPORT int cudnnSetDropoutDescriptor(Dropout* d, Handle* h, float p, void* states, size_t bytes, unsigned long long seed) {
  REQUIRE_LIVE(d, h);
  REQUIRE(bytes >= kStateBytes && emuIsDevice(states, bytes), kSizeInsufficient, "too little memory for dropout's states");
  REQUIRE(p >= 0 && p < 1, kBadParam, "a probability that is none");
  REQUIRE(!emuIsCapturing(h->stream), kExecutionFailed, "dropout's states are set up while the stream is being captured");
  *d = {p, states, bytes, seed};
  return enqueue(h, [=]() -> std::string {
    if (!emuIsDevice(states, bytes)) return "had its states taken away";
    emu::scribble(states, bytes);
    memcpy(states, &seed, sizeof seed);
    return "";
  });
}
EXPORT int cudnnDropoutForward(Handle* h, Dropout* d, Tensor* xd, const float* x, Tensor* yd, float* y, void* mask, size_t bytes) {
  counts.add("cudnnDropoutForward");
  REQUIRE_LIVE(h, d, xd, yd);
  REQUIRE_ALIGNED(x);
  REQUIRE_ALIGNED(y);
  REQUIRE(*xd == *yd && d->states != nullptr, kBadParam, "dropout that was not set up");
  long long n = xd->size();
  REQUIRE(bytes >= static_cast<size_t>(n + 7) / 8 && emuIsDevice(mask, bytes), kSizeInsufficient, "too little memory for dropout's mask");
  Dropout dropout = *d;
  return enqueue(h, [=]() -> std::string {
    if (!emu::areFloats(x, n) || !emu::areFloats(y, n) || !emuIsDevice(mask, bytes)) return "drops what is not its own";
    if (memcmp(dropout.states, &dropout.seed, sizeof dropout.seed) != 0) return "has states of dropout that somebody has overwritten";
    emu::scribble(mask, bytes);
    for (long long i = 0; i < n; i++) y[i] = isKept(dropout, static_cast<unsigned long long>(i)) ? x[i] * (1 / (1 - dropout.p)) : 0.0f;
    return "";
  });
}
