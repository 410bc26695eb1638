// Sums so far, and sorting, along one axis of [outer, n, inner].
//
// 1: sums: inner = 1: a warp for each line, 32 neighbours at a time by shuffles; else a thread for each line. In double, as
//    on the CPU: a long line would lose the digits of its small elements. Sorting: a block for each line, by Batcher's
//    bitonic network with all comparisons in one direction (K. Batcher, "Sorting networks and their applications", 1968),
//    so that what is beyond the end of a line is never moved and need not exist. Places are sorted, not values; the place
//    decides between equals.
#include "cortado.cuh"

extern "C" __global__ void cumulative_sum(const float* x, float* y, unsigned outer, unsigned n, unsigned inner, unsigned fromEnd) {
  if (inner == 1) {
    unsigned lane = threadIdx.x % 32;
    for (unsigned o = threadNumber() / 32; o < outer; o += threadCount() / 32) {
      size_t start = static_cast<size_t>(o) * n;
      double before = 0.0;
      for (unsigned first = 0; first < n; first += 32) {
        unsigned k = first + lane;
        size_t at = start + (fromEnd ? n - 1 - k : k);
        double sum = k < n ? x[at] : 0.0;
        for (unsigned d = 1; d < 32; d *= 2) {
          double left = __shfl_up_sync(kFullMask, sum, d);
          if (lane >= d) sum += left;
        }
        if (k < n) y[at] = static_cast<float>(before + sum);
        before += __shfl_sync(kFullMask, sum, 31);
      }
    }
  } else {
    for (unsigned line = threadNumber(); line < outer * inner; line += threadCount()) {
      size_t start = static_cast<size_t>(line / inner) * n * inner + line % inner;
      double sum = 0.0;
      for (unsigned k = 0; k < n; k++) {
        size_t at = start + static_cast<size_t>(fromEnd ? n - 1 - k : k) * inner;
        sum += x[at];
        y[at] = static_cast<float>(sum);
      }
    }
  }
}

// Whether a is below b; NaN is above all numbers.
__device__ inline bool isBelow(float a, float b) { return b != b ? a == a : a < b; }

// A line, and whether the element at one place comes before that at another one.
struct Line {
  const float* x;
  unsigned inner;
  bool descending;

  __device__ float at(long long i) const { return x[static_cast<size_t>(i) * inner]; }
  __device__ bool isBefore(long long i, long long k) const {
    float a = descending ? at(k) : at(i);
    float b = descending ? at(i) : at(k);
    return isBelow(a, b) || (i < k && !isBelow(b, a));
  }
};

__device__ inline void exchange(const Line& line, long long* index, unsigned low, unsigned high, unsigned n) {
  if (high >= n) return;
  long long i = index[static_cast<size_t>(low) * line.inner];
  long long k = index[static_cast<size_t>(high) * line.inner];
  if (line.isBefore(k, i)) {
    index[static_cast<size_t>(low) * line.inner] = k;
    index[static_cast<size_t>(high) * line.inner] = i;
  }
}

extern "C" __global__ void sort_lines(const float* x, float* y, long long* index, unsigned outer, unsigned n, unsigned inner,
                                      unsigned descending) {
  for (unsigned number = blockIdx.x; number < outer * inner; number += gridDim.x) {
    size_t start = static_cast<size_t>(number / inner) * n * inner + number % inner;
    Line line{x + start, inner, descending != 0};
    long long* places = index + start;
    for (unsigned i = threadIdx.x; i < n; i += blockDim.x) places[static_cast<size_t>(i) * inner] = i;
    __syncthreads();
    unsigned pairs = 1;
    while (2 * pairs < n) pairs *= 2;
    for (unsigned half = 1; half < n; half *= 2) {
      // Two sorted halves, the second one backwards, are one that rises and falls.
      for (unsigned t = threadIdx.x; t < pairs; t += blockDim.x) {
        unsigned first = t / half * 2 * half;
        exchange(line, places, first + t % half, first + 2 * half - 1 - t % half, n);
      }
      __syncthreads();
      for (unsigned gap = half / 2; gap > 0; gap /= 2) {
        for (unsigned t = threadIdx.x; t < pairs; t += blockDim.x) {
          unsigned low = t / gap * 2 * gap + t % gap;
          exchange(line, places, low, low + gap, n);
        }
        __syncthreads();
      }
    }
    for (unsigned i = threadIdx.x; i < n; i += blockDim.x) {
      y[start + static_cast<size_t>(i) * inner] = line.at(places[static_cast<size_t>(i) * inner]);
    }
  }
}
