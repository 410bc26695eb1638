// Moving elements: strided regions, other types, a value everywhere; comparing those that floats cannot hold.
//
// 1: a thread for each element; the contiguous side is accessed in order, the other one where its strides lead.
// 2: the region is indexed where the launch put it (__grid_constant__), not in a copy that each thread made of it.
#include "cortado.cuh"

__device__ inline int placeOf(unsigned i, const Region& r) {
  int place = 0;
  unsigned rest = i;
  for (int d = r.rank - 1; d >= 0; d--) {
    unsigned size = static_cast<unsigned>(r.shape[d]);
    place += static_cast<int>(rest % size) * r.strides[d];
    rest /= size;
  }
  return place;
}

template <class T> __device__ inline void gather(const T* x, T* y, unsigned n, const Region& from) {
  forEach(n, [&](unsigned i) { y[i] = x[placeOf(i, from)]; });
}
template <class T> __device__ inline void scatter(const T* x, T* y, unsigned n, const Region& to) {
  forEach(n, [&](unsigned i) { y[placeOf(i, to)] = x[i]; });
}

extern "C" __global__ void gather_1(const unsigned char* x, unsigned char* y, unsigned n, const __grid_constant__ Region from) {
  gather(x, y, n, from);
}
extern "C" __global__ void gather_4(const unsigned* x, unsigned* y, unsigned n, const __grid_constant__ Region from) {
  gather(x, y, n, from);
}
extern "C" __global__ void gather_8(const unsigned long long* x, unsigned long long* y, unsigned n, const __grid_constant__ Region from) {
  gather(x, y, n, from);
}
extern "C" __global__ void scatter_1(const unsigned char* x, unsigned char* y, unsigned n, const __grid_constant__ Region to) {
  scatter(x, y, n, to);
}
extern "C" __global__ void scatter_4(const unsigned* x, unsigned* y, unsigned n, const __grid_constant__ Region to) {
  scatter(x, y, n, to);
}
extern "C" __global__ void scatter_8(const unsigned long long* x, unsigned long long* y, unsigned n, const __grid_constant__ Region to) {
  scatter(x, y, n, to);
}

extern "C" __global__ void fill_8(unsigned long long* y, unsigned n, unsigned long long value) {
  forEach(n, [=](unsigned i) { y[i] = value; });
}

// Java's conversions: towards zero, what is too large becomes the largest, NaN becomes 0, and a byte takes the lower
// eight bits of the int. A long goes to an int by way of that rule too.
template <class To> struct Convert {
  template <class From> __device__ static To from(From v) { return static_cast<To>(v); }
};
template <> struct Convert<int> {
  __device__ static int from(float v) { return v != v ? 0 : __float2int_rz(v); }
  __device__ static int from(double v) { return v != v ? 0 : __double2int_rz(v); }
  __device__ static int from(long long v) {
    return v > 2147483647LL ? 2147483647 : v < -2147483647LL - 1 ? -2147483647 - 1 : static_cast<int>(v);
  }
  __device__ static int from(unsigned char v) { return v; }
};
template <> struct Convert<long long> {
  __device__ static long long from(float v) { return v != v ? 0 : __float2ll_rz(v); }
  __device__ static long long from(double v) { return v != v ? 0 : __double2ll_rz(v); }
  __device__ static long long from(int v) { return v; }
  __device__ static long long from(unsigned char v) { return v; }
};
template <> struct Convert<unsigned char> {
  template <class From> __device__ static unsigned char from(From v) {
    return static_cast<unsigned char>(static_cast<unsigned>(Convert<int>::from(v)));
  }
  __device__ static unsigned char from(int v) { return static_cast<unsigned char>(static_cast<unsigned>(v)); }
};

template <class From, class To> __device__ inline void cast(const From* x, To* y, unsigned n) {
  forEach(n, [=](unsigned i) { y[i] = Convert<To>::from(x[i]); });
}

extern "C" __global__ void cast_f32_f64(const float* x, double* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f32_i32(const float* x, int* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f32_i64(const float* x, long long* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f32_u8(const float* x, unsigned char* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f64_f32(const double* x, float* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f64_i32(const double* x, int* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f64_i64(const double* x, long long* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_f64_u8(const double* x, unsigned char* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i32_f32(const int* x, float* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i32_f64(const int* x, double* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i32_i64(const int* x, long long* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i32_u8(const int* x, unsigned char* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i64_f32(const long long* x, float* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i64_f64(const long long* x, double* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i64_i32(const long long* x, int* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_i64_u8(const long long* x, unsigned char* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_u8_f32(const unsigned char* x, float* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_u8_f64(const unsigned char* x, double* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_u8_i32(const unsigned char* x, int* y, unsigned n) { cast(x, y, n); }
extern "C" __global__ void cast_u8_i64(const unsigned char* x, long long* y, unsigned n) { cast(x, y, n); }

// Whether it is not 0, NaN among what is not.
template <class From> __device__ inline void truth(const From* x, unsigned char* y, unsigned n) {
  forEach(n, [=](unsigned i) { y[i] = x[i] != From(0) ? 1 : 0; });
}

extern "C" __global__ void cast_f32_b8(const float* x, unsigned char* y, unsigned n) { truth(x, y, n); }
extern "C" __global__ void cast_f64_b8(const double* x, unsigned char* y, unsigned n) { truth(x, y, n); }
extern "C" __global__ void cast_i32_b8(const int* x, unsigned char* y, unsigned n) { truth(x, y, n); }
extern "C" __global__ void cast_i64_b8(const long long* x, unsigned char* y, unsigned n) { truth(x, y, n); }
extern "C" __global__ void cast_u8_b8(const unsigned char* x, unsigned char* y, unsigned n) { truth(x, y, n); }

// Whether a_i and b_i, or the only b, stand to each other in the way that bits of a table say: of below, equal and above,
// or of 2 a + b.
extern "C" __global__ void compare_i64(const long long* a, const long long* b, unsigned char* mask, unsigned n, unsigned step,
                                       unsigned table) {
  forEach(n, [=](unsigned i) {
    long long u = a[i];
    long long v = b[static_cast<size_t>(i) * step];
    mask[i] = table >> (u < v ? 0u : u > v ? 2u : 1u) & 1u;
  });
}

extern "C" __global__ void compare_b8(const unsigned char* a, const unsigned char* b, unsigned char* mask, unsigned n, unsigned step,
                                      unsigned table) {
  forEach(n, [=](unsigned i) { mask[i] = table >> (2u * a[i] + b[static_cast<size_t>(i) * step]) & 1u; });
}
