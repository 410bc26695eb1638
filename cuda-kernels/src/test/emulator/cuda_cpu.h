// CUDA C++ for the CPU: what our kernels use of the language, so that g++ compiles a .cu file as it stands.
//
// One fiber stands for one CUDA thread. The threads of a block take turns: a thread runs until it ends or comes to a
// barrier or a warp operation, then the next one runs, in one of three orders (blocks.cpp), and so do the blocks that
// are on the device together. What a kernel gets wrong shows: shared memory holds NaN until written, a missing barrier lets a thread read
// what another has not written yet in at least one of the orders, and a barrier that not all threads reach, or for which
// they are in different places, is an error.
//
// Not emulated: inline PTX, wmma, cp.async. Files with these are for a GPU only.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define __restrict__ __restrict

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

namespace emu {

// The thread that runs now, and what its block knows.
struct Thread {
  uint3 index;
};
extern Thread* self;
extern uint3 block;
extern dim3 blockSize;
extern dim3 gridSize;

// A fresh piece of the block's shared memory for the variable behind this key, the same one for every thread.
void* shared(const void* key, size_t bytes);
void* dynamicShared();

void barrier(const char* file, int line);

// A rendezvous of the lanes in mask: deposits this lane's value and returns that of another. The lane is asked for by
// `from`, which may name the lane itself; what a lane outside the mask holds is undefined in CUDA, and NaN here.
uint64_t exchange(unsigned mask, int operation, uint64_t value, int from);
unsigned vote(unsigned mask, bool predicate);
// The same among all lanes of a warp, each of which gets the values of all, until its next operation.
const uint64_t* exchangeAll(int operation, uint64_t value);

int lane();

// How the driver calls a kernel: by its C++ signature, from an array of pointers to arguments.
struct Kernel {
  const char* name;
  void (*call)(void** arguments);
  const unsigned* sizes;
  unsigned count;
};
void registerKernel(const Kernel& kernel);

template <auto F> struct Signature;
template <class... A, void (*F)(A...)> struct Signature<F> {
  static constexpr unsigned sizes[sizeof...(A) + 1] = {sizeof(A)..., 0};
  template <size_t... I> static void spread(void** p, std::index_sequence<I...>) {
    F(*static_cast<std::remove_reference_t<A>*>(p[I])...);
  }
  static void call(void** p) { spread(p, std::index_sequence_for<A...>{}); }
  static Kernel kernel(const char* name) { return {name, call, sizes, sizeof...(A)}; }
};

template <class T> uint64_t toBits(T v) {
  static_assert(sizeof(T) <= 8);
  uint64_t bits = 0;
  memcpy(&bits, &v, sizeof v);
  return bits;
}
template <class T> T fromBits(uint64_t bits) {
  T v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

}  // namespace emu

// The build (EmulatedDriver.java) rewrites `__shared__ T name[..];` to the first and `extern __shared__ T name[];` to
// the second of these, for C++ has no storage that is shared by the threads of a block. Outside of a function, where nvcc
// takes the second, all blocks would have one: there it must not compile.
#define EMU_SHARED(T, name, dims)                                                   \
  static const char name##_key = 0;                                                 \
  typedef T name##_type dims;                                                       \
  name##_type& name = *static_cast<name##_type*>(emu::shared(&name##_key, sizeof(name##_type)))
#define EMU_DYNAMIC_SHARED(T, name) static_cast<void>(0); T* name = static_cast<T*>(emu::dynamicShared())

#define EMU_REGISTER(name)                                                          \
  __attribute__((constructor)) static void register_##name() {                      \
    emu::registerKernel(emu::Signature<name>::kernel(#name));                       \
  }

// A kernel of the number-th changed source of a library.
#define EMU_REGISTER_CHANGED(number, name)                                          \
  __attribute__((constructor)) static void register_##name() {                      \
    emu::registerKernel(emu::Signature<name>::kernel(#number "." #name));           \
  }

#define threadIdx (emu::self->index)
#define blockIdx (emu::block)
#define blockDim (emu::blockSize)
#define gridDim (emu::gridSize)
constexpr int warpSize = 32;

// The place of the call, so that threads at two different barriers are told apart.
inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { emu::barrier(file, line); }
inline void __syncwarp(unsigned mask = 0xffffffffu) { emu::exchange(mask, 0, 0, emu::lane()); }
inline void __threadfence() {}
inline void __threadfence_block() {}

// A source lane outside the segment of `width` lanes leaves a thread its own value, as on a GPU.
template <class T> T __shfl_sync(unsigned mask, T v, int source, int width = 32) {
  int base = emu::lane() & ~(width - 1);
  return emu::fromBits<T>(emu::exchange(mask, 1, emu::toBits(v), base + (source & (width - 1))));
}
template <class T> T __shfl_xor_sync(unsigned mask, T v, int bits, int width = 32) {
  int lane = emu::lane();
  int from = lane ^ bits;
  return emu::fromBits<T>(
      emu::exchange(mask, 2, emu::toBits(v), (from & ~(width - 1)) > (lane & ~(width - 1)) ? lane : from));
}
template <class T> T __shfl_down_sync(unsigned mask, T v, unsigned delta, int width = 32) {
  int lane = emu::lane();
  int from = lane + static_cast<int>(delta);
  return emu::fromBits<T>(emu::exchange(mask, 3, emu::toBits(v), from >= (lane & ~(width - 1)) + width ? lane : from));
}
template <class T> T __shfl_up_sync(unsigned mask, T v, unsigned delta, int width = 32) {
  int lane = emu::lane();
  int from = lane - static_cast<int>(delta);
  return emu::fromBits<T>(emu::exchange(mask, 4, emu::toBits(v), from < (lane & ~(width - 1)) ? lane : from));
}
inline unsigned __ballot_sync(unsigned mask, int predicate) { return emu::vote(mask, predicate != 0); }
inline int __any_sync(unsigned mask, int predicate) { return emu::vote(mask, predicate != 0) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return emu::vote(mask, predicate != 0) == mask; }

// Threads take turns, so a plain read and write is atomic.
template <class T, class U> T atomicAdd(T* p, U v) { T old = *p; *p = static_cast<T>(old + v); return old; }
template <class T, class U> T atomicMin(T* p, U v) { T old = *p; if (static_cast<T>(v) < old) *p = static_cast<T>(v); return old; }
template <class T, class U> T atomicMax(T* p, U v) { T old = *p; if (static_cast<T>(v) > old) *p = static_cast<T>(v); return old; }
template <class T, class U> T atomicExch(T* p, U v) { T old = *p; *p = static_cast<T>(v); return old; }
template <class T, class U, class V> T atomicCAS(T* p, U expected, V v) {
  T old = *p;
  if (old == static_cast<T>(expected)) *p = static_cast<T>(v);
  return old;
}
inline unsigned atomicInc(unsigned* p, unsigned limit) { unsigned old = *p; *p = old >= limit ? 0 : old + 1; return old; }

template <class T> T __ldg(const T* p) { return *p; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline float rsqrtf(float a) { return 1.0f / std::sqrt(a); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32); }
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __clz(int v) { return v == 0 ? 32 : __builtin_clz(static_cast<unsigned>(v)); }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline float __int_as_float(int v) { return emu::fromBits<float>(static_cast<unsigned>(v)); }
inline int __float_as_int(float v) { return static_cast<int>(emu::toBits(v)); }
inline unsigned __float_as_uint(float v) { return static_cast<unsigned>(emu::toBits(v)); }
inline float __uint_as_float(unsigned v) { return emu::fromBits<float>(v); }
inline double __longlong_as_double(long long v) { return emu::fromBits<double>(static_cast<uint64_t>(v)); }
inline long long __double_as_longlong(double v) { return static_cast<long long>(emu::toBits(v)); }

// A conversion of what does not fit saturates on a GPU and is undefined in C++. NaN becomes 0 from float to int, else
// the least integer (PTX ISA, cvt).
template <class I, class F> I emuSaturate(F v) {
  if (v != v) return sizeof(F) == 4 && sizeof(I) == 4 ? 0 : static_cast<I>(-std::ldexp(F(1), 8 * sizeof(I) - 1));
  // The bounds as powers of two, which F holds exactly.
  const F low = std::is_signed<I>::value ? -std::ldexp(F(1), 8 * sizeof(I) - 1) : F(0);
  const F high = std::ldexp(F(1), 8 * sizeof(I) - (std::is_signed<I>::value ? 1 : 0));
  if (v <= low) return static_cast<I>(low);
  if (v >= high) return static_cast<I>(~(std::is_signed<I>::value ? static_cast<I>(static_cast<std::make_unsigned_t<I>>(1) << (8 * sizeof(I) - 1)) : I(0)));
  return static_cast<I>(v);
}
inline int __float2int_rz(float v) { return emuSaturate<int>(v); }
inline long long __float2ll_rz(float v) { return emuSaturate<long long>(v); }
inline int __double2int_rz(double v) { return emuSaturate<int>(v); }
inline long long __double2ll_rz(double v) { return emuSaturate<long long>(v); }

#define EMU_MIN_MAX(T)                            \
  inline T min(T a, T b) { return b < a ? b : a; } \
  inline T max(T a, T b) { return a < b ? b : a; }
EMU_MIN_MAX(int)
EMU_MIN_MAX(unsigned)
EMU_MIN_MAX(long long)
EMU_MIN_MAX(unsigned long long)
EMU_MIN_MAX(float)
EMU_MIN_MAX(double)

#include "tensor_cpu.h"
