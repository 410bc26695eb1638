// What several kernels share. Everything here is float32, and every sum has a written order: the same result on every
// run, whatever the driver does with blocks and warps.
#pragma once

constexpr unsigned kFullMask = 0xffffffffu;

__device__ inline unsigned threadNumber() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ inline unsigned threadCount() { return gridDim.x * blockDim.x; }

__device__ inline bool isAligned16(const void* p) { return (reinterpret_cast<unsigned long long>(p) & 15) == 0; }

// Calls f(i) for every i below n, a grid of any size going over it.
template <class F> __device__ inline void forEach(unsigned n, F f) {
  for (unsigned i = threadNumber(); i < n; i += threadCount()) f(i);
}

// y_i = f(x_i), four at a time where the addresses allow it: one 16-byte access for each thread of a warp.
template <class F> __device__ inline void map(const float* x, float* y, unsigned n, F f) {
  unsigned quads = isAligned16(x) && isAligned16(y) ? n / 4 : 0;
  for (unsigned i = threadNumber(); i < quads; i += threadCount()) {
    float4 v = reinterpret_cast<const float4*>(x)[i];
    v.x = f(v.x);
    v.y = f(v.y);
    v.z = f(v.z);
    v.w = f(v.w);
    reinterpret_cast<float4*>(y)[i] = v;
  }
  for (unsigned i = 4 * quads + threadNumber(); i < n; i += threadCount()) y[i] = f(x[i]);
}

// y_i = f(a_i, b_i), likewise.
template <class F> __device__ inline void zip(const float* a, const float* b, float* y, unsigned n, F f) {
  unsigned quads = isAligned16(a) && isAligned16(b) && isAligned16(y) ? n / 4 : 0;
  for (unsigned i = threadNumber(); i < quads; i += threadCount()) {
    float4 u = reinterpret_cast<const float4*>(a)[i];
    float4 v = reinterpret_cast<const float4*>(b)[i];
    v.x = f(u.x, v.x);
    v.y = f(u.y, v.y);
    v.z = f(u.z, v.z);
    v.w = f(u.w, v.w);
    reinterpret_cast<float4*>(y)[i] = v;
  }
  for (unsigned i = 4 * quads + threadNumber(); i < n; i += threadCount()) y[i] = f(a[i], b[i]);
}

// Division of a number below 2^31 by one that Java knows before: a multiplication and a shift.
// T. Granlund, P. L. Montgomery, "Division by invariant integers using multiplication", 1994.
struct Divisor {
  unsigned divisor, magic, shift;

  __device__ unsigned quotient(unsigned n) const { return (__umulhi(n, magic) + n) >> shift; }
  __device__ unsigned remainder(unsigned n, unsigned quotient) const { return n - quotient * divisor; }
};

// Reductions. Each lane of a warp, each thread of a block gets the result; blocks have a multiple of 32 threads.

struct Sum {
  __device__ static float none() { return 0.0f; }
  __device__ static float of(float a, float b) { return a + b; }
};

// Ignores NaN, as fmaxf does: where it matters, the sum that follows has it.
struct Largest {
  __device__ static float none() { return -__int_as_float(0x7f800000); }
  __device__ static float of(float a, float b) { return fmaxf(a, b); }
};

template <class R, class T> __device__ inline T warpReduce(T v) {
  for (int bits = 16; bits > 0; bits /= 2) v = R::of(v, __shfl_xor_sync(kFullMask, v, bits));
  return v;
}

template <class R, class T> __device__ inline T blockReduce(T v) {
  __shared__ T ofWarp[32];
  v = warpReduce<R>(v);
  __syncthreads();  // so that a second reduction does not overwrite what a slow warp still reads
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = v;
  __syncthreads();
  v = threadIdx.x % 32 < blockDim.x / 32 ? ofWarp[threadIdx.x % 32] : R::none();
  return warpReduce<R>(v);
}

// The lines of [outer, n, inner] along n, each with a warp where inner is 1, else with a thread: `of(line, start, step,
// first, stride)` gets the place of the line's first element, the distance to the next, and which elements are this
// thread's. The lanes of a warp are next to each other in memory either way.
template <class F> __device__ inline void forLines(unsigned outer, unsigned n, unsigned inner, F of) {
  if (inner == 1) {
    for (unsigned o = threadNumber() / 32; o < outer; o += threadCount() / 32) of(o, static_cast<size_t>(o) * n, 1u, threadIdx.x % 32, 32u);
  } else {
    for (unsigned line = threadNumber(); line < outer * inner; line += threadCount()) {
      of(line, static_cast<size_t>(line / inner) * n * inner + line % inner, inner, 0u, 1u);
    }
  }
}

// Combines what the threads of a line have, where it has several.
template <class R> __device__ inline float lineReduce(float v, unsigned stride) { return stride == 32 ? warpReduce<R>(v) : v; }

// The place of the largest element: NaN beats numbers, the first of equals wins.
constexpr unsigned kNone = 0xffffffffu;

__device__ inline void better(float& best, unsigned& at, float v, unsigned i) {
  if (i == kNone) return;
  bool wins;
  if (at == kNone) {
    wins = true;
  } else if (v != v) {
    wins = best == best || i < at;
  } else {
    wins = best == best && (v > best || (v == best && i < at));
  }
  if (wins) {
    best = v;
    at = i;
  }
}

__device__ inline void warpBetter(float& best, unsigned& at) {
  for (int bits = 16; bits > 0; bits /= 2) {
    float v = __shfl_xor_sync(kFullMask, best, bits);
    unsigned i = __shfl_xor_sync(kFullMask, at, bits);
    better(best, at, v, i);
  }
}

// Up to kMaxRank dimensions, the last one running fastest.
constexpr int kMaxRank = 8;

// A strided region; see Strided.java.
struct Region {
  int rank;
  int shape[kMaxRank];
  int strides[kMaxRank];
};

// A number that a recorded step reads from device memory, anew each time it runs; elsewhere an argument.
__device__ inline double stepDouble(const long long* slot, double value) {
  return slot == nullptr ? value : __longlong_as_double(*slot);
}
__device__ inline long long stepLong(const long long* slot, long long value) { return slot == nullptr ? value : *slot; }
