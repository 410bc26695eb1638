// Lines and elements by number, and the sums of their gradients; formulas are in Backend.java.
//
// 1: a thread for each element that is picked. The first block looks at all numbers, so that the first wrong one is noted
//    whatever the order of blocks. The gradient has a block for each number: the one that is its line's first adds up
//    all of the line, in their order, and the others end. That reads the numbers once for each of them, as much as nothing
//    beside the lines for a text of some thousand words; no atomics, so the bits are the same in every run.
#include "cortado.cuh"
#include "errors.cuh"

struct Selection {
  unsigned outer, n, inner, picks;
};

__device__ inline bool isOne(long long i, const Selection& s) { return i >= 0 && i < s.n; }

__device__ inline void look(Wrong what, const long long* index, unsigned count, const Selection& s, Errors* errors) {
  if (blockIdx.x > 0) return;
  unsigned bad = kNone;
  for (unsigned k = threadIdx.x; k < count && bad == kNone; k += blockDim.x) {
    if (!isOne(index[k], s)) bad = k;
  }
  bad = blockReduce<First>(bad);
  if (threadIdx.x == 0) note(what, bad, s.n, index, errors);
}

template <class T> __device__ inline void select(const T* x, const long long* index, T* y, const Selection& s, Errors* errors) {
  look(kNoIndex, index, s.picks, s, errors);
  forEach(s.outer * s.picks * s.inner, [&](unsigned e) {
    unsigned j = e % s.inner;
    unsigned line = e / s.inner;
    long long i = index[line % s.picks];
    y[e] = isOne(i, s) ? x[(line / s.picks * s.n + static_cast<unsigned>(i)) * s.inner + j] : T(0);
  });
}

extern "C" __global__ void index_select_1(const unsigned char* x, const long long* index, unsigned char* y, Selection s, Errors* errors) {
  select(x, index, y, s, errors);
}
extern "C" __global__ void index_select_4(const unsigned* x, const long long* index, unsigned* y, Selection s, Errors* errors) {
  select(x, index, y, s, errors);
}
extern "C" __global__ void index_select_8(const unsigned long long* x, const long long* index, unsigned long long* y, Selection s,
                                          Errors* errors) {
  select(x, index, y, s, errors);
}

// dx is 0 before it. A block for each number of each outer line.
extern "C" __global__ void index_select_grad(const float* dy, const long long* index, float* dx, Selection s, int padding) {
  for (unsigned line = blockIdx.x; line < s.outer * s.picks; line += gridDim.x) {
    unsigned first = line % s.picks;
    unsigned o = line / s.picks;
    long long i = index[first];
    if (!isOne(i, s) || i == padding) continue;
    unsigned before = kNone;
    for (unsigned k = threadIdx.x; k < first && before == kNone; k += blockDim.x) {
      if (index[k] == i) before = k;
    }
    before = blockReduce<First>(before);
    if (before != kNone) continue;
    for (unsigned j = threadIdx.x; j < s.inner; j += blockDim.x) {
      float sum = 0.0f;
      for (unsigned k = first; k < s.picks; k++) {
        if (index[k] == i) sum += dy[(o * s.picks + k) * s.inner + j];
      }
      dx[(o * s.n + static_cast<unsigned>(i)) * s.inner + j] = sum;
    }
  }
}

// Each element has a number of its own.
template <class T> __device__ inline void take(const T* x, const long long* index, T* y, const Selection& s, Errors* errors) {
  unsigned count = s.outer * s.picks * s.inner;
  look(kNoElement, index, count, s, errors);
  forEach(count, [&](unsigned e) {
    long long i = index[e];
    unsigned o = e / (s.picks * s.inner);
    y[e] = isOne(i, s) ? x[(o * s.n + static_cast<unsigned>(i)) * s.inner + e % s.inner] : T(0);
  });
}

extern "C" __global__ void take_1(const unsigned char* x, const long long* index, unsigned char* y, Selection s, Errors* errors) {
  take(x, index, y, s, errors);
}
extern "C" __global__ void take_4(const unsigned* x, const long long* index, unsigned* y, Selection s, Errors* errors) {
  take(x, index, y, s, errors);
}
extern "C" __global__ void take_8(const unsigned long long* x, const long long* index, unsigned long long* y, Selection s,
                                  Errors* errors) {
  take(x, index, y, s, errors);
}

// dx is 0 before it. A thread for each column of an outer line, whose numbers it goes through: no atomics.
extern "C" __global__ void take_grad(const float* dy, const long long* index, float* dx, Selection s, Errors* errors) {
  look(kNoPlace, index, s.outer * s.picks * s.inner, s, errors);
  forEach(s.outer * s.inner, [&](unsigned column) {
    unsigned o = column / s.inner;
    unsigned j = column % s.inner;
    for (unsigned k = 0; k < s.picks; k++) {
      unsigned e = (o * s.picks + k) * s.inner + j;
      long long i = index[e];
      if (isOne(i, s)) dx[(o * s.n + static_cast<unsigned>(i)) * s.inner + j] += dy[e];
    }
  });
}

// Elements of a column are written in the order of its numbers, so that the last one stays: a thread for each, as above.
template <class T> __device__ inline void put(const T* x, const long long* index, T* y, const Selection& s, Errors* errors) {
  look(kNoTarget, index, s.outer * s.picks * s.inner, s, errors);
  forEach(s.outer * s.inner, [&](unsigned column) {
    unsigned o = column / s.inner;
    unsigned j = column % s.inner;
    for (unsigned k = 0; k < s.picks; k++) {
      unsigned e = (o * s.picks + k) * s.inner + j;
      long long i = index[e];
      if (isOne(i, s)) y[(o * s.n + static_cast<unsigned>(i)) * s.inner + j] = x[e];
    }
  });
}

extern "C" __global__ void put_1(const unsigned char* x, const long long* index, unsigned char* y, Selection s, Errors* errors) {
  put(x, index, y, s, errors);
}
extern "C" __global__ void put_4(const unsigned* x, const long long* index, unsigned* y, Selection s, Errors* errors) {
  put(x, index, y, s, errors);
}
extern "C" __global__ void put_8(const unsigned long long* x, const long long* index, unsigned long long* y, Selection s,
                                 Errors* errors) {
  put(x, index, y, s, errors);
}
