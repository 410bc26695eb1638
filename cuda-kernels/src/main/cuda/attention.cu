// Attention, and its gradients; formulas are in Backend.java.
//
// 1: a block for 32 queries of a head goes over the keys, 32 at a time: a warp has 4 of the queries, a lane of it one of
//    the keys, then some columns of the results. The largest score and the sum so far are kept for each query, and what was
//    added up is scaled down when a larger one comes (M. Milakov, N. Gimelshein, arXiv 1805.02867; T. Dao et al.,
//    FlashAttention, arXiv 2205.14135): no score ever is in memory. Gradients compute the scores again, from the two
//    numbers that were kept of each query: one kernel for the queries, one for keys and values, each with a block for 16 of
//    its rows, which adds up in the order of the others. So no atomics are needed, and the bits are the same in every run.
#include "cortado.cuh"

constexpr unsigned kLanes = 32;
constexpr unsigned kWarps = 8;
constexpr unsigned kMostWidth = 128;  // of AttentionSpec.java
constexpr unsigned kColumns = kMostWidth / kLanes;
constexpr unsigned kPitch = kMostWidth + 1;  // so that the lanes of a warp, a row each, read from different banks

// Of AttentionSpec.java: where row i of a head begins.
struct Places {
  int first, batch, head, row, column;
  __device__ size_t of(unsigned line, unsigned heads, unsigned i) const {
    return static_cast<size_t>(first) + static_cast<size_t>(line / heads) * batch + static_cast<size_t>(line % heads) * head +
           static_cast<size_t>(i) * row;
  }
};

struct Attention {
  unsigned heads, queries, keys, width, valueWidth, causal;
  Places q, k, v, y, mask;
  float scale;

  __device__ bool sees(unsigned i, unsigned j) const { return i < queries && j < keys && (!causal || j <= i); }
  __device__ float bias(const float* values, unsigned line, unsigned i, unsigned j) const {
    return values == nullptr ? 0.0f : values[mask.of(line, heads, i) + static_cast<size_t>(j) * mask.column];
  }
};

__device__ inline float inf() { return __int_as_float(0x7f800000); }

// Rows of a head from the first on, and zeros from row `end` on: a warp for each.
template <unsigned ROWS, unsigned PITCH>
__device__ inline void load(float (&to)[ROWS][PITCH], const float* x, const Places& places, const Attention& a, unsigned line,
                            unsigned first, unsigned end, unsigned width) {
  for (unsigned i = threadIdx.x / kLanes; i < ROWS; i += kWarps) {
    size_t at = places.of(line, a.heads, first + i);
    for (unsigned c = threadIdx.x % kLanes; c < width; c += kLanes) to[i][c] = first + i < end ? x[at + c] : 0.0f;
  }
}

// The same for all threads to read, after they have read what was there.
__device__ inline void bring(float (&to)[kLanes][kPitch], const float* x, const Places& places, const Attention& a, unsigned line,
                             unsigned first, unsigned end, unsigned width) {
  __syncthreads();
  load(to, x, places, a, line, first, end, width);
  __syncthreads();
}

// products[r] = own[r] . other
template <unsigned R>
__device__ inline void multiply(float (*own)[kMostWidth], const float* other, unsigned width, float (&products)[R]) {
  for (unsigned r = 0; r < R; r++) products[r] = 0.0f;
  for (unsigned c = 0; c < width; c++) {
    float v = other[c];
#pragma unroll
    for (unsigned r = 0; r < R; r++) products[r] = fmaf(own[r][c], v, products[r]);
  }
}

// sums[r] += the sum of weights[r][j] rows[j], of which a lane has every 32nd column.
template <unsigned R>
__device__ inline void addUp(float (*weights)[kLanes], float (*rows)[kPitch], unsigned width, float (&sums)[R][kColumns]) {
  for (unsigned j = 0; j < kLanes; j++) {
#pragma unroll
    for (unsigned c = 0; c < kColumns; c++) {
      if (c * kLanes < width) {
        float v = rows[j][threadIdx.x % kLanes + c * kLanes];
#pragma unroll
        for (unsigned r = 0; r < R; r++) sums[r][c] = fmaf(weights[r][j], v, sums[r][c]);
      }
    }
  }
}

// Row i of a head = sums divided by a number.
__device__ inline void store(const float (&sums)[kColumns], float divisor, float* to, unsigned width) {
#pragma unroll
  for (unsigned c = 0; c < kColumns; c++) {
    unsigned column = threadIdx.x % kLanes + c * kLanes;
    if (column < width) to[column] = sums[c] / divisor;
  }
}

// sums: the largest score of each query, then the logarithm of its sum.
extern "C" __global__ void attention(const float* q, const float* k, const float* v, const float* mask, float* y, float* sums, Attention a,
                                     unsigned rows) {
  constexpr unsigned R = 4;
  __shared__ float own[kWarps * R][kMostWidth];
  __shared__ float tile[kLanes][kPitch];
  __shared__ float weights[kWarps * R][kLanes];
  unsigned lane = threadIdx.x % kLanes;
  unsigned mine = threadIdx.x / kLanes * R;
  unsigned blocks = (a.queries + kWarps * R - 1) / (kWarps * R);
  unsigned line = blockIdx.x / blocks;
  unsigned first = blockIdx.x % blocks * (kWarps * R);
  load(own, q, a.q, a, line, first, a.queries, a.width);
  float result[R][kColumns] = {};
  float max[R];
  float sum[R] = {};
  float isOpen[R];
  for (unsigned r = 0; r < R; r++) {
    max[r] = -inf();
    isOpen[r] = mask == nullptr ? 1.0f : 0.0f;
  }
  unsigned end = a.causal ? min(a.keys, first + kWarps * R) : a.keys;
  for (unsigned j0 = 0; j0 < end; j0 += kLanes) {
    bring(tile, k, a.k, a, line, j0, a.keys, a.width);
    float products[R];
    multiply<R>(own + mine, tile[lane], a.width, products);
#pragma unroll
    for (unsigned r = 0; r < R; r++) {
      bool seen = a.sees(first + mine + r, j0 + lane);
      float bias = seen ? a.bias(mask, line, first + mine + r, j0 + lane) : -inf();
      float score = seen ? fmaf(products[r], a.scale, bias) : -inf();
      float largest = fmaxf(max[r], warpReduce<Largest>(score));
      float less = largest == max[r] ? 1.0f : expf(max[r] - largest);
      float weight = score == -inf() ? 0.0f : expf(score - largest);
      max[r] = largest;
      sum[r] = fmaf(sum[r], less, warpReduce<Sum>(weight));
      if (mask != nullptr) isOpen[r] = fmaxf(isOpen[r], warpReduce<Largest>(bias == -inf() ? 0.0f : 1.0f));
      weights[mine + r][lane] = weight;
#pragma unroll
      for (unsigned c = 0; c < kColumns; c++) result[r][c] *= less;
    }
    bring(tile, v, a.v, a, line, j0, a.keys, a.valueWidth);
    addUp<R>(weights + mine, tile, a.valueWidth, result);
  }
#pragma unroll
  for (unsigned r = 0; r < R; r++) {
    unsigned i = first + mine + r;
    if (i >= a.queries) continue;
    bool blind = isOpen[r] == 0.0f;
    store(result[r], blind ? 1.0f : sum[r], y + a.y.of(line, a.heads, i), a.valueWidth);
    if (lane == 0) {
      sums[line * a.queries + i] = blind ? 0.0f : max[r];
      sums[rows + line * a.queries + i] = blind ? inf() : logf(sum[r]);
    }
  }
}

// What query i makes of key j, as it did in the forward pass.
__device__ inline float probability(float product, const float* mask, const float* sums, const Attention& a, unsigned rows, unsigned line,
                                    unsigned i, unsigned j) {
  if (!a.sees(i, j)) return 0.0f;
  unsigned row = line * a.queries + i;
  return expf(fmaf(product, a.scale, a.bias(mask, line, i, j)) - sums[row] - sums[rows + row]);
}

// dq, and dots: dy . y of each query.
extern "C" __global__ void attention_grad_queries(const float* q, const float* k, const float* v, const float* mask, const float* y,
                                                  const float* sums, const float* dy, float* dq, float* dots, Attention a, unsigned rows) {
  constexpr unsigned R = 2;
  __shared__ float own[kWarps * R][kMostWidth];
  __shared__ float ownDy[kWarps * R][kMostWidth];
  __shared__ float tile[kLanes][kPitch];
  __shared__ float weights[kWarps * R][kLanes];
  unsigned lane = threadIdx.x % kLanes;
  unsigned mine = threadIdx.x / kLanes * R;
  unsigned blocks = (a.queries + kWarps * R - 1) / (kWarps * R);
  unsigned line = blockIdx.x / blocks;
  unsigned first = blockIdx.x % blocks * (kWarps * R);
  load(own, q, a.q, a, line, first, a.queries, a.width);
  load(ownDy, dy, a.y, a, line, first, a.queries, a.valueWidth);
  float dot[R];
  for (unsigned r = 0; r < R; r++) {
    unsigned i = first + mine + r;
    float part = 0.0f;
    size_t at = a.y.of(line, a.heads, i);
    // In the order of multiply: of one key that has all the weight nothing is left.
    for (unsigned c = 0; i < a.queries && c < a.valueWidth; c++) part = fmaf(dy[at + c], y[at + c], part);
    dot[r] = part;
    if (i < a.queries && lane == 0) dots[line * a.queries + i] = dot[r];
  }
  float result[R][kColumns] = {};
  unsigned end = a.causal ? min(a.keys, first + kWarps * R) : a.keys;
  for (unsigned j0 = 0; j0 < end; j0 += kLanes) {
    float gradients[R];
    float products[R];
    bring(tile, v, a.v, a, line, j0, a.keys, a.valueWidth);
    multiply<R>(ownDy + mine, tile[lane], a.valueWidth, gradients);
    bring(tile, k, a.k, a, line, j0, a.keys, a.width);
    multiply<R>(own + mine, tile[lane], a.width, products);
#pragma unroll
    for (unsigned r = 0; r < R; r++) {
      float p = probability(products[r], mask, sums, a, rows, line, first + mine + r, j0 + lane);
      weights[mine + r][lane] = p * (gradients[r] - dot[r]) * a.scale;
    }
    __syncwarp();
    addUp<R>(weights + mine, tile, a.width, result);
  }
#pragma unroll
  for (unsigned r = 0; r < R; r++) {
    unsigned i = first + mine + r;
    if (i < a.queries) store(result[r], 1.0f, dq + a.q.of(line, a.heads, i), a.width);
  }
}

// dk and dv, after dots are there.
extern "C" __global__ void attention_grad_keys(const float* q, const float* k, const float* v, const float* mask, const float* sums,
                                               const float* dy, const float* dots, float* dk, float* dv, Attention a, unsigned rows) {
  constexpr unsigned R = 2;
  __shared__ float ownKeys[kWarps * R][kMostWidth];
  __shared__ float ownValues[kWarps * R][kMostWidth];
  __shared__ float tile[kLanes][kPitch];
  __shared__ float weights[kWarps * R][kLanes];
  __shared__ float probabilities[kWarps * R][kLanes];
  unsigned lane = threadIdx.x % kLanes;
  unsigned mine = threadIdx.x / kLanes * R;
  unsigned blocks = (a.keys + kWarps * R - 1) / (kWarps * R);
  unsigned line = blockIdx.x / blocks;
  unsigned first = blockIdx.x % blocks * (kWarps * R);
  load(ownKeys, k, a.k, a, line, first, a.keys, a.width);
  load(ownValues, v, a.v, a, line, first, a.keys, a.valueWidth);
  float resultK[R][kColumns] = {};
  float resultV[R][kColumns] = {};
  // Queries before the first key do not see it.
  for (unsigned i0 = a.causal ? first / kLanes * kLanes : 0; i0 < a.queries; i0 += kLanes) {
    float gradients[R];
    float products[R];
    bring(tile, dy, a.y, a, line, i0, a.queries, a.valueWidth);
    multiply<R>(ownValues + mine, tile[lane], a.valueWidth, gradients);
    bring(tile, q, a.q, a, line, i0, a.queries, a.width);
    multiply<R>(ownKeys + mine, tile[lane], a.width, products);
    float dot = i0 + lane < a.queries ? dots[line * a.queries + i0 + lane] : 0.0f;
#pragma unroll
    for (unsigned r = 0; r < R; r++) {
      float p = probability(products[r], mask, sums, a, rows, line, i0 + lane, first + mine + r);
      probabilities[mine + r][lane] = p;
      weights[mine + r][lane] = p * (gradients[r] - dot) * a.scale;
    }
    __syncwarp();
    addUp<R>(weights + mine, tile, a.width, resultK);
    bring(tile, dy, a.y, a, line, i0, a.queries, a.valueWidth);
    addUp<R>(probabilities + mine, tile, a.valueWidth, resultV);
  }
#pragma unroll
  for (unsigned r = 0; r < R; r++) {
    unsigned j = first + mine + r;
    if (j < a.keys) {
      store(resultK[r], 1.0f, dk + a.k.of(line, a.heads, j), a.width);
      store(resultV[r], 1.0f, dv + a.v.of(line, a.heads, j), a.valueWidth);
    }
  }
}
