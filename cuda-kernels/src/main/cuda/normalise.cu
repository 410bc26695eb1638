// Batch normalisation of [n, channels, inner] and layer normalisation of [rows, n]; formulas are in Backend.java.
//
// 1: a block for each channel or row, two passes: mean, then the squares of the distances from it. One pass would need
//    the difference of two large sums. What a thread adds up alone is short: the length of the line over 256.
// 2: a limit, for the ReLU behind a batch normalisation. Its gradient computes anew what was cut off: x is read anyway.
// 3: rows of channels, each with one weight, for normalisations over groups of them; and rows whose mean is not subtracted.
#include "cortado.cuh"
#include "primitives.cuh"

// Calls f(place) for this thread's elements of a channel.
template <class F> __device__ inline void forChannel(unsigned n, unsigned channels, unsigned inner, unsigned c, F f) {
  for (unsigned i = threadIdx.x; i < n * inner; i += blockDim.x) {
    f((static_cast<size_t>(i / inner) * channels + c) * inner + i % inner);
  }
}

// The sum of the squares of distances from a mean is sum unit^2. The unit is 1 but for distances beyond 1e19, whose
// squares overflow: they would count as infinitely far away, and everything normalised would be 0.
struct Squares {
  float sum, unit;
  __device__ float invStd(float count, float eps) const { return 1.0f / (unit * sqrtf(sum / count + eps / unit / unit)); }
};

// `forEachOf(g)` calls g(x) for each of this thread's elements; all threads of the block get the result.
template <class F> __device__ inline Squares squaresOf(float mean, F forEachOf) {
  Squares s{0.0f, 1.0f};
  forEachOf([&](float v) { s.sum = fmaf(v - mean, v - mean, s.sum); });
  s.sum = blockReduce<Sum>(s.sum);
  if (s.sum == __int_as_float(0x7f800000)) {
    s = Squares{0.0f, 18446744073709551616.0f};  // 2^64
    forEachOf([&](float v) {
      float d = (v - mean) / s.unit;
      s.sum = fmaf(d, d, s.sum);
    });
    s.sum = blockReduce<Sum>(s.sum);
  }
  return s;
}

__device__ inline void move(float* running, unsigned c, float value, float momentum) {
  if (running != nullptr) running[c] = (1.0f - momentum) * running[c] + momentum * value;
}

// A block for each channel.
extern "C" __global__ void batch_norm_statistics(const float* x, float* mean, float* invStd, float* runningMean, float* runningVar,
                                                 unsigned n, unsigned channels, unsigned inner, float eps, float momentum) {
  unsigned c = blockIdx.x;
  float count = static_cast<float>(n * inner);
  float sum = 0.0f;
  forChannel(n, channels, inner, c, [&](size_t at) { sum += x[at]; });
  float m = blockReduce<Sum>(sum) / count;
  Squares squares = squaresOf(m, [&](auto g) { forChannel(n, channels, inner, c, [&](size_t at) { g(x[at]); }); });
  if (threadIdx.x == 0) {
    mean[c] = m;
    invStd[c] = squares.invStd(count, eps);
    move(runningMean, c, m, momentum);
    move(runningVar, c, squares.sum / (count - 1.0f) * squares.unit * squares.unit, momentum);
  }
}

__device__ inline float orElse(const float* values, unsigned i, float other) { return values == nullptr ? other : values[i]; }

extern "C" __global__ void batch_norm(const float* x, const float* mean, const float* invStd, const float* w, const float* b, float* y,
                                      unsigned n, unsigned channels, unsigned inner, float limit) {
  forEach(n * channels * inner, [=](unsigned i) {
    unsigned c = i / inner % channels;
    float p = fmaf(x[i] - mean[c], invStd[c] * orElse(w, c, 1.0f), orElse(b, c, 0.0f));
    y[i] = std::isnan(limit) ? p : smaller(larger(p, 0.0f), limit);
  });
}

// A block for each channel: first the two sums, then dx from them. With a limit dy counts where y is above 0 and below it.
extern "C" __global__ void batch_norm_grad(const float* x, const float* mean, const float* invStd, const float* w, const float* b,
                                           const float* dy, float* dx, float* dw, float* db, unsigned n, unsigned channels,
                                           unsigned inner, int batchStatistics, float limit) {
  unsigned c = blockIdx.x;
  float m = mean[c];
  float inv = invStd[c];
  float scale = orElse(w, c, 1.0f) * inv;
  float shift = orElse(b, c, 0.0f);
  auto gradient = [=](size_t at) {
    float p = fmaf(x[at] - m, scale, shift);
    return std::isnan(limit) || (p > 0.0f && (p < limit || std::isinf(limit))) ? dy[at] : 0.0f;
  };
  float sum = 0.0f;
  float dot = 0.0f;
  forChannel(n, channels, inner, c, [&](size_t at) {
    float g = gradient(at);
    sum += g;
    dot = fmaf(g, (x[at] - m) * inv, dot);
  });
  sum = blockReduce<Sum>(sum);
  dot = blockReduce<Sum>(dot);
  if (threadIdx.x == 0) {
    dw[c] = dot;
    db[c] = sum;
  }
  float count = static_cast<float>(n * inner);
  float meanG = batchStatistics ? sum / count : 0.0f;
  float meanGh = batchStatistics ? dot / count : 0.0f;
  forChannel(n, channels, inner, c, [&](size_t at) { dx[at] = scale * (gradient(at) - meanG - (x[at] - m) * inv * meanGh); });
}

// Rows of n elements; see LayerNormSpec.java.
struct Rows {
  unsigned rows, n;
  Divisor inner;  // elements that share a weight
  unsigned groups;
  int centred;

  // The weight of element i of row r.
  __device__ unsigned weight(unsigned r, unsigned i) const { return r % groups * (n / inner.divisor) + inner.quotient(i); }
};

// A block for each row.
extern "C" __global__ void layer_norm(const float* x, const float* w, const float* b, float* y, float* mean, float* invStd, Rows s,
                                      float eps) {
  for (unsigned r = blockIdx.x; r < s.rows; r += gridDim.x) {
    const float* row = x + static_cast<size_t>(r) * s.n;
    float m = 0.0f;
    if (s.centred) {
      float sum = 0.0f;
      for (unsigned i = threadIdx.x; i < s.n; i += blockDim.x) sum += row[i];
      m = blockReduce<Sum>(sum) / static_cast<float>(s.n);
    }
    Squares squares = squaresOf(m, [&](auto g) {
      for (unsigned i = threadIdx.x; i < s.n; i += blockDim.x) g(row[i]);
    });
    float inv = squares.invStd(static_cast<float>(s.n), eps);
    if (threadIdx.x == 0) {
      mean[r] = m;
      invStd[r] = inv;
    }
    for (unsigned i = threadIdx.x; i < s.n; i += blockDim.x) {
      unsigned k = s.weight(r, i);
      y[static_cast<size_t>(r) * s.n + i] = fmaf((row[i] - m) * inv, orElse(w, k, 1.0f), orElse(b, k, 0.0f));
    }
  }
}

// dx, a block for each row.
extern "C" __global__ void layer_norm_grad(const float* x, const float* w, const float* mean, const float* invStd, const float* dy,
                                           float* dx, Rows s) {
  for (unsigned r = blockIdx.x; r < s.rows; r += gridDim.x) {
    size_t start = static_cast<size_t>(r) * s.n;
    float m = mean[r];
    float inv = invStd[r];
    float sum = 0.0f;
    float dot = 0.0f;
    for (unsigned i = threadIdx.x; i < s.n; i += blockDim.x) {
      float g = dy[start + i] * orElse(w, s.weight(r, i), 1.0f);
      sum += g;
      dot = fmaf(g, (x[start + i] - m) * inv, dot);
    }
    sum = blockReduce<Sum>(sum) / static_cast<float>(s.n);
    dot = blockReduce<Sum>(dot) / static_cast<float>(s.n);
    if (!s.centred) sum = 0.0f;
    for (unsigned i = threadIdx.x; i < s.n; i += blockDim.x) {
      float h = (x[start + i] - m) * inv;
      dx[start + i] = inv * (dy[start + i] * orElse(w, s.weight(r, i), 1.0f) - sum - h * dot);
    }
  }
}

// dw and db of weights that elements share, or that several rows have: a block for each weight.
extern "C" __global__ void layer_norm_grad_channels(const float* x, const float* mean, const float* invStd, const float* dy, float* dw,
                                                    float* db, Rows s) {
  unsigned k = blockIdx.x;
  unsigned inner = s.inner.divisor;
  unsigned channels = s.n / inner;  // of a row
  float sumW = 0.0f;
  float sumB = 0.0f;
  forChannel(s.rows / s.groups, s.groups * channels, inner, k, [&](size_t at) {
    unsigned r = static_cast<unsigned>(at / s.n);
    float g = dy[at];
    sumW = fmaf(g, (x[at] - mean[r]) * invStd[r], sumW);
    sumB += g;
  });
  sumW = blockReduce<Sum>(sumW);
  sumB = blockReduce<Sum>(sumB);
  if (threadIdx.x == 0) {
    dw[k] = sumW;
    db[k] = sumB;
  }
}

// dw and db, sums over the rows of part blockIdx.y. Block: 32 columns x 8; Java adds the parts with sum_columns.
extern "C" __global__ void layer_norm_grad_parameters(const float* x, const float* mean, const float* invStd, const float* dy, float* dw,
                                                      float* db, unsigned rows, unsigned n, unsigned parts) {
  __shared__ float lanesW[8][32];
  __shared__ float lanesB[8][32];
  unsigned share = (rows + parts - 1) / parts;
  unsigned begin = min(blockIdx.y * share, rows);
  unsigned end = min(begin + share, rows);
  unsigned i = blockIdx.x * 32 + threadIdx.x;
  float sumW = 0.0f;
  float sumB = 0.0f;
  if (i < n) {
    for (unsigned r = begin + threadIdx.y; r < end; r += 8) {
      float g = dy[static_cast<size_t>(r) * n + i];
      sumW = fmaf(g, (x[static_cast<size_t>(r) * n + i] - mean[r]) * invStd[r], sumW);
      sumB += g;
    }
  }
  lanesW[threadIdx.y][threadIdx.x] = sumW;
  lanesB[threadIdx.y][threadIdx.x] = sumB;
  __syncthreads();
  if (threadIdx.y == 0 && i < n) {
    for (int l = 1; l < 8; l++) {
      sumW += lanesW[l][threadIdx.x];
      sumB += lanesB[l][threadIdx.x];
    }
    dw[static_cast<size_t>(blockIdx.y) * n + i] = sumW;
    db[static_cast<size_t>(blockIdx.y) * n + i] = sumB;
  }
}
