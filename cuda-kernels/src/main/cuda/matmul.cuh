// A matrix product, whatever multiplies its tiles: see matmul.cu for float32, matmul_tf32.cu for TF32.
#pragma once

#include "tile.cuh"

struct Product {
  int m, n, k;
  int transA, transB;
  int aOffset, aStride;  // element of matrix i: aOffset + i aStride
  int bOffset, bStride;
  int splits;
  int relu;
};

// Where sums is given, it gets the sums of the rows of A: a column of ones stands beside B.
template <class T>
__device__ inline void matmul(
    const float* a, const float* b, const float* bias, float* y, float* sums, float* partial, unsigned* arrived, const Product& p) {
  unsigned batch = blockIdx.z / p.splits;
  unsigned split = blockIdx.z % p.splits;
  a += p.aOffset + static_cast<long long>(batch) * p.aStride;
  b += p.bOffset + static_cast<long long>(batch) * p.bStride;
  y += static_cast<size_t>(batch) * p.m * p.n;
  int row0 = blockIdx.y * T::BM;
  int column0 = blockIdx.x * T::BN;
  Share share(p.k, T::BK, split, p.splits);
  T tile;
  tile.product(
      share.begin, share.end, !p.transA, p.transB,
      [&](int i, int l) { return row0 + i < p.m ? a[p.transA ? static_cast<size_t>(l) * p.m + row0 + i : static_cast<size_t>(row0 + i) * p.k + l] : 0.0f; },
      [&](int l, int j) {
        int column = column0 + j;
        if (column >= p.n) return column == p.n ? 1.0f : 0.0f;
        return b[p.transB ? static_cast<size_t>(column) * p.k + l : static_cast<size_t>(l) * p.n + column];
      });
  unsigned tileNumber = (batch * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  if (!addSplits(tile, tileNumber, split, p.splits, partial, arrived)) return;
  tile.forEachSum([&](int i, int j, float v) {
    int row = row0 + i;
    int column = column0 + j;
    if (row < p.m && column < p.n) {
      if (bias != nullptr) v += bias[column];
      if (p.relu) v = v > 0.0f || v != v ? v : 0.0f;
      y[static_cast<size_t>(row) * p.n + column] = v;
    } else if (sums != nullptr && row < p.m && column == p.n) {
      sums[row] = v;
    }
  });
}
