// Sums and maxima along one axis of [outer, n, inner].
//
// 1: a thread for each result, walking along the axis. Neighbouring threads read far apart where inner is 1.
// 2: inner = 1: a block for each row, reduced by warp shuffles. inner > 1: 32 columns by 8 lanes along the axis, so
//    that every warp reads 128 bytes in a row.
// 3: where there are few results and a long axis, Java cuts the axis into `parts` and launches the kernel twice: first
//    [outer, parts, n / parts, inner] to [outer, parts, inner], then the parts. The cuts depend on shapes alone, so the
//    bits are the same on every device.
#include "cortado.cuh"

// y[o, part] = sum over this part's share of the row. Grid: x rows, y parts.
extern "C" __global__ void sum_rows(const float* x, float* y, unsigned outer, unsigned n, unsigned parts) {
  unsigned share = (n + parts - 1) / parts;
  unsigned begin = min(blockIdx.y * share, n);
  unsigned end = min(begin + share, n);
  for (unsigned o = blockIdx.x; o < outer; o += gridDim.x) {
    float sum = 0.0f;
    for (unsigned i = begin + threadIdx.x; i < end; i += blockDim.x) sum += x[static_cast<size_t>(o) * n + i];
    sum = blockReduce<Sum>(sum);
    if (threadIdx.x == 0) y[static_cast<size_t>(o) * parts + blockIdx.y] = sum;
  }
}

// y[o, part, j] = sum over this part's share of the axis. Block: 32 columns x 8; grid: x columns, y parts, z outer.
extern "C" __global__ void sum_columns(const float* x, float* y, unsigned outer, unsigned n, unsigned inner, unsigned parts) {
  __shared__ float lanes[8][32];
  unsigned share = (n + parts - 1) / parts;
  unsigned begin = min(blockIdx.y * share, n);
  unsigned end = min(begin + share, n);
  unsigned j = blockIdx.x * 32 + threadIdx.x;
  for (unsigned o = blockIdx.z; o < outer; o += gridDim.z) {
    float sum = 0.0f;
    if (j < inner) {
      for (unsigned i = begin + threadIdx.y; i < end; i += 8) sum += x[(static_cast<size_t>(o) * n + i) * inner + j];
    }
    lanes[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && j < inner) {
      for (int l = 1; l < 8; l++) sum += lanes[l][threadIdx.x];
      y[(static_cast<size_t>(o) * parts + blockIdx.y) * inner + j] = sum;
    }
    __syncthreads();
  }
}

// A block for each row.
extern "C" __global__ void max_rows(const float* x, float* y, long long* index, unsigned outer, unsigned n) {
  __shared__ float bests[32];
  __shared__ unsigned places[32];
  for (unsigned o = blockIdx.x; o < outer; o += gridDim.x) {
    const float* row = x + static_cast<size_t>(o) * n;
    float best = 0.0f;
    unsigned at = kNone;
    for (unsigned i = threadIdx.x; i < n; i += blockDim.x) better(best, at, row[i], i);
    warpBetter(best, at);
    __syncthreads();
    if (threadIdx.x % 32 == 0) {
      bests[threadIdx.x / 32] = best;
      places[threadIdx.x / 32] = at;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      for (unsigned w = 1; w < blockDim.x / 32; w++) better(best, at, bests[w], places[w]);
      y[o] = row[at];
      index[o] = at;
    }
  }
}

// Block: 32 columns x 8 lanes along the axis; grid: x columns, y outer.
extern "C" __global__ void max_columns(const float* x, float* y, long long* index, unsigned outer, unsigned n, unsigned inner) {
  __shared__ float bests[8][32];
  __shared__ unsigned places[8][32];
  unsigned j = blockIdx.x * 32 + threadIdx.x;
  for (unsigned o = blockIdx.y; o < outer; o += gridDim.y) {
    float best = 0.0f;
    unsigned at = kNone;
    if (j < inner) {
      for (unsigned i = threadIdx.y; i < n; i += 8) better(best, at, x[(static_cast<size_t>(o) * n + i) * inner + j], i);
    }
    bests[threadIdx.y][threadIdx.x] = best;
    places[threadIdx.y][threadIdx.x] = at;
    __syncthreads();
    if (threadIdx.y == 0 && j < inner) {
      for (int l = 1; l < 8; l++) better(best, at, bests[l][threadIdx.x], places[l][threadIdx.x]);
      y[static_cast<size_t>(o) * inner + j] = x[(static_cast<size_t>(o) * n + at) * inner + j];
      index[static_cast<size_t>(o) * inner + j] = at;
    }
    __syncthreads();
  }
}

// dx[o, i, j] = dy[o, j] where i = index[o, j], else 0: one pass that writes everything once.
extern "C" __global__ void max_grad(const float* dy, const long long* index, float* dx, unsigned outer, unsigned n, unsigned inner) {
  forEach(outer * n * inner, [=](unsigned e) {
    unsigned j = e % inner;
    unsigned i = e / inner % n;
    unsigned line = e / inner / n * inner + j;
    dx[e] = index[line] == static_cast<long long>(i) ? dy[line] : 0.0f;
  });
}
