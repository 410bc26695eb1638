// Sum, difference, product and quotient of two operands that stretch to a common shape.
//
// 1: every element finds its operands by dividing its number by the sizes of the dimensions. Operands of the same shape
//    are one plain loop with 16-byte accesses. Java has merged the dimensions that can be walked as one, so that the
//    usual cases (a bias by row or by channel) have two or three.
// 2: the walk is indexed where the launch put it (__grid_constant__); each thread copied its 100 bytes to local memory
//    before. Five registers fewer where nothing divides.
#include "cortado.cuh"

template <class F> __device__ inline void broadcast(const float* a, const float* b, float* y, unsigned n, const Walk& w, F f) {
  if (w.rank == 0 || (w.rank == 1 && w.a[0] == 1 && w.b[0] == 1)) {
    zip(a, b, y, n, f);
    return;
  }
  forEach(n, [&](unsigned i) {
    unsigned rest = i;
    int p = 0;
    int q = 0;
    for (int d = w.rank - 1; d >= 0; d--) {
      unsigned size = static_cast<unsigned>(w.shape[d]);
      int at = static_cast<int>(rest % size);
      rest /= size;
      p += at * w.a[d];
      q += at * w.b[d];
    }
    y[i] = f(a[p], b[q]);
  });
}

extern "C" __global__ void add(const float* a, const float* b, float* y, unsigned n, const __grid_constant__ Walk w) {
  broadcast(a, b, y, n, w, [](float u, float v) { return u + v; });
}
extern "C" __global__ void sub(const float* a, const float* b, float* y, unsigned n, const __grid_constant__ Walk w) {
  broadcast(a, b, y, n, w, [](float u, float v) { return u - v; });
}
extern "C" __global__ void mul(const float* a, const float* b, float* y, unsigned n, const __grid_constant__ Walk w) {
  broadcast(a, b, y, n, w, [](float u, float v) { return u * v; });
}
extern "C" __global__ void divide(const float* a, const float* b, float* y, unsigned n, const __grid_constant__ Walk w) {
  broadcast(a, b, y, n, w, [](float u, float v) { return u / v; });
}
