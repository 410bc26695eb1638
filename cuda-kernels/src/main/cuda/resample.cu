// Pictures of other sizes, by the nearest element or between neighbours; formulas are in Backend.java, the rule by which a
// place is found in SourcePlaces.java: its steps are rounded one by one, as there.
//
// 1: a thread for each output. Backward, a thread for each input, which adds up the outputs that it lies beside, row by
//    row: no atomic additions. Where these begin is looked for from what a division finds, since the rounded rule decides:
//    two or three steps, against the memory that a thread reads anyway.
#include "cortado.cuh"

constexpr int kNearest = 0;
constexpr int kLinear = 1;

// A line of `size` elements that is made of one of n; see SourcePlaces.java.
struct Line {
  int n, size;
  float scale;
  int mode;

  __device__ bool isBetween() const { return mode != kNearest && n != size; }

  __device__ float place(int i) const {
    if (n == size) return static_cast<float>(i);
    if (mode != kLinear) return __fmul_rn(scale, static_cast<float>(i));
    return fmaxf(__fsub_rn(__fmul_rn(scale, __fadd_rn(static_cast<float>(i), 0.5f)), 0.5f), 0.0f);
  }

  __device__ int low(int i) const { return n == size ? i : min(static_cast<int>(place(i)), n - 1); }
  __device__ int high(int i) const { return isBetween() ? min(low(i) + 1, n - 1) : low(i); }
  __device__ float weight(int i) const { return isBetween() ? fminf(place(i) - static_cast<float>(low(i)), 1.0f) : 0.0f; }

  // From the elements' values to the place's.
  __device__ float between(float a, float b, int i) const {
    float v = weight(i);
    return isBetween() ? fmaf(v, b, (1.0f - v) * a) : a;
  }

  // What an element weighs in a place beside it.
  __device__ float share(int element, int i) const {
    float v = weight(i);
    float share = low(i) == element ? 1.0f - v : 0.0f;
    return high(i) == element ? share + v : share;
  }

  // The first place whose lower element is that one, or a later one.
  __device__ int first(int element) const {
    if (element <= 0) return 0;
    if (element >= n) return size;
    // From before it, however this is rounded.
    int i = max(static_cast<int>(static_cast<float>(element) / scale * 0.999999f) - 1, 0);
    while (i < size && low(i) < element) i++;
    return i;
  }

  // The places beside which an element lies.
  __device__ int begin(int element) const { return first(isBetween() ? element - 1 : element); }
  __device__ int end(int element) const { return first(element + 1); }
};

struct Resampling {
  int planes;
  Line down, across;
};

extern "C" __global__ void resample2d(const float* x, float* y, Resampling s) {
  forEach(static_cast<unsigned>(s.planes) * s.down.size * s.across.size, [&](unsigned i) {
    int q = static_cast<int>(i % s.across.size);
    int p = static_cast<int>(i / s.across.size % s.down.size);
    const float* plane = x + static_cast<size_t>(i / s.across.size / s.down.size) * s.down.n * s.across.n;
    const float* upper = plane + static_cast<size_t>(s.down.low(p)) * s.across.n;
    const float* lower = plane + static_cast<size_t>(s.down.high(p)) * s.across.n;
    int left = s.across.low(q);
    int right = s.across.high(q);
    float top = s.across.between(upper[left], upper[right], q);
    float bottom = s.across.between(lower[left], lower[right], q);
    y[i] = s.down.between(top, bottom, p);
  });
}

extern "C" __global__ void resample2d_grad(const float* dy, float* dx, Resampling s) {
  forEach(static_cast<unsigned>(s.planes) * s.down.n * s.across.n, [&](unsigned i) {
    int c = static_cast<int>(i % s.across.n);
    int r = static_cast<int>(i / s.across.n % s.down.n);
    const float* plane = dy + static_cast<size_t>(i / s.across.n / s.down.n) * s.down.size * s.across.size;
    int begin = s.across.begin(c);
    int end = s.across.end(c);
    int last = s.down.end(r);
    float sum = 0.0f;
    for (int p = s.down.begin(r); p < last; p++) {
      const float* row = plane + static_cast<size_t>(p) * s.across.size;
      float ofRow = 0.0f;
      for (int q = begin; q < end; q++) ofRow = fmaf(s.across.share(c, q), row[q], ofRow);
      sum = fmaf(s.down.share(r, p), ofRow, sum);
    }
    dx[i] = sum;
  });
}
