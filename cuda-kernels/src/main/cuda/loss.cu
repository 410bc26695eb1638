// Softmax cross-entropy of logits [n, classes, inner] and int64 targets [n, inner]; formulas are in Backend.java.
//
// 1: a thread for each line, a second kernel for the mean, a third for the gradient.
// 2: a warp for each line of a table (inner = 1); the block that ends last adds up what all blocks found, in the order of
//    their numbers, so that the loss takes one kernel.
// 3: cross_entropy_with_grad writes the gradient along with the loss and counts hits: one kernel in a training step. The
//    mean needs the number of targets before the first gradient is written, so every block counts them for itself;
//    Java uses it up to kMaxCounted targets, beyond that the parts.
// 4: one kernel for the loss, which writes the gradient and adds to totals where they are asked for. Of more targets than a
//    block should count, a kernel before it tells their number.
//
// A target that is no class is noted in `errors`, the first one in the order of the lines; Java reads it when it waits.
#include "cortado.cuh"
#include "errors.cuh"

enum Reduction { kNoReduction = 0, kMean = 1, kTotal = 2 };

struct CrossEntropy {
  unsigned n, classes, inner;
  int reduction;
  long long ignoreIndex;
  float smoothing;
};

// What a block knows of its lines.
struct Found {
  float loss;
  unsigned counted;
  unsigned hits;
  unsigned bad;  // the first line whose target is no class, or kNone
};

constexpr unsigned kMaxBlocks = 1024;

// Memory that blocks meet in; `arrived` is 0 between kernels.
struct Meeting {
  unsigned arrived;
  unsigned unused[3];
  Found found[kMaxBlocks];
};

// The class of a line, or kNone if it is ignored or no class; notes the latter.
__device__ inline unsigned classOf(const long long* target, unsigned line, const CrossEntropy& s, Found& found) {
  long long t = target[line];
  if (t == s.ignoreIndex) return kNone;
  if (t < 0 || t >= s.classes) {
    found.bad = min(found.bad, line);
    return kNone;
  }
  return static_cast<unsigned>(t);
}

struct Number {
  __device__ static unsigned none() { return 0; }
  __device__ static unsigned of(unsigned a, unsigned b) { return a + b; }
};

__device__ inline Found blockFound(Found mine) {
  mine.loss = blockReduce<Sum>(mine.loss);
  mine.counted = blockReduce<Number>(mine.counted);
  mine.hits = blockReduce<Number>(mine.hits);
  mine.bad = blockReduce<First>(mine.bad);
  return mine;
}

// Brings the blocks' findings together: true in the block that came last, which then has the sum of all.
__device__ inline bool comesLast(Found& mine, Meeting* meeting) {
  __shared__ bool last;
  mine = blockFound(mine);
  if (threadIdx.x == 0) {
    meeting->found[blockIdx.x] = mine;
    __threadfence();
    last = atomicAdd(&meeting->arrived, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) return false;
  __threadfence();
  mine = Found{0.0f, 0, 0, kNone};
  for (unsigned b = threadIdx.x; b < gridDim.x; b += blockDim.x) {
    volatile Found* other = &meeting->found[b];
    mine.loss += other->loss;
    mine.counted += other->counted;
    mine.hits += other->hits;
    mine.bad = min(mine.bad, static_cast<unsigned>(other->bad));
  }
  mine = blockFound(mine);
  if (threadIdx.x == 0) meeting->arrived = 0;
  return true;
}

__device__ inline void add(double* totals, double loss, unsigned hits, unsigned counted) {
  totals[0] += loss;
  totals[1] += hits;
  totals[2] += counted;
}

// A line's softmax, as far as a thread of the line needs it. Logits are taken relative to the largest one throughout: the
// loss is a small difference of large numbers otherwise.
struct Line {
  float max, sum;
  float loss;  // in the line's first thread

  __device__ Line(const float* logits, size_t start, unsigned step, unsigned first, unsigned stride, unsigned t, const CrossEntropy& s) {
    max = Largest::none();
    for (unsigned c = first; c < s.classes; c += stride) max = fmaxf(max, logits[start + c * step]);
    max = lineReduce<Largest>(max, stride);
    sum = 0.0f;
    float below = 0.0f;
    for (unsigned c = first; c < s.classes; c += stride) {
      float v = logits[start + c * step] - max;
      sum += expf(v);
      below += v;
    }
    sum = lineReduce<Sum>(sum, stride);
    float log = logf(sum);
    loss = 0.0f;
    if (s.smoothing != 0.0f) {
      below = lineReduce<Sum>(below, stride);
      loss = -s.smoothing / static_cast<float>(s.classes) * (below - static_cast<float>(s.classes) * log);
    }
    if (t != kNone) loss -= (1.0f - s.smoothing) * (logits[start + t * step] - max - log);
  }

  __device__ float probability(float logit) const { return expf(logit - max) / sum; }
};

// Whether the first largest logit of a line is that of class t.
__device__ inline bool isHit(const float* logits, size_t start, unsigned step, unsigned first, unsigned stride, unsigned t,
                             const CrossEntropy& s) {
  float best = 0.0f;
  unsigned at = kNone;
  for (unsigned c = first; c < s.classes; c += stride) better(best, at, logits[start + c * step], c);
  if (stride == 32) warpBetter(best, at);
  return at == t;
}

// The number of targets that are not ignored, for the whole block.
__device__ inline float countTargets(const long long* target, const CrossEntropy& s) {
  unsigned count = 0;
  for (unsigned line = threadIdx.x; line < s.n * s.inner; line += blockDim.x) count += target[line] != s.ignoreIndex;
  return static_cast<float>(blockReduce<Number>(count));
}

// The number of targets that are not ignored, for a mean of so many that not every block is to count them.
extern "C" __global__ void count_targets(const long long* target, float* counted, CrossEntropy s) {
  float count = countTargets(target, s);
  if (threadIdx.x == 0) counted[0] = count;
}

// The loss y, and where they are asked for its gradient dx and running totals. `counted` is null where blocks count targets
// themselves.
extern "C" __global__ void cross_entropy(const float* logits, const long long* target, float* y, float* dx, double* totals,
                                         const float* counted, CrossEntropy s, Meeting* meeting, Errors* errors) {
  float scale = 1.0f;
  if (dx != nullptr && s.reduction == kMean) scale /= counted != nullptr ? counted[0] : countTargets(target, s);
  float uniform = s.smoothing / static_cast<float>(s.classes);
  Found mine{0.0f, 0, 0, kNone};
  forLines(s.n, s.classes, s.inner, [&](unsigned line, size_t start, unsigned step, unsigned first, unsigned stride) {
    unsigned t = classOf(target, line, s, mine);
    Line l(logits, start, step, first, stride, t, s);
    for (unsigned c = first; dx != nullptr && c < s.classes; c += stride) {
      float wanted = uniform + (c == t ? 1.0f - s.smoothing : 0.0f);
      dx[start + c * step] = t == kNone ? 0.0f : scale * (l.probability(logits[start + c * step]) - wanted);
    }
    bool hit = totals != nullptr && isHit(logits, start, step, first, stride, t, s);
    if (first != 0) return;
    if (s.reduction == kNoReduction) y[line] = t == kNone ? 0.0f : l.loss;
    if (t != kNone) {
      mine.loss += l.loss;
      mine.counted++;
      mine.hits += hit;
    }
  });
  if (comesLast(mine, meeting) && threadIdx.x == 0) {
    float loss = s.reduction == kMean ? mine.loss / static_cast<float>(mine.counted) : mine.loss;
    if (s.reduction != kNoReduction) y[0] = loss;
    if (totals != nullptr) add(totals, loss, mine.hits, mine.counted);
    note(kNoClass, mine.bad, s.classes, target, errors);
  }
}
