// Tiles of matrix products on tensor cores: float32 rounded to TF32 (10 bits of mantissa) when it comes to shared memory,
// products of 16 x 8 x 8 by a warp, sums in float32. A TensorTile stands wherever a Tile does (tile.cuh).
//
// The three instructions below are inline PTX of compute capability 8.0. On the emulated driver functions of the same
// name do the same with the same distribution of a matrix over the lanes, so that everything but the instructions
// themselves is tested there.
#pragma once

#include "tile.cuh"

#ifdef __CUDACC__
// To the nearest TF32, ties away from zero.
__device__ inline float toTf32(float v) {
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(v));
  return __uint_as_float(bits);
}

// c [16, 8] += a [16, 8] b [8, 8]. With g = lane / 4 and t = lane % 4 a lane has a(g, t), a(g + 8, t), a(g, t + 4),
// a(g + 8, t + 4), b(t, g), b(t + 4, g), and c(g, 2t), c(g, 2t + 1), c(g + 8, 2t), c(g + 8, 2t + 1).
// Source: PTX ISA, "Matrix fragments for mma.m16n8k8".
__device__ inline void multiplyTf32(const float (&a)[4], const float (&b)[2], float& c0, float& c1, float& c2, float& c3) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3)
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])), "r"(__float_as_uint(a[3])),
        "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}
#endif

// BM x BN sums by WARPS_M x WARPS_N warps.
template <int BM_, int BN_, int WARPS_M, int WARPS_N> struct TensorTile {
  static constexpr int BM = BM_, BN = BN_, BK = 16;
  static constexpr int kThreads = 32 * WARPS_M * WARPS_N;
  // A warp's sums: so many products side by side and below each other; a thread has two rows and columns of each.
  static constexpr int kDown = BM / WARPS_M / 16;
  static constexpr int kRight = BN / WARPS_N / 8;
  static constexpr int TM = 2 * kDown;
  static constexpr int TN = 2 * kRight;
  static_assert(kDown * 16 * WARPS_M == BM && kRight * 8 * WARPS_N == BN);
  // Four rows that a warp reads at a time begin in banks 0, 8, 16 and 24.
  static constexpr int kPitchA = BM + 8;
  static constexpr int kPitchB = BN + 8;

  float sum[TM][TN];

  __device__ static int group() { return threadIdx.x % 32 / 4; }
  __device__ static int member() { return threadIdx.x % 4; }
  __device__ static int warpRow() { return threadIdx.x / 32 / WARPS_N * (BM / WARPS_M); }
  __device__ static int warpColumn() { return threadIdx.x / 32 % WARPS_N * (BN / WARPS_N); }
  __device__ static int rowOf(int i) { return warpRow() + i / 2 * 16 + i % 2 * 8 + group(); }
  __device__ static int columnOf(int j) { return warpColumn() + j / 2 * 8 + 2 * member() + j % 2; }

  template <class LoadA, class LoadB> __device__ void product(int begin, int end, bool alongKA, bool alongKB, LoadA loadA, LoadB loadB) {
    for (int i = 0; i < TM; i++) {
      for (int j = 0; j < TN; j++) sum[i][j] = 0.0f;
    }
    Pipeline<BM, BN, BK, kThreads, kPitchA, kPitchB>::run(
        begin, end, alongKA, alongKB, loadA, loadB, [](float v) { return toTf32(v); },
        [&](const float (*as)[kPitchA], const float (*bs)[kPitchB]) {
#pragma unroll
          for (int l = 0; l < BK; l += 8) multiply(as + l, bs + l);
        });
  }

  __device__ void multiply(const float (*as)[kPitchA], const float (*bs)[kPitchB]) {
    int t = member();
    float b[kRight][2];
#pragma unroll
    for (int j = 0; j < kRight; j++) {
      int column = warpColumn() + 8 * j + group();
      b[j][0] = bs[t][column];
      b[j][1] = bs[t + 4][column];
    }
#pragma unroll
    for (int i = 0; i < kDown; i++) {
      int row = warpRow() + 16 * i + group();
      float a[4] = {as[t][row], as[t][row + 8], as[t + 4][row], as[t + 4][row + 8]};
#pragma unroll
      for (int j = 0; j < kRight; j++) {
        multiplyTf32(a, b[j], sum[2 * i][2 * j], sum[2 * i][2 * j + 1], sum[2 * i + 1][2 * j], sum[2 * i + 1][2 * j + 1]);
      }
    }
  }

  template <class F> __device__ void forEachSum(F f) {
#pragma unroll
    for (int i = 0; i < TM; i++) {
#pragma unroll
      for (int j = 0; j < TN; j++) f(rowOf(i), columnOf(j), sum[i][j]);
    }
  }
};
