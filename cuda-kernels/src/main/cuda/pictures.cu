// A batch from a data set of uint8 pictures in device memory: gather, random transforms, and the values that ToTensor and
// Normalize give, in one kernel. It draws the words that the transforms of io.github.cortado.vision draw on the CPU and
// computes in the same integers and the same float32 products and sums, so that every pixel is the same.
//
// 1: a block for each picture, which lies in shared memory, three planes and as much again for the transforms that move
//    pixels. The draws and the maps that follow from them are computed beforehand, by one thread of a warp for each
//    transform, all transforms at a time: their sines and 64-bit divisions would otherwise wait for each other.
#include "cortado.cuh"
#include "philox.cuh"

enum StepKind { kFlip = 1, kRotate = 2, kAffine = 3, kJitter = 4 };

constexpr int kMaxSteps = 8;
constexpr int kParameters = 12;
constexpr unsigned kAugmentation = 2;  // the purpose in Streams.java

// As PictureStep.java says.
struct Step {
  int kind;
  int ordinal;
  long long p[kParameters];
};

struct Pictures {
  int count;
  int size;  // of the data set's order
  int height, width;
  int steps;
  int shift;  // of shared memory: bytes of one picture
  unsigned long long seed;
  Step step[kMaxSteps];
};

// What was drawn for one step: a map of pixels, or numbers of its own.
struct Drawn {
  long long map[6];
  float factors[3];
  int order;  // of the jitter, or whether to flip
};

// FixedPoint.java: degrees with 28 fraction bits to sine with 30.

constexpr int kBits = 28;
constexpr int kTrigBits = 30;
constexpr long long kOne = 1LL << kTrigBits;
constexpr long long kDegrees90 = 90LL << kBits;

__device__ inline long long timesTrig(long long a, long long b) { return (a * b + (1LL << (kTrigBits - 1))) >> kTrigBits; }

__device__ inline long long fixedSin(long long degrees) {
  long long turned = (degrees + kDegrees90 / 2) % (4 * kDegrees90);
  if (turned < 0) turned += 4 * kDegrees90;
  int quadrant = static_cast<int>(turned / kDegrees90);
  long long x = ((turned % kDegrees90 - kDegrees90 / 2) * 299845282LL + (1LL << 31)) >> 32;
  long long x2 = timesTrig(x, x);
  long long s;
  if (quadrant % 2 == 0) {
    long long p = kOne - x2 / 110;
    p = kOne - timesTrig(x2, p) / 72;
    p = kOne - timesTrig(x2, p) / 42;
    p = kOne - timesTrig(x2, p) / 20;
    p = kOne - timesTrig(x2, p) / 6;
    s = timesTrig(x, p);
  } else {
    long long p = kOne - x2 / 90;
    p = kOne - timesTrig(x2, p) / 56;
    p = kOne - timesTrig(x2, p) / 30;
    p = kOne - timesTrig(x2, p) / 12;
    s = kOne - timesTrig(x2, p) / 2;
  }
  return quadrant < 2 ? s : -s;
}

__device__ inline long long fixedCos(long long degrees) { return fixedSin(degrees + kDegrees90); }

// Geometry.java: maps with 16 fraction bits.

__device__ inline long long roundTo16(long long value, int bits) { return (value + (1LL << (bits - 17))) >> (bits - 16); }

__device__ inline void writeMap(long long m0, long long m1, long long m3, long long m4, int bits, int height, int width, long long right,
                                long long down, long long* map) {
  long long x = width + 2 * right - 1;
  long long y = height + 2 * down - 1;
  map[0] = roundTo16(m0, bits);
  map[1] = roundTo16(m1, bits);
  map[2] = roundTo16(width * (1LL << bits) - m0 * x - m1 * y, bits + 1);
  map[3] = roundTo16(m3, bits);
  map[4] = roundTo16(m4, bits);
  map[5] = roundTo16(height * (1LL << bits) - m3 * x - m4 * y, bits + 1);
}

__device__ inline long long ratio(long long a, long long b) { return a * (1LL << kBits) / b; }
__device__ inline long long timesFixed(long long a, long long b) { return (a * b) >> kBits; }

__device__ inline void affineMap(long long angle, long long right, long long down, long long scale, long long shearX, long long shearY,
                                 int height, int width, long long* map) {
  long long cosShearY = fixedCos(shearY);
  long long tanShearX = ratio(fixedSin(shearX), fixedCos(shearX));
  long long a = ratio(fixedCos(angle - shearY), cosShearY);
  long long c = ratio(fixedSin(angle - shearY), cosShearY);
  long long b = -(timesFixed(a, tanShearX) + (fixedSin(angle) >> (kTrigBits - kBits)));
  long long d = (fixedCos(angle) >> (kTrigBits - kBits)) - timesFixed(c, tanShearX);
  writeMap(ratio(d, scale), ratio(-b, scale), ratio(-c, scale), ratio(a, scale), kBits, height, width, right, down, map);
}

// The draws of one transform for one picture, in order, as Draws.java has them.
struct Draws {
  unsigned index, epoch, ordinal;
  unsigned long long seed;
  unsigned drawn;
  Words words;

  __device__ unsigned word() {
    if (drawn % 4 == 0) words = philox(drawn / 4, index, epoch, kAugmentation << 24 | ordinal, seed);
    return words.of[drawn++ % 4];
  }
  __device__ long long fixed(long long low, long long high) { return low + (((high - low) * static_cast<long long>(word() >> 8)) >> 24); }
  __device__ float uniform(float low, float high) {
    float u = static_cast<float>(word() >> 8) * 5.9604644775390625e-8f;
    return __fadd_rn(low, __fmul_rn(__fsub_rn(high, low), u));
  }
};

__device__ inline float asFloat(long long bits) { return __int_as_float(static_cast<int>(bits)); }

__device__ inline void draw(const Step& step, Draws draws, int height, int width, Drawn& to) {
  const long long* p = step.p;
  switch (step.kind) {
    case kFlip:
      to.order = static_cast<long long>(draws.word() >> 8) < p[0];
      break;
    case kRotate: {
      long long angle = draws.fixed(p[0], p[1]);
      long long cos = fixedCos(angle);
      long long sin = fixedSin(angle);
      writeMap(cos, -sin, sin, cos, kTrigBits, height, width, 0, 0, to.map);
      break;
    }
    case kAffine: {
      long long angle = draws.fixed(p[0], p[1]);
      long long right = (draws.fixed(p[2], p[3]) + 32768) >> 16;
      long long down = (draws.fixed(p[4], p[5]) + 32768) >> 16;
      long long scale = draws.fixed(p[6], p[7]);
      long long shearX = draws.fixed(p[8], p[9]);
      long long shearY = draws.fixed(p[10], p[11]);
      affineMap(angle, right, down, scale, shearX, shearY, height, width, to.map);
      break;
    }
    case kJitter:
      to.order = static_cast<int>(draws.fixed(0, 6));
      for (int i = 0; i < 3; i++) to.factors[i] = draws.uniform(asFloat(p[2 * i]), asFloat(p[2 * i + 1]));
      break;
  }
}

// Colours.java.

__device__ inline int luminance(int red, int green, int blue) { return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16; }

__device__ inline unsigned char blend(int degenerate, int value, float factor) {
  float blended = __fadd_rn(static_cast<float>(degenerate), __fmul_rn(factor, static_cast<float>(value - degenerate)));
  return static_cast<unsigned char>(max(0, min(255, __float2int_rz(blended))));
}

// Calls f(i) for this thread's share of the first n elements, between two barriers.
template <class F> __device__ inline void together(int n, F f) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) f(i);
  __syncthreads();
}

__device__ inline void sample(const unsigned char* from, unsigned char* to, int height, int width, const long long* map) {
  int plane = height * width;
  together(plane, [=](int i) {
    long long row = i / width;
    long long column = i % width;
    int x = static_cast<int>((map[0] * column + map[1] * row + map[2]) >> 16);
    int y = static_cast<int>((map[3] * column + map[4] * row + map[5]) >> 16);
    bool inside = static_cast<unsigned>(x) < static_cast<unsigned>(width) && static_cast<unsigned>(y) < static_cast<unsigned>(height);
    for (int c = 0; c < 3; c++) to[c * plane + i] = inside ? from[c * plane + y * width + x] : 0;
  });
}

__device__ inline int meanLuminance(const unsigned char* picture, int plane) {
  __shared__ unsigned ofWarp[32];
  unsigned sum = 0;
  for (int i = threadIdx.x; i < plane; i += blockDim.x) sum += luminance(picture[i], picture[plane + i], picture[2 * plane + i]);
  for (int bits = 16; bits > 0; bits /= 2) sum += __shfl_xor_sync(kFullMask, sum, bits);
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = sum;
  __syncthreads();
  // Nobody writes here again before the barrier behind what the mean is for.
  long long total = 0;
  for (unsigned w = 0; w < blockDim.x / 32; w++) total += ofWarp[w];
  return static_cast<int>((2 * total + plane) / (2LL * plane));
}

__device__ inline void jitter(unsigned char* picture, int plane, const Drawn& drawn) {
  // Which of brightness 0, contrast 1 and saturation 2 comes first, second and last, in the order of ColorJitter.java.
  const int first = drawn.order / 2;
  const int second = drawn.order % 2 == 0 ? (first == 0 ? 1 : 0) : (first == 2 ? 1 : 2);
  for (int at = 0; at < 3; at++) {
    int kind = at == 0 ? first : at == 1 ? second : 3 - first - second;
    float factor = drawn.factors[kind];
    if (kind == 2) {
      together(plane, [=](int i) {
        int grey = luminance(picture[i], picture[plane + i], picture[2 * plane + i]);
        for (int c = 0; c < 3; c++) picture[c * plane + i] = blend(grey, picture[c * plane + i], factor);
      });
    } else {
      int degenerate = kind == 1 ? meanLuminance(picture, plane) : 0;
      together(3 * plane, [=](int i) { picture[i] = blend(degenerate, picture[i], factor); });
    }
  }
}

// Picture i of the batch is number order[position + i] of the data set. values[256 c + x] is what becomes of byte x in
// channel c. A block for each picture of the batch.
extern "C" __global__ void pictures(const unsigned char* pixels, const long long* labels, const int* order, const float* values,
                                    float* images, long long* targets, Pictures s, const long long* positionSlot, long long position,
                                    const long long* epochSlot, long long epoch) {
  extern __shared__ unsigned char memory[];
  __shared__ Drawn drawn[kMaxSteps];
  int plane = s.height * s.width;
  unsigned char* current = memory;
  unsigned char* spare = memory + s.shift;
  long long at = stepLong(positionSlot, position) + blockIdx.x;
  int index = order[at < s.size ? at : s.size - 1];
  int warp = threadIdx.x / 32;
  if (threadIdx.x % 32 == 0) {
    for (int step = warp; step < s.steps; step += blockDim.x / 32) {
      Draws draws{static_cast<unsigned>(index), static_cast<unsigned>(stepLong(epochSlot, epoch)), static_cast<unsigned>(s.step[step].ordinal),
                  s.seed, 0, {}};
      draw(s.step[step], draws, s.height, s.width, drawn[step]);
    }
  }
  if (threadIdx.x == 0) targets[blockIdx.x] = labels[index];
  const unsigned char* from = pixels + static_cast<size_t>(index) * 3 * plane;
  together(3 * plane, [=](int i) { current[i] = from[i]; });
  for (int step = 0; step < s.steps; step++) {
    const Drawn& d = drawn[step];
    switch (s.step[step].kind) {
      case kFlip:
        if (d.order) {
          together(3 * plane, [=](int i) { spare[i] = current[i / s.width * s.width + s.width - 1 - i % s.width]; });
        }
        break;
      case kRotate:
      case kAffine:
        sample(current, spare, s.height, s.width, d.map);
        break;
      case kJitter:
        jitter(current, plane, d);
        break;
    }
    if (s.step[step].kind != kJitter && (s.step[step].kind != kFlip || d.order)) {
      unsigned char* other = current;
      current = spare;
      spare = other;
    }
  }
  float* to = images + static_cast<size_t>(blockIdx.x) * 3 * plane;
  for (int i = threadIdx.x; i < 3 * plane; i += blockDim.x) to[i] = values[256 * (i / plane) + current[i]];
}
