// The inner part of every matrix product here: a block's tile of C = A B, summed over a range of k.
//
// The tiles of A and B that a step needs come through registers into shared memory, one step ahead of their use, so that
// loads and arithmetic overlap and one barrier a step is enough. Each thread then multiplies TM rows by TN columns from
// registers: TM + TN reads of shared memory for TM TN multiply-adds. What A and B are, their callers say by two functions:
// a matrix in memory, transposed or not, or a convolution's input, gathered (implicit GEMM). Sums are fused
// multiply-adds in the order of k: the same bits on every run.
#pragma once

#include "cortado.cuh"

// Brings the tiles of A and B to shared memory, a step of BK along k ahead of its use, by a block of so many threads.
template <int BM, int BN, int BK, int THREADS, int PITCH_A, int PITCH_B> struct Pipeline {
  static_assert(BM * BK % THREADS == 0 && BN * BK % THREADS == 0);
  static constexpr int kLoadsA = BM * BK / THREADS;
  static constexpr int kLoadsB = BN * BK / THREADS;

  // loadA(row in the tile, l) and loadB(l, column in the tile) return 0 outside of the matrices. Neighbouring threads
  // ask for neighbouring l where alongK says so, else for neighbouring rows or columns: whichever memory has in a row.
  // round(v) is what becomes of an element; step(as, bs) multiplies what is in shared memory.
  template <class LoadA, class LoadB, class Round, class Step>
  __device__ static void run(int begin, int end, bool alongKA, bool alongKB, LoadA loadA, LoadB loadB, Round round, Step step) {
    __shared__ __align__(16) float as[2][BK][PITCH_A];
    __shared__ __align__(16) float bs[2][BK][PITCH_B];
    float nextA[kLoadsA];
    float nextB[kLoadsB];
    auto fetch = [&](int l0) {
#pragma unroll
      for (int e = 0; e < kLoadsA; e++) {
        int at = threadIdx.x + e * THREADS;
        int l = l0 + (alongKA ? at % BK : at / BM);
        nextA[e] = l < end ? loadA(alongKA ? at / BK : at % BM, l) : 0.0f;
      }
#pragma unroll
      for (int e = 0; e < kLoadsB; e++) {
        int at = threadIdx.x + e * THREADS;
        int l = l0 + (alongKB ? at % BK : at / BN);
        nextB[e] = l < end ? loadB(l, alongKB ? at / BK : at % BN) : 0.0f;
      }
    };
    auto store = [&](int buffer) {
#pragma unroll
      for (int e = 0; e < kLoadsA; e++) {
        int at = threadIdx.x + e * THREADS;
        as[buffer][alongKA ? at % BK : at / BM][alongKA ? at / BK : at % BM] = round(nextA[e]);
      }
#pragma unroll
      for (int e = 0; e < kLoadsB; e++) {
        int at = threadIdx.x + e * THREADS;
        bs[buffer][alongKB ? at % BK : at / BN][alongKB ? at / BK : at % BN] = round(nextB[e]);
      }
    };
    if (begin >= end) return;
    fetch(begin);
    store(0);
    __syncthreads();
    int buffer = 0;
    for (int l0 = begin; l0 < end; l0 += BK) {
      bool more = l0 + BK < end;
      if (more) fetch(l0 + BK);
      step(as[buffer], bs[buffer]);
      if (more) {
        // The other buffer was read in the step before this one, which every thread has left by the barrier at its end.
        store(1 - buffer);
        __syncthreads();
        buffer = 1 - buffer;
      }
    }
  }
};

constexpr int kTileThreads = 256;

// BM x BN sums, TM x TN of them by each thread in registers.
template <int BM_, int BN_, int BK_, int TM_, int TN_> struct Tile {
  static constexpr int BM = BM_, BN = BN_, BK = BK_, TM = TM_, TN = TN_;
  static constexpr int kThreads = kTileThreads;
  static_assert(BM / TM * (BN / TN) == kThreads);
  // Rows of shared memory are a little longer than needed, so that writes down a column spread over the banks.
  static constexpr int kPitchA = BM + 4;
  static constexpr int kPitchB = BN + 4;
  // A thread's rows lie in runs of this many next to each other, as 16-byte reads want them.
  static constexpr int kRunM = TM < 4 ? TM : 4;
  static constexpr int kRunN = TN < 4 ? TN : 4;

  __device__ static int rowOf(int i) { return i / kRunM * (BM * kRunM / TM) + threadIdx.x / (BN / TN) * kRunM + i % kRunM; }
  __device__ static int columnOf(int j) { return j / kRunN * (BN * kRunN / TN) + threadIdx.x % (BN / TN) * kRunN + j % kRunN; }

  float sum[TM][TN];

  // The product along begin .. end - 1; see Pipeline for the other arguments.
  template <class LoadA, class LoadB> __device__ void product(int begin, int end, bool alongKA, bool alongKB, LoadA loadA, LoadB loadB) {
    for (int i = 0; i < TM; i++) {
      for (int j = 0; j < TN; j++) sum[i][j] = 0.0f;
    }
    Pipeline<BM, BN, BK, kThreads, kPitchA, kPitchB>::run(
        begin, end, alongKA, alongKB, loadA, loadB, [](float v) { return v; },
        [&](const float (*as)[kPitchA], const float (*bs)[kPitchB]) {
#pragma unroll 8
          for (int l = 0; l < BK; l++) {
            float a[TM];
            float b[TN];
#pragma unroll
            for (int i = 0; i < TM; i += kRunM) read<kRunM>(&as[l][rowOf(i)], a + i);
#pragma unroll
            for (int j = 0; j < TN; j += kRunN) read<kRunN>(&bs[l][columnOf(j)], b + j);
#pragma unroll
            for (int i = 0; i < TM; i++) {
#pragma unroll
              for (int j = 0; j < TN; j++) sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
            }
          }
        });
  }

  template <int N> __device__ static void read(const float* from, float* to) {
    if (N == 4) {
      float4 v = *reinterpret_cast<const float4*>(from);
      to[0] = v.x;
      to[1] = v.y;
      to[N > 2 ? 2 : 0] = v.z;
      to[N > 3 ? 3 : 0] = v.w;
    } else {
      for (int i = 0; i < N; i++) to[i] = from[i];
    }
  }

  // Calls f(row in the tile, column in the tile, sum) for this thread's part.
  template <class F> __device__ void forEachSum(F f) {
#pragma unroll
    for (int i = 0; i < TM; i++) {
#pragma unroll
      for (int j = 0; j < TN; j++) f(rowOf(i), columnOf(j), sum[i][j]);
    }
  }
};

// Where k is long and there are few tiles, k is cut into `splits` shares, each summed by a block of its own. The block
// that comes last at a tile adds the shares in their order and goes on with the sum; the others are done: false.
// `partial` has room for [tiles, splits, BM, BN]; `arrived` counts the blocks at each tile, and is 0 between kernels.
template <class T> __device__ inline bool addSplits(T& tile, unsigned tileNumber, unsigned split, unsigned splits, float* partial, unsigned* arrived) {
  __shared__ bool last;
  if (splits == 1) return true;
  size_t area = static_cast<size_t>(T::BM) * T::BN;
  float* shares = partial + static_cast<size_t>(tileNumber) * splits * area;
  tile.forEachSum([&](int i, int j, float v) { shares[split * area + i * T::BN + j] = v; });
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) last = atomicAdd(&arrived[tileNumber], 1u) == splits - 1;
  __syncthreads();
  if (!last) return false;
  __threadfence();
#pragma unroll
  for (int i = 0; i < T::TM; i++) {
#pragma unroll
    for (int j = 0; j < T::TN; j++) {
      const volatile float* from = shares + T::rowOf(i) * T::BN + T::columnOf(j);
      float sum = 0.0f;
      for (unsigned s = 0; s < splits; s++) sum += from[s * area];
      tile.sum[i][j] = sum;
    }
  }
  if (threadIdx.x == 0) arrived[tileNumber] = 0;
  return true;
}

// This share's part of k, in whole steps so that shares have the same cuts of k as the undivided sum.
struct Share {
  int begin, end;

  __device__ Share(int k, int bk, unsigned split, unsigned splits) {
    int steps = (k + bk - 1) / bk;
    int each = (steps + static_cast<int>(splits) - 1) / static_cast<int>(splits);
    begin = min(static_cast<int>(split) * each * bk, k);
    end = min(begin + each * bk, k);
  }
};
