// Any pointwise formula: a kernel that interprets it. What its steps are is said in FormulaCode.java.
//
// 1: a thread decodes each step for itself and computes it for one element: 40 instructions, and one that is the formula's.
//    Its registers in local memory would have cost as much traffic as its inputs.
// 2: a thread has 8 elements, two times four neighbours, so that a decoded step is 8 operations. Inputs and registers lie
//    in shared memory, [place][four][thread], where only the thread itself reads and writes them: no conflicts, no
//    barriers, no local memory. The steps are parameters of the launch, the same for all threads.
// 3: the last result stays in registers: a step's first operand may be it, and what nobody else reads is never stored. A
//    number is 16 bytes for all threads, in the rows of a place, so that it is read as any other operand.
// 4: 64 threads in a block instead of 128: a place is 2 KiB, and a formula of 22 places fits without asking for more.
//
// The arithmetic, for an H100: 132 multiprocessors at 1.755 GHz issue 29.6e12 instructions of threads a second while
// 3.35e12 bytes pass from or to memory: 35 instructions for each float that is moved. By the code that ptxas 13.0 makes
// for sm_90, these many are needed for 8 elements, and for one:
//
//     a step of two operands, the first of them the last result   41   5
//     a step of one, the last result                              27   3.5
//     a first operand that is in shared memory, a third operand   13   1.5
//     a result that is stored                                      9   1
//     an input                                                    33   4
//     an output                                                   13   1.5
//
// and for the primitive itself, an element: a rounded operation 1, minimum and maximum 6, a division or a root 10, e^x 10,
// the normal density 12, tanh 17, a uniform number 20, the logistic function 24, ln 28, e^x - 1 29, ln(1 + x) 33, the
// normal distribution 51. So, of the instructions that there is time for:
//
//     a sum 16 of 105                      hard swish 60 of 70         SiLU 41 of 70, its gradient 69 of 105
//     SGD with momentum 63 of 175          ELU 57 of 70                GELU 68 of 70, its gradient 100 of 105
//     tanh 28 of 70, its gradient 32       softplus 76 of 70           Adam 147 of 245
//
// Memory stays what limits them, but for softplus; on a GPU with more bandwidth for its instructions (H200: 25 for each
// float) some more are as slow as their arithmetic. What stands on the right is what networks are made of, and has kernels
// of its own. Shared memory passes 35 bytes for each float, of which SGD with momentum uses 10. Nothing of this was
// measured on a GPU yet.
#include "philox.cuh"
#include "primitives.cuh"

constexpr int kThreads = 64;
constexpr int kFours = 2;
constexpr int kTile = 4 * kFours * kThreads;
constexpr int kPlace = kFours * kThreads;  // float4s of a place

constexpr int kMaxInputs = 16;
constexpr int kMaxOutputs = 8;
constexpr int kMaxStreams = 4;
constexpr int kMaxSteps = 96;
constexpr int kMaxNumbers = 64;
constexpr int kMaxLeaves = 32;
constexpr int kMaxTerms = 64;

// Operands are bytes from the beginning of shared memory: where a place begins, or, with the lowest bit set, a number.
constexpr int kLast = -1;
constexpr int kNumberBit = 1;
// No place, or no output.
constexpr unsigned kNowhere = 255;

struct Step {
  unsigned char code, to, output, unused;
  int a, b, c;
};

// A stream of random numbers; see Streams.java. In a recorded step the number of the forward pass is read from the slot.
struct Stream {
  unsigned long long seed;
  const long long* slot;
  long long forward;
  unsigned purposeAndModule, unused;
};

// A parameter or a constant.
struct Leaf {
  const long long* slot;
  double value;
};

struct Term {
  unsigned char code, a, b, c;
};

// As Interpreter.java writes it.
struct Formula {
  unsigned n;
  int inputs, steps, numbers, leaves, terms;  // leaves and terms only where a number changes within a recording
  unsigned flat;                              // a bit for each input that lies as the result does
  int wide;                                   // whether those and the outputs are aligned to 16 bytes
  int rank;
  Divisor shape[kMaxRank];
  const float* input[kMaxInputs];
  float* output[kMaxOutputs];
  Stream stream[kMaxStreams];
  Leaf leaf[kMaxLeaves];
  Step step[kMaxSteps];
  float number[kMaxNumbers];
  Term term[kMaxTerms];
  unsigned char numberTerm[kMaxNumbers];
  int stride[kMaxInputs][kMaxRank];
};
static_assert(sizeof(Formula) <= 4096, "what a launch may have before CUDA 12.1");

// The number of the l-th element of a thread's q-th four. Neighbours where threads read 16 bytes at a time, else so that
// neighbouring threads have neighbouring elements.
__device__ inline unsigned elementOf(const Formula& f, unsigned base, int q, int l) {
  return base + (f.wide ? 4 * (q * kThreads + threadIdx.x) + l : (4 * q + l) * kThreads + threadIdx.x);
}

// Where element i of the result comes from in an input that stretches to it.
__device__ inline unsigned stretched(const Formula& f, int k, unsigned i) {
  unsigned at = 0;
#pragma unroll 1
  for (int d = f.rank - 1; d > 0; d--) {
    unsigned above = f.shape[d].quotient(i);
    at += f.shape[d].remainder(i, above) * f.stride[k][d];
    i = above;
  }
  return at + i * f.stride[k][0];
}

__device__ inline void read(const Formula& f, int k, unsigned base, float4* to) {
  const float* x = f.input[k];
  bool flat = f.flat >> k & 1;
  if (flat && f.wide && base + kTile <= f.n) {
    const float4* from = reinterpret_cast<const float4*>(x + base) + threadIdx.x;
    float4 whole[kFours];
#pragma unroll
    for (int q = 0; q < kFours; q++) whole[q] = from[q * kThreads];
#pragma unroll
    for (int q = 0; q < kFours; q++) to[q * kThreads] = whole[q];
    return;
  }
#pragma unroll 1
  for (int q = 0; q < kFours; q++) {
    float v[4];
#pragma unroll
    for (int l = 0; l < 4; l++) {
      unsigned i = elementOf(f, base, q, l);
      v[l] = i < f.n ? x[flat ? i : stretched(f, k, i)] : 0.0f;
    }
    to[q * kThreads] = make_float4(v[0], v[1], v[2], v[3]);
  }
}

__device__ inline void write(const Formula& f, float* y, unsigned base, const float4 (&v)[kFours]) {
  if (f.wide && base + kTile <= f.n) {
    float4* to = reinterpret_cast<float4*>(y + base) + threadIdx.x;
#pragma unroll
    for (int q = 0; q < kFours; q++) to[q * kThreads] = v[q];
    return;
  }
#pragma unroll
  for (int q = 0; q < kFours; q++) {
    float w[4] = {v[q].x, v[q].y, v[q].z, v[q].w};
#pragma unroll
    for (int l = 0; l < 4; l++) {
      unsigned i = elementOf(f, base, q, l);
      if (i < f.n) y[i] = w[l];
    }
  }
}

// From 0 to below 1, in steps of 2^-24.
__device__ inline float uniformOf(unsigned word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

// Four neighbours are a block of Philox's words.
__device__ inline void uniform(const Formula& f, const Stream& s, unsigned base, float4* to) {
  unsigned long long pass = static_cast<unsigned long long>(stepLong(s.slot, s.forward));
#pragma unroll 1
  for (int e = 0; e < 4 * kFours; e += f.wide ? 4 : 1) {
    unsigned i = elementOf(f, base, e / 4, e % 4);
    Words w = philox(i / 4, static_cast<unsigned>(pass), static_cast<unsigned>(pass >> 32), s.purposeAndModule, s.seed);
    float4* four = to + e / 4 * kThreads;
    if (f.wide) {
      *four = make_float4(uniformOf(w.of[0]), uniformOf(w.of[1]), uniformOf(w.of[2]), uniformOf(w.of[3]));
    } else {
      unsigned word = i % 4 == 0 ? w.of[0] : i % 4 == 1 ? w.of[1] : i % 4 == 2 ? w.of[2] : w.of[3];
      reinterpret_cast<float*>(four)[e % 4] = uniformOf(word);
    }
  }
}

__device__ inline void fetch(float4 (&v)[kFours], const float4* memory, int operand) {
  const char* at = reinterpret_cast<const char*>(memory) + (operand & ~kNumberBit);
  const float4* from = reinterpret_cast<const float4*>(at) + (operand & kNumberBit ? 0 : threadIdx.x);
#pragma unroll
  for (int q = 0; q < kFours; q++) v[q] = from[q * kThreads];
}

// What is the same for all elements: computed by Java, or here, where a recorded step finds new parameters each time it
// runs. In double, by one thread of each block, for double arithmetic is slow on many GPUs.
__device__ inline void findNumbers(const Formula& f, float4* memory) {
  __shared__ double values[kMaxLeaves + kMaxTerms];
  if (f.leaves > 0) {
    if (threadIdx.x == 0) {
      for (int t = 0; t < f.leaves; t++) values[t] = stepDouble(f.leaf[t].slot, f.leaf[t].value);
      for (int t = 0; t < f.terms; t++) {
        Term s = f.term[t];
        values[f.leaves + t] = primitive(s.code, values[s.a], values[s.b], values[s.c]);
      }
    }
    __syncthreads();
  }
  for (int k = threadIdx.x; k < f.numbers; k += kThreads) {
    float v = f.leaves > 0 ? static_cast<float>(values[f.numberTerm[k]]) : f.number[k];
#pragma unroll
    for (int q = 0; q < kFours; q++) memory[k + q * kThreads] = make_float4(v, v, v, v);
  }
  __syncthreads();
}

// a = primitive of a, b, c.
template <unsigned CODE> __device__ inline void each(float4 (&a)[kFours], const float4 (&b)[kFours], const float4 (&c)[kFours]) {
#pragma unroll
  for (int q = 0; q < kFours; q++) {
    a[q] = make_float4(primitive(CODE, a[q].x, b[q].x, c[q].x), primitive(CODE, a[q].y, b[q].y, c[q].y),
                       primitive(CODE, a[q].z, b[q].z, c[q].z), primitive(CODE, a[q].w, b[q].w, c[q].w));
  }
}

__device__ inline void ofOne(unsigned code, float4 (&a)[kFours]) {
  switch (code) {
    case kNeg: return each<kNeg>(a, a, a);
    case kAbs: return each<kAbs>(a, a, a);
    case kSqrt: return each<kSqrt>(a, a, a);
    case kExp: return each<kExp>(a, a, a);
    case kExpm1: return each<kExpm1>(a, a, a);
    case kLog: return each<kLog>(a, a, a);
    case kLog1p: return each<kLog1p>(a, a, a);
    case kRound: return each<kRound>(a, a, a);
    case kSin: return each<kSin>(a, a, a);
    case kCos: return each<kCos>(a, a, a);
    case kTanh: return each<kTanh>(a, a, a);
    case kSigmoid: return each<kSigmoid>(a, a, a);
    case kNormalCdf: return each<kNormalCdf>(a, a, a);
    case kNormalPdf: return each<kNormalPdf>(a, a, a);
  }
}

__device__ inline void ofTwo(unsigned code, float4 (&a)[kFours], const float4 (&b)[kFours]) {
  switch (code) {
    case kAdd: return each<kAdd>(a, b, b);
    case kSub: return each<kSub>(a, b, b);
    case kMul: return each<kMul>(a, b, b);
    case kDiv: return each<kDiv>(a, b, b);
    case kPow: return each<kPow>(a, b, b);
    case kMin: return each<kMin>(a, b, b);
    case kMax: return each<kMax>(a, b, b);
    case kGreater: return each<kGreater>(a, b, b);
  }
}

__device__ inline void ofThree(unsigned code, float4 (&a)[kFours], const float4 (&b)[kFours], const float4 (&c)[kFours]) {
  if (code == kFma) {
    each<kFma>(a, b, c);
  } else {
    each<kSelect>(a, b, c);
  }
}

extern "C" __global__ void __launch_bounds__(64, 16) formula(const __grid_constant__ Formula f) {
  // Numbers have the first place, inputs the next ones, then come the registers.
  extern __shared__ float4 memory[];
  if (f.numbers > 0) findNumbers(f, memory);
  float4* own = memory + threadIdx.x;
  for (unsigned base = blockIdx.x * kTile; base < f.n; base += gridDim.x * kTile) {
#pragma unroll 1
    for (int k = 0; k < f.inputs; k++) read(f, k, base, own + (1 + k) * kPlace);
    float4 a[kFours];  // the last result
#pragma unroll 1
    for (int s = 0; s < f.steps; s++) {
      const Step& step = f.step[s];
      unsigned code = step.code;
      if (code == kUniform) uniform(f, f.stream[step.b], base, own + step.to * kPlace);
      if (step.a != kLast) fetch(a, memory, step.a);
      if (code < kAdd) {
        ofOne(code, a);
      } else {
        float4 b[kFours];
        fetch(b, memory, step.b);
        if (code < kFma) {
          ofTwo(code, a, b);
        } else {
          float4 c[kFours];
          fetch(c, memory, step.c);
          ofThree(code, a, b, c);
        }
      }
      if (step.to != kNowhere) {
#pragma unroll
        for (int q = 0; q < kFours; q++) own[step.to * kPlace + q * kThreads] = a[q];
      }
      // The thread has read all that it reads of this tile: an output may be an input.
      if (step.output != kNowhere) write(f, f.output[step.output], base, a);
    }
  }
}
